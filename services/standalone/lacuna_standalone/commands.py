"""What each command does."""

import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console

from lacuna_core.errors import ConfigError, InvalidInput
from lacuna_core.event import Event
from lacuna_core.ids import craft_from_icao24
from lacuna_core.store_ports import ANY_STATUS, EventQuery
from lacuna_ingestion.decode import decode_records
from lacuna_runtime.settings import Settings, load_settings
from lacuna_runtime.wiring import Ports, open_ports
from lacuna_simulator.simulation import TRUTH_FILE
from lacuna_simulator.simulation import simulate as simulate_world
from lacuna_simulator.truth import Truth, read_truth
from lacuna_standalone.audit import audit_ports, audit_record, show_audit
from lacuna_standalone.events_file import write_events
from lacuna_standalone.pipeline import Job, activation, play
from lacuna_standalone.pipeline import load as load_files
from lacuna_standalone.progress import board
from lacuna_standalone.report import build_report
from lacuna_standalone.show import show_report

WORLD = "world"
"""Folder of a simulated world below the data folder of ``lacuna run``."""
STATE_FILES = (
    "bus.db",
    "bus.db-wal",
    "bus.db-shm",
    "store.db",
    "store.db-wal",
    "store.db-shm",
    "VERSION",
    "lock",
)
FEED_FOLDERS = ("ais", "adsb")
MODELS = ("news", "watchlist")
PAGE = 5_000


def settings_of(data: Path) -> Settings:
    """Read the settings of a command.

    Parameters
    ----------
    data : Path
        Data folder.

    Returns
    -------
    Settings
        With this folder.
    """
    return load_settings(command_line={"data": str(data)})


def simulate(scenario: str, out: Path, size: str, seed: int) -> Truth:
    """Write a simulated world.

    Parameters
    ----------
    scenario : str
        Its name.
    out : Path
        Empty or new folder.
    size : str
        One of the scenario's sizes.
    seed : int
        Seed of every draw.

    Returns
    -------
    Truth
        What was planted.
    """
    with board() as shown, shown.work(f"simulate {scenario} {size}", "%", 100) as work:
        return simulate_world(
            scenario, out, size=size, seed=seed, progress=lambda share, _: work.at(100 * share, 100)
        )


def _fresh(data: Path) -> None:
    """Empty a folder that an earlier ``run`` made; refuse any other that holds something."""
    if not data.exists() or not any(data.iterdir()):
        return
    if not (data / WORLD).is_dir():
        raise InvalidInput(f"--data {data}: holds a timeline that run did not make; name another folder")
    try:
        for name in (WORLD, "spool", "logs"):
            shutil.rmtree(data / name, ignore_errors=True)
        for name in STATE_FILES:
            (data / name).unlink(missing_ok=True)
    except OSError as error:
        raise ConfigError(f"data folder {data} can't be written: {error.strerror}") from error


def run(scenario: str, size: str, seed: int, data: Path, events: Path | None) -> dict[str, Any]:
    """Simulate a world, play it through every stage, and report.

    Parameters
    ----------
    scenario, size : str
        Which world.
    seed : int
        Its seed.
    data : Path
        Data folder; what an earlier ``run`` left there is replaced.
    events : Path or None
        Where to write every event revision.

    Returns
    -------
    dict
        The report.
    """
    _fresh(data)
    open_ports(settings_of(data)).close()  # a folder that can't be used is found out before the world is made
    world = data / WORLD
    simulate(scenario, world, size, seed)
    job = Job(
        paths=tuple(world / name for name in FEED_FOLDERS),
        format_name=None,
        activations=tuple(activation(kind, world / f"{kind}.json") for kind in MODELS),
    )
    return _play(job, data, events)


def replay(paths: list[Path], format_name: str | None, data: Path, events: Path | None) -> dict[str, Any]:
    """Play files through every stage, and report.

    Parameters
    ----------
    paths : list of Path
        Files and folders.
    format_name : str or None
        Feed format, None to recognize it.
    data : Path
        Data folder.
    events : Path or None
        Where to write every event revision.

    Returns
    -------
    dict
        The report.
    """
    return _play(Job(_existing(paths), format_name, ()), data, events)


def load(
    paths: list[Path], format_name: str | None, models: Mapping[str, Path | None], data: Path
) -> dict[str, Any]:
    """Put files into the log and leave the rest to whoever reads it: the services, in distributed mode.

    Parameters
    ----------
    paths : list of Path
        Files and folders.
    format_name : str or None
        Feed format, None to recognize it.
    models : mapping of str to Path or None
        Files of the models in force from the first row on, by kind.
    data : Path
        Data folder of the embedded mode.

    Returns
    -------
    dict
        The books of ingestion.
    """
    activations = tuple(activation(kind, path) for kind, path in models.items() if path is not None)
    settings = settings_of(data)
    with open_ports(settings) as ports, board() as shown:
        summary = load_files(Job(_existing(paths), format_name, activations), settings, ports, shown)
    return dict(summary.ledger_counts()) | {"dead_by_reason": summary.dead}


