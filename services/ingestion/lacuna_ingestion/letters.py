"""Publishing dead letters once, though an import may be killed and started again."""

from collections.abc import Iterator, Sequence

from lacuna_core.digest import text_digest
from lacuna_core.message import DeadLetter, LedgerEntry
from lacuna_core.ports import Bus, Outgoing, Record, TopicPartition
from lacuna_core.topics import DEADLETTERS, LEDGER
from lacuna_runtime.codec import Origin, encode
from lacuna_runtime.loop.look import read_range

GROUP = "ingestion.deadletters"
STAGE = "ingestion"
_LEDGER = TopicPartition(LEDGER.name, 0)
_EVERYWHERE = tuple(TopicPartition(DEADLETTERS.name, p) for p in range(DEADLETTERS.partitions))
_CYCLE_RECORDS = 256


class _Leftover:
    """What a killed import published: passed over record by record while it is the same again."""

    def __init__(self, records: Iterator[Record]) -> None:
        self._records = records

    def holds(self, value: bytes) -> bool:
        record = next(self._records, None)
        if record is None or record.value != value:
            self._records = iter(())
            return False
        return True


class DeadLetterWriter:
    """Writes the dead letters of one import.

    Parameters
    ----------
    bus : Bus
        The log.
    """

    def __init__(self, bus: Bus) -> None:
        bus.create([DEADLETTERS, LEDGER])
        self._bus = bus
        self._offsets = bus.subscribe(GROUP, [*_EVERYWHERE, _LEDGER])
        ends = bus.end_offsets(_EVERYWHERE)
        starts = {at: n for at, n in self._offsets.committed().items() if at != _LEDGER}
        if not starts:
            starts = dict(ends)
            self._offsets.commit(starts)
        self._seq = {at: starts[at] for at in _EVERYWHERE}
        self._leftover: dict[TopicPartition, _Leftover] = {}
        for at in _EVERYWHERE:
            self._leftover[at] = _Leftover(read_range(bus, at, starts[at], ends[at]))

    def write(self, letters: Sequence[DeadLetter]) -> None:
        """Publish dead letters that are not there yet.

        Parameters
        ----------
        letters : sequence of DeadLetter
            In the same order each time the import is started.
        """
        out: list[Outgoing] = []
        for letter in letters:
            at = _EVERYWHERE[text_digest(letter.source) % len(_EVERYWHERE)]
            value = encode(letter, Origin(STAGE, at.partition, self._seq[at]))
            self._seq[at] += 1
            if not self._leftover[at].holds(value):
                out.append(Outgoing(at.topic, at.partition, letter.source.encode(), value))
        for first in range(0, len(out), _CYCLE_RECORDS):
            self._publish(out[first : first + _CYCLE_RECORDS])

    def _publish(self, out: Sequence[Outgoing]) -> None:
        with self._bus.cycle():
            for delivery in self._bus.publish(out):
                delivery.result()

    def is_finished(self, ledger_offset: int) -> bool:
        """Tell whether the books of an import are closed.

        Parameters
        ----------
        ledger_offset : int
            End of the ledger before the import was loaded.

        Returns
        -------
        bool
            True when its entry is in the ledger.
        """
        return self._offsets.committed().get(_LEDGER, 0) > ledger_offset

    def finish(self, entry: LedgerEntry) -> None:
        """Close the books of a complete import.

        Parameters
        ----------
        entry : LedgerEntry
            Its counts.
        """
        value = encode(entry, Origin(STAGE, entry.partition, self._bus.end_offsets([_LEDGER])[_LEDGER]))
        with self._bus.cycle():
            for delivery in self._bus.publish([Outgoing(LEDGER.name, 0, STAGE.encode(), value)]):
                delivery.result()
            self._offsets.commit(self._bus.end_offsets([*_EVERYWHERE, _LEDGER]))
