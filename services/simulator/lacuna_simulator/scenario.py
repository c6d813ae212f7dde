"""What a scenario is."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from lacuna_simulator.truth import Truth

Progress = Callable[[float, str], None]
"""Called with the share done, 0 to 1, and what is being done."""


class Scenario(Protocol):
    """One world that can be played.

    Attributes
    ----------
    name : str
        Name on the command line.
    sizes : tuple of str
        The sizes it comes in, smallest first.
    """

    name: str
    sizes: tuple[str, ...]

    def play(self, out: Path, size: str, seed: int, progress: Progress) -> Truth:
        """Write the feeds of this world into a folder.

        Parameters
        ----------
        out : Path
            An existing folder.
        size : str
            One of ``sizes``.
        seed : int
            Seed of every random draw.
        progress : callable
            Told the share done.

        Returns
        -------
        Truth
            What was planted; the caller writes it.
        """
        ...
