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


def report_of(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The JSON report that a command printed."""
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = orjson.loads(done.stdout)
    return report
