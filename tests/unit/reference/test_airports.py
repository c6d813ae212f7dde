"""Airports and their groups."""

import numpy as np
import pytest

from lacuna_core.errors import NotFound
from lacuna_kernels.geodesy import distance_nm
from lacuna_reference.airports import airport, airport_groups, airport_table, airports


def test_airports_are_sorted_with_unique_codes() -> None:
    codes = [a.icao for a in airports()]
    assert len(codes) > 20_000
    assert codes == sorted(set(codes))


def test_columns_equal_rows() -> None:
    table = airport_table()
    assert table.lat_deg.dtype == np.float64
    assert not table.lat_deg.flags.writeable
    for code in ("UUEE", "OIIE", "KJFK"):
        row = table.row[code]
        place = table.airports[row]
        assert (place.icao, place.lat_deg, place.lon_deg, place.elevation_ft) == (
            code, table.lat_deg[row], table.lon_deg[row], table.elevation_ft[row],
        )  # fmt: skip


def test_groups_hold_known_airports_near_their_city() -> None:
    groups = airport_groups()
    assert set(groups["MOSCOW"]) == {"UUEE", "UUWW", "UUDD", "UUBW"}
    assert set(groups["MOSCOW_EXTENDED"]) - set(groups["MOSCOW"]) == {"UUMU", "UUMO", "UUMB"}
    assert set(groups["TEHRAN"]) == {"OIIE", "OIII"}
    for name, (lat_deg, lon_deg) in {"MOSCOW_EXTENDED": (55.75, 37.62), "TEHRAN": (35.69, 51.39)}.items():
        for code in groups[name]:
            place = airport(code)
            assert distance_nm(lat_deg, lon_deg, place.lat_deg, place.lon_deg) < 40, code


def test_an_unknown_airport_is_named() -> None:
    with pytest.raises(NotFound, match="XXXX"):
        airport("XXXX")
