"""Row numbers of a replica that is started, killed and started again, and never uses one twice.

Readers drop a row whose number they have passed, so a number given twice loses a row for good. The end of
the log does not tell which numbers were used: what a killed process had sent may still arrive after its
successor has looked. So each numbering has a life, counted in the committed offset of a group of the
replica's own, and starts above all that lives before it could have used. The group is forgotten by the log
when nobody has committed to it for a week; by then the minute of the clock, which a life is never below, is
far ahead of it.
"""

from lacuna_core.ports import Bus, Clock, TopicPartition
from lacuna_core.topics import TICKER_TASKS
from lacuna_core.units import MS_PER_MIN

_AT = TopicPartition(TICKER_TASKS.name, 0)
"""Holds nothing; only offsets are committed to it."""
_EPOCH_MS = 1_577_836_800_000
"""2020-01-01."""
_LIFE_BITS = 36
"""Rows of one kind in one partition of one life: 69 billion."""


class Numbering:
    """Where the numbers of this replica start.

    Parameters
    ----------
    bus : Bus
        The log.
    instance : str
        Name of the replica, the same after a restart, and no other process has it.
    clock : Clock
        Keeps lives apart when the log has forgotten them, nothing else.
    """

    def __init__(self, bus: Bus, instance: str, clock: Clock) -> None:
        bus.create([TICKER_TASKS])
        self._lives = bus.subscribe(f"ingestion.publisher.{instance}", [_AT])
        self._clock = clock
        self._life = 0

    def begin(self) -> int:
        """Begin a life.

        Returns
        -------
        int
            Number of its first row, in every stream.

        Raises
        ------
        Transient
            If the log is away.
        """
        minute = (self._clock.now_ms() - _EPOCH_MS) // MS_PER_MIN
        life = max(self._lives.committed().get(_AT, 0) + 1, minute)
        self._lives.commit({_AT: life})
        self._life = life
        return life << _LIFE_BITS

    def is_newest(self) -> bool:
        """Tell whether no other process has begun a life of this replica since.

        A process that was frozen and wakes up would use numbers that readers have passed: what it has
        written counts only if this is still true afterwards.

        Returns
        -------
        bool
            Whether rows written so far were under numbers of the newest life.

        Raises
        ------
        Transient
            If the log is away.
        """
        return self._lives.committed().get(_AT, 0) == self._life

    def close(self) -> None:
        """Stop reading."""
        self._lives.close()
