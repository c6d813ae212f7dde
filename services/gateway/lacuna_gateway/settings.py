"""What an operator may set of the gateway."""

import secrets
from dataclasses import dataclass, field

MS_PER_DAY = 86_400_000


def _random_secret() -> bytes:
    return secrets.token_bytes(32)


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """Limits and secrets of the gateway.

    Attributes
    ----------
    cursor_secret : bytes
        Signs cursors; random for each process unless several replicas must share it.
    cursor_ttl_ms : int
        How long a cursor is good.
    max_limit : int
        Most items of a page.
    max_points : int
        Most positions of a track.
    max_body_bytes : int
        Largest request body.
    max_header_bytes : int
        Most bytes of all headers of a request.
    max_target_bytes : int
        Longest path and query string.
    """

    cursor_secret: bytes = field(default_factory=_random_secret, repr=False)
    cursor_ttl_ms: int = MS_PER_DAY
    max_limit: int = 1_000
    max_points: int = 20_000
    max_body_bytes: int = 1_048_576
    max_header_bytes: int = 16_384
    max_target_bytes: int = 8_192
