"""The audit as a command: a table with one line a hop, and each imbalance in words below it."""

from dataclasses import asdict
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from lacuna_core.timestamps import format_time
from lacuna_query.projector import Projector
from lacuna_runtime.audit import AuditReport, audit
from lacuna_runtime.settings import Settings
from lacuna_runtime.wiring import Ports
from lacuna_standalone.graph import folds

_LEAST_WIDTH = 118
"""A number is never cut, however narrow the terminal."""
_NUMBERS = ("taken", "accepted", "merged", "late", "quarantined", "dead", "other", "waiting")


def audit_ports(settings: Settings, ports: Ports) -> AuditReport:
    """Audit the log and the stores, whatever they are.

    Parameters
    ----------
    settings : Settings
        Which folds run.
    ports : Ports
        The world.

    Returns
    -------
    AuditReport
        One hop a stage.
    """
    return audit(ports.bus, ports.store, folds(settings), [spec.topic for spec in Projector.inputs])


def audit_record(report: AuditReport) -> dict[str, Any]:
    """Write an audit as plain JSON values.

    Parameters
    ----------
    report : AuditReport
        What was found.

    Returns
    -------
    dict
        Hops and the verdict.
    """
    return {
        "balanced": report.balanced,
        "since": None if report.since_ms is None else format_time(report.since_ms),
        "hops": [asdict(hop) for hop in report.hops],
    }


def show_audit(report: AuditReport, console: Console) -> None:
    """Print an audit for people.

    Parameters
    ----------
    report : AuditReport
        What was found.
    console : Console
        Where to.
    """
    table = Table(title="Rows that went in, and where they are", title_justify="left", box=SIMPLE_HEAD)
    table.add_column("stage", no_wrap=True)
    for name in _NUMBERS:
        table.add_column("in" if name == "taken" else name, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for hop in report.hops:
        counts = [f"{getattr(hop, name):,}" for name in _NUMBERS]
        verdict = "balanced" if hop.balanced else "[red]not balanced[/red]"
        table.add_row(hop.stage, *counts, verdict)
    console.width = max(console.width, _LEAST_WIDTH)
    console.print(table)
    if report.since_ms is not None:
        console.print(f"The log starts later than the data: counted from {format_time(report.since_ms)} on.")
    for hop in report.hops:
        for imbalance in hop.imbalances:
            console.print(f"{hop.stage}: {imbalance}", markup=False, highlight=False, soft_wrap=True)
