"""The leg rules one row and one airframe at a time, in plain Python, to compare the kernel with."""

import math
from dataclasses import dataclass, field

from lacuna_kernels.leg_state import REASONS, LegLimits

EARTH_NM = 6_371_008.8 / 1852.0


@dataclass(frozen=True)
class Row:
    """One position; None for what is not known."""

    craft: int
    t_ms: int
    lat_e7: int
    lon_e7: int
    speed_dkn: int | None
    altitude_ft: int | None
    flagged_ground: bool
    callsign: str = ""


@dataclass
class OpenLeg:
    first_t: int
    opened_by: str
    air: Row
    callsign: str
    callsigns: int
    qualified: bool = False
    altitude_ft: int | None = None
    top_dkn: int = 0
    rows: int = 0
    bridged: int = 0
    ambiguous: int = 0
    rejected: int = 0


@dataclass
class Airframe:
    """State of one airframe: on the ground, in a leg, or neither."""

    last: Row | None = None
    parked: bool = False
    leg: OpenLeg | None = None
    ground_since: int | None = None
    jumps: int = 0
    callsign: str = ""
    said: list[tuple[object, ...]] = field(default_factory=list)


def nautical(a: Row, b: Row) -> float:
    phi_a, phi_b = math.radians(a.lat_e7 / 1e7), math.radians(b.lat_e7 / 1e7)
    d_lon = math.radians((b.lon_e7 - a.lon_e7) / 1e7)
    h = math.sin((phi_b - phi_a) / 2) ** 2 + math.cos(phi_a) * math.cos(phi_b) * math.sin(d_lon / 2) ** 2
    return 2 * EARTH_NM * math.asin(math.sqrt(h))


