"""Which airfield a leg began or ended at: shares over candidates, summed to groups, with abstention.

A share is the output of the model defined here, not a calibrated probability: events carry it as
``score_share`` beside null probabilities. Its parts: distance with a spread that grows with height, the
gradient the flight path would need, the trend near the end, and a fixed weight for "none of these". For a
descending aircraft half the weight follows its course down to the ground, for the last fix is often where
reception ended. A scheduled service earns no bonus, because that would rename military fields; an airfield
without an IATA code and outside every group has a smaller weight, ``small_field_weight``.

Levels of evidence: E1 a fix on the surface; E3 the last fix low, descending, within 30 NM (a departure: low
and climbing); E4 projected down the course. E2 (aligned with a runway) needs runway data that is not here.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from lacuna_core.canonical import round9
from lacuna_core.place import Airport
from lacuna_core.units import E7_PER_DEG, EARTH_RADIUS_M, M_PER_NM, F64Array

from lacuna_flight_correlation.leg_record import End

_EARTH_NM = EARTH_RADIUS_M / M_PER_NM
GROUND, LOW, PROJECTED, BRACKETED = "E1", "E3", "E4", "E5"


@dataclass(frozen=True, slots=True)
class AirportParams:
    """Constants of the model; lengths in NM, heights in ft, gradients in ft/NM, rates in ft/min."""

    candidate_radius_nm: float = 110.0
    sigma_base_nm: float = 2.0
    sigma_per_kft_nm: float = 1.0
    none_weight: float = 0.05
    none_weight_ground: float = 0.01
    named_share: float = 0.7
    small_field_weight: float = 0.37
    gradient_low_ft_nm: float = 150.0
    gradient_high_ft_nm: float = 500.0
    climb_gradient_high_ft_nm: float = 1_000.0
    gradient_spread: float = 0.5
    height_error_ft: float = 500.0
    level_fpm: float = 200.0
    level_decay_ft: float = 4_000.0
    wrong_way_weight: float = 0.02
    project_cap_nm: float = 60.0
    project_weight: float = 0.5
    low_ft: float = 6_000.0
    low_departure_ft: float = 15_000.0
    low_nm: float = 30.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a leg began or ended, as far as it can be said.

    Attributes
    ----------
    airport : str
        ICAO code, ``""`` when no airfield has the share that naming asks for.
    country : str
        ISO code under the same rule, summed over its airfields.
    candidates : tuple of (str, float)
        The five best airfields and their shares.
    groups : tuple of (str, float)
        Share of each group, sorted by name.
    none_share : float
        Share of "none of these".
    evidence : str
        ``E1``, ``E3``, ``E4``, ``E5`` or ``""``.
    distance_nm, height_ft : float or None
        From the deciding fix to the best candidate, and its height above that.
    """

    airport: str = ""
    country: str = ""
    candidates: tuple[tuple[str, float], ...] = ()
    groups: tuple[tuple[str, float], ...] = ()
    none_share: float = 1.0
    evidence: str = ""
    distance_nm: float | None = None
    height_ft: float | None = None

    def group(self, name: str) -> float:
        """Share of one group.

        Parameters
        ----------
        name : str
            Group name.

        Returns
        -------
        float
            Its share, 0 when it has none.
        """
        return dict(self.groups).get(name, 0.0)


def ahead(lat_deg: float, lon_deg: float, course_deg: float, run_nm: float) -> tuple[float, float]:
    """Go along a great circle.

    Parameters
    ----------
    lat_deg, lon_deg : float
        From, degrees.
    course_deg : float
        Initial course, degrees true.
    run_nm : float
        How far, NM.

    Returns
    -------
    tuple of float
        Latitude and longitude, degrees.
    """
    phi, course, arc = math.radians(lat_deg), math.radians(course_deg), run_nm / _EARTH_NM
    sin_lat = math.sin(phi) * math.cos(arc) + math.cos(phi) * math.sin(arc) * math.cos(course)
    east = math.sin(course) * math.sin(arc) * math.cos(phi)
    north = math.cos(arc) - math.sin(phi) * sin_lat
    return math.degrees(math.asin(sin_lat)), lon_deg + math.degrees(math.atan2(east, north))


