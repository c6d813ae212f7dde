"""Where ships sail: a hand-made graph of way-points in the Caspian Sea and the lower Volga.

Edges were drawn over water by eye (no chart was consulted): around Absheron and its islands, west of the
Mangyshlak and Turkmen coasts, and up the Volga-Caspian canal and the Bakhtemir arm to Olya and Astrakhan.
"""

import heapq
from dataclasses import dataclass
from functools import cache

import numpy as np

from lacuna_core.units import F64Array
from lacuna_reference.basins import load_basin

CANAL_SPEED_KN = 7.0
"""Fastest sailing in the canal and the river."""

_WAYPOINTS: dict[str, tuple[float, float, float]] = {
    # name: latitude, longitude, scatter of the tracks in nm (0 in fairways)
    "v1": (46.23, 47.97, 0.0), "v2": (46.09, 47.85, 0.0), "v3": (45.93, 47.67, 0.0),
    "v4": (45.78, 47.57, 0.0), "v5": (45.60, 47.63, 0.0), "v6": (45.40, 47.76, 0.0),
    "v7": (45.20, 47.83, 0.0), "v8": (45.00, 47.90, 0.0), "buoy": (44.75, 48.00, 0.5),
    "n1": (44.30, 48.30, 2.0), "n2": (43.70, 48.60, 4.0), "mk": (42.98, 47.75, 0.8),
    "mk2": (42.90, 48.30, 3.0), "db": (42.07, 48.55, 0.8), "w2": (42.10, 49.00, 3.0),
    "w3": (41.20, 49.90, 3.0), "c1": (43.20, 49.60, 6.0), "c2": (42.20, 50.20, 6.0),
    "c3": (41.20, 50.90, 4.0), "ab": (40.60, 51.25, 3.0), "ab2": (40.00, 51.10, 3.0),
    "bk1": (40.00, 50.35, 1.5), "bk2": (40.20, 49.97, 0.4), "al1": (39.72, 49.72, 0.8),
    "du1": (40.62, 50.60, 0.8), "k1": (39.10, 50.00, 1.5), "s1": (39.30, 50.70, 5.0),
    "s2": (38.50, 50.70, 6.0), "as1": (38.45, 49.25, 0.8), "az1": (37.75, 49.55, 2.0),
    "s3": (37.80, 51.40, 5.0), "nw1": (36.90, 51.45, 1.0), "fe1": (36.95, 52.50, 1.0),
    "se": (37.60, 52.70, 4.0), "am1": (37.15, 53.25, 1.2), "e1": (43.00, 50.50, 4.0),
    "ak1": (43.58, 51.05, 0.6), "ku1": (43.00, 51.25, 0.8), "ku2": (43.08, 51.50, 0.3),
    "ba1": (44.75, 49.95, 0.8), "ba2": (44.70, 50.20, 0.2), "e2": (42.20, 51.50, 4.0),
    "e3": (41.30, 51.90, 3.0), "bd1": (41.52, 52.40, 0.5), "e4": (40.40, 52.10, 3.0),
    "tk1": (39.85, 52.55, 0.8), "tk2": (39.93, 52.90, 0.2), "e5": (39.20, 52.20, 3.0),
    "e6": (38.30, 52.30, 3.0),
    # meeting and turning places
    "m_baku": (40.03, 50.55, 1.0), "m_aktau": (43.45, 50.85, 1.0), "m_makhachkala": (42.93, 47.95, 1.0),
    "m_derbent": (42.08, 48.65, 0.8), "m_amirabad": (37.12, 53.05, 1.0), "d_south": (39.05, 51.30, 4.0),
    "d_mid": (41.70, 50.60, 4.0), "d_north": (43.40, 49.10, 4.0), "d_southeast": (37.90, 52.20, 3.0),
    "r_aktau": (43.45, 50.30, 3.0), "r_baku": (39.60, 50.75, 3.0), "r_makhachkala": (42.80, 48.35, 2.5),
    "r_turkmenbashi": (39.70, 51.90, 3.0),
}  # fmt: skip

_EDGES = """
astrakhan-v1 v1-v2 v2-v3 v3-v4 v4-v5 v5-v6 v6-v7 v7-v8 v8-buoy olya-v4 buoy-n1 n1-n2 n2-c1 n2-mk2 n1-mk
n1-ba1 c1-ba1 ba1-ba2 ba2-bautino mk-makhachkala mk-mk2 mk2-c1 mk2-w2 mk-db db-derbent db-w2 w2-w3 w3-ab
w3-du1 du1-ab du1-dubendi c1-c2 c2-c3 c3-ab c2-w2 ab-ab2 ab2-bk1 bk1-bk2 bk2-baku bk1-al1 al1-alat ab2-s1
bk1-s1 al1-s1 al1-k1 k1-as1 k1-az1 k1-s2 s1-s2 s2-az1 s2-as1 as1-astara as1-az1 az1-anzali az1-s3 s2-s3
s3-nw1 nw1-nowshahr s3-fe1 fe1-fereydunkenar s3-se se-fe1 se-am1 fe1-am1 am1-amirabad am1-neka nw1-fe1
ak1-aktau ak1-c1 ak1-e1 e1-c1 e1-c2 e1-ku1 ak1-ku1 ku1-ku2 ku2-kuryk e1-e2 ku1-e2 e2-c2 e2-e3 e3-bd1
bd1-bekdash e3-c3 e3-e4 e4-ab e4-tk1 e4-e5 tk1-tk2 tk2-turkmenbashi tk1-e5 tk1-ab2 tk1-bk1 e5-e6 e6-se
e5-s2 c3-e4 m_baku-bk1 m_baku-ab2 m_aktau-ak1 m_aktau-e1 m_makhachkala-mk m_makhachkala-mk2 m_derbent-db
m_derbent-w2 m_amirabad-am1 d_south-s1 d_south-e5 d_south-s2 d_mid-c2 d_mid-c3 d_north-n2 d_north-c1
d_southeast-s3 d_southeast-se d_southeast-e6 r_aktau-ak1 r_aktau-e1 r_baku-bk1 r_makhachkala-mk
r_turkmenbashi-tk1
"""

