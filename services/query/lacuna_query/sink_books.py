"""The projector's own books: how many rows of each partition it has made durable."""

from lacuna_core.message import LedgerEntry, Message
from lacuna_core.ports import Record, TopicPartition
from lacuna_core.position import Activate, Tick
from lacuna_core.profile import AccountReader
from lacuna_runtime.loop.rowtime import row_count
from lacuna_runtime.loop.sink_books import Sunk, read_sunk, sink_entry


class SinkBooks:
    """Counts rows by where they stood, so that what is read again is not counted again.

    A replica that gets a partition goes on from the books of who had it before: it finds out by an offset
    that does not follow its own, and reads them in the stores.

    Parameters
    ----------
    name : str
        Name of the sink.
    accounts : AccountReader
        Where its books are.
    """

    def __init__(self, name: str, accounts: AccountReader) -> None:
        self._name = name
        self._accounts = accounts
        self._stored: dict[TopicPartition, Sunk] = {}
        self._sunk: dict[TopicPartition, Sunk] = {}
        self._changed: set[TopicPartition] = set()
        self._tick_ms = 0

    def count(self, record: Record, message: Message) -> None:
        """Take a record's rows.

        Parameters
        ----------
        record : Record
            Where they stood.
        message : Message
            What it holds.

        Raises
        ------
        Transient
            If the stores are away.
        """
        at = TopicPartition(record.topic, record.partition)
        known = self._known(at, record.offset)
        if isinstance(message, Tick):
            self._tick_ms = max(self._tick_ms, message.t_ms)
        if record.offset < known.offset:
            return
        rows = 0 if isinstance(message, Tick | Activate) else row_count(message)
        # an entry must be of no earlier time than the one that it follows
        t_ms = max(known.t_ms, self._tick_ms)
        self._sunk[at] = Sunk(record.offset + 1, known.rows + rows, t_ms)
        self._changed.add(at)

    def _known(self, at: TopicPartition, offset: int) -> Sunk:
        known = self._sunk.get(at)
        if known is not None and offset <= known.offset:
            return known
        if self._stored.get(at, Sunk()).offset < offset:
            self._stored = read_sunk(self._accounts.account().ledger, self._name)
        stored = self._stored.get(at, Sunk())
        return stored if known is None or stored.offset > known.offset else known

    def entries(self) -> list[LedgerEntry]:
        """Write what has changed.

        Returns
        -------
        list of LedgerEntry
            To be stored behind all that they count.
        """
        return [sink_entry(self._name, at, self._sunk[at]) for at in sorted(self._changed)]

    def flushed(self) -> None:
        """Hear that they are stored."""
        self._changed.clear()
