"""Reading CSV in blocks so that each row knows its line: nothing is lost and no neighbor is blamed."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from lacuna_core.errors import InvalidInput
from lacuna_core.message import DeadLetter
from lacuna_core.units import BoolArray, I64Array
from lacuna_ingestion.build import dead_letters
from lacuna_ingestion.json_values import looks_like_json
from lacuna_ingestion.parse import none_column
from lacuna_ingestion.source_file import MAX_LINE_BYTES, InputFile, open_input
from lacuna_ingestion.validity import Reason

MAX_CHUNK_ROWS = 50_000

_COMMA, _NEWLINE, _QUOTE = 0x2C, 0x0A, 0x22


@dataclass(frozen=True, slots=True)
class CsvChunk:
    """Rows of a stretch of a CSV file.

    Attributes
    ----------
    frame : polars.DataFrame
        All columns as text, null where empty, under the names of the header.
    lines : tuple of bytes or bytes
        Block of the file and, below, where each row stands in it.
    starts, ends : numpy.ndarray
        Bounds of the rows' lines in the block.
    numbers : numpy.ndarray
        1-based line numbers.
    path : Path
        The file.
    dead : tuple of DeadLetter
        Lines without the right number of fields.
    bytes_read : int
        Bytes of the file consumed so far.
    """

    frame: pl.DataFrame
    lines: bytes
    starts: I64Array
    ends: I64Array
    numbers: I64Array
    path: Path
    dead: tuple[DeadLetter, ...]
    bytes_read: int

    def column(self, name: str) -> pl.Series:
        """One column.

        Parameters
        ----------
        name : str
            In lower case.

        Returns
        -------
        polars.Series
            Text; all null where the file has no such column.
        """
        return self.frame[name] if name in self.frame.columns else none_column(len(self.frame))

    def payload(self, row: int) -> bytes:
        """Original line of a row.

        Parameters
        ----------
        row : int
            Row of ``frame``.

        Returns
        -------
        bytes
            Without its end.
        """
        return self.lines[self.starts[row] : self.ends[row]]

    def origin(self, row: int) -> str:
        """Place of a row.

        Parameters
        ----------
        row : int
            Row of ``frame``.

        Returns
        -------
        str
            Path and line number.
        """
        return f"{self.path}:{self.numbers[row]}"


def header_of(beginning: bytes) -> list[str]:
    """Names of the columns.

    Parameters
    ----------
    beginning : bytes
        The beginning of a file.

    Returns
    -------
    list of str
        Stripped of blanks and of ``#``; empty when the first line is no CSV.
    """
    line = beginning.split(b"\n", 1)[0].decode("utf-8-sig", "replace").rstrip("\r")
    try:
        fields = next(csv.reader([line]), [])
    except csv.Error:
        return []
    return [name.strip().removeprefix("#").strip() for name in fields]


def has_columns(beginning: bytes, wanted: Sequence[str]) -> bool:
    """Tell whether a header names some columns.

    Parameters
    ----------
    beginning : bytes
        The beginning of a file.
    wanted : sequence of str
        Names in lower case.

    Returns
    -------
    bool
        True when all are there, and the file does not begin as JSON does.
    """
    if looks_like_json(beginning):
        return False
    return set(wanted) <= {name.lower() for name in header_of(beginning)}


def read_csv(path: Path, source: str, wanted: Sequence[str]) -> Iterator[CsvChunk]:
    """Read a CSV file with a header.

    Parameters
    ----------
    path : Path
        The file.
    source : str
        Name of the feed, for dead letters and errors.
    wanted : sequence of str
        Columns that must be there, in lower case.

    Yields
    ------
    CsvChunk
        Columns under lower-case names.

    Raises
    ------
    InvalidInput
        If the file can't be read or its header lacks a column.
    """
    with open_input(path) as file:
        blocks = file.line_blocks()
        block = next(blocks)
        names = [n.lower() or f"_{i}" for i, n in enumerate(header_of(block[:MAX_LINE_BYTES]))]
        missing = [w for w in wanted if w not in names]
        if missing:
            raise InvalidInput(f"{path}: not {source}: its first line names no column {missing[0]!r}")
        names = [n if names.index(n) == i else f"{n}_{i}" for i, n in enumerate(names)]
        block = block[block.find(b"\n") + 1 :] if b"\n" in block else b""
        line_number = 2
        while True:
            yield from _chunks(block, names, line_number, path, source, file)
            line_number += block.count(b"\n")
            following = next(blocks, None)
            if following is None:
                return
            block = following


def _chunks(
    block: bytes, names: list[str], first_line: int, path: Path, source: str, file: InputFile
) -> Iterator[CsvChunk]:
    octets = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(octets == _NEWLINE)
    if len(block) and (not len(ends) or ends[-1] != len(block) - 1):
        ends = np.append(ends, len(block))
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1] + 1]) if len(ends) else ends
    returns = (ends > starts) & (octets[np.maximum(ends - 1, 0)] == 0x0D)
    commas = np.flatnonzero(octets == _COMMA)
    plain = _count(commas, starts, ends) == len(names) - 1
    if b'"' in block:
        plain &= _count(np.flatnonzero(octets == _QUOTE), starts, ends) == 0
    ends = ends - returns
    number = np.arange(len(starts), dtype=np.int64) + first_line
    shown = ends > starts
    for at in range(0, len(starts), MAX_CHUNK_ROWS):
        part = slice(at, at + MAX_CHUNK_ROWS)
        keep = shown[part]
        yield _chunk(
            block, names, starts[part][keep], ends[part][keep], number[part][keep], plain[part][keep],
            (path, source), file.bytes_read(),
        )  # fmt: skip


def _count(marks: I64Array, starts: I64Array, ends: I64Array) -> I64Array:
    """Count marks line by line; what stands between two lines is none of them."""
    return np.diff(np.searchsorted(marks, ends), prepend=0) if len(starts) else starts


def _chunk(
    block: bytes, names: list[str], starts: I64Array, ends: I64Array, number: I64Array, plain: BoolArray,
    of: tuple[Path, str], bytes_read: int,
) -> CsvChunk:  # fmt: skip
    path, source = of
    frames, order = [], []
    rows = np.flatnonzero(plain)
    if len(rows):
        frames.append(_plain_frame(block, starts, ends, rows, names))
        order.append(rows)
    dead: list[DeadLetter] = []
    fields, quoted = [], []
    for row in np.flatnonzero(~plain).tolist():
        line = block[starts[row] : ends[row]]
        values = _split(line, len(names))
        if values is None:
            long = len(line) >= MAX_LINE_BYTES
            reason = Reason.LINE_TOO_LONG if long else Reason.BAD_COLUMN_COUNT
            dead += dead_letters(source, f"{path}:{number[row]}", reason, line)
        else:
            fields.append(values)
            quoted.append(row)
    if fields:
        frames.append(pl.DataFrame(fields, schema=dict.fromkeys(names, pl.String), orient="row"))
        order.append(np.array(quoted, dtype=np.int64))
    frame = pl.concat(frames) if frames else pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    at = np.concatenate(order) if order else np.empty(0, np.int64)
    return CsvChunk(frame, block, starts[at], ends[at], number[at], path, tuple(dead), bytes_read)


def _plain_frame(
    block: bytes, starts: I64Array, ends: I64Array, rows: I64Array, names: list[str]
) -> pl.DataFrame:
    """Let polars split lines that have no quotes and the right number of commas."""
    first, last = starts[rows[0]], ends[rows[-1]]
    contiguous = int((ends[rows] - starts[rows]).sum()) + len(rows) - 1 == last - first
    text = block[first:last] if contiguous else b"\n".join(block[starts[r] : ends[r]] for r in rows.tolist())
    frame = pl.read_csv(
        text, has_header=False, new_columns=names, schema=dict.fromkeys(names, pl.String),
        encoding="utf8-lossy", quote_char=None, null_values=[""],
    )  # fmt: skip
    if len(frame) == len(rows):
        return frame
    values = [_split(block[starts[r] : ends[r]], len(names)) for r in rows.tolist()]
    return pl.DataFrame(values, schema=dict.fromkeys(names, pl.String), orient="row")


def _split(line: bytes, n: int) -> list[str | None] | None:
    """Take a line apart the careful way; None when it has not n fields."""
    if len(line) >= MAX_LINE_BYTES:
        return None
    try:
        values = next(csv.reader([line.decode("utf-8", "replace").replace("\0", "")]), [])
    except csv.Error:
        return None
    if len(values) < n or any(v.strip() for v in values[n:]):
        return None
    return [v or None for v in values[:n]]
