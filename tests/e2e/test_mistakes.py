"""A mistake of the user is one clear line and exit code 2, never a traceback."""

import os
import socket
from pathlib import Path

import pytest

from tests.e2e.command import lacuna


def _one_line(*arguments: str | Path) -> str:
    done = lacuna(*arguments)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("lacuna: ")
    return done.stderr


def test_a_wrong_path_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "nothing.nmea"
    assert str(missing) in _one_line("replay", missing, "--data", tmp_path / "data")
    assert str(missing) in _one_line("decode", missing, "--out", tmp_path / "out.ndjson")
    assert str(tmp_path / "none") in _one_line("report", "--data", tmp_path / "none")


def test_an_unknown_format_lists_the_known_ones(tmp_path: Path) -> None:
    file = tmp_path / "file.bin"
    file.write_bytes(bytes(range(256)) * 8)
    assert "nmea" in _one_line("replay", file, "--data", tmp_path / "data")
    assert "nmea" in _one_line("replay", file, "--format", "morse", "--data", tmp_path / "data")


def test_an_empty_file_is_said_to_be_empty(tmp_path: Path) -> None:
    file = tmp_path / "empty.nmea"
    file.touch()
    assert "empty" in _one_line("replay", file, "--data", tmp_path / "data")
    assert "empty" in _one_line("decode", file, "--out", tmp_path / "out.ndjson")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_data_folder_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o500)
    file = tmp_path / "a.nmea"
    file.write_text("!AIVDM,1,1,,A,15M67FC000G?ufbE`FepT@3n00Sa,0*5C\n")
    assert str(folder) in _one_line("replay", file, "--data", folder)


def test_a_data_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "a.nmea"
    file.write_text("!AIVDM,1,1,,A,15M67FC000G?ufbE`FepT@3n00Sa,0*5C\n")
    assert str(file) in _one_line("replay", file, "--data", file)


def test_a_port_in_use_is_named_before_anything_is_played(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert port in _one_line("run", "--port", port, "--data", tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_an_unknown_option_is_named() -> None:
    assert "--sise" in _one_line("run", "--sise", "small")
