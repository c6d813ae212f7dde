"""Basin packs: one folder of data for each basin, read and checked once."""

import json
import tomllib
from functools import cache
from importlib.resources.abc import Traversable
from typing import Any

from lacuna_core.errors import ConfigError, NotFound
from lacuna_core.ids import parse_locode
from lacuna_core.place import Basin, Port, Region
from lacuna_reference.resources import data_root

_LIMITS = ("max_length_m", "max_beam_m", "max_draught_m")
_REGION_KINDS = ("approach", "canal", "platforms", "river", "sea", "sts")
_PORT_KEYS = frozenset(
    (
        "id",
        "name",
        "country",
        "locode",
        "group",
        "position_deg",
        "anchorages_deg",
        "planned",
        "source",
        *_LIMITS,
    )
)


def basin_ids() -> tuple[str, ...]:
    """List the basins there are.

    Returns
    -------
    tuple of str
        Sorted.
    """
    return tuple(sorted(folder.name for folder in (data_root() / "basins").iterdir() if folder.is_dir()))


@cache
def load_basin(basin_id: str) -> Basin:
    """Read a basin pack.

    Parameters
    ----------
    basin_id : str
        Name of its folder.

    Returns
    -------
    Basin
        Ports and regions sorted by id.

    Raises
    ------
    NotFound
        If there is no such basin.
    ConfigError
        If its data are wrong; the message names the entry.
    """
    if basin_id not in basin_ids():
        raise NotFound(f"no basin {basin_id!r}; there are {', '.join(basin_ids())}")
    folder = data_root() / "basins" / basin_id
    head = tomllib.loads((folder / "basin.toml").read_text("utf-8"))
    west, south, east, north = (float(v) for v in head["bbox_deg"])
    return Basin(
        basin_id=basin_id,
        name=str(head["name"]),
        version=str(head["version"]),
        bbox=(west, south, east, north),
        ports=_ports(folder),
        regions=_regions(folder),
        min_stay_h=float(head["min_stay_h"]),
    )


def _ports(folder: Traversable) -> tuple[Port, ...]:
    entries = tomllib.loads((folder / "ports.toml").read_text("utf-8"))["port"]
    ports = [_port(entry) for entry in entries if not entry.get("planned", False)]
    if len({p.port_id for p in ports}) != len(ports):
        raise ConfigError(f"{folder.name}/ports.toml: a port id occurs twice")
    return tuple(sorted(ports, key=lambda p: p.port_id))


def _port(entry: dict[str, Any]) -> Port:
    port_id = str(entry["id"])
    unknown = sorted(set(entry) - _PORT_KEYS)
    if unknown:
        raise ConfigError(f"port {port_id}: unknown keys {', '.join(unknown)}")
    lat_deg, lon_deg = _point(port_id, entry["position_deg"])
    length_m, beam_m, draught_m = (float(entry[name]) if name in entry else None for name in _LIMITS)
    return Port(
        port_id=port_id,
        name=str(entry["name"]),
        country=str(entry["country"]),
        locode=parse_locode(entry["locode"]) if "locode" in entry else "",
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        group=str(entry.get("group", port_id)),
        max_length_m=length_m,
        max_beam_m=beam_m,
        max_draught_m=draught_m,
        anchorages=tuple(_point(port_id, point) for point in entry.get("anchorages_deg", ())),
        source=str(entry["source"]),
    )


def _point(port_id: str, pair: list[float]) -> tuple[float, float]:
    if len(pair) != 2 or not (-90 <= pair[0] <= 90 and -180 <= pair[1] <= 180):
        raise ConfigError(f"port {port_id}: {pair} is not a latitude and a longitude in degrees")
    return float(pair[0]), float(pair[1])


def _regions(folder: Traversable) -> tuple[Region, ...]:
    document = json.loads((folder / "regions.geojson").read_text("utf-8"))
    return tuple(sorted((_region(f) for f in document["features"]), key=lambda r: r.region_id))


def _region(feature: dict[str, Any]) -> Region:
    region_id = str(feature["id"])
    kind, geometry = feature["properties"]["kind"], feature["geometry"]
    if kind not in _REGION_KINDS:
        raise ConfigError(f"region {region_id}: kind {kind!r} is not one of {', '.join(_REGION_KINDS)}")
    if geometry["type"] not in ("Polygon", "MultiPolygon"):
        raise ConfigError(f"region {region_id}: geometry must be Polygon or MultiPolygon")
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    rings = []
    for polygon in polygons:
        ring = tuple((float(lon), float(lat)) for lon, lat in polygon[0])
        if len(polygon) != 1 or len(ring) < 4 or ring[0] != ring[-1]:
            raise ConfigError(f"region {region_id}: each polygon must be one closed ring without holes")
        rings.append(ring)
    return Region(region_id, str(feature["properties"]["name"]), str(kind), tuple(rings))
