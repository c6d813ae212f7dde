"""One file of names: complete, consistent, described, spelled nowhere else."""

import re
from pathlib import Path

from lacuna_runtime.telemetry.names import ATTRIBUTES, METRICS, SPANS, Attribute

ROOT = Path(__file__).resolve().parents[4]
DOCUMENT = ROOT / "docs" / "telemetry.md"
FROZEN = {
    "lacuna_tick_lag_seconds", "lacuna_epoch_rows", "lacuna_cycle_seconds", "lacuna_cycle_guard_total",
    "lacuna_restore_seconds", "lacuna_ledger_imbalance", "lacuna_deadletter_total",
    "lacuna_source_silence_seconds", "lacuna_cql_seconds", "lacuna_http_seconds",
    "lacuna_webhook_attempts_total", "lacuna_feed_age_seconds",
}  # fmt: skip
"""Dashboards and alert rules rest on these: none may go or change."""


def table(heading: str) -> list[list[str]]:
    """Rows of the table below a heading, its head left out."""
    section = DOCUMENT.read_text().split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def test_no_frozen_name_is_gone() -> None:
    assert {metric.name for metric in METRICS} >= FROZEN


def test_names_are_unique_and_say_their_unit() -> None:
    for names in (
        [m.name for m in METRICS],
        [a.name for a in ATTRIBUTES],
        [(s.template, s.kind) for s in SPANS],
    ):
        assert len(set(names)) == len(names)
    for metric in METRICS:
        assert re.fullmatch(r"lacuna_[a-z_]+", metric.name)
        assert (metric.kind == "counter") == metric.name.endswith("_total"), metric.name
        assert (metric.unit == "s") == metric.name.endswith("_seconds"), metric.name
        assert (metric.unit == "By") == metric.name.endswith("_bytes"), metric.name
        assert (metric.kind == "histogram") == bool(metric.buckets), metric.name
        assert list(metric.buckets) == sorted(set(metric.buckets))


def test_whatever_is_carried_is_in_the_table() -> None:
    carried = {a for told in (*METRICS, *SPANS) for a in told.attributes}
    assert carried == set(ATTRIBUTES)


def listed(attributes: tuple[Attribute, ...]) -> str:
    return ", ".join(f"`{a.name}`" for a in attributes) or "-"


def test_the_document_tells_exactly_these() -> None:
    metrics = [[f"`{m.name}`", m.kind, f"`{m.unit}`", listed(m.attributes), m.help] for m in METRICS]
    assert table("Metrics") == metrics
    assert table("Spans") == [[f"`{s.template}`", s.kind, listed(s.attributes), s.help] for s in SPANS]
    assert table("Attributes") == [[f"`{a.name}`", a.help] for a in ATTRIBUTES]


def test_no_other_file_spells_a_name() -> None:
    spelled = re.compile("|".join(rf"[\"']{m.name}[\"']" for m in METRICS))
    home = "lacuna_runtime/telemetry/names.py"
    others = [
        path.relative_to(ROOT).as_posix()
        for folder in ("libs", "services")
        for path in (ROOT / folder).rglob("*.py")
        if not path.as_posix().endswith(home) and spelled.search(path.read_text())
    ]
    assert others == []
