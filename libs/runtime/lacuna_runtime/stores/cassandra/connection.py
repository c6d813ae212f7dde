"""The way to Cassandra: one session, its prepared statements, and how they are sent."""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Self, TypeAlias

from cassandra import ConsistencyLevel, DependencyException
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile, ResponseFuture, Session
from cassandra.cython_deps import HAVE_CYTHON
from cassandra.policies import (
    DCAwareRoundRobinPolicy,
    ExponentialReconnectionPolicy,
    RetryPolicy,
    TokenAwarePolicy,
)
from cassandra.query import BatchStatement, BatchType, tuple_factory

from lacuna_core.errors import ConfigError, Transient
from lacuna_runtime.sections import CassandraSettings
from lacuna_runtime.stores.cassandra.failure import FAILURES, asking, reaction_to
from lacuna_runtime.stores.cassandra.inflight import InFlight
from lacuna_runtime.stores.cassandra.login import auth_provider, ssl_context
from lacuna_runtime.stores.cassandra.statement import QUORUM, Call, Statement, in_keyspace

try:
    from cassandra.io.libevreactor import LibevConnection
except DependencyException:  # pragma: no cover
    LibevConnection = None

Row: TypeAlias = tuple[Any, ...]
_LOG = logging.getLogger(__name__)
_PROTOCOL = 5
_AHEAD = 64
"""Reads asked for before the first one is used."""


class _OnceMore(RetryPolicy):  # type: ignore[misc]  # the driver has no types
    """Ask once more after a time-out: every statement of ours gives the same however often it is done."""

    def on_read_timeout(self, *_: Any, retry_num: int, **__: Any) -> tuple[int, None]:
        return (self.RETRY if retry_num == 0 else self.RETHROW), None

    def on_write_timeout(self, *_: Any, retry_num: int, **__: Any) -> tuple[int, None]:
        return (self.RETRY if retry_num == 0 else self.RETHROW), None


def _cluster(settings: CassandraSettings) -> Cluster:
    if LibevConnection is None:
        raise ConfigError("cassandra-driver was built without libev, expected a build with it")
    if not HAVE_CYTHON:  # pragma: no cover
        _LOG.warning("cassandra-driver was built without Cython: reads are ten times slower")
    request_s = settings.request_ms / 1_000
    profile = ExecutionProfile(
        load_balancing_policy=TokenAwarePolicy(DCAwareRoundRobinPolicy(local_dc=settings.datacenter)),
        retry_policy=_OnceMore(),
        consistency_level=QUORUM,
        serial_consistency_level=ConsistencyLevel.LOCAL_SERIAL,
        request_timeout=request_s,
        row_factory=tuple_factory,
    )
    return Cluster(
        contact_points=list(settings.contact_points),
        port=settings.port,
        protocol_version=_PROTOCOL,
        connection_class=LibevConnection,
        compression=False,  # what is large is compressed already
        auth_provider=auth_provider(settings),
        ssl_context=ssl_context(settings.tls),
        execution_profiles={EXEC_PROFILE_DEFAULT: profile},
        connect_timeout=request_s,
        control_connection_timeout=request_s,
        reconnection_policy=ExponentialReconnectionPolicy(0.5, 10.0, max_attempts=None),
        application_name="lacuna",
    )


def _connect(cluster: Cluster, settings: CassandraSettings) -> Session:
    try:
        with asking():
            return cluster.connect()
    except Transient as error:
        found = {host.datacenter for host in cluster.metadata.all_hosts() if host.datacenter}
        if found and settings.datacenter not in found:
            there = ", ".join(sorted(found))
            raise ConfigError(
                f"cassandra.datacenter is {settings.datacenter}, but the nodes are in {there}"
            ) from error
        raise