def _existing(paths: list[Path]) -> tuple[Path, ...]:
    for path in paths:
        if not path.exists():
            raise InvalidInput(f"{path}: no such file or folder")
    return tuple(paths)


def _play(job: Job, data: Path, events: Path | None) -> dict[str, Any]:
    settings = settings_of(data)
    if settings.mode == "distributed":
        raise ConfigError(
            "setting mode: this command plays everything itself; in distributed mode put files into the log "
            "with `lacuna load`, the services do the rest"
        )
    with open_ports(settings) as ports:
        with board() as shown:
            summary = play(job, settings, ports, shown)
        if events is not None:
            write_events(events, every_revision(ports))
        report = _report(ports, data)
    report["ingestion"] = dict(summary.ledger_counts()) | {"dead_by_reason": summary.dead}
    return report


def every_revision(ports: Ports) -> Iterator[Event]:
    """Read every revision of every event.

    Parameters
    ----------
    ports : Ports
        The world.

    Yields
    ------
    Event
        In no particular order.
    """
    after: tuple[int, str] | None = None
    while page := ports.store.find(EventQuery(status=ANY_STATUS, after=after, limit=PAGE)):
        for event in page:
            yield from ports.store.revisions(event.event_id)
        after = (page[-1].start_ms, page[-1].event_id)


def _report(ports: Ports, data: Path) -> dict[str, Any]:
    truth_file = data / WORLD / TRUTH_FILE
    truth = read_truth(truth_file) if truth_file.exists() else None
    watchlist = data / WORLD / "watchlist.json"
    watched: frozenset[int] | None = None
    if watchlist.exists():
        aircraft = orjson.loads(watchlist.read_bytes())["aircraft"]
        watched = frozenset(craft_from_icao24(a["icao24"]) for a in aircraft)
    return build_report(ports.store, truth, watched)


def report(data: Path) -> dict[str, Any]:
    """Report what a data folder holds.

    Parameters
    ----------
    data : Path
        Data folder.

    Returns
    -------
    dict
        The report.
    """
    expect_timeline(data)
    with open_ports(settings_of(data)) as ports:
        return _report(ports, data)


def audit(data: Path, *, as_json: bool) -> bool:
    """Account for every row of the log and the stores, and print what was found.

    Parameters
    ----------
    data : Path
        Data folder.
    as_json : bool
        As JSON for programs, else as a table for people.

    Returns
    -------
    bool
        Whether everything adds up.
    """
    settings = settings_of(data)
    if settings.mode == "embedded":
        expect_timeline(data)
    with open_ports(settings) as ports:
        found = audit_ports(settings, ports)
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(audit_record(found), option=orjson.OPT_INDENT_2) + b"\n")
    else:
        show_audit(found, Console())
    return found.balanced


def expect_timeline(data: Path) -> None:
    """Refuse a folder that holds no timeline.

    Parameters
    ----------
    data : Path
        Data folder.

    Raises
    ------
    InvalidInput
        If there is none.
    """
    if not (data / "store.db").exists():
        raise InvalidInput(f"--data {data}: no data folder; make one with run or replay")


def show(report: dict[str, Any], *, as_json: bool) -> None:
    """Print a report.

    Parameters
    ----------
    report : dict
        From ``run``, ``replay`` or ``report``.
    as_json : bool
        As JSON for programs, else as tables for people.
    """
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(report, option=orjson.OPT_INDENT_2) + b"\n")
    else:
        show_report(report, Console())


def decode(paths: list[Path], out: Path) -> None:
    """Decode raw AIS files to NDJSON.

    Parameters
    ----------
    paths : list of Path
        NMEA files.
    out : Path
        File to write, replaced as a whole.
    """
    partial = out.with_name(out.name + ".partial")
    count = 0
    try:
        with board() as shown, shown.work("decode", "messages") as work, partial.open("wb") as file:
            for path in paths:
                for record in decode_records(path):
                    file.write(orjson.dumps(record) + b"\n")
                    count += 1
                    if count % 10_000 == 0:
                        work.at(count)
            work.at(count)
        partial.replace(out)
    except OSError as error:
        raise InvalidInput(f"--out {out}: can't be written ({error.strerror})") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
