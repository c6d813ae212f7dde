"""The clock in the log: of all replicas of ingestion one writes ticks to every partition of ``positions``.

Who owns the only task of the group ticks. Two may think so for a moment, when one was frozen and wakes up;
that is harmless, because readers take no notice of a tick that is not ahead of the last one.
"""

import time
from collections.abc import Callable

from lacuna_core.errors import ConfigError, TimelineError
from lacuna_core.flow import POSITIONS_IN
from lacuna_core.ports import Bus, Clock, Outgoing, TopicPartition
from lacuna_core.position import Tick
from lacuna_core.timestamps import format_time
from lacuna_core.topics import POSITIONS, TICKER_TASKS
from lacuna_core.units import MS_PER_MIN, MS_PER_S
from lacuna_runtime.codec import Origin, encode
from lacuna_runtime.loop.look import last_ticks
from lacuna_runtime.stage import Done

GROUP = "ingestion.ticker"
MAX_AHEAD_MS = MS_PER_MIN
"""A log whose time is further than this ahead of the clock can't be carried on."""
_STAGE = POSITIONS_IN.producers[0].stage
_TASK = 0
_EVERYWHERE = tuple(TopicPartition(POSITIONS.name, p) for p in range(POSITIONS.partitions))


class Ticker:
    """Ticks while it owns the task.

    A tick is at the clock's whole second, or, where the log is already there or ahead (the clock was set
    back, or another ticker's was fast), half a tick's length behind the last one: time in the log never
    stands and never goes back, and at half speed the clock catches up with it.

    Parameters
    ----------
    bus : Bus
        The log.
    clock : Clock
        What time it is; the only place where the wall clock gets into a live log.
    lateness_ms : int
        Lateness of the log, one value for its life.
    tick_ms : int
        Time between two ticks.
    monotonic_s : callable
        Spaces the ticks, seconds; a clock that is set does not change it.
    """

    name = "ticker"

    def __init__(
        self,
        bus: Bus,
        clock: Clock,
        *,
        lateness_ms: int,
        tick_ms: int,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._lateness_ms = lateness_ms
        self._tick_ms = tick_ms
        self._monotonic_s = monotonic_s
        bus.create([POSITIONS, TICKER_TASKS])
        self._member = bus.join(GROUP, TICKER_TASKS, quick=True)
        self._last: Tick | None = None
        self._due_s: float | None = None
        self._ticks = 0

    @property
    def active(self) -> bool:
        """Whether this is the one that ticks."""
        return self._due_s is not None

    def cycle(self, timeout_s: float = 0.0) -> bool:
        """Tick if it is time and this is the one that ticks.

        Parameters
        ----------
        timeout_s : float
            How long to wait for that, seconds.

        Returns
        -------
        bool
            False when it did not tick.

        Raises
        ------
        Transient
            If the log is away.
        TimelineError
            If the log's time is ahead of the clock.
        ConfigError
            If the log has another lateness.
        """
        if _TASK not in self._member.owned(0.0 if self.active else timeout_s):
            self._last, self._due_s = None, None
            return False
        if self._due_s is None:
            self._take_over()
        assert self._due_s is not None
        left_s = self._due_s - self._monotonic_s()
        if left_s > timeout_s:
            time.sleep(timeout_s)
            return False
        if left_s > 0:
            time.sleep(left_s)
        self._tick()
        return True

    def _take_over(self) -> None:
        """Read how far the log has come; the last ticker may have died between two partitions."""
        found = last_ticks(self._bus, self._bus.end_offsets(_EVERYWHERE)).values()
        if found:
            newest = max(found, key=lambda tick: tick.t_ms)
            if newest.lateness_ms != self._lateness_ms:
                raise ConfigError(
                    f"setting ingestion.lateness_ms is {self._lateness_ms}, but this log has "
                    f"{newest.lateness_ms}, one value for its life: set that"
                )
            self._last = Tick(max(tick.seq for tick in found), newest.t_ms, newest.lateness_ms)
        self._due_s = self._monotonic_s()

    def _next(self) -> Tick:
        now_ms = self._clock.now_ms()
        second_ms = now_ms // MS_PER_S * MS_PER_S
        if self._last is None:
            return Tick(0, second_ms, self._lateness_ms)
        if self._last.t_ms > now_ms + MAX_AHEAD_MS:
            raise TimelineError(
                f"the last tick of this log is of {format_time(self._last.t_ms)}, more than "
                f"{MAX_AHEAD_MS // MS_PER_S} s ahead of the clock ({format_time(now_ms)}): set the clock, or "
                "give the live log topics or a data folder of its own"
            )
        step_ms = max(1, self._tick_ms // 2)
        return Tick(self._last.seq + 1, max(second_ms, self._last.t_ms + step_ms), self._lateness_ms)

    def _tick(self) -> None:
        tick = self._next()
        value = encode(tick, Origin(_STAGE, 0, tick.seq))
        with self._bus.cycle():
            records = [Outgoing(at.topic, at.partition, b"", value) for at in _EVERYWHERE]
            for delivery in self._bus.publish(records):
                delivery.result()
        self._last = tick
        self._ticks += 1
        assert self._due_s is not None
        # a tick that was missed is not made up for
        self._due_s = max(self._due_s + self._tick_ms / MS_PER_S, self._monotonic_s())

    def done(self) -> Done:
        """Tell how many ticks this one has written; there is always a next one.

        Returns
        -------
        Done
            As of now.
        """
        return Done(self._ticks, self._ticks, self._ticks)

    def drain(self) -> None:
        """Do nothing: what was written is durable."""

    def close(self) -> None:
        """Leave the group, so that another replica ticks."""
        self._member.close()
