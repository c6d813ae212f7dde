"""Dataclasses and messages whose fields have the same names: one is written and read as the other."""

from dataclasses import fields
from typing import Any, TypeVar

from google.protobuf.message import Message

M = TypeVar("M", bound=Message)
T = TypeVar("T")


def write_flat(message_class: type[M], value: Any, **given: Any) -> M:
    """Write a dataclass as a message.

    Parameters
    ----------
    message_class : type
        Its fields are named as those of the dataclass.
    value : Any
        A dataclass of numbers, texts and sequences of them; None is a field that is absent.
    **given : Any
        Fields that are not simply copied.

    Returns
    -------
    Message
        The message.
    """
    copied = {f.name: getattr(value, f.name) for f in fields(value) if f.name not in given}
    return message_class(
        **{name: content for name, content in (copied | given).items() if content is not None}
    )


def read_flat(value_class: type[T], message: Message, **given: Any) -> T:
    """Read a message as a dataclass.

    Parameters
    ----------
    value_class : type
        The dataclass.
    message : Message
        What was sent; a repeated field becomes a tuple, an absent one None.
    **given : Any
        Fields that are not simply copied.

    Returns
    -------
    T
        The value.
    """
    known = message.DESCRIPTOR.fields_by_name
    read: dict[str, Any] = {}
    for field in fields(value_class):  # type: ignore[arg-type]  # a dataclass
        name = field.name
        if name in given:
            continue
        descriptor = known[name]
        if descriptor.is_repeated:
            read[name] = tuple(getattr(message, name))
        elif descriptor.has_presence and not message.HasField(name):
            read[name] = None
        else:
            read[name] = getattr(message, name)
    return value_class(**read, **given)
