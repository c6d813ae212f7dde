"""Finding the feeds: every module of ``lacuna_ingestion.feeds`` that has a ``FEED``."""

import importlib
import pkgutil
from functools import cache
from pathlib import Path

from lacuna_core.errors import InvalidInput
from lacuna_ingestion import feeds as feeds_package
from lacuna_ingestion.feed import Feed
from lacuna_ingestion.source_file import head


def feeds() -> dict[str, Feed]:
    """Find all feeds.

    Returns
    -------
    dict of str to Feed
        By name, sorted.
    """
    return dict(_found())


@cache
def _found() -> tuple[tuple[str, Feed], ...]:
    """Import the modules once; the files of a folder are many."""
    found: dict[str, Feed] = {}
    for module in pkgutil.iter_modules(feeds_package.__path__):
        feed: Feed | None = getattr(
            importlib.import_module(f"{feeds_package.__name__}.{module.name}"), "FEED", None
        )
        if feed is not None:
            found[feed.name] = feed
    return tuple(sorted(found.items()))


def feed_named(name: str) -> Feed:
    """Look a feed up.

    Parameters
    ----------
    name : str
        Its name.

    Returns
    -------
    Feed
        The feed.

    Raises
    ------
    InvalidInput
        If there is none of that name.
    """
    known = feeds()
    if name not in known:
        raise InvalidInput(f"unknown format {name!r}; expected one of {', '.join(known)}")
    return known[name]


def feed_for(path: Path, format_name: str | None = None) -> Feed:
    """Choose the feed that reads a file.

    Parameters
    ----------
    path : Path
        The file.
    format_name : str or None
        Name of a feed; None to recognize it by the beginning of the file.

    Returns
    -------
    Feed
        The feed.

    Raises
    ------
    InvalidInput
        If the file can't be read, the name is unknown, or no feed recognizes the file.
    """
    named = None if format_name is None else feed_named(format_name)
    beginning = head(path)
    if named is not None:
        return named
    known = feeds()
    for feed in known.values():
        if feed.recognizes(path, beginning):
            return feed
    raise InvalidInput(f"{path}: no known format; name one of {', '.join(known)} if it is one")
