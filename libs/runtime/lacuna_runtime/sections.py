"""The sections of the settings; ``lacuna_runtime.settings`` puts them together."""

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from lacuna_core.units import MS_PER_MIN


class Section(BaseModel):
    """A section: unknown keys are errors, nothing changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class BusSettings(Section):
    """The embedded log.

    Attributes
    ----------
    synchronous : str
        ``FULL``: durable at power loss. ``NORMAL``: at any death of the process, and faster.
    """

    synchronous: Literal["FULL", "NORMAL"] = "FULL"


class TlsSettings(Section):
    """Certificates, as files of PEM.

    Attributes
    ----------
    ca_file : Path or None
        Who is trusted; the system's authorities when None.
    cert_file, key_file : Path or None
        What we show, both or neither.
    """

    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None


class KafkaSettings(Section):
    """The distributed log.

    Attributes
    ----------
    bootstrap : tuple of str
        ``host:port`` of some brokers.
    security : str
        Protocol, as Kafka names it.
    sasl_mechanism : str
        As Kafka names it.
    username : str
        Principal.
    password_file : Path or None
        Its password.
    tls : TlsSettings
        For the protocols with SSL.
    replication : int
        Replicas of the topics that are created here.
    min_insync : int
        Replicas that must have a record before it counts as durable.
    session_ms : int
        Silence after which a member of a group is given up.
    request_ms : int
        Longest wait for one answer of a broker.
    delivery_ms : int
        Longest wait until a record is durable; then everything in flight is dropped and built anew.
    in_flight_bytes : int
        Most bytes published and not yet durable.
    """

    bootstrap: tuple[str, ...] = ("127.0.0.1:9092",)
    security: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["SCRAM-SHA-256", "SCRAM-SHA-512", "PLAIN"] = "SCRAM-SHA-512"
    username: str = ""
    password_file: Path | None = None
    tls: TlsSettings = TlsSettings()
    replication: int = Field(default=1, ge=1)
    min_insync: int = Field(default=1, ge=1)
    session_ms: int = Field(default=45_000, ge=1_000)
    request_ms: int = Field(default=30_000, ge=1_000)
    delivery_ms: int = Field(default=60_000, ge=1_000)
    in_flight_bytes: int = Field(default=32 * 1024 * 1024, ge=2 * 1024 * 1024)


class CassandraSettings(Section):
    """The distributed stores.

    Attributes
    ----------
    contact_points : tuple of str
        Addresses of some nodes.
    port : int
        CQL port.
    datacenter : str
        Name of the local data center.
    keyspace : str
        Where our tables are.
    replication : int
        Replicas in the local data center, when the keyspace is created here.
    username : str
        Role; no authentication when empty.
    password_file : Path or None
        Its password.
    tls : TlsSettings or None
        None speaks in the clear.
    request_ms : int
        Longest wait for one answer.
    migrate : bool
        Whether this process may create and migrate the schema; otherwise it must be there.
    """

    contact_points: tuple[str, ...] = ("127.0.0.1",)
    port: int = Field(default=9042, ge=1, le=65_535)
    datacenter: str = "datacenter1"
    keyspace: str = Field(default="lacuna", pattern=r"^[a-z][a-z0-9_]{0,47}$")
    replication: int = Field(default=1, ge=1)
    username: str = ""
    password_file: Path | None = None
    tls: TlsSettings | None = None
    request_ms: int = Field(default=10_000, ge=100)
    migrate: bool = True


class StageSettings(Section):
    """How much a stage takes at once; none of it changes what comes out.

    Attributes
    ----------
    poll_records : int
        Most records of one partition in one cycle.
    pending_rows : int
        From this many waiting rows on, a task reads only the partitions that hold the others up.
    snapshot_rows : int
        Rows of one task between two of its snapshots.
    snapshot_ms : int
        Longest time between two snapshots.
    """

    poll_records: int = Field(default=64, ge=1)
    pending_rows: int = Field(default=1 << 20, ge=1)
    snapshot_rows: int = Field(default=2_000_000, ge=1)
    snapshot_ms: int = Field(default=5 * MS_PER_MIN, ge=1_000)


class IngestionSettings(Section):
    """The way in.

    Attributes
    ----------
    lateness_ms : int
        How late a row may come and still be taken in order; one value for the life of a log.
    tick_ms : int
        Time between two ticks of a live log.
    ticker : bool
        Whether this process ticks; an archive ticks itself.
    """

    lateness_ms: int = Field(default=5 * MS_PER_MIN, ge=0)
    tick_ms: int = Field(default=2_000, ge=100)
    ticker: bool = True


class DetectionSettings(Section):
    """Detection.

    Attributes
    ----------
    basins : tuple of str
        Basin packs in force.
    disabled : tuple of str
        Detector kinds that are off.
    params : dict
        Overrides of detector parameters: kind, then field.
    """

    basins: tuple[str, ...] = ("caspian",)
    disabled: tuple[str, ...] = ()
    params: dict[str, dict[str, Any]] = Field(default_factory=dict)


class GatewaySettings(Section):
    """The REST API.

    Attributes
    ----------
    host : str
        Address to listen on.
    port : int
        TCP port.
    query_target : str
        ``host:port`` of the query service, for a gateway in a process of its own.
    cursor_secret_file : Path or None
        Signs cursors; replicas must share it. Random for each process when None.
    """

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65_535)
    query_target: str = "127.0.0.1:9104"
    cursor_secret_file: Path | None = None


class ServiceSettings(Section):
    """A service as a process.

    Attributes
    ----------
    instance : str
        Name of this replica, the same after a restart; the host's name when empty.
    host : str
        Address for gRPC and health.
    grpc_port : int
        gRPC port; 0 takes any free one.
    health_port : int
        Port of ``/livez``, ``/readyz``, ``/startupz`` and ``/metrics``; 0 takes any free one.
    grpc_tls : TlsSettings or None
        mTLS between services; None speaks in the clear.
    grpc_peers : tuple of str
        Names in the certificates of those who may call; empty for everyone whom the authority signed.
    grace_s : float
        Longest time to finish what is under way.
    stuck_s : float
        A loop without a cycle for this long is stuck; the process ends itself.
    """

    instance: str = ""
    host: str = "127.0.0.1"
    grpc_port: int = Field(default=0, ge=0, le=65_535)
    health_port: int = Field(default=0, ge=0, le=65_535)
    grpc_tls: TlsSettings | None = None
    grpc_peers: tuple[str, ...] = ()
    grace_s: float = Field(default=20.0, gt=0)
    stuck_s: float = Field(default=120.0, gt=0)


class TelemetrySettings(Section):
    """Traces and metrics.

    Attributes
    ----------
    exporter : str
        ``none`` costs nothing, ``otlp`` sends both, ``prometheus`` offers metrics at the health port.
    endpoint : str
        OTLP/HTTP base URL.
    sample_ratio : float
        Share of batches that are traced.
    interval_ms : int
        Time between two sendings of metrics.
    """

    exporter: Literal["none", "otlp", "prometheus"] = "none"
    endpoint: str = "http://127.0.0.1:4318"
    sample_ratio: float = Field(default=0.01, ge=0, le=1)
    interval_ms: int = Field(default=15_000, ge=100)


class LogSettings(Section):
    """Logging.

    Attributes
    ----------
    level : str
        Least severe level that is written.
    format : str
        ``auto`` writes plain lines on a terminal and JSON elsewhere.
    """

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "plain"] = "auto"
