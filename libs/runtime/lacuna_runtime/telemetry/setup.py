"""Turning telemetry on. Off, no module of OpenTelemetry is ever imported."""

from lacuna_core.errors import ConfigError
from lacuna_runtime.sections import TelemetrySettings
from lacuna_runtime.telemetry.api import OFF, Telemetry


def start_telemetry(
    settings: TelemetrySettings, service: str, instance: str, *, log: str = "kafka"
) -> Telemetry:
    """Start what the settings ask for.

    Parameters
    ----------
    settings : TelemetrySettings
        Exporter, endpoint, ratio, interval.
    service : str
        Dashed name of the service, e.g. ``flight-correlation``.
    instance : str
        Name of this replica.
    log : str
        What keeps the log, as ``messaging.system`` names it.

    Returns
    -------
    Telemetry
        To be shut down; ``OFF`` when nothing is asked for.

    Raises
    ------
    ConfigError
        If the packages are not installed.
    """
    if settings.exporter == "none":
        return OFF
    try:
        # imported here because a process without telemetry must not pay for it
        from lacuna_runtime.telemetry.sdk import SdkTelemetry, resource  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(
            f"setting telemetry.exporter: {settings.exporter!r} needs the extra lacuna-runtime[otel], "
            f"{error.name} is not installed"
        ) from error
    make = SdkTelemetry.otlp if settings.exporter == "otlp" else SdkTelemetry.prometheus
    return make(settings, resource(service, instance), log)
