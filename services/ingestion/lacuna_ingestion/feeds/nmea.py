"""Raw AIS sentences of NMEA 0183: ``!AIVDM`` and its kin, with or without tag blocks, plain or compressed."""

import re
from collections.abc import Iterator
from pathlib import Path

from lacuna_ingestion.feed import Decoded
from lacuna_ingestion.nmea import NMEA, NmeaDecoder
from lacuna_ingestion.nmea_columns import Stretch
from lacuna_ingestion.source_file import open_input

CHUNK_BYTES = 1 << 19
"""Bytes decoded at once: more would leave the caches."""
_SENTENCE = re.compile(rb"![A-Z0-9-]{2}VD[MO],[1-9],[1-9],")  # talker, formatter, total and number


class NmeaFeed:
    """Feed of raw AIS sentences.

    Parameters
    ----------
    chunk_bytes : int
        Bytes decoded at once; changes speed and memory, never what comes out.
    """

    name = NMEA

    def __init__(self, chunk_bytes: int = CHUNK_BYTES) -> None:
        self._chunk_bytes = chunk_bytes

    def recognizes(self, path: Path, head: bytes) -> bool:
        """Tell whether a file holds AIS sentences.

        Parameters
        ----------
        path : Path
            The file.
        head : bytes
            Its beginning after decompression.

        Returns
        -------
        bool
            True when at least one sentence is there.
        """
        return _SENTENCE.search(head) is not None

    def read(self, path: Path) -> Iterator[Decoded]:
        """Decode a file, stretch by stretch.

        Parameters
        ----------
        path : Path
            The file.

        Yields
        ------
        Decoded
            What about ``STRETCH_MESSAGES`` messages held; the last one also holds the unfinished messages.
        """
        decoder = NmeaDecoder()
        with open_input(path) as file:
            stretch = Stretch(path, decoder.receivers)
            for text in file.line_blocks(self._chunk_bytes):
                for block in decoder.decode(text):
                    stretch.add(block)
                    if stretch.full:
                        yield stretch.close(file.bytes_read())
                        decoder.renew_receivers()
                        stretch = Stretch(path, decoder.receivers)
            for block in decoder.finish():
                stretch.add(block)
            yield stretch.close(file.bytes_read())


FEED = NmeaFeed()
