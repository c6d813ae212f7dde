"""Topics: the only definition in code of what flows where, and how it is kept."""

from dataclasses import dataclass

from lacuna_core.ids import PARTITIONS
from lacuna_core.units import MS_PER_DAY


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic of the log.

    Attributes
    ----------
    name : str
        Wire name.
    partitions : int
        Fixed for the life of this version of the topic.
    keyed_by : str
        What decides the partition.
    retention_ms : int or None
        How long records stay; None keeps them.
    compacted : bool
        Whether only the newest record of a key is kept.
    """

    name: str
    partitions: int
    keyed_by: str
    retention_ms: int | None
    compacted: bool = False


POSITIONS = Topic("positions", PARTITIONS, "craft", 14 * MS_PER_DAY)
FACTS = Topic("facts", PARTITIONS, "craft", 14 * MS_PER_DAY)
RECEPTION = Topic("reception", PARTITIONS, "cell", 14 * MS_PER_DAY)
CONTACTS = Topic("contacts", PARTITIONS, "smaller craft of the pair", 14 * MS_PER_DAY)
EVENTS = Topic("events", PARTITIONS, "craft", 400 * MS_PER_DAY)
ALERTS_MARITIME = Topic("alerts.maritime", 4, "event id", 30 * MS_PER_DAY)
ALERTS_AVIATION = Topic("alerts.aviation", 4, "event id", 30 * MS_PER_DAY)
ALERTS_CORRELATION = Topic("alerts.correlation", 4, "event id", 30 * MS_PER_DAY)
LATEST = Topic("latest", PARTITIONS, "craft block", None, compacted=True)
MODELS = Topic("models", 1, "digest", None)
DEADLETTERS = Topic("deadletters", 4, "source", 30 * MS_PER_DAY)
LEDGER = Topic("ledger", 1, "stage", 90 * MS_PER_DAY)

ALERTS = (ALERTS_MARITIME, ALERTS_AVIATION, ALERTS_CORRELATION)


def state_topic(stage: str) -> Topic:
    """Topic of the snapshots of a stage.

    Parameters
    ----------
    stage : str
        Stage name.

    Returns
    -------
    Topic
        ``state.<stage>``, compacted.
    """
    return Topic(f"state.{stage}", PARTITIONS, "partition and slot", None, compacted=True)


STAGES = ("facts", "contacts", "assess", "legs", "link")
"""Folds, by name."""
PROJECTOR_TASKS = Topic("state.projector", PARTITIONS, "task", None, compacted=True)
TICKER_TASKS = Topic("state.ticker", 1, "task", None, compacted=True)
"""Hold nothing: their partitions are the tasks that the replicas of projector and ticker share out."""
ALL_TOPICS = (
    POSITIONS, FACTS, RECEPTION, CONTACTS, EVENTS, *ALERTS, LATEST, MODELS, DEADLETTERS, LEDGER,
    *(state_topic(stage) for stage in STAGES), PROJECTOR_TASKS, TICKER_TASKS,
)  # fmt: skip
TOPICS = {topic.name: topic for topic in ALL_TOPICS}
