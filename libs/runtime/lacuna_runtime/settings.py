"""Settings: command line > environment > ``lacuna.toml`` > default. Unknown keys are errors.

The environment spells ``gateway.port`` as ``LACUNA__GATEWAY__PORT``. This is the only module that reads it.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from lacuna_core.errors import ConfigError
from lacuna_runtime.sections import (
    BusSettings,
    CassandraSettings,
    DetectionSettings,
    GatewaySettings,
    IngestionSettings,
    KafkaSettings,
    LogSettings,
    ServiceSettings,
    StageSettings,
    TelemetrySettings,
)

ENV_PREFIX = "LACUNA__"
DEFAULT_FILE = Path("lacuna.toml")


class Settings(BaseSettings):
    """Everything that can be set.

    Attributes
    ----------
    mode : str
        ``embedded`` or ``distributed``.
    data : Path
        Data folder of the embedded mode.
    bus, kafka, cassandra, stage, ingestion, detection, gateway, service, telemetry, log
        Sections.
    """

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix=ENV_PREFIX, env_nested_delimiter="__"
    )

    mode: Literal["embedded", "distributed"] = "embedded"
    data: Path = Path("lacuna-data")
    bus: BusSettings = BusSettings()
    kafka: KafkaSettings = KafkaSettings()
    cassandra: CassandraSettings = CassandraSettings()
    stage: StageSettings = StageSettings()
    ingestion: IngestionSettings = IngestionSettings()
    detection: DetectionSettings = DetectionSettings()
    gateway: GatewaySettings = GatewaySettings()
    service: ServiceSettings = ServiceSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    log: LogSettings = LogSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: what the command line said, the environment, the file."""
        assert isinstance(init_settings, InitSettingsSource)
        layers = init_settings.init_kwargs
        return (
            InitSettingsSource(settings_cls, dict(layers.get("command_line", {}))),
            EnvSettingsSource(settings_cls),
            InitSettingsSource(settings_cls, dict(layers.get("file", {}))),
        )


def load_settings(file: Path | None = None, command_line: Mapping[str, Any] | None = None) -> Settings:
    """Read the settings.

    Parameters
    ----------
    file : Path or None
        TOML file; None takes ``lacuna.toml`` of the working folder, if it is there.
    command_line : mapping of str to Any or None
        Nested, e.g. ``{"gateway": {"port": 0}}``; wins over everything.

    Returns
    -------
    Settings
        Checked.

    Raises
    ------
    ConfigError
        One line that names the key, or the file, and what was expected.
    """
    _refuse_unknown_environment()
    try:
        return Settings(file=_read(file), command_line=command_line or {})  # type: ignore[call-arg]
    except ValidationError as error:
        raise ConfigError("; ".join(_explain(dict(e)) for e in error.errors())) from error


def _read(file: Path | None) -> dict[str, Any]:
    path = DEFAULT_FILE if file is None else file
    if file is None and not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"settings file {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"settings file {path} is no TOML: {error}") from error


def _explain(error: Mapping[str, Any]) -> str:
    key = ".".join(str(part) for part in error["loc"])
    variable = ENV_PREFIX + "__".join(str(part) for part in error["loc"]).upper()
    if error["type"] == "extra_forbidden":
        return f"setting {key} is not known"
    return f"setting {key} (or {variable}): {error['msg'].lower()}, got {error['input']!r}"


def _refuse_unknown_environment() -> None:
    # pydantic-settings reads known names only and would pass over a misspelt one
    for variable in sorted(os.environ):
        if variable.upper().startswith(ENV_PREFIX):
            path = variable[len(ENV_PREFIX) :].lower().split("__")
            if not _is_known(Settings, path):
                raise ConfigError(f"environment variable {variable} names no setting")


def _is_known(model: type[BaseModel], path: list[str]) -> bool:
    field = model.model_fields.get(path[0])
    if field is None:
        return False
    kind = field.annotation
    # an optional section is known by its keys too
    for part in (kind, *get_args(kind)):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return len(path) == 1 or _is_known(part, path[1:])
    return len(path) == 1 or (get_origin(kind) is dict and bool(get_args(kind)))
