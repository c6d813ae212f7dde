"""One producer from its first record to its first failure, and nothing of it after that.

Consumers drop repeats by the sequence number of rows, so a row that is written behind one that was lost
would hide the loss. The library goes on after a batch has failed; a flight does not: its batches never
expire one by one, and the first failure, or the first record that is not durable in time, stops the thread
that sends. A partition has one batch on its way at a time, so what stands in it is always a prefix of what
was sent to it. Everything that was not yet durable is reported as lost, and the next flight begins.
"""

import logging
import threading
import time
from typing import Any

from kafka import KafkaProducer, errors

from lacuna_core.errors import ConfigError, LacunaError, Transient
from lacuna_core.ports import Outgoing
from lacuna_runtime.bus.kafka.bounded import close_quietly
from lacuna_runtime.bus.kafka.failures import FOREIGN, translate
from lacuna_runtime.sections import KafkaSettings

_LOG = logging.getLogger(__name__)
_FOR_EVER_MS = 365 * 24 * 3_600_000
_BATCH_BYTES = 1 << 20
_REQUEST_BYTES = 8 << 20
_OVERHEAD = 64
"""Bytes that a record takes beside key, value and headers, generously."""
_LAST_S = 2.0


class _Sender(KafkaProducer):  # type: ignore[misc] # the library has no types
    """The library's producer, which can also be stopped at once; its own ``close`` flushes first."""

    def abort(self) -> None:
        """Send nothing more; may be called from the thread that sends, and again."""
        self._sender.force_close()

    def end(self) -> None:
        """Wait until the thread that sends has ended, then free the rest."""
        self._sender.join()
        self.close(timeout=0)


class Pending:
    """Promise that a record of a flight is durable.

    Parameters
    ----------
    flight : Flight
        Its flight.
    size : int
        Bytes that it takes.
    deadline_s : float
        When it must be durable, on the monotonic clock.
    """

    __slots__ = ("_deadline_s", "_flight", "_future", "landed", "size")

    def __init__(self, flight: "Flight", size: int, deadline_s: float) -> None:
        self._flight = flight
        self._deadline_s = deadline_s
        self._future: Any = None
        self.size = size
        self.landed = False

    def follow(self, future: Any) -> None:
        """Hear what becomes of the record.

        Parameters
        ----------
        future : kafka.producer.future.FutureRecordMetadata
            From the library; it calls back on the thread that sends.
        """
        self._future = future
        future.add_callback(self._land)
        future.add_errback(self._lose)

    def _land(self, _: object) -> None:
        self.landed = True
        self._flight.free(self.size)

    def _lose(self, error: BaseException) -> None:
        self._flight.fail(error)
        self._flight.free(self.size)

    def result(self) -> int:
        """Wait until the record is durable, at most until its deadline.

        Returns
        -------
        int
            Its offset.

        Raises
        ------
        Transient
            If it may not have been written; all that its flight had not yet written is lost then.
        ConfigError
            If the log refuses it for good.
        """
        try:
            found = self._future.get(timeout=max(0.0, self._deadline_s - time.monotonic()))
        except errors.KafkaError as error:
            self._flight.fail(error)
            raise self._flight.loss() from error
        if found.offset < 0:
            raise Transient("publishing: a record is written, but the log no longer knows where")
        return int(found.offset)


class Flight:
    """One producer; for any number of threads.

    Parameters
    ----------
    options : dict
        Of any client.
    settings : KafkaSettings
        Bounds.
    """

    def __init__(self, options: dict[str, Any], settings: KafkaSettings) -> None:
        self._sender = _Sender(
            **options,
            acks="all",
            enable_idempotence=True,
            delivery_timeout_ms=_FOR_EVER_MS,
            batch_size=_BATCH_BYTES,
            # columns shrink to a fraction, and what is not sent and read costs more than compressing it
            compression_type="zstd",
            max_request_size=_REQUEST_BYTES,
            # who publishes waits for the delivery at once; more than one record makes a batch anyway
            linger_ms=0,
            max_block_ms=settings.request_ms,
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )
        self._limit = settings.in_flight_bytes
        self._patience_s = settings.delivery_ms / 1000
        self._room = threading.Condition()
        self._bytes = 0
        self._cause: BaseException | None = None
        self._told: set[int] = set()

    @property
    def broken(self) -> bool:
        """Whether it has failed."""
        return self._cause is not None

    def told(self) -> bool:
        """Tell whether this thread has already heard that the flight failed.

        Returns
        -------
        bool
            Whether ``loss`` was asked for in this thread.
        """
        return threading.get_ident() in self._told

    def send(self, record: Outgoing) -> Pending:
        """Send a record; waits while too much is on its way.

        Parameters
        ----------
        record : Outgoing
            It.

        Returns
        -------
        Pending
            Its promise.

        Raises
        ------
        Transient
            If the flight has failed, or fails here.
        """
        headers = list(record.headers)
        size = len(record.key) + len(record.value) + sum(len(k) + len(v) for k, v in headers) + _OVERHEAD
        self._take(size)
        pending = Pending(self, size, time.monotonic() + self._patience_s)
        try:
            future = self._sender.send(
                record.topic,
                # a key without a value is how Kafka deletes
                value=record.value if record.value or not record.key else None,
                key=record.key,
                headers=headers,
                partition=record.partition,
            )
        except (*FOREIGN, ValueError) as error:
            self.free(size)
            self.fail(error)
            raise self.loss() from error
        pending.follow(future)
        return pending

    def _take(self, size: int) -> None:
        with self._room:
            fits = self._room.wait_for(
                lambda: self.broken or not self._bytes or self._bytes + size <= self._limit, self._patience_s
            )
            if fits and not self.broken:
                self._bytes += size
                return
        self.fail(Transient(f"publishing: {self._bytes} bytes are not durable in {self._patience_s:.0f} s"))
        raise self.loss()

    def free(self, size: int) -> None:
        """Give the place of a record back.

        Parameters
        ----------
        size : int
            Its bytes.
        """
        with self._room:
            self._bytes -= size
            self._room.notify_all()

    def fail(self, cause: BaseException) -> None:
        """Stop sending for good.

        Parameters
        ----------
        cause : BaseException
            Why; only the first one counts.
        """
        with self._room:
            if self.broken:
                return
            self._cause = cause
            self._room.notify_all()
        self._sender.abort()
        _LOG.warning("publishing failed, what was on its way is given up: %s", cause)

    def loss(self) -> LacunaError:
        """Explain the failure to this thread.

        Returns
        -------
        LacunaError
            To be raised: ``ConfigError`` if the log refuses for good, otherwise ``Transient``.
        """
        self._told.add(threading.get_ident())
        error = translate(self._cause or Transient("closed"), "publishing")
        return error if isinstance(error, ConfigError) else Transient(str(error))

    def end(self) -> None:
        """Free everything; gives what nobody waits for a last moment to become durable."""
        if not self.broken:
            try:
                self._sender.flush(timeout=_LAST_S)
            except errors.KafkaError as error:
                _LOG.warning("the log is closed with records on their way: %s", error)
            with self._room:
                self._cause = self._cause or Transient("the log was closed")
            self._sender.abort()
        close_quietly(self._sender.end, "a producer")