class Connection:
    """One session with one keyspace; any thread may use it.

    Parameters
    ----------
    cluster : cassandra.cluster.Cluster
        To be shut down with it.
    session : cassandra.cluster.Session
        Connected.
    keyspace : str
        Where the tables of all statements are.
    request_s : float
        Longest wait for one answer, seconds.
    """

    def __init__(self, cluster: Cluster, session: Session, keyspace: str, request_s: float) -> None:
        self._cluster = cluster
        self._session = session
        self._keyspace = keyspace
        self._in_flight = InFlight(session, request_s)
        self._prepared: dict[Statement, Any] = {}

    @classmethod
    def open(cls, settings: CassandraSettings, prepare_keyspace: Callable[[Session], None]) -> Self:
        """Connect.

        Parameters
        ----------
        settings : CassandraSettings
            Where, and as whom.
        prepare_keyspace : callable
            Called with the session, to see to it that the keyspace is there.

        Returns
        -------
        Connection
            Ready.

        Raises
        ------
        ConfigError
            If a setting is wrong.
        Transient
            If no node answers.
        """
        cluster = _cluster(settings)
        try:
            session = _connect(cluster, settings)
            with asking():
                prepare_keyspace(session)
            return cls(cluster, session, settings.keyspace, settings.request_ms / 1_000)
        except BaseException:
            cluster.shutdown()
            raise

    def prepare(self, statements: Iterable[Statement]) -> None:
        """Prepare statements, so that no request later waits for it.

        Parameters
        ----------
        statements : iterable of Statement
            Those that are prepared already are passed over.
        """
        with asking():
            for statement in statements:
                if statement not in self._prepared:
                    prepared = self._session.prepare(in_keyspace(statement.cql, self._keyspace))
                    prepared.consistency_level = QUORUM
                    prepared.is_idempotent = True
                    self._prepared[statement] = prepared

    def _bound(self, call: Call, page_rows: int | None = None) -> Any:
        bound = self._prepared[call.statement].bind(call.values)
        if page_rows is not None:
            bound.fetch_size = page_rows
        return bound

    def _request(self, call: Call | Sequence[Call]) -> Any:
        if isinstance(call, Call):
            return self._bound(call)
        if len(call) == 1:
            return self._bound(call[0])
        batch = BatchStatement(BatchType.UNLOGGED, consistency_level=QUORUM)
        batch.is_idempotent = True
        for part in call:
            batch.add(self._bound(part))
        return batch

    def write(self, calls: Iterable[Call | Sequence[Call]]) -> None:
        """Write, many requests at a time, and wait until all are durable.

        Parameters
        ----------
        calls : iterable of Call or of sequence of Call
            A sequence holds calls of ONE partition: one request, done as a whole or not at all.

        Raises
        ------
        Transient
            If one failed; any part of the others may be done.
        """
        self._in_flight.run(self._request(call) for call in calls)

    def read(self, statement: Statement, *values: Any) -> list[Row]:
        """Read all rows of one statement.

        Parameters
        ----------
        statement : Statement
            What to read.
        *values : Any
            The values of its question marks.

        Returns
        -------
        list of tuple
            The rows.
        """
        return _all(self._in_flight.start(self._bound(Call(statement, values))))

    def read_each(self, calls: Iterable[Call]) -> Iterator[list[Row]]:
        """Read all rows of each of many statements, some ahead.

        Parameters
        ----------
        calls : iterable of Call
            What to read.

        Yields
        ------
        list of tuple
            The rows of each, in the order of the calls.
        """
        waiting: deque[ResponseFuture] = deque()
        for call in calls:
            waiting.append(self._in_flight.start(self._bound(call)))
            if len(waiting) >= _AHEAD:
                yield _all(waiting.popleft())
        while waiting:
            yield _all(waiting.popleft())

    def streams(self, calls: Iterable[Call], page_rows: int) -> list[Iterator[Row]]:
        """Ask for the first page of each of many statements; the others come as they are used.

        Parameters
        ----------
        calls : iterable of Call
            What to read.
        page_rows : int
            Rows of a page.

        Returns
        -------
        list of iterator of tuple
            The rows of each, in the order of the calls.
        """
        return [_each(self._in_flight.start(self._bound(call, page_rows))) for call in calls]

    def now_us(self) -> int:
        """Take a timestamp as writes carry it.

        Returns
        -------
        int
            Microseconds, greater than any taken before.
        """
        return int(self._cluster.timestamp_generator())

    def close(self) -> None:
        """Close all connections."""
        with suppress(*FAILURES):
            self._session.shutdown()
        self._cluster.shutdown()


def _all(future: ResponseFuture) -> list[Row]:
    with asking():
        return list(future.result())


def _each(future: ResponseFuture) -> Iterator[Row]:
    try:
        yield from future.result()
    except FAILURES as error:
        raise reaction_to(error) from error
