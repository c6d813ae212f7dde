"""Numbering and packing what one origin publishes."""

from collections.abc import Iterable

from lacuna_core.event import Alert
from lacuna_core.message import Message
from lacuna_core.ports import Outgoing, TopicPartition
from lacuna_runtime.codec import Origin, encode, split_written
from lacuna_runtime.loop.rowtime import row_count


class OriginWriter:
    """Gives every row of an origin its number and packs rows into records.

    Parameters
    ----------
    stage : str
        Stage name.
    task : int
        Its task.
    """

    def __init__(self, stage: str, task: int) -> None:
        self._stage = stage
        self._task = task
        self._next_row: dict[str, int] = {}
        self.muted = False
        """While true, rows are numbered and nothing is written: a replay of what is already published."""

    def write(self, topic: str, partition: int, message: Message) -> Iterable[Outgoing]:
        """Make the records of a message.

        Parameters
        ----------
        topic : str
            Topic.
        partition : int
            Partition.
        message : Message
            Any number of rows.

        Returns
        -------
        iterable of Outgoing
            Records in order; none while muted.
        """
        stream = f"{topic}/{partition}/{type(message).__name__}.{int(getattr(message, 'domain', 0))}"
        number = self._next_row.get(stream, 0)
        count = row_count(message)
        self._next_row[stream] = number + count
        if self.muted:
            return []
        key = message.event_id.encode() if isinstance(message, Alert) else b""
        records = []
        for part, body in split_written(message):
            value = encode(part, Origin(self._stage, self._task, number), body)
            records.append(Outgoing(topic, partition, key, value))
            number += row_count(part)
        return records

    def start_at(self, at: TopicPartition, message_class: type, domain: int, number: int) -> None:
        """Set the number of the next row of a stream.

        Parameters
        ----------
        at : TopicPartition
            Where.
        message_class : type
            Class of its messages.
        domain : int
            Their domain, 0 for none.
        number : int
            The number.
        """
        self._next_row[f"{at.topic}/{at.partition}/{message_class.__name__}.{domain}"] = number

    def dump(self) -> dict[str, int]:
        """Write the numbers.

        Returns
        -------
        dict of str to int
            Next row by stream.
        """
        return dict(self._next_row)

    def load(self, numbers: dict[str, int]) -> None:
        """Read what ``dump`` wrote.

        Parameters
        ----------
        numbers : dict of str to int
            Next row by stream.
        """
        self._next_row = dict(numbers)
