"""The shape of a stage that writes stores instead of topics."""

from typing import Protocol

from lacuna_core.flow import Input
from lacuna_core.message import Message
from lacuna_core.ports import Record


class Sink(Protocol):
    """Takes messages and makes them durable; the loop commits offsets only after ``flush``.

    Attributes
    ----------
    name : str
        Consumer group.
    inputs : tuple of Input
        Topics it reads; every origin is taken, repeats included, so writes must be idempotent.
    """

    name: str
    inputs: tuple[Input, ...]

    def accept(self, message: Message, record: Record) -> None:
        """Take one message, perhaps into a buffer.

        Parameters
        ----------
        message : Message
            Decoded.
        record : Record
            What it was read from; says where it stood.
        """
        ...

    def due(self) -> bool:
        """Tell whether the buffer asks for a flush.

        Returns
        -------
        bool
            True when rows, bytes or age passed their limit.
        """
        ...

    def flush(self) -> None:
        """Make everything accepted durable."""
        ...
