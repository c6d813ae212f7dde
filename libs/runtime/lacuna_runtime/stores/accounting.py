"""What accounts keep of dead letters and of source health."""

import hashlib

import numpy as np

from lacuna_core.message import DeadLetter
from lacuna_core.position import SourceHealth


def letter_digest(letter: DeadLetter) -> bytes:
    """Name a dead letter by what it is, so that a repeat is counted once.

    Parameters
    ----------
    letter : DeadLetter
        Any.

    Returns
    -------
    bytes
        blake2b-128.
    """
    fields = (letter.source, letter.origin, letter.reason, letter.payload.hex())
    return hashlib.blake2b("\0".join(fields).encode(), digest_size=16).digest()


def newest_messages(health: SourceHealth) -> dict[str, int]:
    """Tell when each source last brought a message.

    Parameters
    ----------
    health : SourceHealth
        Any order; rows without messages say nothing new.

    Returns
    -------
    dict of str to int
        End of the newest interval with a message, Unix milliseconds UTC.
    """
    heard = health.take(health.messages > 0)
    return {
        heard.strings[code]: int(heard.t_ms[heard.source == code].max())
        for code in np.unique(heard.source).tolist()
    }
