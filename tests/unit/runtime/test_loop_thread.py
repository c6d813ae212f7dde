"""A loop in a thread: built anew when the world was away, ended by anything else."""

import logging
import threading
from collections.abc import Callable

import pytest

from lacuna_core.errors import CorruptState, Transient
from lacuna_runtime.loop_thread import LoopSpec, LoopThread
from lacuna_runtime.stage import Done


class Turns:
    """A loop that does one thing after another and remembers what was asked of it."""

    def __init__(self, turns: list[BaseException | None], told: list[str], enough: threading.Event) -> None:
        self._turns = turns
        self._told = told
        self._enough = enough
        told.append("made")

    def cycle(self, timeout_s: float) -> bool:
        if not self._turns:
            self._enough.set()
            return False
        turn = self._turns.pop(0)
        if turn is not None:
            raise turn
        return True

    def done(self) -> Done:
        return Done(0, 0, 0)

    def drain(self) -> None:
        self._told.append("drained")

    def close(self) -> None:
        self._told.append("closed")


def run(turns: list[BaseException | None]) -> tuple[LoopThread, list[str], threading.Event]:
    told: list[str] = []
    enough = threading.Event()
    make: Callable[[], Turns] = lambda: Turns(turns, told, enough)  # noqa: E731
    thread = LoopThread(LoopSpec("turns", make), enough.set)
    thread.start()
    assert enough.wait(30.0)
    thread.stop()
    assert thread.join(30.0)
    return thread, told, enough


def test_it_drains_when_told_to_stop() -> None:
    thread, told, _ = run([None, None])
    assert told == ["made", "drained", "closed"]
    assert thread.failure is None
    assert thread.cycles >= 2


def test_what_was_away_is_closed_and_built_anew(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        thread, told, _ = run([None, Transient("no leader"), None])
    assert told == ["made", "closed", "made", "drained", "closed"]
    assert (thread.rebuilds, thread.failure) == (1, None)
    assert "no leader" in caplog.text


@pytest.mark.parametrize("error", [CorruptState("offset 3 is gone"), ValueError("a mistake of ours")])
def test_anything_else_ends_it_and_is_told(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    thread, told, _ = run([None, error])
    assert told == ["made", "closed"]
    assert thread.failure is error
    assert str(error) in caplog.text
