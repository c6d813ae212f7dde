"""The shape of a stage's logic: a pure fold over rows in canonical order.

A fold never sees a bus, a store, a clock or the environment. The loop (``lacuna_runtime.stage``) hands it
every row with previous watermark < t <= ``until_ms``, once, in canonical order; one call may span many
ticks, so nothing that a fold emits may depend on where calls are cut.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from lacuna_core.event import Alert, Event
from lacuna_core.fact import Contacts, Fact, Heard
from lacuna_core.flow import Input
from lacuna_core.position import Activate, Domain, IdentityBatch, PositionBatch, SourceHealth
from lacuna_core.topics import Topic
from lacuna_core.units import U64Array

Snapshot: TypeAlias = dict[str, npt.NDArray[Any]]
"""A state as plain arrays, the form in which it is kept."""


def _no_digests() -> U64Array:
    return np.empty(0, np.uint64)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one or many epochs; each part in canonical order.

    Attributes
    ----------
    sea, air : PositionBatch
        Positions sorted by (t, craft, digest), repeats merged: one row for each transmission, at its earliest
        time, its receivers joined by ``|``.
    sea_digest, air_digest : numpy.ndarray
        Row digests of ``sea`` and ``air``, uint64.
    sea_identity, air_identity : IdentityBatch
        Identities sorted by (t, craft, content), equal ones dropped.
    health : SourceHealth
        Sorted by (t, source, receiver).
    facts : tuple of Fact
        Sorted by (as_of, crafts, kind, anchor time, anchor digest).
    contacts : Contacts
        Sorted by (t, craft_a, craft_b).
    heard : Heard
        Sorted by (t, craft, receiver).
    events : tuple of Event
        Sorted by (as_of, event id, revision).
    """

    sea: PositionBatch = field(default_factory=lambda: PositionBatch.empty(domain=Domain.SEA))
    air: PositionBatch = field(default_factory=lambda: PositionBatch.empty(domain=Domain.AIR))
    sea_digest: U64Array = field(default_factory=_no_digests)
    air_digest: U64Array = field(default_factory=_no_digests)
    sea_identity: IdentityBatch = field(default_factory=lambda: IdentityBatch.empty(domain=Domain.SEA))
    air_identity: IdentityBatch = field(default_factory=lambda: IdentityBatch.empty(domain=Domain.AIR))
    health: SourceHealth = field(default_factory=SourceHealth.empty)
    facts: tuple[Fact, ...] = ()
    contacts: Contacts = field(default_factory=Contacts.empty)
    heard: Heard = field(default_factory=Heard.empty)
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Outputs:
    """What a fold emits; the loop routes each kind to its topic and partition.

    Attributes
    ----------
    facts : tuple of Fact
        To ``facts``.
    contacts : Contacts or None
        To ``contacts``.
    heard : Heard or None
        To ``reception``.
    health : SourceHealth or None
        To ``reception``.
    events : tuple of Event
        To ``events``, numbered.
    alerts : tuple of Alert
        To their topics.
    """

    facts: tuple[Fact, ...] = ()
    contacts: Contacts | None = None
    heard: Heard | None = None
    health: SourceHealth | None = None
    events: tuple[Event, ...] = ()
    alerts: tuple[Alert, ...] = ()


S = TypeVar("S")


class Fold(Protocol[S]):
    """The logic of one stage.

    Attributes
    ----------
    name : str
        Stage name: its consumer group, its ``state.<stage>`` topic, its origin on the wire.
    version : int
        Version of the state's layout; a snapshot of another version is refused.
    inputs : tuple of Input
        Topics it reads and who writes them, closed together at each tick.
    outputs : tuple of Topic
        Topics it may write; it ticks on every partition of each.
    whole : bool
        False: one task a partition, reading that partition of each input. True: one task that reads all
        partitions of all inputs, closed together.
    """

    name: str
    version: int
    inputs: tuple[Input, ...]
    outputs: tuple[Topic, ...]
    whole: bool

    def initial(self, partition: int) -> S:
        """Make the state before the first row.

        Parameters
        ----------
        partition : int
            Task number (0 when ``whole``).

        Returns
        -------
        S
            The empty state.
        """
        ...

    def step(
        self, state: S, rows: Rows, until_ms: int, activations: tuple[Activate, ...]
    ) -> tuple[S, Outputs]:
        """Take the next rows and all timers due up to the watermark.

        Parameters
        ----------
        state : S
            Owned by the call; it may be changed in place and returned.
        rows : Rows
            All rows with previous watermark < t <= ``until_ms``.
        until_ms : int
            Watermark; timers due at or before it fire, in order with the rows.
        activations : tuple of Activate
            In force from the first of these rows on.

        Returns
        -------
        state : S
            The new state.
        outputs : Outputs
            What to say.
        """
        ...

    def dump(self, state: S) -> Snapshot:
        """Write the state as arrays.

        Parameters
        ----------
        state : S
            Any state.

        Returns
        -------
        dict of str to numpy.ndarray
            Everything needed to go on.
        """
        ...

    def load(self, snapshot: Snapshot) -> S:
        """Read a state.

        Parameters
        ----------
        snapshot : dict of str to numpy.ndarray
            What ``dump`` wrote.

        Returns
        -------
        S
            The state.
        """
        ...
