"""Every name of a span, a metric and an attribute, with what it means. The only place that spells one.

A metric has the same name over OTLP and in a Prometheus scrape. Attributes of metrics take few values: never
a craft, a tenant or an event.
"""

from dataclasses import dataclass
from typing import Literal

MAX_LINKS = 128
"""Producers that one batch is linked to; what is more is counted by the span and left out."""

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_ROWS = (1.0, 10.0, 100.0, 1e3, 1e4, 3e4, 1e5, 3e5, 1e6, 3e6)
_BYTES = (1e3, 1e4, 1e5, 3e5, 1e6, 3e6, 1e7, 3e7, 1e8)


@dataclass(frozen=True, slots=True)
class Attribute:
    """A name beside a value or a span.

    Attributes
    ----------
    name : str
        As sent; a Prometheus label has underscores for the dots.
    help : str
        What it holds.
    """

    name: str
    help: str


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric.

    Attributes
    ----------
    name : str
        As sent and as scraped.
    kind : str
        ``counter`` only grows, ``histogram`` has ``buckets``, ``gauge`` is read when it is sent.
    unit : str
        As UCUM spells it.
    attributes : tuple of Attribute
        All that a value may carry.
    help : str
        What it counts or measures.
    buckets : tuple of float
        Upper bounds of a histogram, in its unit.
    """

    name: str
    kind: Literal["counter", "histogram", "gauge"]
    unit: str
    attributes: tuple[Attribute, ...]
    help: str
    buckets: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class SpanName:
    """One kind of span.

    Attributes
    ----------
    template : str
        Its name, ``{}`` for the stage or the method.
    kind : str
        As OpenTelemetry names it.
    attributes : tuple of Attribute
        All that it may carry.
    help : str
        What it spans.
    """

    template: str
    kind: Literal["internal", "consumer", "producer", "server", "client"]
    attributes: tuple[Attribute, ...]
    help: str


STAGE = Attribute("stage", "fold or sink, the name of its consumer group")
PARTITION = Attribute("partition", "task number of the stage")
REASON = Attribute("reason", "why: the code of a dead letter, or the class of an error")
SOURCE = Attribute("source", "feed, as the settings name it")
STATEMENT = Attribute("stmt", "name of the prepared statement")
OPERATION = Attribute("op", "operation id of the REST API")
CODE = Attribute("code", "status of the answer: HTTP number or gRPC name")
METHOD = Attribute("method", "full gRPC method, `package.Service/Method`")
OUTCOME = Attribute("outcome", "`delivered`, `refused`, `failed` or `given_up`")
HOP = Attribute("hop", "publisher and reader, `facts>assess`")

MESSAGING_SYSTEM = Attribute("messaging.system", "what keeps the log: `kafka` or `sqlite`")
MESSAGING_OPERATION = Attribute("messaging.operation.name", "`process` or `publish`")
MESSAGING_TYPE = Attribute("messaging.operation.type", "`process` or `send`")
MESSAGING_GROUP = Attribute("messaging.consumer.group.name", "consumer group")
MESSAGING_DESTINATION = Attribute("messaging.destination.name", "topic")
MESSAGING_COUNT = Attribute("messaging.batch.message_count", "records in the batch")
RPC_SYSTEM = Attribute("rpc.system.name", "`grpc`")
RPC_METHOD = Attribute("rpc.method", "full gRPC method")
RPC_CODE = Attribute("rpc.response.status_code", "name of the gRPC status")
ERROR_TYPE = Attribute("error.type", "class of the error that ended the span, where one did")

ATTRIBUTES = (
    STAGE, PARTITION, REASON, SOURCE, STATEMENT, OPERATION, CODE, METHOD, OUTCOME, HOP,
    MESSAGING_SYSTEM, MESSAGING_OPERATION, MESSAGING_TYPE, MESSAGING_GROUP, MESSAGING_DESTINATION,
    MESSAGING_COUNT, RPC_SYSTEM, RPC_METHOD, RPC_CODE, ERROR_TYPE,
)  # fmt: skip

RECORDS_IN = Metric("lacuna_records_total", "counter", "{record}", (STAGE,), "Records read and done with.")
ROWS_IN = Metric("lacuna_rows_total", "counter", "{row}", (STAGE,), "Rows read and done with.")
PUBLISHED = Metric("lacuna_published_total", "counter", "{record}", (STAGE,), "Records published, durable.")
CYCLE_SECONDS = Metric(
    "lacuna_cycle_seconds", "histogram", "s", (STAGE,), "One cycle: from the poll's answer to the commit.",
    _SECONDS,
)  # fmt: skip
EPOCH_ROWS = Metric("lacuna_epoch_rows", "histogram", "{row}", (STAGE,), "Rows done in one cycle.", _ROWS)
CYCLE_GUARD = Metric(
    "lacuna_cycle_guard_total", "counter", "{cycle}", (STAGE, REASON),
    "Cycles given up: the loop is built anew and restored, or the process ends.",
)  # fmt: skip
TICK_LAG_SECONDS = Metric(
    "lacuna_tick_lag_seconds", "gauge", "s", (STAGE, PARTITION),
    "Clock now less the newest tick that the task has finished.",
)  # fmt: skip
PENDING_ROWS = Metric(
    "lacuna_pending_rows", "gauge", "{row}", (STAGE, PARTITION), "Rows read that wait for their epoch."
)
OWNED_TASKS = Metric("lacuna_owned_tasks", "gauge", "{task}", (STAGE,), "Tasks restored and running here.")
IN_FLIGHT_BYTES = Metric("lacuna_in_flight_bytes", "gauge", "By", (), "Bytes published and not yet durable.")
RESTORE_SECONDS = Metric(
    "lacuna_restore_seconds", "histogram", "s", (STAGE,), "Restoring one task, snapshot and replay.", _SECONDS
)
SNAPSHOT_SECONDS = Metric(
    "lacuna_snapshot_seconds", "histogram", "s", (STAGE,), "Writing the snapshot of one task.", _SECONDS
)
SNAPSHOT_BYTES = Metric(
    "lacuna_snapshot_bytes", "histogram", "By", (STAGE,), "Size of the snapshot of one task.", _BYTES
)
FLUSH_SECONDS = Metric(
    "lacuna_flush_seconds", "histogram", "s", (STAGE,), "Making durable what a sink has taken.", _SECONDS
)
DEAD_LETTERS = Metric(
    "lacuna_deadletter_total", "counter", "{record}", (STAGE, REASON), "Records put aside as dead letters."
)
LEDGER_IMBALANCE = Metric(
    "lacuna_ledger_imbalance", "gauge", "{row}", (HOP,), "Rows published less rows accounted for; 0 is right."
)
SOURCE_SILENCE_SECONDS = Metric(
    "lacuna_source_silence_seconds", "gauge", "s", (SOURCE,), "Clock now less the last message of a source."
)
FEED_AGE_SECONDS = Metric(
    "lacuna_feed_age_seconds", "gauge", "s", (SOURCE,), "Clock now less the newest row's time of a source."
)
CQL_SECONDS = Metric(
    "lacuna_cql_seconds", "histogram", "s", (STATEMENT,), "One statement, until its answer is in.", _SECONDS
)
RPC_SERVER_SECONDS = Metric(
    "lacuna_rpc_server_seconds", "histogram", "s", (METHOD, CODE), "One gRPC call answered, to its end.",
    _SECONDS,
)  # fmt: skip
RPC_CLIENT_SECONDS = Metric(
    "lacuna_rpc_client_seconds", "histogram", "s", (METHOD, CODE), "One gRPC call made, to its end.", _SECONDS
)
HTTP_SECONDS = Metric(
    "lacuna_http_seconds", "histogram", "s", (OPERATION, CODE), "One REST request, to its end.", _SECONDS
)
WEBHOOK_ATTEMPTS = Metric(
    "lacuna_webhook_attempts_total", "counter", "{attempt}", (OUTCOME,), "Attempts to deliver to a webhook."
)

METRICS = (
    RECORDS_IN, ROWS_IN, PUBLISHED, CYCLE_SECONDS, EPOCH_ROWS, CYCLE_GUARD, TICK_LAG_SECONDS, PENDING_ROWS,
    OWNED_TASKS, IN_FLIGHT_BYTES, RESTORE_SECONDS, SNAPSHOT_SECONDS, SNAPSHOT_BYTES, FLUSH_SECONDS,
    DEAD_LETTERS, LEDGER_IMBALANCE, SOURCE_SILENCE_SECONDS, FEED_AGE_SECONDS, CQL_SECONDS, RPC_SERVER_SECONDS,
    RPC_CLIENT_SECONDS, HTTP_SECONDS, WEBHOOK_ATTEMPTS,
)  # fmt: skip

PROCESS = SpanName(
    "process {}", "consumer",
    (MESSAGING_SYSTEM, MESSAGING_OPERATION, MESSAGING_TYPE, MESSAGING_GROUP, MESSAGING_COUNT, ERROR_TYPE),
    "One cycle of a stage, linked to the spans that published its records.",
)  # fmt: skip
PUBLISH = SpanName(
    "publish {}", "producer",
    (MESSAGING_SYSTEM, MESSAGING_OPERATION, MESSAGING_TYPE, MESSAGING_DESTINATION, MESSAGING_COUNT,
     ERROR_TYPE),
    "One batch on its way into the log, where it enters the system.",
)  # fmt: skip
RESTORE = SpanName("restore {}", "internal", (STAGE, PARTITION, ERROR_TYPE), "Restoring one task.")
SNAPSHOT = SpanName("snapshot {}", "internal", (STAGE, PARTITION, ERROR_TYPE), "Writing one snapshot.")
FLUSH = SpanName("flush {}", "internal", (STAGE, ERROR_TYPE), "Making durable what a sink has taken.")
RPC_SERVER = SpanName(
    "{}", "server", (RPC_SYSTEM, RPC_METHOD, RPC_CODE, ERROR_TYPE), "One gRPC call answered."
)
RPC_CLIENT = SpanName("{}", "client", (RPC_SYSTEM, RPC_METHOD, RPC_CODE, ERROR_TYPE), "One gRPC call made.")

SPANS = (PROCESS, PUBLISH, RESTORE, SNAPSHOT, FLUSH, RPC_SERVER, RPC_CLIENT)
