"""Which port a destination text means: names, UN/LOCODEs, and the spellings that occur on the air."""

import difflib
import re
from collections.abc import Sequence

from lacuna_core.place import Port

_WORD = re.compile(r"[A-Z0-9]+")
_SIMILAR = 0.85
_SHORTEST = 4
_GENERIC = frozenset(("BANDAR", "PORT", "ANCH", "ANCHORAGE", "ROADS", "TO", "VIA"))


def named_port(text: str, ports: Sequence[Port]) -> Port | None:
    """Find the port that a destination text names.

    Parameters
    ----------
    text : str
        As transmitted, upper or lower case.
    ports : sequence of Port
        Candidates.

    Returns
    -------
    Port or None
        The only or best match; None when nothing or several ports match equally well. Of ``RUASF>IRBAZ`` the
        last place counts: it is where the ship goes.
    """
    last_leg = re.split(r">|=>|->", text.upper())[-1]
    words = _WORD.findall(last_leg)
    whole = "".join(words)
    for port in ports:
        if port.locode and port.locode in (whole, *words):
            return port
    scored = [(_similarity(words, whole, port), port) for port in ports]
    best = max((score for score, _ in scored), default=0.0)
    winners = [port for score, port in scored if score == best]
    return winners[0] if best >= _SIMILAR and len(winners) == 1 else None


def _similarity(words: list[str], whole: str, port: Port) -> float:
    names = [w for w in _WORD.findall(port.name.upper()) if w not in _GENERIC]
    pairs = [(given, name) for name in names for given in (*words, whole) if len(given) >= _SHORTEST]
    return max((difflib.SequenceMatcher(None, given, name).ratio() for given, name in pairs), default=0.0)
