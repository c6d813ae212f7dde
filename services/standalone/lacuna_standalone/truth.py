"""Planted truth, as the simulator writes it, read for comparison only."""

from dataclasses import dataclass
from pathlib import Path

import orjson

from lacuna_core.errors import InvalidInput
from lacuna_core.ids import parse_craft
from lacuna_core.timestamps import parse_time


@dataclass(frozen=True, slots=True)
class PlantedSilence:
    """A silence of more than an hour in what the receivers got.

    Attributes
    ----------
    craft : int
        Craft key.
    start_ms, end_ms : int
        Last heard before, first heard after, Unix milliseconds UTC.
    cause : str
        ``switched_off``, ``outage`` or ``coverage``.
    """

    craft: int
    start_ms: int
    end_ms: int
    cause: str

    @property
    def hours(self) -> float:
        """Length in hours."""
        return (self.end_ms - self.start_ms) / 3_600_000


@dataclass(frozen=True, slots=True)
class PlantedCall:
    """A port call made with the transponder off.

    Attributes
    ----------
    craft : int
        Craft key.
    port_id, port_group : str
        Where it really called.
    silence_start_ms, silence_end_ms : int
        The silence around it, Unix milliseconds UTC.
    """

    craft: int
    port_id: str
    port_group: str
    silence_start_ms: int
    silence_end_ms: int


@dataclass(frozen=True, slots=True)
class Truth:
    """What a scenario planted.

    Attributes
    ----------
    scenario : str
        Its name.
    trips : int
        Trips of the watched airframes to the Moscow group.
    silences : tuple of PlantedSilence
        All that are listed one by one.
    dark_calls : tuple of PlantedCall
        All.
    meetings_visible, round_trips, news_linked, news : int
        Counts of the other plants.
    """

    scenario: str
    trips: int
    silences: tuple[PlantedSilence, ...]
    dark_calls: tuple[PlantedCall, ...]
    meetings_visible: int
    round_trips: int
    news_linked: int
    news: int


def read_truth(path: Path) -> Truth:
    """Read a truth file.

    Parameters
    ----------
    path : Path
        ``truth.json`` of a simulated world.

    Returns
    -------
    Truth
        What was planted.

    Raises
    ------
    InvalidInput
        If the file is absent or is not a truth file.
    """
    try:
        raw = orjson.loads(path.read_bytes())
        return Truth(
            scenario=raw["scenario"],
            trips=int(raw["trips_total"]),
            silences=tuple(
                PlantedSilence(parse_craft(s["craft"]), parse_time(s["start"]), parse_time(s["end"]), s["cause"])
                for s in raw["silences"]
            ),
            dark_calls=tuple(
                PlantedCall(
                    parse_craft(c["craft"]),
                    c["port_id"],
                    c["port_group"],
                    parse_time(c["silence_start"]),
                    parse_time(c["silence_end"]),
                )
                for c in raw["dark_calls"]
            ),
            meetings_visible=sum(bool(m["visible"]) for m in raw["meetings"]),
            round_trips=len(raw["round_trips"]),
            news_linked=sum(bool(n["linked"]) for n in raw["news"]),
            news=len(raw["news"]),
        )
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}") from error
    except (KeyError, ValueError, TypeError) as error:
        raise InvalidInput(f"{path}: not a truth file ({error})") from error
