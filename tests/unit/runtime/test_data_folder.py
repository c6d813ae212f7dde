"""The data folder: one process, known version, writable, or one clear line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lacuna_core.errors import ConfigError
from lacuna_runtime.data_folder import DataFolder


def test_a_new_folder_is_made_and_opens_again(tmp_path: Path) -> None:
    root = tmp_path / "a" / "lacuna-data"
    with DataFolder(root) as folder:
        assert (root / "VERSION").read_text() == "1\n"
        assert folder.logs.is_dir()
        assert folder.spool.is_dir()
        assert (folder.bus, folder.store) == (root / "bus.db", root / "store.db")
    with DataFolder(root):
        pass


def test_a_folder_in_use_names_the_process(tmp_path: Path) -> None:
    with DataFolder(tmp_path), pytest.raises(ConfigError, match=f"in use by process {os.getpid()}"):
        DataFolder(tmp_path)


def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from lacuna_runtime.data_folder import DataFolder;"
        "DataFolder(Path(sys.argv[1])); os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == -9
    with DataFolder(tmp_path):
        pass


def test_a_newer_folder_is_refused_and_let_go(tmp_path: Path) -> None:
    (tmp_path / "VERSION").write_text("2\n")
    with pytest.raises(ConfigError, match="has version 2; this build reads up to 1"):
        DataFolder(tmp_path)
    (tmp_path / "VERSION").write_text("1\n")
    with DataFolder(tmp_path):
        pass


@pytest.mark.parametrize("text", ["", "one", "-1", "²"])
def test_a_strange_version_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "VERSION").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="not a number"):
        DataFolder(tmp_path)


def test_a_file_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x")
    with pytest.raises(ConfigError, match="data can't be written"):
        DataFolder(tmp_path / "data")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    with pytest.raises(ConfigError, match="can't be written"):
        DataFolder(tmp_path)
