"""Progress of long work on a terminal: what, how much, rate, time left. Silent elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text


class RateColumn(ProgressColumn):
    """Units a second."""

    def render(self, task: Task) -> Text:
        """Draw the rate of a task; of rows where those are counted beside the units."""
        rows = task.fields.get("rows")
        if rows is not None:
            return Text(f"{rows / task.elapsed:,.0f} rows/s" if task.elapsed else "", style="cyan")
        speed = task.finished_speed or task.speed
        unit = task.fields.get("unit", "")
        return Text("" if not speed else f"{speed:,.0f} {unit}/s", style="cyan")


class Work:
    """One line of progress."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def at(self, done: float, total: float | None = None, *, rows: int | None = None) -> None:
        """Move the line.

        Parameters
        ----------
        done : float
            Units done so far.
        total : float or None
            Units in all, when that is known or changed.
        rows : int or None
            Rows done so far, where a unit holds many and their rate says more.
        """
        self._progress.update(self._task, completed=done, total=total, rows=rows)


class Board:
    """Lines of progress, one for each piece of work."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    @contextmanager
    def work(self, name: str, unit: str, total: float | None = None) -> Iterator[Work]:
        """Show a piece of work while it lasts.

        Parameters
        ----------
        name : str
            What is done.
        unit : str
            What is counted.
        total : float or None
            Units in all, None when unknown.

        Yields
        ------
        Work
            To be moved.
        """
        task = self._progress.add_task(name, total=total, unit=unit)
        yield Work(self._progress, task)
        done = self._progress.tasks[task].completed if task < len(self._progress.tasks) else 0
        self._progress.update(task, total=done or 1, completed=done or 1)
        self._progress.stop_task(task)


@contextmanager
def board() -> Iterator[Board]:
    """Draw progress on standard error while it lasts.

    Yields
    ------
    Board
        Where lines are added.
    """
    columns = (
        TextColumn("{task.description:<32}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        RateColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield Board(progress)
