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

import numpy as np

from lacuna_core.canonical import round9
from lacuna_core.place import Airport
from lacuna_core.units import E7_PER_DEG, F64Array
from lacuna_flight_correlation.great_circle import ahead, distances_nm
from lacuna_flight_correlation.leg_place import GROUND, LOW, PROJECTED, AirportParams, Place
from lacuna_flight_correlation.leg_record import End


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
        self._members = {
            name: np.array([i for i, a in enumerate(ordered) if a.icao in members], np.intp)
            for name, members in self.groups.items()
        }
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
        rows = self._members[name]
        return round9(float(self._distances_nm(rows, lat_deg, lon_deg).min())) if len(rows) else math.inf

    def _distances_nm(self, rows: np.ndarray, lat_deg: float, lon_deg: float) -> F64Array:
        return distances_nm(lat_deg, lon_deg, self.lat_deg[rows], self.lon_deg[rows])

    def _near(self, lat_deg: float, lon_deg: float) -> tuple[np.ndarray, F64Array]:
        band_deg = self.params.candidate_radius_nm / 60.0
        low, high = np.searchsorted(self.lat_deg, [lat_deg - band_deg, lat_deg + band_deg])
        rows = np.arange(low, high)
        # a box first: most of a band of latitude is far away, and distances cost
        widest_deg = band_deg / max(0.01, math.cos(math.radians(min(89.9, abs(lat_deg) + band_deg))))
        east_deg = np.abs((self.lon_deg[rows] - lon_deg + 180.0) % 360.0 - 180.0)
        rows = rows[east_deg <= 1.01 * widest_deg]
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
            weight = self._weight[rows] * np.exp(-((away_nm / self.params.sigma_ground_nm) ** 2) / 2)
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
        away_fpm = (end.trend_fpm or 0.0) * (1.0 if arriving else -1.0)
        low = above_ft <= (p.low_ft if arriving else p.low_departure_ft) and near_nm <= p.low_nm
        final = above_ft <= p.final_ft and near_nm <= p.final_nm and away_fpm <= p.level_fpm
        evidence = ""
        if top and end.on_ground:
            evidence = GROUND
        elif top and (final or (low and away_fpm < -p.level_fpm)):
            evidence = LOW
        elif top and away_fpm < -p.level_fpm:
            evidence = PROJECTED
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
