"""The push endpoint: batches in, an answer to each once its rows are durable, a bound on what is in hand."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from lacuna_core.errors import ConfigError, InvalidInput, Transient
from lacuna_core.position import Domain, IdentityBatch, PositionBatch, SourceHealth
from lacuna_ingestion.build import decoded
from lacuna_ingestion.feed import Decoded
from lacuna_ingestion.pushed import identity_rows, position_rows, source_name
from lacuna_protos.v1 import ingest_service_pb2 as pb
from lacuna_protos.v1.ingest_service_pb2_grpc import (
    IngestServiceServicer,
    add_IngestServiceServicer_to_server,
)
from lacuna_runtime.rpc import Exhausted, Servicer

_LOG = logging.getLogger(__name__)
NAME = pb.DESCRIPTOR.services_by_name["IngestService"].full_name
MAX_IN_HAND_BYTES = 64 * 1024 * 1024
MAX_STREAMS = 12
_MAX_ID_CHARS = 128


class PositionSink(Protocol):
    """Where what was pushed goes; for any number of threads."""

    def put(self, batch: PositionBatch | IdentityBatch) -> None:
        """Take a batch; it is durable when this returns.

        Parameters
        ----------
        batch : PositionBatch or IdentityBatch
            Any number of rows, of any craft.

        Raises
        ------
        Transient
            If it may not have been written: whoever sent it sends it again.
        """
        ...

    def note(self, *, non_position: int) -> None:
        """Book messages that did not become positions.

        Parameters
        ----------
        non_position : int
            Understood, without a position.
        """
        ...


def ingest_servicer(
    sink: PositionSink,
    heard: Callable[[SourceHealth], None],
    *,
    in_hand_bytes: int = MAX_IN_HAND_BYTES,
    streams: int = MAX_STREAMS,
) -> Servicer:
    """Offer the push endpoint.

    Parameters
    ----------
    sink : PositionSink
        Where it goes.
    heard : callable
        Told which receivers heard how much in which slot, partial counts, once the rows are durable; by many
        threads.
    in_hand_bytes : int
        Most bytes of batches that are read and not yet durable.
    streams : int
        Most callers at once; less than the threads of the server, so that others are answered too.

    Returns
    -------
    Servicer
        For ``RpcServer``.
    """
    ingest = _Ingest(sink, heard, _Bound("bytes in hand", in_hand_bytes), _Bound("pushing callers", streams))
    return Servicer(NAME, lambda server: add_IngestServiceServicer_to_server(ingest, server))


class _Bound:
    """Lends out a number, and refuses what is beyond it."""

    def __init__(self, what: str, most: int) -> None:
        self._what = what
        self._most = most
        self._lent = 0
        self._lock = threading.Lock()

    @contextmanager
    def lent(self, amount: int) -> Iterator[None]:
        with self._lock:
            if self._lent + amount > self._most:
                raise Exhausted(f"too much at once: {self._most} {self._what}; wait and go on")
            self._lent += amount
        try:
            yield
        finally:
            with self._lock:
                self._lent -= amount


class _Ingest(IngestServiceServicer):
    def __init__(
        self, sink: PositionSink, heard: Callable[[SourceHealth], None], in_hand: _Bound, streams: _Bound
    ) -> None:
        self._sink = sink
        self._heard = heard
        self._in_hand = in_hand
        self._streams = streams

    def Push(self, request_iterator: Any, context: Any) -> Iterator[pb.PushReply]:  # noqa: N802
        with self._streams.lent(1):
            for request in request_iterator:
                with self._in_hand.lent(request.ByteSize()):
                    reply = self._take(request)
                yield reply

    def _take(self, request: pb.PushRequest) -> pb.PushReply:
        found = _read(request)
        self._put((*found.positions, *found.identities))
        if len(found.health):
            self._heard(found.health)
        if found.non_position:
            self._sink.note(non_position=found.non_position)
        return pb.PushReply(
            batch_id=request.batch_id,
            accepted=found.published,
            without_position=found.non_position,
            refused=[
                pb.RefusedRow(row=int(letter.origin), reason=letter.reason, expected=letter.detail)
                for letter in found.dead
            ],
        )

    def _put(self, batches: tuple[PositionBatch | IdentityBatch, ...]) -> None:
        try:
            for batch in batches:
                self._sink.put(batch)
        except ConfigError as error:
            # our mistake, not the caller's: another replica may be well
            _LOG.exception("what was pushed can't be written")
            raise Transient("this replica can't write; its log says why") from error


def _read(request: pb.PushRequest) -> Decoded:
    """Read a batch by the rules of every feed; a row that breaks one is refused, not the batch."""
    if len(request.batch_id) > _MAX_ID_CHARS:
        raise InvalidInput(f"batch_id: expected at most {_MAX_ID_CHARS} characters")
    try:
        which = request.WhichOneof("rows")
        if which is None:
            raise InvalidInput("rows: expected positions or identities")
        message = getattr(request, which)
        columns = {f.name: getattr(message, f.name) for f in message.DESCRIPTOR.fields if f.is_repeated}
        read = position_rows if which == "positions" else identity_rows
        rows = read(_domain(message.domain), source_name(request.source), columns)
    except InvalidInput as error:
        raise InvalidInput(f"batch {request.batch_id!r}: {error}") from error
    return decoded(rows, str, lambda _: b"", bytes_read=0)


def _domain(value: int) -> Domain:
    try:
        return Domain(value)
    except ValueError as error:
        raise InvalidInput(f"domain {value}: expected sea (1) or air (2)") from error
