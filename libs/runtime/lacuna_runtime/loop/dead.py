"""Dead letters: a record that can't be read is kept and passed over, but not too many of them."""

import xxhash

from lacuna_core.errors import CorruptState, InvalidMessage
from lacuna_core.message import DeadLetter
from lacuna_core.ports import Record
from lacuna_core.topics import DEADLETTERS
from lacuna_runtime.loop.inbox import Quarantined

MAX_IN_A_ROW = 100
MAX_SHARE = 0.01
MIN_RECORDS = 1_000
_MAX_PAYLOAD_BYTES = 1_000_000


class DeadLetterLimit:
    """Stops a stage that can't read its input, before a bad release drains it into ``deadletters``.

    Parameters
    ----------
    stage : str
        Stage name, for the error.
    """

    def __init__(self, stage: str) -> None:
        self._stage = stage
        self._seen = 0
        self._dead = 0
        self._in_a_row = 0

    def good(self) -> None:
        """Count a record that could be read."""
        self._seen += 1
        self._in_a_row = 0

    def bad(self) -> None:
        """Count a record that could not be read.

        Raises
        ------
        CorruptState
            If there are too many.
        """
        self._seen += 1
        self._dead += 1
        self._in_a_row += 1
        if self._in_a_row >= MAX_IN_A_ROW:
            raise CorruptState(
                f"stage {self._stage}: {self._in_a_row} records in a row can't be read; "
                f"see {DEADLETTERS.name}"
            )
        if self._seen >= MIN_RECORDS and self._dead > MAX_SHARE * self._seen:
            raise CorruptState(
                f"stage {self._stage}: {self._dead} of {self._seen} records can't be read (at most "
                f"{MAX_SHARE:.0%}); see {DEADLETTERS.name}"
            )


def dead_record(record: Record, error: InvalidMessage) -> DeadLetter:
    """Make the dead letter of a record.

    Parameters
    ----------
    record : Record
        What could not be read.
    error : InvalidMessage
        Why.

    Returns
    -------
    DeadLetter
        With the original bytes; a value that would not fit a record itself is cut, and says so.
    """
    detail, payload = error.detail, record.value
    if len(payload) > _MAX_PAYLOAD_BYTES:
        whole = f"{len(payload)} bytes, xxh64 {xxhash.xxh64_hexdigest(payload)}"
        detail = f"{detail}; first {_MAX_PAYLOAD_BYTES} of {whole}"
        payload = payload[:_MAX_PAYLOAD_BYTES]
    origin = f"{record.topic}/{record.partition}/{record.offset}"
    return DeadLetter(record.topic, origin, error.reason, detail, payload)


def broken_clock(found: Quarantined) -> DeadLetter:
    """Make the dead letter that sums up the quarantined rows of an epoch.

    Parameters
    ----------
    found : Quarantined
        What the inbox set aside.

    Returns
    -------
    DeadLetter
        Without the rows' bytes, which stay in the topic.
    """
    return DeadLetter(
        found.at.topic,
        f"{found.at.topic}/{found.at.partition} before the tick of {found.tick_ms} ms",
        "future_time",
        f"{found.rows} rows later than 60 s after the tick, the latest at {found.latest_ms} ms",
        b"",
    )


def dead_letter_partition(source: str) -> int:
    """Partition of the dead letters of a source.

    Parameters
    ----------
    source : str
        Feed or topic.

    Returns
    -------
    int
        Partition of ``deadletters``.
    """
    return xxhash.xxh64_intdigest(source.encode()) % DEADLETTERS.partitions
