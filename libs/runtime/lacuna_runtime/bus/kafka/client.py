"""The consumer of the library, quick to begin and with whole answers."""

import time
from collections.abc import Collection
from typing import Any

from kafka import KafkaConsumer

from lacuna_core.errors import Transient
from lacuna_core.ports import TopicPartition
from lacuna_runtime.bus.kafka.places import unwired, wired

_PAUSE_S = 0.02


class Client(KafkaConsumer):  # type: ignore[misc] # the library has no types
    """A consumer that asks for its topics at once.

    The library asks for no topics when it connects, and then rests for a tenth of a second before it asks
    again. Restoring a service opens dozens of readers, one after another.

    Parameters
    ----------
    **configs
        As of the library's consumer.
    """

    def __init__(self, **configs: Any) -> None:
        super().__init__(**configs)
        self._cluster._last_refresh_ms = 0  # noqa: SLF001 - as if the last time were long ago

    def bounds(
        self, places: Collection[TopicPartition], *, end: bool, timeout_ms: int
    ) -> dict[TopicPartition, int]:
        """Read where partitions start or end.

        Parameters
        ----------
        places : collection of TopicPartition
            Which.
        end : bool
            Their ends rather than their starts.
        timeout_ms : int
            Longest wait for all of the answer.

        Returns
        -------
        dict of TopicPartition to int
            Offset by partition.

        Raises
        ------
        Transient
            If some have no leader for so long.
        """
        if not places:
            return {}
        deadline = time.monotonic() + timeout_ms / 1000
        ask = self.end_offsets if end else self.beginning_offsets
        while True:
            left_ms = max(1, int(1000 * (deadline - time.monotonic())))
            try:
                return unwired(ask(wired(places), left_ms))
            except KeyError as error:
                # The library leaves out partitions whose leader it has yet to hear of, and then stumbles.
                # It has asked for them, so the next answer may have all.
                if time.monotonic() > deadline:
                    raise Transient(f"no broker leads {error.args[0]}") from error
                time.sleep(_PAUSE_S)
