"""Who writes what: the producers of each topic, so that a reader knows whose ticks close an epoch."""

from typing import NamedTuple, Self

from lacuna_core.ids import PARTITIONS
from lacuna_core.topics import CONTACTS, EVENTS, FACTS, POSITIONS, RECEPTION, Topic


class Producer(NamedTuple):
    """One stage as the writer of one topic.

    Attributes
    ----------
    stage : str
        Stage name, the origin on the wire.
    tasks : int
        How many origin partitions it has.
    aligned : bool
        True: its task p writes (and ticks) only partition p. False: every task ticks every partition.
    replicas : bool
        True: any number of origins write rows, whoever of them is the ticker ticks for all.
    """

    stage: str
    tasks: int
    aligned: bool
    replicas: bool = False

    def origins(self, partition: int) -> tuple[tuple[str, int], ...]:
        """Origins whose ticks close an epoch of a partition.

        Parameters
        ----------
        partition : int
            Partition of the topic.

        Returns
        -------
        tuple of (str, int)
            (stage, origin partition).
        """
        tasks = (partition,) if self.aligned else range(self.tasks)
        return tuple((self.stage, task) for task in tasks)


class Input(NamedTuple):
    """A topic that a stage reads, and the producers that it waits for (others are ignored).

    Attributes
    ----------
    topic : Topic
        What it reads.
    producers : tuple of Producer
        Whose ticks close an epoch.
    kinds : tuple of str
        Which of its rows the stage takes, by their names in ``lacuna_core.fold.Rows``; all when empty. The
        others are read past: they never wait, are never sorted, and no book of the stage counts them.
    """

    topic: Topic
    producers: tuple[Producer, ...]
    kinds: tuple[str, ...] = ()

    def only(self, *kinds: str) -> Self:
        """Take some of the rows.

        Parameters
        ----------
        *kinds : str
            Names as in ``lacuna_core.fold.Rows``.

        Returns
        -------
        Input
            The same topic and producers.
        """
        return self._replace(kinds=kinds)


POSITIONS_IN = Input(POSITIONS, (Producer("ingestion", 1, aligned=False, replicas=True),))
FACTS_IN = Input(FACTS, (Producer("facts", PARTITIONS, aligned=True),))
RECEPTION_IN = Input(RECEPTION, (Producer("facts", PARTITIONS, aligned=False),))
CONTACTS_IN = Input(CONTACTS, (Producer("contacts", 1, aligned=False),))
EVENTS_IN = Input(EVENTS, (Producer("assess", 1, aligned=False), Producer("legs", PARTITIONS, aligned=True)))
"""Events for correlation: those of detection and of flight legs, not correlation's own."""
