"""Reading files that people give: plain, gzip or zstd, with one clear line for what can't be read."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

import zstandard

from lacuna_core.errors import InvalidInput

HEAD_BYTES = 65_536
"""How much of a file a feed may look at to recognize its format."""
BLOCK_BYTES = 4 << 20
MAX_LINE_BYTES = 256 << 10
"""A line that goes on longer is handed out in pieces, so that memory stays bounded."""

_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_ZSTD_STEP = 16 << 10


class _ZstdStream:
    """Decompresses frame after frame and, unlike the library's own reader, notices a cut file."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._fresh = True
        self._ready = bytearray()

    def read(self, size: int) -> bytes:
        while len(self._ready) < size:
            piece = self._raw.read(_ZSTD_STEP)
            if not piece:
                if not self._fresh:
                    raise EOFError("cut before the end of a zstd frame")
                break
            self._feed(piece)
        out = bytes(self._ready[:size])
        del self._ready[:size]
        return out

    def _feed(self, piece: bytes) -> None:
        while piece:
            self._ready += self._frame.decompress(piece)
            self._fresh = False
            piece = b""
            if self._frame.eof:
                piece = self._frame.unused_data
                self._frame = zstandard.ZstdDecompressor().decompressobj()
                self._fresh = True


class InputFile:
    """A file open for reading, decompressed on the way.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    InvalidInput
        If it is missing, no file, not readable, damaged or empty.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._raw = _open_raw(path)
        self._stream: BinaryIO | gzip.GzipFile | _ZstdStream
        try:
            magic = self._raw.read(4)
            self._raw.seek(0)
            self._stream = self._decompressor(magic)
            self._first = self._read_stream(HEAD_BYTES)
        except OSError as error:
            self._raw.close()
            raise InvalidInput(f"{path}: can't be read ({error.strerror or error})") from error
        except InvalidInput:
            self._raw.close()
            raise
        if not self._first:
            self._raw.close()
            raise InvalidInput(f"{path}: is empty")

    def _decompressor(self, magic: bytes) -> BinaryIO | gzip.GzipFile | _ZstdStream:
        suffix = self.path.suffix.lower()
        if magic.startswith(_GZIP_MAGIC):
            return gzip.GzipFile(fileobj=self._raw, mode="rb")
        if magic == _ZSTD_MAGIC:
            return _ZstdStream(self._raw)
        if magic and suffix in (".gz", ".zst"):
            raise InvalidInput(f"{self.path}: is named {suffix} but holds no {suffix[1:]} data")
        return self._raw

    def _read_stream(self, size: int) -> bytes:
        try:
            return self._stream.read(size)
        except (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError) as error:
            raise InvalidInput(f"{self.path}: damaged compressed data ({error})") from error
        except OSError as error:
            raise InvalidInput(f"{self.path}: can't be read ({error.strerror or error})") from error

    def read(self, size: int) -> bytes:
        """Read on.

        Parameters
        ----------
        size : int
            Most bytes to return, after decompression.

        Returns
        -------
        bytes
            Fewer than ``size`` only at the end; empty there.

        Raises
        ------
        InvalidInput
            If the file is damaged or can no longer be read.
        """
        taken, self._first = self._first[:size], self._first[size:]
        while len(taken) < size:
            more = self._read_stream(size - len(taken))
            if not more:
                break
            taken += more
        return taken

    def peek(self) -> bytes:
        """Look ahead without consuming, at the beginning.

        Returns
        -------
        bytes
            The first 64 KiB, less what was read of them.
        """
        return self._first

    def line_blocks(self, size: int = BLOCK_BYTES) -> Iterator[bytes]:
        """Read the rest in blocks of whole lines.

        Parameters
        ----------
        size : int
            Most bytes to read at once.

        Yields
        ------
        bytes
            Whole lines with their ends; only the last block of the file, and a piece of a line longer than
            ``MAX_LINE_BYTES``, may end without one.
        """
        data = self.read(size)
        while following := self.read(size):
            cut = data.rfind(b"\n") + 1
            if cut:
                yield data[:cut]
            while len(data) - cut > MAX_LINE_BYTES:
                yield data[cut : cut + MAX_LINE_BYTES]
                cut += MAX_LINE_BYTES
            data = data[cut:] + following
        if data:
            yield data

    def bytes_read(self) -> int:
        """Tell how far the file on disk has been read, for progress.

        Returns
        -------
        int
            Bytes before decompression, read-ahead included.
        """
        return self._raw.tell()

    def close(self) -> None:
        """Close the file."""
        self._raw.close()

    def __enter__(self) -> Self:
        """Return the file itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self.close()


def _open_raw(path: Path) -> BinaryIO:
    try:
        if path.is_dir():
            raise InvalidInput(f"{path}: is a folder, expected a file")
        return cast(BinaryIO, path.open("rb"))
    except FileNotFoundError as error:
        raise InvalidInput(f"{path}: no such file") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InvalidInput(f"{path}: can't be opened ({reason})") from error


def open_input(path: Path) -> InputFile:
    """Open a file that a person named.

    Parameters
    ----------
    path : Path
        Plain, gzip or zstd.

    Returns
    -------
    InputFile
        Positioned at its start; a context manager.

    Raises
    ------
    InvalidInput
        If it is missing, a folder, not readable, damaged or empty.
    """
    return InputFile(path)


def head(path: Path, size: int = HEAD_BYTES) -> bytes:
    """Read the beginning of a file.

    Parameters
    ----------
    path : Path
        Plain, gzip or zstd.
    size : int
        Most bytes to return.

    Returns
    -------
    bytes
        The beginning after decompression.

    Raises
    ------
    InvalidInput
        As ``open_input``.
    """
    with open_input(path) as file:
        return file.read(size)
