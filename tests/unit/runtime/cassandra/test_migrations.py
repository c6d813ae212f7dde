"""The steps of the schema."""

import re

from lacuna_runtime.stores.cassandra.migrate import steps
from lacuna_runtime.stores.cassandra.roles import MIGRATOR, READER, WRITER, grants
from lacuna_runtime.stores.sqlite import migrate as embedded

_STATEMENTS = [statement for step in steps() for statement in step.statements]


def test_steps_are_numbered_as_the_embedded_ones() -> None:
    assert [step.number for step in steps()] == [number for number, _ in embedded.steps()]


def test_every_statement_may_be_done_again() -> None:
    assert all(s.startswith("CREATE TABLE IF NOT EXISTS ") for s in _STATEMENTS)


def test_every_table_says_how_it_is_compacted() -> None:
    assert [s for s in _STATEMENTS if "compaction = {" not in s] == []


def test_nothing_is_used_that_counts_twice_or_scans() -> None:
    forbidden = re.compile(r"\bcounter\b|MATERIALIZED|CREATE (CUSTOM )?INDEX|IF EXISTS", re.IGNORECASE)
    assert [s for s in _STATEMENTS if forbidden.search(s)] == []


def test_roles_get_no_more_than_they_need() -> None:
    given = grants("lacuna", prefix="")
    by_role = {
        role: {s.split()[1] for s in given if s.endswith(f" {role}")} for role in (READER, WRITER, MIGRATOR)
    }
    assert by_role == {
        READER: {"SELECT"},
        WRITER: {"SELECT", "MODIFY"},
        MIGRATOR: {"SELECT", "MODIFY", "CREATE", "ALTER"},
    }
    assert all(" ON KEYSPACE lacuna TO " in statement for statement in given)
