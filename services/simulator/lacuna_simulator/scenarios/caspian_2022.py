"""The Caspian season of 2022 and the freighters between Tehran and Moscow."""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import orjson

from lacuna_simulator.air.world import AirPlan, play_air
from lacuna_simulator.news import NewsPlan, write_news
from lacuna_simulator.scenario import Progress
from lacuna_simulator.sea.planting import Planting
from lacuna_simulator.sea.world import SeaPlan, play_sea
from lacuna_simulator.truth import Truth

_NEWS = 200
"""Stream of random draws, apart from those of sea and air."""


@dataclass(frozen=True, slots=True)
class _Size:
    sea: SeaPlan
    air: AirPlan
    news: NewsPlan


_YEAR = AirPlan("2022-05-01T00:00:00Z", "2023-04-01T00:00:00Z", (24, 22, 20, 19), 12)
_SIZES = {
    "tiny": _Size(
        SeaPlan("2022-09-01T00:00:00Z", "2022-09-13T00:00:00Z", 14, Planting(4, 2, 1, 2), 2, 1),
        AirPlan("2022-08-20T00:00:00Z", "2022-10-01T00:00:00Z", (2, 1, 1, 1), 6),
        NewsPlan(2, 2, "2022-09-01T00:00:00Z", "2022-09-13T00:00:00Z"),
    ),
    "small": _Size(
        SeaPlan("2022-09-01T00:00:00Z", "2022-10-15T00:00:00Z", 40, Planting(8, 6, 4, 8), 5, 1),
        _YEAR,
        NewsPlan(14, 10, "2022-05-01T00:00:00Z", "2023-04-01T00:00:00Z"),
    ),
    "full": _Size(
        SeaPlan(
            "2022-07-01T00:00:00Z", "2022-12-01T00:00:00Z", 300,
            Planting(20, 40, 24, 45, quiet_until_s=62 * 86_400.0), 10, 3,
        ),
        _YEAR,
        NewsPlan(18, 12, "2022-05-01T00:00:00Z", "2023-04-01T00:00:00Z"),
    ),
}  # fmt: skip


class Caspian2022:
    """Ships July to November 2022, twelve aircraft May 2022 to March 2023; smaller sizes see less of it."""

    name = "caspian-2022"
    sizes = tuple(_SIZES)

    def play(self, out: Path, size: str, seed: int, progress: Progress) -> Truth:
        """Write ``ais/``, ``adsb/``, ``news.json`` and ``watchlist.json``.

        Parameters
        ----------
        out : Path
            An existing folder.
        size : str
            ``tiny``, ``small`` or ``full``.
        seed : int
            Seed of every random draw.
        progress : callable
            Told the share done.

        Returns
        -------
        Truth
            What was planted.
        """
        plan = _SIZES[size]
        sea_share = {"tiny": 0.5, "small": 0.4, "full": 0.85}[size]
        sea = play_sea(plan.sea, out / "ais", seed, lambda done, what: progress(sea_share * done, what))
        air = play_air(
            plan.air,
            out / "adsb",
            seed,
            lambda done, what: progress(sea_share + (1 - sea_share) * done, what),
        )
        items, news = write_news(plan.news, sea.dark_calls, air.trips, np.random.default_rng([seed, _NEWS]))
        _write_json(out / "news.json", {"items": [asdict(item) for item in items]})
        _write_json(out / "watchlist.json", air.watchlist)
        return Truth(
            scenario=self.name,
            size=size,
            seed=seed,
            start=plan.sea.start,
            end=plan.sea.end,
            silences=sea.silences,
            dark_calls=sea.dark_calls,
            outages=sea.outages,
            meetings=sea.meetings,
            round_trips=sea.round_trips,
            trips=air.trips,
            news=news,
            counts=sea.counts | air.counts,
        )


def _write_json(path: Path, document: dict[str, object]) -> None:
    path.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2))


SCENARIO = Caspian2022()
