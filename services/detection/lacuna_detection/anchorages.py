"""Anchorage points of the basins: where ships stop, as columns sorted by latitude for the kernels."""

from dataclasses import dataclass

import numpy as np

from lacuna_core.place import Basin, Port
from lacuna_core.units import F64Array, I64Array


@dataclass(frozen=True, slots=True, eq=False)
class Anchorages:
    """Reference points and anchorages of all ports, each point knowing its port.

    Attributes
    ----------
    ports : tuple of Port
        Ports of all basins, in order of basin and port id.
    lat_deg, lon_deg : numpy.ndarray
        Points sorted by latitude, shape (n,), float64, degrees.
    port : numpy.ndarray
        Index into ``ports``, shape (n,), int64.
    port_lat_deg, port_lon_deg : numpy.ndarray
        Reference points in the order of ``ports``, float64, degrees.
    """

    ports: tuple[Port, ...]
    lat_deg: F64Array
    lon_deg: F64Array
    port: I64Array
    port_lat_deg: F64Array
    port_lon_deg: F64Array


def anchorages_of(basins: tuple[Basin, ...]) -> Anchorages:
    """Collect the anchorage points of basins.

    Parameters
    ----------
    basins : tuple of Basin
        May be empty: then no position is in port.

    Returns
    -------
    Anchorages
        The points.
    """
    ports = tuple(port for basin in sorted(basins, key=lambda b: b.basin_id) for port in basin.ports)
    points = sorted(
        (lat_deg, lon_deg, index)
        for index, port in enumerate(ports)
        for lat_deg, lon_deg in ((port.lat_deg, port.lon_deg), *port.anchorages)
    )
    return Anchorages(
        ports=ports,
        lat_deg=np.array([p[0] for p in points], np.float64),
        lon_deg=np.array([p[1] for p in points], np.float64),
        port=np.array([p[2] for p in points], np.int64),
        port_lat_deg=np.array([p.lat_deg for p in ports], np.float64),
        port_lon_deg=np.array([p.lon_deg for p in ports], np.float64),
    )
