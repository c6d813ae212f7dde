"""Reading JSON that people give: lines of objects, one array of objects, or whole documents."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lacuna_core.errors import InvalidInput
from lacuna_core.message import DeadLetter
from lacuna_ingestion.build import dead_letters
from lacuna_ingestion.json_array import cut_records
from lacuna_ingestion.json_values import BLANK, BOM, as_bytes, parse_json, starts_with_array
from lacuna_ingestion.source_file import InputFile, open_input
from lacuna_ingestion.validity import Reason

MAX_CHUNK_ROWS = 50_000
MAX_RECORD_BYTES = 16 << 20
MAX_DOCUMENT_BYTES = 512 << 20
_BLOCK_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class JsonChunk:
    """Records of a stretch of a file.

    Attributes
    ----------
    records : list of dict
        Parsed.
    raw : list of bytes
        Their original bytes.
    numbers : list of int
        Line number in a file of lines, else the place in the array, from 1.
    path : Path
        The file.
    dead : tuple of DeadLetter
        What was no JSON object.
    bytes_read : int
        Bytes of the file consumed so far.
    """

    records: list[dict[str, Any]]
    raw: list[bytes]
    numbers: list[int]
    path: Path
    dead: tuple[DeadLetter, ...]
    bytes_read: int

    def payload(self, row: int) -> bytes:
        """Original bytes of a record.

        Parameters
        ----------
        row : int
            Its place in ``records``.

        Returns
        -------
        bytes
            As it stood in the file.
        """
        return self.raw[row]

    def origin(self, row: int) -> str:
        """Place of a record.

        Parameters
        ----------
        row : int
            Its place in ``records``.

        Returns
        -------
        str
            Path and number.
        """
        return f"{self.path}:{self.numbers[row]}"

    def split(self) -> Iterator["JsonChunk"]:
        """Cut into chunks of at most ``MAX_CHUNK_ROWS`` records.

        Yields
        ------
        JsonChunk
            In order; what was no JSON object goes with the first.
        """
        for at in range(0, max(len(self.records), 1), MAX_CHUNK_ROWS):
            part = slice(at, at + MAX_CHUNK_ROWS)
            dead = () if at else self.dead
            yield JsonChunk(
                self.records[part], self.raw[part], self.numbers[part], self.path, dead, self.bytes_read
            )


def _parse_all(raw: list[bytes]) -> list[Any]:
    """Parse many values at once, or one by one where one of them is damaged; damaged ones are None."""
    if all(r[:1] == b"{" and r[-1:] == b"}" for r in raw):
        try:
            values = parse_json(b"[" + b",".join(raw) + b"]")
        except ValueError:
            values = []
        if len(values) == len(raw):
            return list(values)
    out: list[Any] = []
    for one in raw:
        try:
            out.append(parse_json(one))
        except ValueError:
            out.append(None)
    return out


def _chunk(raw: list[bytes], numbers: list[int], path: Path, source: str, bytes_read: int) -> JsonChunk:
    values = _parse_all(raw)
    fine = [i for i, value in enumerate(values) if isinstance(value, dict)]
    if len(fine) == len(values):
        return JsonChunk(values, raw, numbers, path, (), bytes_read)
    good = set(fine)
    dead = tuple(
        letter
        for i in range(len(values))
        if i not in good
        for letter in dead_letters(source, f"{path}:{numbers[i]}", Reason.BAD_JSON, raw[i])
    )
    return JsonChunk(
        [values[i] for i in fine], [raw[i] for i in fine], [numbers[i] for i in fine], path, dead, bytes_read
    )


def read_records(path: Path, source: str) -> Iterator[JsonChunk]:
    """Read objects from an array or from lines.

    Parameters
    ----------
    path : Path
        The file.
    source : str
        Name of the feed, for dead letters.

    Yields
    ------
    JsonChunk
        At most ``MAX_CHUNK_ROWS`` records each.

    Raises
    ------
    InvalidInput
        If the file can't be read.
    """
    with open_input(path) as file:
        found = _array_records(file) if starts_with_array(file.peek()) else _line_records(file)
        for raw, numbers in found:
            for at in range(0, len(raw), MAX_CHUNK_ROWS):
                part = slice(at, at + MAX_CHUNK_ROWS)
                yield _chunk(raw[part], numbers[part], path, source, file.bytes_read())


def _line_records(file: InputFile) -> Iterator[tuple[list[bytes], list[int]]]:
    number = 1
    for block in file.line_blocks():
        lines = block.removeprefix(BOM).split(b"\n") if number == 1 else block.split(b"\n")
        stripped = [line.strip(BLANK) for line in lines]
        kept = [(line, number + i) for i, line in enumerate(stripped) if line]
        number += block.count(b"\n")
        if kept:
            yield [line for line, _ in kept], [at for _, at in kept]


def _array_records(file: InputFile) -> Iterator[tuple[list[bytes], list[int]]]:
    number, carry, opened, closed = 1, b"", False, False
    while block := file.read(_BLOCK_BYTES):
        carry += block
        if not opened:
            carry = carry.removeprefix(BOM).lstrip(BLANK).removeprefix(b"[")
            opened = True
        raw: list[bytes] = []
        if not closed:
            raw, used, closed = cut_records(carry)
            carry = carry[used:]
        if closed or len(carry) > MAX_RECORD_BYTES:
            # nothing may stand behind the end of the array, and no record is that long: dead letters
            raw += [rest] if (rest := carry.strip(BLANK)) else []
            carry = b""
        if raw:
            yield raw, list(range(number, number + len(raw)))
            number += len(raw)
    if rest := carry.strip(BLANK + b","):
        yield [rest], [number]


def read_documents(path: Path, source: str) -> Iterator[JsonChunk]:
    """Read a file that is one JSON object, or one object a line.

    Parameters
    ----------
    path : Path
        The file; a document is held in memory whole.
    source : str
        Name of the feed, for dead letters.

    Yields
    ------
    JsonChunk
        One document each.

    Raises
    ------
    InvalidInput
        If the file can't be read, or one document is too large.
    """
    with open_input(path) as file:
        data = file.read(MAX_DOCUMENT_BYTES + 1)
        if len(data) > MAX_DOCUMENT_BYTES:
            raise InvalidInput(f"{path}: more than {MAX_DOCUMENT_BYTES >> 20} MiB of JSON in one piece")
        data = data.removeprefix(BOM).strip(BLANK)
        whole = _chunk([data], [1], path, source, file.bytes_read())
        if whole.records or b"\n" not in data:
            yield whole
            return
        for number, line in enumerate(data.split(b"\n"), start=1):
            if text := line.strip(BLANK):
                yield _chunk([text], [number], path, source, file.bytes_read())


def members(
    listed: Any, kind: type, source: str, origin: str, raw: bytes
) -> tuple[list[Any], list[int], list[DeadLetter]]:
    """Take the messages out of a document.

    Parameters
    ----------
    listed : Any
        What should be the list of messages.
    kind : type
        ``dict`` or ``list``, what each should be.
    source : str
        Name of the feed.
    origin : str
        Place of the document.
    raw : bytes
        Its original bytes.

    Returns
    -------
    messages : list
        Those of the right kind.
    places : list of int
        Where each stands in the list, from 1.
    dead : list of DeadLetter
        The others; the document itself where it has no list.
    """
    if not isinstance(listed, list):
        return [], [], dead_letters(source, origin, Reason.BAD_JSON, raw)
    places = [i for i, one in enumerate(listed, start=1) if isinstance(one, kind)]
    dead = [
        letter
        for i, one in enumerate(listed, start=1)
        if not isinstance(one, kind)
        for letter in dead_letters(source, f"{origin}:{i}", Reason.BAD_JSON, as_bytes(one))
    ]
    return [listed[i - 1] for i in places], places, dead
