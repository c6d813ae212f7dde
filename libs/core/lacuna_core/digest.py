"""Digests that give rows and events one identity for life.

The row digest here is the definition, one row at a time; ``lacuna_kernels.digest`` computes the same over
columns.
"""

import hashlib
import struct
import uuid
from collections.abc import Iterable

_ROW = struct.Struct("<QqiiHHHiihHB")
ROW_BYTES = _ROW.size
"""Length of the packed row that is hashed."""
_EVENT_NAMESPACE = b"lacuna.event.1"


def row_digest(
    craft: int,
    t_ms: int,
    lat_e7: int,
    lon_e7: int,
    speed_dkn: int,
    course_ddeg: int,
    heading_ddeg: int,
    baro_altitude_ft: int,
    geo_altitude_ft: int,
    vertical_rate_fpm: int,
    flags: int,
    craft_class: int,
) -> int:
    """Digest one position: blake2b-64 of its craft, time and kinematic fields, little-endian and packed.

    Source and receiver are left out, so one transmission heard by two stations has one digest.

    Parameters
    ----------
    craft : int
        Craft key.
    t_ms : int
        Unix time in milliseconds UTC.
    lat_e7 : int
        Latitude, degrees times 1e7.
    lon_e7 : int
        Longitude, degrees times 1e7.
    speed_dkn : int
        Speed over ground, 0.1 kn.
    course_ddeg : int
        Course over ground, 0.1 deg.
    heading_ddeg : int
        True heading, 0.1 deg.
    baro_altitude_ft : int
        Barometric altitude, feet.
    geo_altitude_ft : int
        Geometric altitude, feet.
    vertical_rate_fpm : int
        Vertical rate, feet per minute.
    flags : int
        Flag bits.
    craft_class : int
        ``CraftClass`` value.

    Returns
    -------
    int
        Unsigned 64-bit digest.
    """
    packed = _ROW.pack(
        craft, t_ms, lat_e7, lon_e7, speed_dkn, course_ddeg, heading_ddeg,
        baro_altitude_ft, geo_altitude_ft, vertical_rate_fpm, flags, craft_class,
    )  # fmt: skip
    return int.from_bytes(hashlib.blake2b(packed, digest_size=8).digest(), "little")


def event_id(kind: str, crafts: Iterable[int], anchor_t_ms: int, anchor_digest: int) -> str:
    """Identify an event for life: UUIDv8 of blake2b-128 over what the event is.

    Hashed: the namespace, a zero byte, the kind, a zero byte, the count of craft and the sorted craft keys
    (8 bytes each), the anchor time (8 bytes) and the anchor digest (8 bytes), all little-endian.

    Parameters
    ----------
    kind : str
        Event kind.
    crafts : iterable of int
        Craft keys, any order.
    anchor_t_ms : int
        Time of the anchor, Unix milliseconds UTC.
    anchor_digest : int
        Unsigned 64-bit digest of the anchor row, or of what stands for it.

    Returns
    -------
    str
        The UUID, lower case with hyphens.
    """
    keys = sorted(int(c) for c in crafts)
    body = b"".join(
        [
            _EVENT_NAMESPACE, b"\0", kind.encode(), b"\0", struct.pack("<I", len(keys)),
            *(struct.pack("<Q", key) for key in keys),
            struct.pack("<qQ", anchor_t_ms, anchor_digest),
        ]
    )  # fmt: skip
    raw = bytearray(hashlib.blake2b(body, digest_size=16).digest())
    raw[6] = (raw[6] & 0x0F) | 0x80
    raw[8] = (raw[8] & 0x3F) | 0x80
    return str(uuid.UUID(bytes=bytes(raw)))


def text_digest(text: str) -> int:
    """Digest a text where an anchor has no row: blake2b-64.

    Parameters
    ----------
    text : str
        Any text, e.g. a canonical definition.

    Returns
    -------
    int
        Unsigned 64-bit digest.
    """
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def config_hash8(canonical: str) -> str:
    """Short hash of a configuration, the tail of a ``model_version``.

    Parameters
    ----------
    canonical : str
        Canonical JSON of the parameters.

    Returns
    -------
    str
        Eight hexadecimal digits of blake2b-32.
    """
    return hashlib.blake2b(canonical.encode(), digest_size=4).hexdigest()
