"""Free TCP ports of the loopback."""

import secrets
import socket
from collections.abc import Sequence

from lacuna_core.errors import Transient

# below those that the kernel hands out for outgoing connections: a node that is started again finds its own
_LOWEST, _HIGHEST = 15_000, 32_000
_TRIES = 1_000


def address(node: int) -> str:
    """Give the loopback address of a node.

    Parameters
    ----------
    node : int
        Numbered from 1.

    Returns
    -------
    str
        ``127.0.0.N``, which needs no set-up on Linux.
    """
    return f"127.0.0.{node}"


def is_free(port: int, addresses: Sequence[str]) -> bool:
    """Say whether nobody listens on a port.

    Parameters
    ----------
    port : int
        Which.
    addresses : sequence of str
        Where it must be free.

    Returns
    -------
    bool
        Whether it could be bound on all of them.
    """
    for at in addresses:
        with socket.socket() as probe:
            # as servers do: what a dead server left in TIME_WAIT does not count
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((at, port))
            except OSError:
                return False
    return True


def free_ports(count: int, nodes: int) -> list[int]:
    """Choose ports that are free on the addresses of all nodes.

    Chosen at random, so that clusters that start at the same time do not meet.

    Parameters
    ----------
    count : int
        How many different ones.
    nodes : int
        How many addresses.

    Returns
    -------
    list of int
        The ports.

    Raises
    ------
    Transient
        If none can be found.
    """
    addresses = [address(node) for node in range(1, nodes + 1)]
    chosen: list[int] = []
    for _ in range(_TRIES):
        port = _LOWEST + secrets.randbelow(_HIGHEST - _LOWEST)
        if port not in chosen and is_free(port, addresses):
            chosen.append(port)
        if len(chosen) == count:
            return chosen
    raise Transient(f"no {count} free ports between {_LOWEST} and {_HIGHEST}")
