"""The ``lacuna`` command as a user runs it: another process, its streams and its exit code."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson

ARGV = (sys.executable, "-c", "from lacuna_standalone.cli import main; main()")


def lacuna(*arguments: str | Path, timeout_s: float = 280) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [*ARGV, *(str(a) for a in arguments)], capture_output=True, text=True, timeout=timeout_s, check=False
    )


def replay(
    folder: Path, *paths: Path, format_name: str | None = None
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Replay files into a fresh data folder; the report and every event revision."""
    events = folder / "events.ndjson"
    chosen = ("--format", format_name) if format_name else ()
    done = lacuna("replay", *paths, *chosen, "--data", folder / "data", "--events", events, "--json")
    assert done.returncode == 0, done.stderr
    return orjson.loads(done.stdout), [orjson.loads(line) for line in events.read_bytes().splitlines()]
