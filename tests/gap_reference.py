"""The reference of gaps over one hour, and its tables as files of a format that is a feed."""

import csv
import gzip
import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgpack

from lacuna_core.timestamps import parse_time
from tests.real_data import real_data

REFERENCE = "positions/gaps_over_1h_reference.csv.gz"
SMALL = ("224913000", "367382540", "376091000", "412349342", "412449638", "477320700", "987357559")
POINT_PAIR = ("204814000", "205316000", "224108190", "227317360", "230942350", "431704490", "600011817")
TRAJECTORIES = (
    "NYHarbor_2020_12_08", "VirginiaBeach_2020_06_04_to_06_filtered", "US_coastal_2020_06_30",
)  # fmt: skip
TABLES = [
    "gfw_segments/regr_*.json (44 MMSI files)",
    "gfw_segments/{7 small}.json",
    "gfw_segments/338013000.json.gz",
    "gfw_segments/segmented-416000000.json.gz",
    "gfw_pipe_segment/messages_20170921-23.json",
    *(f"gfw_point_pair/{name}.msg.gz" for name in POINT_PAIR),
    *(f"tracktable/{name}.traj" for name in TRAJECTORIES),
]
Gap = tuple[int, int, int]


@cache
def reference_gaps(path: Path) -> dict[str, list[Gap]]:
    """Gaps by table: (MMSI, start, end), sorted."""
    tables: dict[str, list[Gap]] = {}
    with gzip.open(path, "rt") as file:
        for row in csv.DictReader(file):
            gap = (int(row["vessel"]), parse_time(row["start_utc"]), parse_time(row["end_utc"]))
            tables.setdefault(row["table"], []).append(gap)
    return {table: sorted(gaps) for table, gaps in tables.items()}


def _trajectory_rows(path: Path) -> Iterator[str]:
    """Rows ``mmsi,time,lat,lon`` of a tracktable ``.traj`` file."""
    with gzip.open(path, "rt") as file:
        for line in file:
            fields = line.rstrip("\n").split(",")
            start = fields.index("*P*") + 6
            width = 4
            for at in range(start, len(fields) - width + 1, width):
                mmsi, time, lon, lat = fields[at : at + width]
                yield f"{mmsi},{time.replace(' ', 'T')},{lat},{lon}"


def _as_noaa(rows: Iterable[str], out: Path) -> Path:
    out.write_text("MMSI,BaseDateTime,LAT,LON\n" + "\n".join(rows) + "\n")
    return out


def _as_gfw_lines(path: Path, out: Path) -> Path:
    """The msgpack maps of a point-pair file as JSON lines."""
    with gzip.open(path) as packed:
        maps: Iterable[dict[str, Any]] = msgpack.Unpacker(packed, raw=False)
        keep = ("mmsi", "timestamp", "lat", "lon", "speed", "course", "heading", "tagblock_station")
        out.write_text("".join(json.dumps({k: m.get(k) for k in keep}) + "\n" for m in maps))
    return out


def table_files(table: str, folder: Path) -> list[Path]:
    """The files of a table in a format that is a feed."""
    if "regr_" in table:
        return sorted(real_data("positions/gfw_segments").glob("regr_*.json.gz"))
    if "7 small" in table:
        return [real_data(f"positions/gfw_segments/{name}.json") for name in SMALL]
    if "pipe_segment" in table:
        return sorted(real_data("positions/gfw_pipe_segment").glob("*.json.gz"))
    if table.endswith(".traj"):
        return [_as_noaa(_trajectory_rows(real_data(f"positions/{table}.gz")), folder / "traj.csv")]
    if table.endswith(".msg.gz"):
        return [_as_gfw_lines(real_data(f"positions/{table}"), folder / "messages.json")]
    return [real_data(f"positions/{table}")]
