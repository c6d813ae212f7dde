"""``python -m deploy.local``: real brokers on this machine."""

import argparse
import logging
import sys
from pathlib import Path

from deploy.local.maven import relock
from deploy.local.supervise import KINDS, supervise
from deploy.local.up import DEFAULT_FOLDER, Wanted, down, status, up, up_in_background
from lacuna_core.errors import LacunaError


def main() -> int:
    """Run a command.

    Returns
    -------
    int
        Exit code; 2 with one line when something is missing or wrong.
    """
    # a server that is still starting is no news to the clients that ask it
    for client in ("kafka", "cassandra"):
        logging.getLogger(client).setLevel(logging.CRITICAL)
    arguments = _parser().parse_args()
    try:
        _run(arguments)
    except LacunaError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _run(arguments: argparse.Namespace) -> None:
    if arguments.command == "up":
        _up(arguments)
    elif arguments.command == "down":
        print(down(arguments.folder))
    elif arguments.command == "status":
        print(status(arguments.folder))
    elif arguments.command == "lock":
        relock()
    else:
        supervise(arguments.folder, arguments.kind, arguments.until_pid)


def _up(arguments: argparse.Namespace) -> None:
    wanted = Wanted(arguments.folder, arguments.nodes, arguments.kafka_port, arguments.cassandra_port)
    if arguments.detach:
        print(up_in_background(wanted))
    else:
        up(wanted)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m deploy.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    default = Wanted()
    start = commands.add_parser("up", help="run Kafka and Cassandra until Ctrl-C, and say how to reach them")
    start.add_argument("--nodes", type=int, choices=(1, 3), default=default.nodes)
    start.add_argument("--folder", type=Path, default=DEFAULT_FOLDER)
    start.add_argument("--kafka-port", type=int, default=default.kafka_port)
    start.add_argument("--cassandra-port", type=int, default=default.cassandra_port)
    start.add_argument("--detach", action="store_true", help="return when they are ready; `down` ends them")
    for name, told in (("down", "end what `up` started"), ("status", "say what runs")):
        commands.add_parser(name, help=told).add_argument("--folder", type=Path, default=DEFAULT_FOLDER)
    commands.add_parser("lock", help="write jars.lock anew from pom/*.xml")
    keep = commands.add_parser("supervise", help="run one server for as long as a process lives")
    keep.add_argument("kind", choices=tuple(KINDS))
    keep.add_argument("--folder", type=Path, required=True)
    keep.add_argument("--until-pid", type=int, required=True)
    return parser


if __name__ == "__main__":
    sys.exit(main())
