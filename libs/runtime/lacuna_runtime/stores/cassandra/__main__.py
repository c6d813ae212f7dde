"""Brings the schema forward, or prints what the roles need: ``python -m lacuna_runtime.stores.cassandra``."""

import argparse
import sys

from lacuna_core.errors import LacunaError
from lacuna_runtime.settings import load_settings
from lacuna_runtime.stores.cassandra.connection import Connection
from lacuna_runtime.stores.cassandra.migrate import migrate
from lacuna_runtime.stores.cassandra.roles import grants


def main() -> int:
    """Do what the command line asks for.

    Returns
    -------
    int
        Exit status: 2 when it can't be done, with one line that says why.
    """
    parser = argparse.ArgumentParser(prog="python -m lacuna_runtime.stores.cassandra")
    parser.add_argument("command", choices=("migrate", "grants"))
    command = parser.parse_args().command
    try:
        settings = load_settings().cassandra
        if command == "migrate":
            Connection.open(settings, lambda session: migrate(session, settings)).close()
        else:
            sys.stdout.write("".join(f"{statement};\n" for statement in grants(settings.keyspace)))
    except LacunaError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
