"""What a feed is: one file that turns one format into columns, and says what it could not use."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lacuna_core.message import DeadLetter
from lacuna_core.position import IdentityBatch, PositionBatch, SourceHealth


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a stretch of a file held, in file order.

    Attributes
    ----------
    positions : tuple of PositionBatch
        One domain each, any number of rows, any order in time.
    identities : tuple of IdentityBatch
        The same.
    health : SourceHealth
        Messages of any type by source, receiver and 10-minute slot, partial counts (they are summed).
    dead : tuple of DeadLetter
        What could not be used.
    messages : int
        Messages seen; equals ``published + non_position + len(dead)``.
    published : int
        Messages that became a position row.
    non_position : int
        Messages understood that carry no position of a craft (static data, base stations, no fix).
    bytes_read : int
        Bytes of the file consumed so far, before decompression, for progress.
    """

    positions: tuple[PositionBatch, ...]
    identities: tuple[IdentityBatch, ...]
    health: SourceHealth
    dead: tuple[DeadLetter, ...]
    messages: int
    published: int
    non_position: int
    bytes_read: int


class Feed(Protocol):
    """One format.

    Attributes
    ----------
    name : str
        Name on the command line and ``source`` of its rows.
    """

    name: str

    def recognizes(self, path: Path, head: bytes) -> bool:
        """Tell whether a file is of this format.

        Parameters
        ----------
        path : Path
            The file.
        head : bytes
            Its first 64 KiB after decompression.

        Returns
        -------
        bool
            True when it surely is.
        """
        ...

    def read(self, path: Path) -> Iterator[Decoded]:
        """Decode a file, stretch by stretch.

        Parameters
        ----------
        path : Path
            The file, plain or ``.gz``.

        Yields
        ------
        Decoded
            Bounded in memory whatever the size of the file.
        """
        ...