class AirportModel:
    """Airfields ready for questions.

    Parameters
    ----------
    airports : sequence of Airport
        All airfields.
    groups : mapping of str to sequence of str
        ICAO codes by group name.
    params : AirportParams
        Constants.
    """

    def __init__(
        self, airports: Sequence[Airport], groups: Mapping[str, Sequence[str]], params: AirportParams
    ) -> None:
        ordered = sorted(airports, key=lambda a: (a.lat_deg, a.icao))
        grouped = {code for members in groups.values() for code in members}
        self.params = params
        self.airports = tuple(ordered)
        self.groups = {name: frozenset(groups[name]) for name in sorted(groups)}
        self.lat_deg = np.array([a.lat_deg for a in ordered], np.float64)
        self.lon_deg = np.array([a.lon_deg for a in ordered], np.float64)
        self.elevation_ft = np.array([a.elevation_ft for a in ordered], np.float64)
        self._weight = np.array(
            [1.0 if a.iata or a.icao in grouped else params.small_field_weight for a in ordered], np.float64
        )
        self._country = {a.icao: a.country for a in ordered}

    def country_of(self, icao: str) -> str:
        """Country of an airfield.

        Parameters
        ----------
        icao : str
            ICAO code.

        Returns
        -------
        str
            ISO code, ``""`` when the airfield is not known.
        """
        return self._country.get(icao, "")

    def group_distance_nm(self, name: str, lat_deg: float, lon_deg: float) -> float:
        """Distance to the nearest member of a group.

        Parameters
        ----------
        name : str
            Group name.
        lat_deg, lon_deg : float
            From, degrees.

        Returns
        -------
        float
            NM; infinite when no member is known.
        """
        rows = [i for i, a in enumerate(self.airports) if a.icao in self.groups[name]]
        if not rows:
            return math.inf
        return round9(float(self._distances_nm(np.array(rows), lat_deg, lon_deg).min()))

    def _distances_nm(self, rows: np.ndarray, lat_deg: float, lon_deg: float) -> F64Array:
        phi, phi_a = math.radians(lat_deg), np.radians(self.lat_deg[rows])
        h = (
            np.sin((phi_a - phi) / 2) ** 2
            + math.cos(phi) * np.cos(phi_a) * np.sin(np.radians(self.lon_deg[rows] - lon_deg) / 2) ** 2
        )
        found: F64Array = 2.0 * _EARTH_NM * np.arcsin(np.sqrt(np.minimum(1.0, h)))
        return found

    def _near(self, lat_deg: float, lon_deg: float) -> tuple[np.ndarray, F64Array]:
        band_deg = self.params.candidate_radius_nm / 60.0
        low, high = np.searchsorted(self.lat_deg, [lat_deg - band_deg, lat_deg + band_deg])
        rows = np.arange(low, high)
        away_nm = self._distances_nm(rows, lat_deg, lon_deg)
        keep = away_nm <= self.params.candidate_radius_nm
        return rows[keep], away_nm[keep]

    def place(self, end: End, *, arriving: bool) -> Place:
        """Share out one end of a leg among the airfields around it.

        Parameters
        ----------
        end : End
            The deciding fix.
        arriving : bool
            Arrival or departure.

        Returns
        -------
        Place
            Shares, and the airfield where one has enough of them.
        """
        lat_deg, lon_deg = end.lat_e7 / E7_PER_DEG, end.lon_e7 / E7_PER_DEG
        rows, away_nm = self._near(lat_deg, lon_deg)
        if not len(rows) or (not end.on_ground and end.altitude_ft is None):
            return Place()
        if end.on_ground:
            height_ft = np.zeros(len(rows))
            weight = self._weight[rows] * np.exp(-((away_nm / self.params.sigma_base_nm) ** 2) / 2)
            none = self.params.none_weight_ground
        else:
            height_ft = float(end.altitude_ft or 0) - self.elevation_ft[rows]
            weight = self._weight[rows] * self._airborne(end, arriving, rows, away_nm, height_ft)
            none = self.params.none_weight
        share = weight / (weight.sum() + none)
        return self._settle(end, arriving, rows, away_nm, height_ft, share)

    def _airborne(
        self, end: End, arriving: bool, rows: np.ndarray, away_nm: F64Array, height_ft: F64Array
    ) -> F64Array:
        p = self.params
        sigma_nm = p.sigma_base_nm + p.sigma_per_kft_nm * np.maximum(height_ft, 0.0) / 1_000.0
        near = np.exp(-((away_nm / sigma_nm) ** 2) / 2)
        trend_fpm = (end.trend_fpm or 0.0) * (1.0 if arriving else -1.0)
        if trend_fpm < -p.level_fpm:
            trend = np.ones(len(rows))
        elif trend_fpm <= p.level_fpm:
            trend = np.exp(-np.maximum(height_ft, 0.0) / p.level_decay_ft)
        else:
            trend = p.wrong_way_weight * np.exp(-np.maximum(height_ft, 0.0) / p.level_decay_ft)
        if arriving and trend_fpm < -p.level_fpm and end.course_deg is not None and end.speed_kn:
            gradient = min(450.0, max(200.0, -trend_fpm * 60.0 / end.speed_kn))
            run_nm = min(p.project_cap_nm, max(0.0, float(height_ft[away_nm.argmin()])) / gradient)
            lat_deg, lon_deg = ahead(end.lat_e7 / E7_PER_DEG, end.lon_e7 / E7_PER_DEG, end.course_deg, run_nm)
            there_nm = self._distances_nm(rows, lat_deg, lon_deg)
            down = np.exp(-((there_nm / sigma_nm) ** 2) / 2)
            near = (1.0 - p.project_weight) * near + p.project_weight * down
        steepest = p.gradient_high_ft_nm if arriving else p.climb_gradient_high_ft_nm
        floor_nm = np.maximum(away_nm, 0.5)
        least = np.maximum(height_ft - p.height_error_ft, 1.0) / floor_nm
        most = np.maximum(height_ft + p.height_error_ft, 1.0) / floor_nm
        steep = np.log(np.maximum(least / steepest, 1.0)) / p.gradient_spread
        flat = np.log(np.maximum(p.gradient_low_ft_nm / most, 1.0)) / p.gradient_spread
        shares: F64Array = near * trend * np.exp(-(steep**2) / 2) * np.exp(-(flat**2) / 2)
        return shares

    def _settle(
        self,
        end: End,
        arriving: bool,
        rows: np.ndarray,
        away_nm: F64Array,
        height_ft: F64Array,
        share: F64Array,
    ) -> Place:
        p = self.params
        order = np.lexsort((rows, -share))
        codes = [self.airports[i].icao for i in rows.tolist()]
        best = int(order[0])
        top = tuple((codes[k], round9(float(share[k]))) for k in order[:5].tolist() if share[k] >= 1e-4)
        by_country: dict[str, float] = {}
        for code, value in zip(codes, share.tolist(), strict=True):
            by_country[self._country[code]] = by_country.get(self._country[code], 0.0) + value
        country, country_share = max(sorted(by_country.items()), key=lambda item: item[1])
        near_nm, above_ft = float(away_nm[best]), float(height_ft[best])
        toward = (end.trend_fpm or 0.0) * (1.0 if arriving else -1.0) < -p.level_fpm
        low = above_ft <= (p.low_ft if arriving else p.low_departure_ft) and near_nm <= p.low_nm
        evidence = (GROUND if end.on_ground else (LOW if low else PROJECTED) if toward else "") if top else ""
        return Place(
            airport=top[0][0] if top and top[0][1] >= p.named_share else "",
            country=country if round9(country_share) >= p.named_share else "",
            candidates=top,
            groups=tuple(
                (
                    name,
                    round9(float(sum(v for c, v in zip(codes, share.tolist(), strict=True) if c in members))),
                )
                for name, members in self.groups.items()
            ),
            none_share=round9(float(1.0 - share.sum())),
            evidence=evidence,
            distance_nm=round9(near_nm),
            height_ft=round9(above_ft),
        )
