"""Places: ports and their limits, regions, airports and airport groups."""

from dataclasses import dataclass

from lacuna_core.units import Degrees, Feet, Hours, Meters


@dataclass(frozen=True, slots=True)
class Port:
    """A named place where ships call.

    Attributes
    ----------
    port_id : str
        Lower snake case, stable within its basin: ``amirabad``.
    name : str
        English name.
    country : str
        ISO 3166-1 alpha-2.
    locode : str
        UN/LOCODE, ``""`` when none is confirmed.
    lat_deg, lon_deg : float
        Reference point.
    group : str
        Ports that can't be told apart from afar share a group id; its own id otherwise.
    max_length_m, max_beam_m, max_draught_m : float or None
        Limits, None when not known.
    anchorages : tuple of (float, float)
        Latitude and longitude of its anchorages, degrees.
    source : str
        Where the facts come from and how sure they are.
    """

    port_id: str
    name: str
    country: str
    locode: str
    lat_deg: Degrees
    lon_deg: Degrees
    group: str
    max_length_m: Meters | None = None
    max_beam_m: Meters | None = None
    max_draught_m: Meters | None = None
    anchorages: tuple[tuple[Degrees, Degrees], ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Region:
    """A named area.

    Attributes
    ----------
    region_id : str
        Lower snake case.
    name : str
        English name.
    kind : str
        ``sea``, ``river``, ``canal``, ``approach``, ``platforms``, ``sts``.
    rings : tuple of tuple of (float, float)
        Closed outer rings, (longitude, latitude) in degrees.
    """

    region_id: str
    name: str
    kind: str
    rings: tuple[tuple[tuple[Degrees, Degrees], ...], ...]


@dataclass(frozen=True, slots=True)
class Basin:
    """Everything known of one basin; a data folder.

    Attributes
    ----------
    basin_id : str
        For example ``caspian``.
    name : str
        English name.
    version : str
        Version of the data.
    bbox : tuple of float
        West, south, east, north in degrees.
    ports : tuple of Port
        Sorted by ``port_id``.
    regions : tuple of Region
        Sorted by ``region_id``.
    min_stay_h : float
        Shortest stay in port that counts as a call when no visible calls say better.
    """

    basin_id: str
    name: str
    version: str
    bbox: tuple[Degrees, Degrees, Degrees, Degrees]
    ports: tuple[Port, ...]
    regions: tuple[Region, ...]
    min_stay_h: Hours


@dataclass(frozen=True, slots=True)
class Airport:
    """An airfield.

    Attributes
    ----------
    icao : str
        Four-letter code, or the local id where it has none.
    iata : str
        Three-letter code, ``""`` for none.
    name, country : str
        English name and ISO 3166-1 alpha-2.
    lat_deg, lon_deg : float
        Reference point.
    elevation_ft : float
        Field elevation.
    """

    icao: str
    iata: str
    name: str
    country: str
    lat_deg: Degrees
    lon_deg: Degrees
    elevation_ft: Feet
