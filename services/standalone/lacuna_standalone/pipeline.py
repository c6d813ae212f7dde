"""Files through every stage, until nothing is left to do. Started again after a kill, it goes on."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import orjson

from lacuna_core.canonical import canonical_json
from lacuna_core.errors import InvalidInput
from lacuna_core.position import Activate
from lacuna_ingestion.service import DECODE, IngestSummary, Progress, ingest
from lacuna_runtime.settings import Settings
from lacuna_runtime.stage import Loop
from lacuna_runtime.wiring import Ports
from lacuna_standalone.graph import projector, stages
from lacuna_standalone.progress import Board, Work


@dataclass(frozen=True, slots=True)
class Job:
    """What to play.

    Attributes
    ----------
    paths : tuple of Path
        Files and folders.
    format_name : str or None
        Feed format, None to recognize it.
    activations : tuple of Activate
        Models in force from the first row on.
    """

    paths: tuple[Path, ...]
    format_name: str | None
    activations: tuple[Activate, ...]


def activation(kind: str, path: Path) -> Activate:
    """Put a small model file into a record.

    Parameters
    ----------
    kind : str
        ``news`` or ``watchlist``.
    path : Path
        Its JSON file.

    Returns
    -------
    Activate
        Content-addressed.

    Raises
    ------
    InvalidInput
        If the file is no JSON object.
    """
    try:
        content = orjson.loads(path.read_bytes())
    except OSError as error:
        raise InvalidInput(f"{path}: can't be read ({error.strerror})") from error
    except ValueError as error:
        raise InvalidInput(f"{path}: no JSON ({error})") from error
    if not isinstance(content, dict):
        raise InvalidInput(f"{path}: holds no JSON object")
    body = canonical_json(content)
    return Activate(kind, hashlib.blake2b(body.encode(), digest_size=16).hexdigest(), body)


def load(job: Job, settings: Settings, ports: Ports, board: Board) -> IngestSummary:
    """Put files into the log.

    Parameters
    ----------
    job : Job
        What to load.
    settings : Settings
        How.
    ports : Ports
        The world.
    board : Board
        Where progress shows.

    Returns
    -------
    IngestSummary
        The books of ingestion.
    """
    spill_dir = ports.folder.spool if ports.folder else None
    with board.work("decode", "bytes") as decode, board.work("load the log", "rows") as load:

        def progress(at: Progress) -> None:
            (decode if at.step == DECODE else load).at(at.done, at.total)

        return ingest(
            job.paths,
            format_name=job.format_name,
            bus=ports.bus,
            spill_dir=spill_dir,
            lateness_ms=settings.ingestion.lateness_ms,
            activations=job.activations,
            progress=progress,
        )


def _until_idle(loop: Loop, work: Work) -> None:
    while loop.cycle(0.0):
        done = loop.done()
        work.at(done.records, done.end, rows=done.rows)
    loop.drain()


def work_off(settings: Settings, ports: Ports, board: Board) -> None:
    """Run every stage, then the projector, until the log holds nothing new.

    Parameters
    ----------
    settings : Settings
        What runs.
    ports : Ports
        The world.
    board : Board
        Where progress shows.
    """
    for stage in stages(settings, ports.bus):
        with board.work(stage.name, "records") as work:
            _until_idle(stage, work)
        stage.close()
    sink = projector(ports.store, ports.bus)
    with board.work(sink.name, "records") as work:
        _until_idle(sink, work)
    sink.close()


def play(job: Job, settings: Settings, ports: Ports, board: Board) -> IngestSummary:
    """Load files and work them off.

    Parameters
    ----------
    job : Job
        What to play.
    settings : Settings
        How.
    ports : Ports
        The world.
    board : Board
        Where progress shows.

    Returns
    -------
    IngestSummary
        The books of ingestion.
    """
    summary = load(job, settings, ports, board)
    work_off(settings, ports, board)
    return summary
