"""Bring a keyspace to the schema of this program, step by step, never backwards."""

import hashlib
import re
import time
import uuid
from dataclasses import dataclass
from importlib import resources
from typing import Any

from cassandra.cluster import Session

from lacuna_core.errors import ConfigError, CorruptState, Transient
from lacuna_runtime.sections import CassandraSettings
from lacuna_runtime.stores.cassandra.statement import in_keyspace

COMMAND = "python -m lacuna_runtime.stores.cassandra migrate"
_NAME = re.compile(r"^(\d{4})_\w+\.cql$")
_COMMENT = re.compile(r"--[^\n]*")
_LOCK_TTL_S = 120
"""A migrator that died leaves the lock for so long."""
_LOCK_WAIT_S = 180.0
_LOCK_POLL_S = 0.2
_OWN_TABLES = frozenset({"schema_lock", "schema_version"})
_VERSIONS = (
    "CREATE TABLE IF NOT EXISTS {keyspace}.schema_version"
    " (one int, number int, name text, checksum text, PRIMARY KEY (one, number))"
)
# Two processes that create one table at once may give it two ids, and the nodes then disagree for ever. The
# lock keeps them apart, and is itself created with an id that follows from its name.
_LOCK = "CREATE TABLE IF NOT EXISTS {keyspace}.schema_lock (one int PRIMARY KEY, holder text) WITH ID = {id}"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the schema.

    Attributes
    ----------
    number : int
        From 1, without holes.
    name : str
        Of its file.
    statements : tuple of str
        To be done in order; each may be done again.
    checksum : str
        Of its text, hexadecimal.
    """

    number: int
    name: str
    statements: tuple[str, ...]
    checksum: str


def _step(number: int, name: str, text: str) -> Step:
    parts = (part.strip() for part in _COMMENT.sub("", text).split(";"))
    checksum = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    return Step(number, name, tuple(part for part in parts if part), checksum)


def steps() -> list[Step]:
    """Read the schema steps.

    Returns
    -------
    list of Step
        In order.
    """
    folder = resources.files("lacuna_runtime.stores.cassandra") / "migrations"
    found = [(_NAME.match(f.name), f) for f in folder.iterdir()]
    made = [_step(int(m[1]), f.name, f.read_text("utf-8")) for m, f in found if m]
    return sorted(made, key=lambda step: step.number)


def _tables(session: Session, keyspace: str) -> set[str] | None:
    """Tables of a keyspace; None when it is not there."""
    sql = "SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = %s"
    if not session.execute(sql, (keyspace,)).all():
        return None
    sql = "SELECT table_name FROM system_schema.tables WHERE keyspace_name = %s"
    return {name for (name,) in session.execute(sql, (keyspace,))}


def _applied(session: Session, keyspace: str) -> dict[int, str]:
    """Numbers and checksums of the steps that were done.

    Raises CorruptState if the keyspace holds something else.
    """
    tables = _tables(session, keyspace)
    if tables is None:
        return {}
    if "schema_version" not in tables:
        if tables - _OWN_TABLES:
            raise CorruptState(f"keyspace {keyspace} holds tables, but no store of Lacuna")
        return {}
    sql = f"SELECT number, checksum FROM {keyspace}.schema_version WHERE one = 1"
    return dict(session.execute(sql).all())


def _missing(session: Session, keyspace: str) -> list[Step]:
    """Steps that a keyspace lacks."""
    known, applied = steps(), _applied(session, keyspace)
    if applied and max(applied) > known[-1].number:
        raise CorruptState(
            f"keyspace {keyspace} has schema {max(applied)}, newer than the {known[-1].number} of this"
            " program: use a newer Lacuna"
        )
    for step in known:
        if applied.get(step.number, step.checksum) != step.checksum:
            raise CorruptState(
                f"keyspace {keyspace} has another {step.name} than this program: a step was changed after"
                " it was applied"
            )
    return [step for step in known if step.number not in applied]


def check(session: Session, settings: CassandraSettings) -> None:
    """Refuse a keyspace that is not of this program's schema.

    Parameters
    ----------
    session : cassandra.cluster.Session
        Connected.
    settings : CassandraSettings
        Which keyspace.

    Raises
    ------
    ConfigError
        If steps are missing.
    CorruptState
        If the schema is newer, was changed, or is not ours.
    """
    missing = _missing(session, settings.keyspace)
    if missing:
        raise ConfigError(
            f"keyspace {settings.keyspace} lacks {', '.join(step.name for step in missing)}, and"
            f" cassandra.migrate is false: run `{COMMAND}`"
        )


def migrate(session: Session, settings: CassandraSettings) -> None:
    """Create the keyspace and apply the steps that it lacks; several processes may at once.

    Parameters
    ----------
    session : cassandra.cluster.Session
        Connected.
    settings : CassandraSettings
        Which keyspace, and how many replicas when it is created.

    Raises
    ------
    CorruptState
        If the schema is newer, was changed, or is not ours.
    Transient
        If the nodes do not agree on the schema, or another process migrates without end.
    """
    keyspace = settings.keyspace
    if not _missing(session, keyspace):
        return
    if _tables(session, keyspace) is None:
        _define(
            session,
            f"CREATE KEYSPACE IF NOT EXISTS {keyspace} WITH replication = {{'class':"
            f" 'NetworkTopologyStrategy', '{settings.datacenter}': {settings.replication}}}",
        )
    _define(session, _LOCK.format(keyspace=keyspace, id=uuid.uuid5(uuid.NAMESPACE_OID, f"lacuna {keyspace}")))
    holder = uuid.uuid4().hex
    _take_lock(session, keyspace, holder)
    try:
        _define(session, _VERSIONS.format(keyspace=keyspace))
        for step in _missing(session, keyspace):
            _apply(session, keyspace, step)
    finally:
        session.execute(f"DELETE FROM {keyspace}.schema_lock WHERE one = 1 IF holder = %s", (holder,))


def _take_lock(session: Session, keyspace: str, holder: str) -> None:
    sql = f"INSERT INTO {keyspace}.schema_lock (one, holder) VALUES (1, %s) IF NOT EXISTS USING TTL %s"
    deadline = time.monotonic() + _LOCK_WAIT_S
    while not session.execute(sql, (holder, _LOCK_TTL_S)).was_applied:
        if time.monotonic() >= deadline:
            raise Transient(f"another process has been migrating keyspace {keyspace} for {_LOCK_WAIT_S:g} s")
        time.sleep(_LOCK_POLL_S)


def _apply(session: Session, keyspace: str, step: Step) -> None:
    for statement in step.statements:
        _define(session, in_keyspace(statement, keyspace))
    session.execute(
        f"INSERT INTO {keyspace}.schema_version (one, number, name, checksum) VALUES (1, %s, %s, %s)",
        (step.number, step.name, step.checksum),
    )


def _define(session: Session, statement: str) -> None:
    result: Any = session.execute(statement)
    if not result.response_future.is_schema_agreed:
        raise Transient("the nodes of Cassandra do not agree on the schema yet")
