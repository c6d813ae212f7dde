"""Facts, events and control messages on the wire: one protobuf message a row."""

from operator import index

from lacuna_core.event import Event, Term
from lacuna_core.fact import Fact, Fix
from lacuna_core.message import DeadLetter, LedgerEntry
from lacuna_core.position import Activate, Tick
from lacuna_protos.v1 import control_pb2, event_pb2, fact_pb2


def _whole(value: int | None) -> int | None:
    # numpy integers are taken as the integers they are
    return None if value is None else index(value)


def _write_fix(fix: Fix | None) -> fact_pb2.Fix | None:
    if fix is None:
        return None
    return fact_pb2.Fix(
        t_ms=index(fix.t_ms),
        lat_e7=index(fix.lat_e7),
        lon_e7=index(fix.lon_e7),
        speed_dkn=index(fix.speed_dkn),
        course_ddeg=index(fix.course_ddeg),
        digest=index(fix.digest),
        receiver=fix.receiver,
    )


def _read_fix(fix: fact_pb2.Fix) -> Fix:
    return Fix(fix.t_ms, fix.lat_e7, fix.lon_e7, fix.speed_dkn, fix.course_ddeg, fix.digest, fix.receiver)


def write_fact(fact: Fact) -> fact_pb2.Fact:
    """Write a fact.

    Parameters
    ----------
    fact : Fact
        Any fact.

    Returns
    -------
    fact_pb2.Fact
        Its message.
    """
    return fact_pb2.Fact(
        kind=fact.kind,
        crafts=[index(c) for c in fact.crafts],
        as_of_ms=index(fact.as_of_ms),
        status=fact.status,
        anchor_t_ms=index(fact.anchor_t_ms),
        anchor_digest=index(fact.anchor_digest),
        start_ms=index(fact.start_ms),
        end_ms=_whole(fact.end_ms),
        start=_write_fix(fact.start),
        end=_write_fix(fact.end),
        detail=fact.detail,
    )


def read_fact(row: fact_pb2.Fact) -> Fact:
    """Read a fact.

    Parameters
    ----------
    row : fact_pb2.Fact
        Its message.

    Returns
    -------
    Fact
        The fact.
    """
    return Fact(
        kind=row.kind,
        crafts=tuple(row.crafts),
        as_of_ms=row.as_of_ms,
        status=row.status,
        anchor_t_ms=row.anchor_t_ms,
        anchor_digest=row.anchor_digest,
        start_ms=row.start_ms,
        end_ms=row.end_ms if row.HasField("end_ms") else None,
        start=_read_fix(row.start) if row.HasField("start") else None,
        end=_read_fix(row.end) if row.HasField("end") else None,
        detail=row.detail,
    )


def write_event(event: Event) -> event_pb2.Event:
    """Write an event.

    Parameters
    ----------
    event : Event
        Any event.

    Returns
    -------
    event_pb2.Event
        Its message.
    """
    return event_pb2.Event(
        event_id=event.event_id,
        kind=event.kind,
        crafts=[index(c) for c in event.crafts],
        generation=event.generation,
        revision=event.revision,
        status=event.status,
        as_of_ms=index(event.as_of_ms),
        start_ms=index(event.start_ms),
        end_ms=_whole(event.end_ms),
        start_lat_e7=_whole(event.start_lat_e7),
        start_lon_e7=_whole(event.start_lon_e7),
        end_lat_e7=_whole(event.end_lat_e7),
        end_lon_e7=_whole(event.end_lon_e7),
        place=event.place,
        verdict=event.verdict,
        probabilities=[event_pb2.Probability(name=n, value=p) for n, p in event.probabilities],
        terms=[event_pb2.Term(name=t.name, value=t.value, unit=t.unit) for t in event.terms],
        evidence=event.evidence,
        detail=event.detail,
        model_version=event.model_version,
    )


def read_event(row: event_pb2.Event) -> Event:
    """Read an event.

    Parameters
    ----------
    row : event_pb2.Event
        Its message.

    Returns
    -------
    Event
        The event.
    """
    return Event(
        event_id=row.event_id,
        kind=row.kind,
        crafts=tuple(row.crafts),
        generation=row.generation,
        revision=row.revision,
        status=row.status,
        as_of_ms=row.as_of_ms,
        start_ms=row.start_ms,
        end_ms=row.end_ms if row.HasField("end_ms") else None,
        start_lat_e7=row.start_lat_e7 if row.HasField("start_lat_e7") else None,
        start_lon_e7=row.start_lon_e7 if row.HasField("start_lon_e7") else None,
        end_lat_e7=row.end_lat_e7 if row.HasField("end_lat_e7") else None,
        end_lon_e7=row.end_lon_e7 if row.HasField("end_lon_e7") else None,
        place=row.place,
        verdict=row.verdict,
        probabilities=tuple((p.name, p.value if p.HasField("value") else None) for p in row.probabilities),
        terms=tuple(Term(t.name, t.value, t.unit) for t in row.terms),
        evidence=tuple(row.evidence),
        detail=row.detail,
        model_version=row.model_version,
    )


def write_control(
    message: Tick | Activate | DeadLetter | LedgerEntry,
) -> control_pb2.Tick | control_pb2.Activate | control_pb2.DeadLetter | control_pb2.LedgerEntry:
    """Write a message of one row.

    Parameters
    ----------
    message : Tick or Activate or DeadLetter or LedgerEntry
        The row.

    Returns
    -------
    protobuf message
        Of the same name.
    """
    if isinstance(message, Tick):
        return control_pb2.Tick(seq=message.seq, t_ms=message.t_ms, lateness_ms=message.lateness_ms)
    if isinstance(message, Activate):
        return control_pb2.Activate(kind=message.kind, digest=message.digest, body=message.body)
    if isinstance(message, DeadLetter):
        return control_pb2.DeadLetter(
            source=message.source,
            origin=message.origin,
            reason=message.reason,
            detail=message.detail,
            payload=message.payload,
        )
    counts = [control_pb2.Count(name=name, value=value) for name, value in message.counts]
    return control_pb2.LedgerEntry(
        stage=message.stage, partition=message.partition, t_ms=message.t_ms, counts=counts
    )


def read_tick(row: control_pb2.Tick) -> Tick:
    """Read a tick.

    Parameters
    ----------
    row : control_pb2.Tick
        Its message.

    Returns
    -------
    Tick
        The tick.
    """
    return Tick(row.seq, row.t_ms, row.lateness_ms)


def read_activate(row: control_pb2.Activate) -> Activate:
    """Read an activation.

    Parameters
    ----------
    row : control_pb2.Activate
        Its message.

    Returns
    -------
    Activate
        The activation.
    """
    return Activate(row.kind, row.digest, row.body)


def read_dead_letter(row: control_pb2.DeadLetter) -> DeadLetter:
    """Read a dead letter.

    Parameters
    ----------
    row : control_pb2.DeadLetter
        Its message.

    Returns
    -------
    DeadLetter
        The dead letter.
    """
    return DeadLetter(row.source, row.origin, row.reason, row.detail, row.payload)


def read_ledger(row: control_pb2.LedgerEntry) -> LedgerEntry:
    """Read a ledger entry.

    Parameters
    ----------
    row : control_pb2.LedgerEntry
        Its message.

    Returns
    -------
    LedgerEntry
        The entry.
    """
    counts = tuple((count.name, count.value) for count in row.counts)
    return LedgerEntry(row.stage, row.partition, row.t_ms, counts)
