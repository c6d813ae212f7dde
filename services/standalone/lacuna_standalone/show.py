"""The report as people read it in a terminal."""

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

NOT_KNOWN = "-"


def _cell(value: Any) -> str:
    if value is None:
        return NOT_KNOWN
    return (
        f"{value:,.1f}"
        if isinstance(value, float)
        else f"{value:,}"
        if isinstance(value, int)
        else str(value)
    )


def _share(part: int | None, whole: int | None) -> str:
    return f"{part}/{whole} ({part / whole:.0%})" if part is not None and whole else NOT_KNOWN


def _overview(report: dict[str, Any]) -> Table:
    table = Table(title="Found, beside what was planted", title_justify="left")
    table.add_column("what")
    table.add_column("found", justify="right")
    table.add_column("planted", justify="right")
    table.add_column("how to read it", overflow="fold")
    silences, outages, calls, trips = (report[k] for k in ("silences", "outages", "dark_calls", "trips"))
    rows = (
        ("silences > 1 h", silences["found"], None, "one event each, open ones included"),
        ("  of them void", silences["void"], None, "the receivers explain it, or too little is known to judge"),
        ("  >= 30 h, all causes", silences["all_ge_30h"], None, "the threshold that published counts use"),
        ("  >= 30 h, switched off", silences["found_ge_30h"], silences["planted_ge_30h"], "planted ones found with the same ends"),
        ("outage silences void", outages["void"], outages["silences"], "planted outages must not look like switch-offs"),
        ("possible dark port calls", calls["found"], calls["planted"], "silences in which a port was within reach"),
        ("  true port ranked first", calls["top1"], calls["planted"], "port groups; ranks, not probabilities"),
        ("  true port in the first 3", calls["top3"], calls["planted"], ""),
        ("round trips without a call", report["round_trips"]["found"], report["round_trips"]["planted"], ""),
        ("encounters", report["encounters"]["found"], report["encounters"]["planted_visible"], "two ships, 500 m, 2 h, slow"),
        ("port visits", report["port_visits"], None, ""),
        ("flight legs", report["legs"], None, ""),
        ("trips to Moscow, confirmed", trips["confirmed"], trips["planted"], "watched airframes; share >= 0.95"),
        ("  expected", trips["expected"], None, "sum of arrival shares"),
        ("  possible", trips["possible"], None, "arrival share >= 0.05"),
    )  # fmt: skip
    for name, found, planted, note in rows:
        table.add_row(name, _cell(found), _cell(planted), Text(note, style="dim"))
    return table


def _ports(report: dict[str, Any]) -> Table | None:
    by_port = report["dark_calls"].get("by_port")
    if not by_port:
        return None
    table = Table(title="Planted dark calls by port", title_justify="left")
    for name in ("port", "planted", "ranked first", "in the first 3"):
        table.add_column(name, justify="left" if name == "port" else "right")
    for port, counts in by_port.items():
        table.add_row(
            port,
            _cell(counts["planted"]),
            _share(counts["top1"], counts["planted"]),
            _share(counts["top3"], counts["planted"]),
        )
    return table


def show_report(report: dict[str, Any], console: Console) -> None:
    """Print a report.

    Parameters
    ----------
    report : dict
        From ``build_report``.
    console : Console
        Where to.
    """
    console.print(_overview(report))
    ports = _ports(report)
    if ports is not None:
        console.print(ports)
    for line in report["silences"].get("missed", [])[:10]:
        console.print(f"  missed silence: {line}", style="yellow")
    for line in report["outages"].get("not_void", [])[:10]:
        console.print(f"  outage silence not void: {line}", style="yellow")
