"""``make bench``: every stage beside a peer in the same run; a table, and ``build/bench.json``.

Absolute figures of a shared machine drift twofold; the ratios inside one run are what counts.
"""

import argparse
import importlib
import pkgutil
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

import tests.bench as bench
from deploy.local.tools import MissingTool

ROOT = Path(__file__).resolve().parents[2]


def measure(names: list[str], rounds: int, console: Console) -> list[dict[str, Any]]:
    """Run the benches one after another."""
    results = []
    for name in names:
        console.print(f"{name} ...", style="dim")
        try:
            outcome = importlib.import_module(f"tests.bench.{name}").run(rounds)
        except MissingTool as missing:
            console.print(f"{name} is left out: {missing}")
            continue
        results.extend(outcome if isinstance(outcome, list) else [outcome])
    return results


def main() -> None:
    """Measure, show, write."""
    found = sorted(m.name for m in pkgutil.iter_modules(bench.__path__) if not m.name.startswith("_"))
    parser = argparse.ArgumentParser(description="Ratios to peers, measured in one run.")
    parser.add_argument("names", nargs="*", help=f"some of: {' '.join(found)}")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds; the median counts")
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.names) - set(found))
    if unknown:
        parser.error(f"no bench named {', '.join(unknown)}; there are {', '.join(found)}")
    console = Console()
    results = measure(arguments.names or found, arguments.rounds, console)
    table = Table(
        title="Lacuna beside its peers, one run, median of interleaved rounds", title_justify="left"
    )
    for heading in ("stage", "unit", "value", "peer", "peer value", "ratio"):
        table.add_column(heading, justify="left" if heading in ("stage", "unit", "peer") else "right")
    for row in results:
        table.add_row(
            row["stage"],
            row["unit"],
            f"{row['value']:,.0f}",
            row["peer"],
            f"{row['peer_value']:,.0f}",
            f"{row['ratio']:,.1f}x",
        )
    console.print(table)
    out = ROOT / "build" / "bench.json"
    out.parent.mkdir(exist_ok=True)
    out.write_bytes(orjson.dumps(results, option=orjson.OPT_INDENT_2))
    console.print(f"written: {out.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