class LegsOracle:
    """All fields lie at one elevation, so heights need no search."""

    def __init__(self, limits: LegLimits, elevation_ft: int) -> None:
        self.limits, self.elevation_ft = limits, elevation_ft

    def run(self, rows: list[Row], until_ms: int) -> list[tuple[object, ...]]:
        """Records (as_of, craft, open or closed, reason, first t, last t, opened by, counts...), sorted."""
        fleet: dict[int, Airframe] = {}
        for row in rows:
            self._row(fleet.setdefault(row.craft, Airframe()), row)
        for plane in fleet.values():
            if plane.leg and plane.last and plane.last.t_ms + self.limits.very_long_gap_ms <= until_ms:
                self._close(plane, plane.last.t_ms + self.limits.very_long_gap_ms, "very_long_gap")
        return sorted((record for plane in fleet.values() for record in plane.said), key=repr)

    def _row(self, plane: Airframe, row: Row) -> None:
        if row.callsign:
            plane.callsign = row.callsign
        if plane.last and (plane.parked or plane.leg) and self._jump(plane, plane.last, row):
            if plane.leg:
                plane.leg.rejected += 1
            return
        ground = self._ground(row)
        reason = "first_seen"
        if plane.leg and plane.last:
            reason = self._break(plane, plane.leg, plane.last, row, ground)
            if reason:
                late = reason == "very_long_gap"
                due_ms = plane.last.t_ms + self.limits.very_long_gap_ms
                self._close(plane, due_ms if late else row.t_ms, reason)
        if not plane.leg and not ground:
            self._open(plane, row, reason)
        elif not plane.leg:
            plane.parked = True
        self._note(plane, row, ground)
        self._after(plane, row, ground)

    def _after(self, plane: Airframe, row: Row, ground: bool) -> None:
        leg = plane.leg
        if leg and ground and plane.ground_since is not None:
            if row.t_ms - plane.ground_since >= self.limits.dwell_ms:
                self._close(plane, row.t_ms, "ground_dwell")
                plane.parked = True
        elif leg and not leg.qualified and self._long_enough(leg.air, row):
            leg.qualified = True
            self._say(plane, leg, "open", row.t_ms, "")

    def _long_enough(self, air: Row, row: Row) -> bool:
        flown = nautical(air, row) >= self.limits.min_extent_nm
        return flown and row.t_ms - air.t_ms >= self.limits.min_air_ms

    def _jump(self, plane: Airframe, last: Row, row: Row) -> bool:
        dt_ms = row.t_ms - last.t_ms
        limit_nm = self.limits.outlier_nm + self.limits.outlier_kn * dt_ms / 3_600_000
        if dt_ms > self.limits.low_gap_ms:
            return False
        if nautical(last, row) <= limit_nm:
            plane.jumps = 0
            return False
        plane.jumps = (plane.jumps + 1) % self.limits.outlier_rows
        return plane.jumps != 0

    def _height(self, altitude_ft: int | None) -> float:
        return math.inf if altitude_ft is None else altitude_ft - self.elevation_ft

    def _ground(self, row: Row) -> bool:
        slow = row.speed_dkn is not None and row.speed_dkn < self.limits.ground_speed_kn * 10
        return row.flagged_ground or (slow and self._height(row.altitude_ft) < self.limits.ground_ft)

    def _break(self, plane: Airframe, leg: OpenLeg, last: Row, row: Row, ground: bool) -> str:
        lim, dt_ms = self.limits, row.t_ms - last.t_ms
        if dt_ms > lim.very_long_gap_ms:
            return "very_long_gap"
        renamed = leg.callsign != "" and plane.callsign != leg.callsign
        heights = (self._height(row.altitude_ft), self._height(leg.altitude_ft))
        low = ground or plane.ground_since is not None or min(heights) < lim.low_ft
        reason = ""
        if dt_ms > lim.low_gap_ms:
            reason = self._silence(leg, last, row, low)
        elif renamed and dt_ms > lim.callsign_gap_ms and low:
            reason = "new_callsign"
        if not reason and renamed and plane.ground_since is not None and not ground:
            reason = "new_callsign"
        return reason

    def _silence(self, leg: OpenLeg, last: Row, row: Row, low: bool) -> str:
        lim, dt_ms, moved_nm = self.limits, row.t_ms - last.t_ms, nautical(last, row)
        own_kn = leg.top_dkn / 10
        cruise_kn = own_kn if lim.ground_speed_kn <= own_kn <= lim.bridge_max_kn else lim.cruise_kn
        slack_ms = dt_ms - moved_nm / cruise_kn * 3_600_000
        implied_kn = moved_nm / dt_ms * 3_600_000
        high = min(leg.altitude_ft or 0, row.altitude_ft or 0) > lim.cruise_ft
        flown = high and lim.bridge_min_kn <= implied_kn <= lim.bridge_max_kn
        if dt_ms <= lim.long_gap_ms:
            return "low_gap" if low and slack_ms >= lim.low_slack_ms and not flown else ""
        if slack_ms < lim.one_leg_slack_ms or (flown and slack_ms < lim.two_legs_slack_ms):
            leg.bridged += 1
            leg.ambiguous += slack_ms >= lim.one_leg_slack_ms
            return ""
        return "low_gap" if low else "long_gap"

    def _open(self, plane: Airframe, row: Row, reason: str) -> None:
        first_t = row.t_ms
        if plane.parked:
            reason = "took_off"
            if plane.last and row.t_ms - plane.last.t_ms <= self.limits.low_gap_ms:
                first_t = plane.last.t_ms
        plane.leg = OpenLeg(first_t, reason, row, plane.callsign, int(plane.callsign != ""))
        plane.parked, plane.ground_since = False, None

    def _note(self, plane: Airframe, row: Row, ground: bool) -> None:
        plane.last = row
        if not ground:
            plane.ground_since = None
        elif plane.ground_since is None:
            plane.ground_since = row.t_ms
        if leg := plane.leg:
            leg.rows += 1
            leg.top_dkn = max(leg.top_dkn, row.speed_dkn or 0)
            if plane.callsign and plane.callsign != leg.callsign:
                leg.callsign = plane.callsign
                leg.callsigns += 1
            if row.altitude_ft is not None and not ground:
                leg.altitude_ft = row.altitude_ft

    def _close(self, plane: Airframe, as_of_ms: int, reason: str) -> None:
        assert plane.leg
        if plane.leg.qualified:
            self._say(plane, plane.leg, "closed", as_of_ms, reason)
        plane.leg, plane.ground_since, plane.parked = None, None, False

    def _say(self, plane: Airframe, leg: OpenLeg, what: str, as_of_ms: int, reason: str) -> None:
        assert plane.last
        assert reason in REASONS
        plane.said.append(
            (
                as_of_ms, plane.last.craft, what, reason, leg.first_t, plane.last.t_ms, leg.opened_by,
                leg.rows, leg.bridged, leg.ambiguous, leg.rejected, leg.callsigns,
            )
        )  # fmt: skip
