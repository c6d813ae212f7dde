"""The lock of the jars: what a server consists of, byte for byte."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from lacuna_core.errors import InvalidInput

LOCK_FILE = Path(__file__).with_name("jars.lock")
_HEADER = """\
# The jars of the local brokers: group:artifact[:classifier]:version:sha256, in the order of the class path.
# Written by `python -m deploy.local lock` from pom/*.xml; every jar is checked against it before it is run.
"""


@dataclass(frozen=True, slots=True, order=True)
class Jar:
    """One artifact.

    Attributes
    ----------
    group, artifact, classifier, version : str
        Maven's coordinates; the classifier is empty for most.
    sha256 : str
        Of its bytes, in hex.
    """

    group: str
    artifact: str
    classifier: str
    version: str
    sha256: str

    @classmethod
    def parse(cls, line: str) -> Self:
        """Read a line of the lock.

        Parameters
        ----------
        line : str
            The line.

        Returns
        -------
        Jar
            The artifact.

        Raises
        ------
        InvalidInput
            If it has too few or too many fields.
        """
        fields = line.split(":")
        if len(fields) == 4:
            fields.insert(2, "")
        if len(fields) != 5:
            raise InvalidInput(
                f"{LOCK_FILE.name}: expected group:artifact[:classifier]:version:sha256, not {line!r}"
            )
        return cls(*fields)

    @classmethod
    def found_at(cls, root: Path, file: Path) -> Self:
        """Describe a file that lies where Maven's repository layout puts it.

        Parameters
        ----------
        root : Path
            Top of the layout.
        file : Path
            The jar below it.

        Returns
        -------
        Jar
            The artifact.
        """
        *group, artifact, version, name = file.relative_to(root).parts
        classifier = name.removesuffix(".jar").removeprefix(f"{artifact}-{version}").removeprefix("-")
        return cls(".".join(group), artifact, classifier, version, digest(file))

    @property
    def path(self) -> Path:
        """Where it lies below the top of the repository layout."""
        ending = f"-{self.classifier}" if self.classifier else ""
        folder = Path(*self.group.split(".")) / self.artifact / self.version
        return folder / f"{self.artifact}-{self.version}{ending}.jar"

    def __str__(self) -> str:
        fields = (self.group, self.artifact, self.classifier, self.version, self.sha256)
        return ":".join(field for field in fields if field)


def digest(file: Path) -> str:
    """Hash a file.

    Parameters
    ----------
    file : Path
        Any.

    Returns
    -------
    str
        SHA-256 in hex.
    """
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def read_lock(section: str, path: Path = LOCK_FILE) -> tuple[Jar, ...]:
    """Read the jars of one server.

    Parameters
    ----------
    section : str
        ``kafka`` or ``cassandra``.
    path : Path
        The lock.

    Returns
    -------
    tuple of Jar
        In the order of the class path.

    Raises
    ------
    InvalidInput
        If the lock has no such section or a line of it can't be read.
    """
    found: dict[str, list[Jar]] = {}
    current = ""
    for line in path.read_text().splitlines():
        if line.startswith("["):
            current = line.strip("[]")
        elif line and not line.startswith("#"):
            found.setdefault(current, []).append(Jar.parse(line))
    if section not in found:
        raise InvalidInput(f"{path.name} has no section [{section}]")
    return tuple(found[section])


def write_lock(sections: Mapping[str, Iterable[Jar]], path: Path = LOCK_FILE) -> None:
    """Write the lock anew.

    Parameters
    ----------
    sections : mapping of str to iterable of Jar
        Jars by server.
    path : Path
        The lock.
    """
    blocks = [_HEADER]
    for section, jars in sections.items():
        blocks.append("\n".join([f"[{section}]", *(str(jar) for jar in jars)]) + "\n")
    path.write_text("\n".join(blocks))