_CANAL = frozenset(f"v{i}" for i in range(1, 9)) | {"astrakhan", "olya"}


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """The graph with the ports of the basin pack in it.

    Attributes
    ----------
    nodes : dict of str to tuple of float
        Latitude and longitude in degrees and scatter in nautical miles.
    neighbors : dict of str to tuple of tuple
        Node and distance in nautical miles.
    ports : dict of str to str
        Port group by port id, for the ports that the graph reaches.
    """

    nodes: dict[str, tuple[float, float, float]]
    neighbors: dict[str, tuple[tuple[str, float], ...]]
    ports: dict[str, str]

    def route(self, start: str, end: str) -> tuple[str, ...]:
        """Shortest way between two nodes.

        Parameters
        ----------
        start, end : str
            Node names.

        Returns
        -------
        tuple of str
            Node names, both ends included.
        """
        return _route(self, start, end)[0]

    def distance_nm(self, start: str, end: str) -> float:
        """Length of the shortest way.

        Parameters
        ----------
        start, end : str
            Node names.

        Returns
        -------
        float
            Nautical miles.
        """
        return _route(self, start, end)[1]


@cache
def _route(chart: Chart, start: str, end: str) -> tuple[tuple[str, ...], float]:
    best = {start: 0.0}
    came: dict[str, str] = {}
    queue = [(0.0, start)]
    while queue:
        at_nm, node = heapq.heappop(queue)
        if node == end:
            break
        if at_nm > best[node]:
            continue
        for other, leg_nm in chart.neighbors[node]:
            # meeting places and ports are ends, not ways through
            if other != end and (other in chart.ports or other[:2] in ("m_", "d_", "r_")):
                continue
            if at_nm + leg_nm < best.get(other, np.inf):
                best[other] = at_nm + leg_nm
                came[other] = node
                heapq.heappush(queue, (at_nm + leg_nm, other))
    path = [end]
    while path[-1] != start:
        path.append(came[path[-1]])
    return tuple(reversed(path)), best[end]


def plane_nm(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Distance on the plane of the mean latitude, good to half a percent over the Caspian.

    Parameters
    ----------
    lat_a, lon_a, lat_b, lon_b : float
        Two points, degrees.

    Returns
    -------
    float
        Nautical miles.
    """
    x = (lon_b - lon_a) * np.cos(np.radians(0.5 * (lat_a + lat_b)))
    return float(60.04 * np.hypot(lat_b - lat_a, x))


def in_canal(node_a: str, node_b: str) -> bool:
    """Tell whether an edge lies in the canal or the river.

    Parameters
    ----------
    node_a, node_b : str
        Its ends.

    Returns
    -------
    bool
        True there.
    """
    return node_a in _CANAL and node_b in _CANAL


def scattered(chart: Chart, path: tuple[str, ...], rng: np.random.Generator) -> F64Array:
    """Draw the points of one passage: lanes are wide at sea and narrow in fairways.

    Parameters
    ----------
    chart : Chart
        The graph.
    path : tuple of str
        Node names.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    numpy.ndarray
        Shape (n, 2), float64, latitude and longitude in degrees.
    """
    base = np.array([chart.nodes[name] for name in path])
    offset = np.clip(rng.normal(size=(len(path), 2)), -2.0, 2.0) * base[:, 2:] / 60.0
    offset[:, 1] /= np.cos(np.radians(base[:, 0]))
    points: F64Array = base[:, :2] + offset
    return points


@cache
def caspian_chart() -> Chart:
    """Join the way-points with the ports of the ``caspian`` basin pack.

    Returns
    -------
    Chart
        Made once in a process.
    """
    edges = [tuple(edge.split("-")) for edge in _EDGES.split()]
    named = {name for edge in edges for name in edge}
    basin_ports = {p.port_id: p for p in load_basin("caspian").ports if p.port_id in named}
    nodes = dict(_WAYPOINTS)
    nodes |= {name: (port.lat_deg, port.lon_deg, 0.0) for name, port in basin_ports.items()}
    found: dict[str, list[tuple[str, float]]] = {name: [] for name in nodes}
    for a, b in edges:
        leg_nm = plane_nm(*nodes[a][:2], *nodes[b][:2])
        found[a].append((b, leg_nm))
        found[b].append((a, leg_nm))
    neighbors = {name: tuple(sorted(near)) for name, near in found.items()}
    return Chart(nodes, neighbors, {name: port.group for name, port in basin_ports.items()})
