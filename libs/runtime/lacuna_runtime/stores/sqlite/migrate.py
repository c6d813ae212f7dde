"""Bring a store to the schema of this program, step by step, never backwards."""

import re
import sqlite3
from importlib import resources

from lacuna_core.errors import CorruptState

APPLICATION_ID = 0x4C41434E
"""Marks the file as a store of Lacuna ("LACN")."""
_NAME = re.compile(r"^(\d{4})_\w+\.sql$")


def steps() -> list[tuple[int, str]]:
    """Read the schema steps.

    Returns
    -------
    list of (int, str)
        Number and SQL text, numbered from 1 without holes.
    """
    folder = resources.files("lacuna_runtime.stores.sqlite") / "migrations"
    found = [(_NAME.match(f.name), f) for f in folder.iterdir()]
    return sorted((int(match[1]), file.read_text("utf-8")) for match, file in found if match)


def migrate(connection: sqlite3.Connection, name: str) -> None:
    """Apply the steps that a store lacks; each is one transaction.

    Parameters
    ----------
    connection : sqlite3.Connection
        The writer.
    name : str
        What to call the store in an error.

    Raises
    ------
    CorruptState
        If the file is not a store of Lacuna or its schema is newer than this program.
    """
    todo = steps()
    newest = todo[-1][0]
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (mark,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if mark != APPLICATION_ID and (tables or version):
        raise CorruptState(f"{name} is a SQLite file, but no store of Lacuna")
    if version > newest:
        raise CorruptState(
            f"{name} has schema {version}, newer than the {newest} of this program: use a newer Lacuna"
        )
    for number, sql in todo:
        if number > version:
            connection.executescript(
                f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA application_id = {APPLICATION_ID};\n"
                f"PRAGMA user_version = {number};\nCOMMIT;"
            )
