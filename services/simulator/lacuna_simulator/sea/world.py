"""Plays the sea: ships sail, receivers hear, outages strike, the feed is written, the truth is kept."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lacuna_core.ids import craft_from_mmsi, format_craft
from lacuna_core.timestamps import format_time, parse_time
from lacuna_simulator.sea.captain import Captain
from lacuna_simulator.sea.chart import Chart, caspian_chart
from lacuna_simulator.sea.columns import Received, join, received
from lacuna_simulator.sea.feed import AisFeed
from lacuna_simulator.sea.fleet import Vessel, build_fleet
from lacuna_simulator.sea.itinerary import Logbook
from lacuna_simulator.sea.local_craft import write_local
from lacuna_simulator.sea.mission import Mission
from lacuna_simulator.sea.outages import OutagePlan, draw_outages, receiver_names
from lacuna_simulator.sea.planting import Planting, plant
from lacuna_simulator.sea.reception import SLOT_S, Heard, hear
from lacuna_simulator.sea.satellites import draw_sky
from lacuna_simulator.sea.silences import SilenceFact, find_silences
from lacuna_simulator.sea.static import Statics, join_statics, statics_of
from lacuna_simulator.sea.stations import draw_weather
from lacuna_simulator.truth import DarkCall, Meeting, Outage, RoundTrip, Silence

_FLEET, _PLANT, _OUTAGES, _WEATHER, _SKY, _SAIL, _HEAR, _REPORT = range(8)
"""Every kind of draw has a stream of its own, so that one change does not shift all the others."""


@dataclass(frozen=True, slots=True)
class SeaPlan:
    """How large the sea is.

    Attributes
    ----------
    start, end : str
        RFC 3339.
    vessels : int
        Ships.
    planting : Planting
        What to plant.
    regional_outages, total_outages : int
        How many.
    """

    start: str
    end: str
    vessels: int
    planting: Planting
    regional_outages: int
    total_outages: int


@dataclass(slots=True)
class SeaTruth:
    """The planted events of the sea and counts of what was emitted."""

    silences: tuple[Silence, ...]
    dark_calls: tuple[DarkCall, ...]
    outages: tuple[Outage, ...]
    meetings: tuple[Meeting, ...]
    round_trips: tuple[RoundTrip, ...]
    counts: dict[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class _Voyage:
    """One ship after the world was played."""

    vessel: Vessel
    log: Logbook
    rows: Received
    statics: Statics
    silences: list[SilenceFact]
    short_silences: int


def play_sea(plan: SeaPlan, folder: Path, seed: int, progress: Callable[[float, str], None]) -> SeaTruth:
    """Play the sea and write its AIS feed.

    Parameters
    ----------
    plan : SeaPlan
        How large.
    folder : Path
        Where the NMEA files go.
    seed : int
        Seed of every draw.
    progress : callable
        Told the share done and what is being done.

    Returns
    -------
    SeaTruth
        What was planted.
    """
    start_ms, end_s = parse_time(plan.start), (parse_time(plan.end) - parse_time(plan.start)) // 1000
    chart = caspian_chart()
    fleet = build_fleet(plan.vessels, _stream(seed, _FLEET))
    missions = plant(fleet, chart, plan.planting, float(end_s), _stream(seed, _PLANT))
    outages = draw_outages(plan.regional_outages, plan.total_outages, float(end_s), _stream(seed, _OUTAGES))
    weather = draw_weather(end_s // 3600 + 1, _stream(seed, _WEATHER))
    sky = draw_sky(end_s // SLOT_S, SLOT_S, _stream(seed, _SKY))
    voyages = []
    for vessel in fleet:
        log = _sail(vessel, missions[vessel.index], chart, float(end_s), _stream(seed, _SAIL, vessel.index))
        heard = hear(vessel, log, weather, sky, _stream(seed, _HEAR, vessel.index))
        voyages.append(
            _finish(vessel, log, heard, outages, _stream(seed, _REPORT, vessel.index), start_ms // 1000)
        )
        progress(0.5 * (vessel.index + 1) / len(fleet), "ships sailing")
    feed = AisFeed(
        fleet, start_ms // 1000, end_s, join([v.rows for v in voyages]),
        join_statics([v.statics for v in voyages]), outages,
    )  # fmt: skip
    sentences = feed.write(folder, lambda share: progress(0.5 + 0.5 * share, "writing AIS"))
    return _truth(voyages, outages, start_ms, sentences)


def _stream(seed: int, *which: int) -> np.random.Generator:
    return np.random.default_rng([seed, *which])


def _sail(
    vessel: Vessel, missions: list[Mission], chart: Chart, end_s: float, rng: np.random.Generator
) -> Logbook:
    if vessel.role in ("tug", "fishing"):
        return write_local(vessel, chart, end_s, rng)
    return Captain(vessel, missions, chart, end_s, rng).write()


def _finish(
    vessel: Vessel,
    log: Logbook,
    heard: Heard,
    outages: tuple[OutagePlan, ...],
    rng: np.random.Generator,
    start_unix_s: int,
) -> _Voyage:
    rows = received(vessel, heard, outages, rng)
    silences, short = find_silences(rows.t_s, heard, log, outages)
    return _Voyage(vessel, log, rows, statics_of(vessel, log, rows, start_unix_s), silences, short)


def _truth(
    voyages: list[_Voyage], outages: tuple[OutagePlan, ...], start_ms: int, sentences: int
) -> SeaTruth:
    def at(t_s: float) -> str:
        return format_time(start_ms + 1000 * round(t_s))

    names = receiver_names()
    counts = {
        "vessels": len(voyages),
        "sentences": sentences,
        "positions": sum(len(v.rows.t_s) for v in voyages),
        "silences_coverage_1h_6h": sum(v.short_silences for v in voyages),
        "silences_over_1h": sum(len(v.silences) + v.short_silences for v in voyages),
    }
    return SeaTruth(
        silences=tuple(
            Silence(
                _craft(v), at(s.start_s), at(s.end_s), (s.end_s - s.start_s) / 3600.0, s.cause, s.outage_id
            )
            for v in voyages
            for s in v.silences
        ),
        dark_calls=tuple(call for v in voyages for call in _dark_calls(v, at)),
        outages=tuple(
            Outage(o.id, tuple(names[bit] for bit in o.receivers), at(o.start_s), at(o.end_s), o.total)
            for o in outages
        ),
        meetings=_meetings(voyages, at),
        round_trips=tuple(
            RoundTrip(
                _craft(v), r.port, at(r.depart_s), at(r.arrive_s), r.turn_lat_deg, r.turn_lon_deg, r.dark_sts
            )
            for v in voyages
            for r in v.log.round_trips
        ),
        counts=counts,
    )


def _craft(voyage: _Voyage) -> str:
    return format_craft(craft_from_mmsi(voyage.vessel.mmsi))


def _dark_calls(voyage: _Voyage, at: Callable[[float], str]) -> list[DarkCall]:
    groups = caspian_chart().ports
    made = []
    for call in voyage.log.calls:
        silence = next((s for s in voyage.silences if s.start_s < call.on_s and s.end_s > call.off_s), None)
        made.append(
            DarkCall(
                _craft(voyage), call.port, groups[call.port], at(call.arrive_s), at(call.depart_s),
                at(call.off_s), at(call.on_s),
                at(silence.start_s) if silence else None, at(silence.end_s) if silence else None,
            )
        )  # fmt: skip
    return made


def _meetings(voyages: list[_Voyage], at: Callable[[float], str]) -> tuple[Meeting, ...]:
    parts = sorted((m.number, v.vessel.index) for v in voyages for m in v.log.meetings)
    facts = {(m.number, v.vessel.index): (m, v) for v in voyages for m in v.log.meetings}
    made = []
    for (number, first), (other_number, second) in itertools.pairwise(parts):
        if number == other_number:
            (one, ship), (two, mate) = facts[number, first], facts[number, second]
            made.append(
                Meeting(
                    tuple(sorted((_craft(ship), _craft(mate)))), at(max(one.start_s, two.start_s)),
                    at(min(one.end_s, two.end_s)), one.lat_deg, one.lon_deg, one.visible,
                )
            )  # fmt: skip
    return tuple(made)
