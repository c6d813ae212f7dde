"""Play a scenario into a folder of feeds and a truth file beside them."""

from pathlib import Path

from lacuna_core.errors import InvalidInput
from lacuna_simulator.catalog import catalog
from lacuna_simulator.scenario import Progress
from lacuna_simulator.truth import Truth

TRUTH_FILE = "truth/truth.json"
"""Where the truth lies below the output folder; the feeds are everything else."""


def simulate(
    scenario: str,
    out: Path,
    *,
    size: str = "small",
    seed: int = 2022,
    progress: Progress | None = None,
) -> Truth:
    """Write the feeds of a world: the same scenario, size and seed give the same bytes.

    Parameters
    ----------
    scenario : str
        Name, e.g. ``caspian-2022``.
    out : Path
        Folder to write to; made if absent, refused if it holds anything.
    size : str
        One of the sizes of the scenario.
    seed : int
        Seed of every random draw, 0 or more.
    progress : callable or None
        Called with the share done and what is being done.

    Returns
    -------
    Truth
        What was planted, as written to ``truth/truth.json``.

    Raises
    ------
    InvalidInput
        For an unknown scenario or size, a negative seed, or a folder that can't be used.
    """
    known = catalog()
    if scenario not in known:
        raise InvalidInput(f"scenario {scenario!r} is unknown; there are {', '.join(known)}")
    played = known[scenario]
    if size not in played.sizes:
        raise InvalidInput(f"size {size!r} is unknown; {scenario} comes in {', '.join(played.sizes)}")
    if seed < 0:
        raise InvalidInput(f"seed {seed} is negative; expected 0 or more")
    _prepare(out)
    truth = played.play(out, size, seed, progress or _ignore)
    truth.write(out / TRUTH_FILE)
    return truth


def _ignore(share: float, doing: str) -> None:
    """Take no notice of the progress."""


def _prepare(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise InvalidInput(f"{out}: not empty; expected a new or empty folder")
    except OSError as error:
        raise InvalidInput(f"{out}: can't be used as output folder: {error.strerror}") from error
