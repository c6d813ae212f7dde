"""Real data beside the project: read from there, never copied; absent data skips a test by name."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
_CANDIDATES = (ROOT.parent / "shared" / "data",)


def real_data(relative: str) -> Path:
    """Find a file or folder of the real data, or skip the test that asks for it."""
    override = os.environ.get("LACUNA_TEST_DATA")
    for base in (Path(override),) if override else _CANDIDATES:
        if (base / relative).exists():
            return base / relative
    pytest.skip(f"real data absent: {relative} (set LACUNA_TEST_DATA to its folder)")
