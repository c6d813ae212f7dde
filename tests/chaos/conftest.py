"""The season that every fault is survived with, and a printed table of recovery times."""

import pytest

from tests.integration.scenario import Season, season

RECOVERIES: list[tuple[str, str, float]] = []
"""Fault, who recovered, seconds."""


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Season:
    """The tiny season, played embedded: the oracle."""
    return season(tmp_path_factory.mktemp("season"), "tiny")


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Season:
    """The small season, played embedded: long enough for replicas to come and go while it lasts."""
    return season(tmp_path_factory.mktemp("small"), "small")


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how long each recovery took."""
    if RECOVERIES:
        terminalreporter.section("recovery times")
        for fault, who, seconds in RECOVERIES:
            terminalreporter.write_line(f"{fault:<60} {who:<20} {seconds:6.1f} s")
