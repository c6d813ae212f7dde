"""What ``lacuna decode`` should say, worked out from a libais record: the field-name mapping of the tests."""

from typing import Any

import numpy as np

Record = dict[str, Any]
_SCALES = {
    "x": ("lon_deg", 181.0), "y": ("lat_deg", 91.0), "true_heading": ("heading_deg", 511),
    "timestamp": ("second", 60), "second": ("second", 60), "position_accuracy": ("accuracy", None),
    "nav_status": ("nav_status", None), "imo_num": ("imo", 0), "type_and_cargo": ("ship_type", 0),
    "draught": ("draught_m", 0.0), "mmsi": ("mmsi", None), "id": ("type", None),
}  # fmt: skip
_TEXTS = {"callsign": "callsign", "name": "shipname", "destination": "destination"}
_DIMENSIONS = {"dim_a": "to_bow_m", "dim_b": "to_stern_m", "dim_c": "to_port_m", "dim_d": "to_starboard_m"}


def expected_record(decode: Record) -> Record:
    """Map a libais record to the fields of ``decode_records``, "not available" to None."""
    kind = decode["id"]
    out: Record = {}
    for name, (ours, null) in _SCALES.items():
        if name in decode:
            out[ours] = None if null is not None and decode[name] == null else decode[name]
    if "sog" in decode:
        null = {9: 1023, 27: 63}.get(kind, float(np.float32(102.3)))
        out["sog_kn"] = None if decode["sog"] == null else decode["sog"]
    if "cog" in decode:
        out["cog_deg"] = None if decode["cog"] == (511 if kind == 27 else 360.0) else decode["cog"]
    if "rot" in decode:
        out["rot_deg_min"] = None if decode["rot"] < -731 else decode["rot"]  # libais has -128 as -731.4
    for name, ours in _TEXTS.items():
        if name in decode:
            out[ours] = decode[name].split("@")[0].strip() or None
    if "dim_a" in decode:
        sizes = {ours: decode[name] for name, ours in _DIMENSIONS.items()}
        out.update(sizes if any(sizes.values()) else dict.fromkeys(sizes))
    return out


def differences(ours: Record, expected: Record) -> Record:
    """Fields that differ: libais keeps speed, course, turn and draught as 32-bit floats."""
    found = {}
    for name, wanted in expected.items():
        got = ours.get(name, "absent")
        if isinstance(wanted, float) and isinstance(got, float):
            same = (
                got == wanted
                or np.float32(got) == np.float32(wanted)
                or abs(got - wanted) < 1e-6 * abs(wanted)
            )
        else:
            same = got == wanted
        if not same:
            found[name] = (got, wanted)
    return found
