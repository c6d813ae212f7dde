"""What query answers, as messages."""

from lacuna_core.event import Alert
from lacuna_core.message import LedgerEntry
from lacuna_core.ports import EncodedEvent
from lacuna_core.profile import Account, CraftProfile, Identity, LastPosition
from lacuna_core.query import CraftSummary, IdentityChange, SilenceFigure
from lacuna_protos.v1 import query_service_pb2 as pb
from lacuna_runtime.rpc.flat import read_flat, write_flat
from lacuna_runtime.rpc.query_filters import read_domain


def write_summary(summary: CraftSummary) -> pb.CraftSummary:
    """Write one craft.

    Parameters
    ----------
    summary : CraftSummary
        The craft.

    Returns
    -------
    CraftSummary
        The message.
    """
    profile = summary.profile
    last = None if profile.last is None else write_flat(pb.LastPosition, profile.last)
    return write_flat(
        pb.CraftSummary,
        profile,
        domain=int(profile.domain),
        last=last,
        identity=write_flat(pb.Identity, profile.identity),
        flag=summary.flag,
        group=summary.group,
    )


def read_summary(message: pb.CraftSummary) -> CraftSummary:
    """Read one craft.

    Parameters
    ----------
    message : CraftSummary
        As sent.

    Returns
    -------
    CraftSummary
        The craft.
    """
    profile = read_flat(
        CraftProfile,
        message,
        domain=read_domain(message.domain),
        last=read_flat(LastPosition, message.last) if message.HasField("last") else None,
        identity=read_flat(Identity, message.identity),
    )
    return read_flat(CraftSummary, message, profile=profile)


def write_change(change: IdentityChange) -> pb.IdentityChange:
    """Write one entry of an identity history.

    Parameters
    ----------
    change : IdentityChange
        The entry.

    Returns
    -------
    IdentityChange
        The message.
    """
    return write_flat(pb.IdentityChange, change, identity=write_flat(pb.Identity, change.identity))


def read_change(message: pb.IdentityChange) -> IdentityChange:
    """Read one entry of an identity history.

    Parameters
    ----------
    message : IdentityChange
        As sent.

    Returns
    -------
    IdentityChange
        The entry.
    """
    return read_flat(IdentityChange, message, identity=read_flat(Identity, message.identity))


def write_event(event: EncodedEvent) -> pb.StoredEvent:
    """Write a stored event.

    Parameters
    ----------
    event : EncodedEvent
        One revision.

    Returns
    -------
    StoredEvent
        The message.
    """
    return write_flat(pb.StoredEvent, event)


def read_event(message: pb.StoredEvent) -> EncodedEvent:
    """Read a stored event.

    Parameters
    ----------
    message : StoredEvent
        As sent.

    Returns
    -------
    EncodedEvent
        One revision.
    """
    return read_flat(EncodedEvent, message)


def write_alert(alert: Alert) -> pb.StoredAlert:
    """Write an alert.

    Parameters
    ----------
    alert : Alert
        The alert.

    Returns
    -------
    StoredAlert
        The message.
    """
    return write_flat(pb.StoredAlert, alert)


def read_alert(message: pb.StoredAlert) -> Alert:
    """Read an alert.

    Parameters
    ----------
    message : StoredAlert
        As sent.

    Returns
    -------
    Alert
        The alert.
    """
    return read_flat(Alert, message)


def write_figure(figure: SilenceFigure) -> pb.SilenceFigure:
    """Write a count of silences.

    Parameters
    ----------
    figure : SilenceFigure
        The count.

    Returns
    -------
    SilenceFigure
        The message.
    """
    return write_flat(pb.SilenceFigure, figure)


def read_figure(message: pb.SilenceFigure) -> SilenceFigure:
    """Read a count of silences.

    Parameters
    ----------
    message : SilenceFigure
        As sent.

    Returns
    -------
    SilenceFigure
        The count.
    """
    return read_flat(SilenceFigure, message)


def write_account(account: Account) -> pb.AccountReply:
    """Write the account.

    Parameters
    ----------
    account : Account
        The counts.

    Returns
    -------
    AccountReply
        The message.
    """
    dead = [pb.DeadLetterCount(source=s, reason=r, count=n) for s, r, n in account.dead_letters]
    ledger = [
        pb.LedgerRow(
            stage=entry.stage,
            partition=entry.partition,
            t_ms=entry.t_ms,
            counts=[pb.LedgerCount(name=name, value=value) for name, value in entry.counts],
        )
        for entry in account.ledger
    ]
    sources = [pb.NamedTime(name=name, t_ms=t_ms) for name, t_ms in account.sources]
    return write_flat(pb.AccountReply, account, sources=sources, dead_letters=dead, ledger=ledger)


def read_account(message: pb.AccountReply) -> Account:
    """Read the account.

    Parameters
    ----------
    message : AccountReply
        As sent.

    Returns
    -------
    Account
        The counts.
    """
    return read_flat(
        Account,
        message,
        sources=tuple((source.name, source.t_ms) for source in message.sources),
        dead_letters=tuple((d.source, d.reason, d.count) for d in message.dead_letters),
        ledger=tuple(
            LedgerEntry(row.stage, row.partition, row.t_ms, tuple((c.name, c.value) for c in row.counts))
            for row in message.ledger
        ),
    )
