"""Precedence of settings, and one clear line for every mistake."""

from pathlib import Path

import pytest

from lacuna_core.errors import ConfigError
from lacuna_runtime.settings import load_settings


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_defaults() -> None:
    settings = load_settings()
    assert (settings.mode, settings.data, settings.gateway.port) == ("embedded", Path("lacuna-data"), 8080)


def test_command_line_beats_environment_beats_file_beats_default(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (elsewhere / "lacuna.toml").write_text('data = "file"\n[gateway]\nport = 1\nhost = "file"\n')
    assert (load_settings().gateway.port, load_settings().gateway.host) == (1, "file")
    monkeypatch.setenv("LACUNA__GATEWAY__PORT", "2")
    assert (load_settings().gateway.port, load_settings().gateway.host) == (2, "file")
    told = load_settings(command_line={"gateway": {"port": 3}})
    assert (told.gateway.port, told.gateway.host, told.data) == (3, "file", Path("file"))


def test_lists_and_parameters_of_detectors(monkeypatch: pytest.MonkeyPatch, elsewhere: Path) -> None:
    file = elsewhere / "other.toml"
    file.write_text("[detection.params.gap]\nopen_h = 2.0\n")
    monkeypatch.setenv("LACUNA__DETECTION__DISABLED", '["loitering"]')
    settings = load_settings(file)
    assert settings.detection.params == {"gap": {"open_h": 2.0}}
    assert settings.detection.disabled == ("loitering",)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("moode = 1\n", "setting moode is not known"),
        ("[gateway]\nprot = 1\n", "setting gateway.prot is not known"),
        ("[gateway]\nport = 70000\n", "gateway.port (or LACUNA__GATEWAY__PORT)"),
        ('mode = "cloud"\n', "'embedded' or 'distributed', got 'cloud'"),
        ("mode = \n", "is no TOML"),
    ],
)
def test_mistakes_in_the_file(elsewhere: Path, text: str, wanted: str) -> None:
    (elsewhere / "lacuna.toml").write_text(text)
    with pytest.raises(ConfigError) as refused:
        load_settings()
    assert wanted in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["LACUNA__GATEWAY__PROT", "LACUNA__MODDE", "LACUNA__DATA__X"])
def test_a_misspelt_variable_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(ConfigError, match=name):
        load_settings()


def test_a_wrong_variable_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LACUNA__GATEWAY__PORT", "many")
    with pytest.raises(ConfigError, match="LACUNA__GATEWAY__PORT"):
        load_settings()


def test_an_unknown_argument_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"gateway\.colour"):
        load_settings(command_line={"gateway": {"colour": 1}})


def test_a_named_file_must_be_there() -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml: No such file"):
        load_settings(Path("nowhere.toml"))
