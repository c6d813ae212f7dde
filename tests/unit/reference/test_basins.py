"""The basin pack of the Caspian: what a sailor would check on a chart."""

import itertools

import pytest

from lacuna_core.errors import NotFound
from lacuna_core.place import Basin
from lacuna_kernels.geodesy import distance_nm
from lacuna_reference.basins import basin_ids, load_basin
from lacuna_reference.regions import RegionIndex, in_region


@pytest.fixture(scope="module")
def caspian() -> Basin:
    return load_basin("caspian")


def _sea(basin: Basin, lat_deg: float, lon_deg: float) -> bool:
    region = next(r for r in basin.regions if r.kind == "sea")
    return in_region(region, lat_deg, lon_deg)


def test_the_caspian_is_there_and_an_unknown_basin_is_named() -> None:
    assert "caspian" in basin_ids()
    with pytest.raises(NotFound, match="atlantis"):
        load_basin("atlantis")


def test_ports_are_sorted_unique_and_inside_the_basin(caspian: Basin) -> None:
    ids = [p.port_id for p in caspian.ports]
    west, south, east, north = caspian.bbox
    assert ids == sorted(set(ids))
    assert {"amirabad", "anzali", "astrakhan", "olya", "makhachkala", "aktau", "baku"} <= set(ids)
    assert all(south < p.lat_deg < north and west < p.lon_deg < east for p in caspian.ports)
    assert all(p.source for p in caspian.ports)


def test_only_confirmed_locodes_are_given(caspian: Basin) -> None:
    confirmed = {p.locode for p in caspian.ports if p.locode}
    assert confirmed == {"RUASF", "RUMCX", "KZAAU", "TMKRW", "AZBAK", "IRBAZ", "IRNSH"}


def test_planned_ports_are_no_candidates(caspian: Basin) -> None:
    assert "lagan" not in {p.port_id for p in caspian.ports}


def test_ports_that_cannot_be_told_apart_share_a_group(caspian: Basin) -> None:
    groups = {p.port_id: p.group for p in caspian.ports}
    assert groups["amirabad"] == groups["neka"] == "amirabad_neka"
    assert groups["anzali"] == "anzali"


def test_limits_of_the_canal_and_of_anzali(caspian: Basin) -> None:
    ports = {p.port_id: p for p in caspian.ports}
    assert (ports["olya"].max_length_m, ports["olya"].max_beam_m, ports["olya"].max_draught_m) == (
        126,
        16,
        4.2,
    )
    assert (ports["anzali"].max_length_m, ports["anzali"].max_draught_m) == (150, 4.6)
    assert len(ports["anzali"].anchorages) == 8


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg"),
    [(41.0, 50.6), (37.6, 53.0), (44.9, 48.3), (38.6, 50.6), (42.5, 50.0), (46.2, 51.5), (37.2, 51.5)],
)
def test_sea_points_are_sea(caspian: Basin, lat_deg: float, lon_deg: float) -> None:
    assert _sea(caspian, lat_deg, lon_deg)


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg"),
    [
        (40.409, 49.867), (46.35, 48.04), (37.28, 49.58), (36.56, 53.06), (43.65, 51.40), (42.98, 47.30),
        (39.50, 54.40), (41.3, 53.8), (45.0, 52.0), (44.0, 46.0), (51.5, 0.1), (35.7, 51.4),
    ],
)  # fmt: skip
def test_land_points_are_not(caspian: Basin, lat_deg: float, lon_deg: float) -> None:
    assert not _sea(caspian, lat_deg, lon_deg)


def test_seaports_lie_at_the_coast(caspian: Basin) -> None:
    ring = next(r for r in caspian.regions if r.kind == "sea").rings[0]
    for port in caspian.ports:
        if port.port_id in ("astrakhan", "solyanka", "olya"):
            continue  # up the river
        steps = [
            (x_a + (x_b - x_a) * k / 20, y_a + (y_b - y_a) * k / 20)
            for (x_a, y_a), (x_b, y_b) in itertools.pairwise(ring)
            for k in range(20)
        ]
        assert min(distance_nm(port.lat_deg, port.lon_deg, y, x) for x, y in steps) < 8, port.port_id


def test_rings_are_closed_simple_and_counterclockwise(caspian: Basin) -> None:
    for region in caspian.regions:
        for ring in region.rings:
            assert ring[0] == ring[-1]
            assert sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(ring)) > 0
            assert not _crosses_itself(ring), region.region_id


def _crosses_itself(ring: tuple[tuple[float, float], ...]) -> bool:
    def side(p: tuple[float, float], q: tuple[float, float], r: tuple[float, float]) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    edges = list(itertools.pairwise(ring))
    for i, (a, b) in enumerate(edges):
        for j in range(i + 2, len(edges)):
            c, d = edges[j]
            if (i, j) == (0, len(edges) - 1):
                continue
            if side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0:
                return True
    return False


def test_an_approach_is_named_before_the_sea(caspian: Basin) -> None:
    index = RegionIndex(caspian.regions)
    named = [
        next((r.region_id for r in index.at(lat, lon)), None)
        for lat, lon in [
            (37.1, 53.2),
            (44.99, 47.91),
            (42.0, 50.5),
            (39.2, 51.0),
            (47.5, 46.9),
            (40.7, -74.0),
        ]
    ]
    assert named == [
        "amirabad_neka_approach",
        "volga_caspian_canal_mouth",
        "caspian_sea",
        "mid_caspian_sts",
        "volga",
        None,
    ]
