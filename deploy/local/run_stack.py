"""``python -m deploy.local.run_stack``: every service a process, on the brokers that ``up`` has started."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from deploy.local.shared import Answer
from deploy.local.stack import MODULES, REPLICAS, Stack
from deploy.local.up import DEFAULT_FOLDER, Wanted
from lacuna_core.errors import ConfigError, LacunaError
from lacuna_runtime.settings import Settings, load_settings
from lacuna_runtime.wiring import open_ports

_LOOK_S = 0.5


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m deploy.local.run_stack", description=__doc__)
    parser.add_argument("--folder", type=Path, default=DEFAULT_FOLDER, help="the one that `up` was given")
    parser.add_argument("--port", type=int, default=8080, help="of the REST API")
    for service in MODULES:
        parser.add_argument(f"--{service}", type=int, default=REPLICAS[service], help="replicas")
    return parser


def _brokers(folder: Path) -> Settings:
    answer = Wanted(folder).place.answer
    if not answer.exists():
        raise ConfigError(f"no brokers run in {folder}: start them with `make brokers`")
    return load_settings(command_line=Answer.model_validate_json(answer.read_text()).checked())


def run(arguments: argparse.Namespace) -> None:
    """Start the services, and keep them until a signal comes or one ends.

    Parameters
    ----------
    arguments : argparse.Namespace
        From the command line.

    Raises
    ------
    LacunaError
        If the brokers are not up, or a service can't start or has ended.
    """
    end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: end.set())
    told = _brokers(arguments.folder)
    replicas = {service: getattr(arguments, service.replace("-", "_")) for service in MODULES}
    stack = Stack(
        arguments.folder / "stack", told.kafka, told.cassandra, replicas=replicas, gateway_port=arguments.port
    )
    with open_ports(stack.settings) as ports:
        # topics and tables are there before the services look for them
        assert ports.bus
        assert ports.store
    with stack:
        stack.start()
        print(f"serving http://127.0.0.1:{stack.gateway_port}/v1, logs in {stack.folder}, Ctrl-C ends")
        while not end.wait(_LOOK_S):
            stack.expect_running()


def main() -> int:
    """Run the command.

    Returns
    -------
    int
        Exit code; 2 with one line when something is missing or wrong.
    """
    try:
        run(_parser().parse_args())
    except LacunaError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
