"""The house keeps its own rules: a test for each detector, feed and route; links that lead somewhere."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = {
    "services/detection/lacuna_detection/detectors": "tests/unit/detection/detectors",
    "services/ingestion/lacuna_ingestion/feeds": "tests/unit/ingestion",
    "services/gateway/lacuna_gateway/routes": "tests/unit/gateway",
}


def modules(folder: str) -> list[Path]:
    return sorted(p for p in (ROOT / folder).glob("*.py") if not p.name.startswith("_"))


@pytest.mark.parametrize("folder", PLUGINS)
def test_every_plugin_is_named_by_a_test(folder: str) -> None:
    """A feed, a detector or a route without a test that names it fails here."""
    tests = "\n".join(p.read_text() + p.name for p in (ROOT / PLUGINS[folder]).rglob("test_*.py"))
    missing = [m.stem for m in modules(folder) if m.stem not in tests]
    assert modules(folder)
    assert missing == []


def test_links_in_the_documents_lead_somewhere() -> None:
    """Every relative link of a tracked Markdown file names a file or folder that exists."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    broken = []
    for name in listed.stdout.split():
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", (ROOT / name).read_text()):
            if not ((ROOT / name).parent / target).exists():
                broken.append(f"{name} -> {target}")
    assert broken == []


def test_every_service_tells_what_it_does() -> None:
    """Each service has a README."""
    services = [p for p in sorted((ROOT / "services").iterdir()) if (p / "pyproject.toml").exists()]
    assert [p.name for p in services if not (p / "README.md").exists()] == []


def test_units_are_visible_in_kernel_docstrings() -> None:
    """Every public kernel names shapes or dtypes, so that a caller need not read its code."""
    silent = []
    for path in modules("libs/kernels/lacuna_kernels"):
        for match in re.finditer(r"@kernel\ndef (\w+)\(.*?\"\"\"(.*?)\"\"\"", path.read_text(), re.DOTALL):
            if not match[1].startswith("_") and not re.search(
                r"shape|float64|int64|uint64|uint8|int32", match[2]
            ):
                silent.append(f"{path.name}:{match[1]}")
    assert silent == []
