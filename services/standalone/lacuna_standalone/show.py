"""The report as people read it in a terminal."""

from typing import Any

from rich.console import Console
from rich.table import Table

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


def _rows(report: dict[str, Any]) -> tuple[tuple[str, Any, Any, str], ...]:
    silences, outages, calls, trips = (report[k] for k in ("silences", "outages", "dark_calls", "trips"))
    turns, meetings = report["round_trips"], report["encounters"]
    planted_ge_30h, planted_calls = silences["planted_ge_30h"], calls["planted"]
    return (
        ("silences > 1 h", silences["found"], None, "one event each"),
        ("  of them void", silences["void"], None, "receivers explain it, or too little known"),
        ("  >= 30 h, all causes", silences["all_ge_30h"], None, "what published counts use"),
        ("  >= 30 h, switched off", silences["found_ge_30h"], planted_ge_30h, "found with the same ends"),
        ("outage silences void", outages["void"], outages["silences"], "no outage may look deliberate"),
        ("possible dark port calls", calls["found"], planted_calls, "a port was within reach"),
        ("  true port ranked first", calls["top1"], planted_calls, "ranks, not probabilities"),
        ("  true port in first 3", calls["top3"], planted_calls, "by port group"),
        (
            "round trips without a call",
            turns["found"],
            turns["planted"],
            "dark calls between included",
        ),
        ("encounters", meetings["found"], meetings["planted_visible"], "500 m, 2 h, slow"),
        ("port visits", report["port_visits"], None, ""),
        ("flight legs", report["legs"], None, ""),
        ("Moscow trips, confirmed", trips["confirmed"], trips["planted"], "watched; share >= 0.95"),
        ("  expected", trips["expected"], None, "sum of arrival shares"),
        ("  possible", trips["possible"], None, "share >= 0.05"),
    )


def _overview(report: dict[str, Any]) -> Table:
    table = Table(title="Found, beside what was planted", title_justify="left")
    table.add_column("what", no_wrap=True)
    table.add_column("found", justify="right")
    table.add_column("planted", justify="right")
    table.add_column("how to read it", overflow="fold", style="dim")
    for name, found, planted, note in _rows(report):
        table.add_row(name, _cell(found), _cell(planted), note)
    return table


def _correlations(report: dict[str, Any]) -> Table | None:
    if not report["correlations"]:
        return None
    table = Table(title="Do they go together by more than chance?", title_justify="left")
    for name in ("hypothesis", "coincide", "expected", "p (family)", "least p", "answer"):
        words = name in ("hypothesis", "answer")
        table.add_column(
            name, justify="left" if words else "right", no_wrap=name == "answer", overflow="fold"
        )
    for correlation in report["correlations"]:
        result, headline = correlation["result"], correlation["result"]["headline"]
        table.add_row(
            correlation["definition"]["name"].replace("_", " "),
            f"{headline['observed']} of {headline['n']}",
            f"{headline['expected']:.1f}",
            f"{result['p_family']:.3f}",
            f"{headline['p_min']:.2g}",
            result["decision"].replace("_", " "),
        )
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
    for table in (_ports(report), _correlations(report)):
        if table is not None:
            console.print(table)
    for line in report["silences"].get("missed", [])[:10]:
        console.print(f"  missed silence: {line}", style="yellow", soft_wrap=True)
    for line in report["outages"].get("not_void", [])[:10]:
        console.print(f"  outage silence not void: {line}", style="yellow", soft_wrap=True)
