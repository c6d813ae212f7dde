"""Slow and obvious: payload characters to the fields of a message, one string of bits at a time."""

from typing import Any

from tests.reference.ais_encode import LAYOUTS

NULL_I32 = -(2**31)
NULL_U16 = 65_535
LENGTHS = {
    1: range(163, 169), 2: range(163, 169), 3: range(163, 169), 4: (168,), 5: range(422, 427), 9: (168,),
    11: (168,), 18: (168,), 19: (312,), 21: range(272, 369), 27: (96, 168),
}  # fmt: skip
SIGNED = {"lon", "lat", "rot"}


def payload_bits(payload: bytes, fill: int) -> str | None:
    """Bits of a payload, None if a character is none of the armor alphabet."""
    out = ""
    for code in payload:
        if not (48 <= code <= 87 or 96 <= code <= 119):
            return None
        out += format(code - 48 - (8 if code >= 96 else 0), "06b")
    return out[: len(out) - fill]


def layout_fields(kind: str, bits: str) -> dict[str, int]:
    """Fields by the layout of the encoder; those behind the end are zero."""
    out, at = {}, 0
    padded = bits.ljust(1200, "0")
    for name, width in LAYOUTS[kind]:
        value = int(padded[at : at + width], 2)
        if name in SIGNED and padded[at] == "1":
            value -= 1 << width
        out[name] = value
        at += width
    return out


def verdict(payload: bytes, fill: int) -> str:
    """Reason of a dead letter, or the empty text."""
    if not payload:
        return "empty_payload"
    bits = payload_bits(payload, fill)
    if bits is None:
        return "bad_payload"
    kind = int(payload_bits(payload[:1], 0) or "0", 2)
    if not 1 <= kind <= 27:
        return "unknown_type"
    if len(bits) < 38:
        return "bad_length"
    if kind == 24:
        whole = payload_bits(payload, 0) or ""
        part = int(whole[38:40].ljust(2, "0"), 2)
        allowed: Any = {0: (160, 162, 168), 1: (168,)}.get(part, ())
        return "" if len(bits) in allowed else "bad_length"
    return "" if len(bits) in LENGTHS.get(kind, range(38, 10_000)) else "bad_length"


def moving_fields(payload: bytes, fill: int) -> dict[str, int]:
    """What ``decode_fields`` writes for an acceptable message."""
    bits = payload_bits(payload, 0) or ""
    kind = int(bits[:6], 2)
    out = {
        "kind": kind, "mmsi": int(bits[8:38], 2), "lon": NULL_I32, "lat": NULL_I32, "speed": NULL_U16,
        "course": NULL_U16, "heading": NULL_U16, "altitude": NULL_U16, "rot": -128, "status": 15,
        "second": 60, "accurate": 0, "raim": 0,
    }  # fmt: skip
    if kind in (5, 24) or str(kind) not in LAYOUTS:
        return out
    told = layout_fields(str(kind), bits)
    degree, scale = (600, 1000) if kind == 27 else (600_000, 1)
    out["lon"] = NULL_I32 if told["lon"] == 181 * degree else told["lon"] * scale
    out["lat"] = NULL_I32 if told["lat"] == 91 * degree else told["lat"] * scale
    nulls = {"speed": 63 if kind == 27 else 1023, "course": 511 if kind == 27 else 3600, "heading": 511}
    units = {"speed": 10 if kind in (9, 27) else 1, "course": 10 if kind == 27 else 1}
    for name, null in nulls.items():
        if name in told and told[name] != null:
            out[name] = told[name] * units.get(name, 1)
    for name in ("altitude", "rot", "status", "second", "raim"):
        out[name] = told.get(name, out[name])
    return out | {"accurate": told["accuracy"]}
