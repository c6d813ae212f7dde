"""Every AIS message of a file as one record in plain units, for people: ``lacuna decode``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lacuna_ingestion.nmea import Block, NmeaDecoder
from lacuna_ingestion.nmea_columns import TEXTS_LIMIT
from lacuna_ingestion.source_file import open_input
from lacuna_kernels import ais_layout as layout
from lacuna_kernels.ais_names import Names, name_count, name_texts, new_names
from lacuna_kernels.ais_static import decode_static

CHUNK_BYTES = 1 << 20
UNIT_PER_DEG = 600_000
ROT_SCALE = 4.733
"""ROTais = 4.733 * sqrt(rate of turn in degrees a minute)."""
ROT_NOT_AVAILABLE = -128
SECOND_NOT_AVAILABLE = 60

_CLASS_A = (1, 2, 3)
_MOVING = (*_CLASS_A, 9, 18, 19, 27)
_PLACED = (*_MOVING, 4, 11, 21)
_HEADED = (*_CLASS_A, 18, 19)
Record = dict[str, Any]


def decode_records(path: Path) -> Iterator[Record]:
    """Decode a file of AIS sentences to one record a message.

    Parameters
    ----------
    path : Path
        Plain, gzip or zstd.

    Yields
    ------
    dict of str to Any
        ``line`` (of its last sentence, from 1), ``t`` (epoch seconds or None), ``type``, ``mmsi``, and what
        the message type has: ``lon_deg lat_deg sog_kn cog_deg heading_deg rot_deg_min nav_status second
        accuracy imo callsign shipname ship_type to_bow_m to_stern_m to_port_m to_starboard_m draught_m
        destination``. None is "not available". Values that a position can't have stay as they were sent. A
        rate of turn of +-127 (more than 5 degrees in 30 s, no turn indicator) reads +-720.0, as libais gives
        it; seconds 61-63 are the states of the position system; status 15 is "undefined", not missing.

    Raises
    ------
    InvalidInput
        If the file can't be read.
    """
    decoder = NmeaDecoder()
    names = new_names()
    with open_input(path) as file:
        for text in file.line_blocks(CHUNK_BYTES):
            for block in decoder.decode(text):
                yield from _records(block, names)
                decoder.renew_receivers()
                if name_count(names) > TEXTS_LIMIT:
                    names = new_names()


def _records(block: Block, names: Names) -> Iterator[Record]:
    static = decode_static(block.buf, block.rows, block.fields, names)
    told = dict(zip(static["row"].tolist(), _static_records(static, block, names), strict=True))
    columns = _columns(block.fields)
    times, lines = block.rows["t_ms"].tolist(), block.rows["line"].tolist()
    kinds, mmsis = block.fields["kind"].tolist(), block.fields["mmsi"].tolist()
    for i in np.flatnonzero(block.fields["verdict"] == layout.OK).tolist():
        t_ms = times[i]
        record: Record = {
            "line": lines[i],
            "t": None if t_ms == layout.NULL_TIME_MS else t_ms / 1000,
            "type": kinds[i],
            "mmsi": mmsis[i],
        }
        for name, wanted, values in columns:
            if kinds[i] in wanted:
                record[name] = values[i]
        record.update(told.get(i, {}))
        yield record


def _columns(fields: npt.NDArray[Any]) -> list[tuple[str, tuple[int, ...], list[Any]]]:
    # Name, the message types that have it, and the values in plain units.
    def scaled(name: str, null: int, divisor: float) -> list[Any]:
        return [None if v == null else v / divisor for v in fields[name].tolist()]

    def plain(name: str, null: int) -> list[Any]:
        return [None if v == null else v for v in fields[name].tolist()]

    return [
        ("lon_deg", _PLACED, scaled("lon", layout.NULL_I32, UNIT_PER_DEG)),
        ("lat_deg", _PLACED, scaled("lat", layout.NULL_I32, UNIT_PER_DEG)),
        ("sog_kn", _MOVING, scaled("speed", layout.NULL_U16, 10)),
        ("cog_deg", _MOVING, scaled("course", layout.NULL_U16, 10)),
        ("heading_deg", _HEADED, plain("heading", layout.NULL_U16)),
        ("rot_deg_min", _CLASS_A, [_turn(v) for v in fields["rot"].tolist()]),
        ("nav_status", (*_CLASS_A, 27), fields["status"].tolist()),
        ("second", (*_HEADED, 4, 9, 11, 21), plain("second", SECOND_NOT_AVAILABLE)),
        ("accuracy", _PLACED, fields["accurate"].tolist()),
    ]


def _turn(sensor: int) -> float | None:
    if sensor == ROT_NOT_AVAILABLE:
        return None
    rate = (sensor / ROT_SCALE) ** 2
    return -rate if sensor < 0 else rate


def _static_records(static: npt.NDArray[Any], block: Block, names: Names) -> list[Record]:
    texts = {
        field: [text or None for text in name_texts(names, static[field].astype(np.int64))]
        for field in ("name", "callsign", "destination")
    }
    kinds = block.fields["kind"][static["row"]].tolist()
    parts = block.fields["part"][static["row"]].tolist()
    records = []
    for i, (kind, part) in enumerate(zip(kinds, parts, strict=True)):
        row = static[i]
        record: Record = {}
        if kind == 5:
            record["imo"] = int(row["imo"]) or None
        if kind != 24 or part == 0:
            record["shipname"] = texts["name"][i]
        if kind == 5 or (kind == 24 and part == 1):
            record["callsign"] = texts["callsign"][i]
        if kind in (5, 19) or (kind == 24 and part == 1):
            record["ship_type"] = int(row["ship_type"]) or None
        if kind != 24 or part == 1:
            record.update(_dimensions(row))
        if kind == 5:
            record["draught_m"] = int(row["draught_dm"]) / 10 or None
            record["destination"] = texts["destination"][i]
        records.append(record)
    return records


def _dimensions(row: Any) -> Record:
    # All four zero: neither the size nor the place of the antenna is known.
    names = ("to_bow_m", "to_stern_m", "to_port_m", "to_starboard_m")
    sizes = [int(row[name]) for name in names]
    return dict(zip(names, sizes if any(sizes) else [None] * 4, strict=True))
