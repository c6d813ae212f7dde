"""The ``lacuna`` command. Every mistake of its user is one line on standard error and exit code 2."""

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from lacuna_core.errors import LacunaError
from lacuna_standalone import commands, serving

app = typer.Typer(
    name="lacuna",
    help="Finds the silences of ships and aircraft, and says what they mean.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

Data = Annotated[Path, typer.Option("--data", help="Data folder: one monotone timeline.")]
Json = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]
Events = Annotated[
    Path | None, typer.Option("--events", help="Write every event revision to this NDJSON file.")
]
Model = Annotated[Path | None, typer.Option(help="JSON file, in force from the first row on.")]
Format = Annotated[
    str | None, typer.Option("--format", help="Feed format; recognized from the file when absent.")
]
Host = Annotated[str, typer.Option(help="Address to bind.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="Port of the REST API.")]
DEFAULT_DATA = Path("lacuna-data")


@app.command()
def run(
    *,
    size: Annotated[str, typer.Option(help="small or full.")] = "small",
    scenario: Annotated[str, typer.Option(help="Scenario to play.")] = "caspian-2022",
    seed: Annotated[int, typer.Option(help="Seed of the world.")] = 1,
    data: Data = DEFAULT_DATA,
    events: Events = None,
    as_json: Json = False,
    serve: Annotated[bool, typer.Option(help="Serve the REST API after the report.")] = True,
    host: Host = "127.0.0.1",
    port: Port = 8080,
) -> None:
    """Play a scenario with planted truth through every stage, report, and serve."""
    serving.check_port(host, port) if serve else None
    report = commands.run(scenario, size, seed, data, events)
    commands.show(report, as_json=as_json)
    if serve:
        serving.serve(data, host, port)


@app.command()
def simulate(
    scenario: Annotated[str, typer.Argument(help="For example caspian-2022.")],
    *,
    out: Annotated[Path, typer.Option("--out", help="Folder for the feed files and the truth.")],
    size: Annotated[str, typer.Option(help="small or full.")] = "small",
    seed: Annotated[int, typer.Option(help="Seed of the world.")] = 1,
) -> None:
    """Write a simulated world as real feed files, with its truth in a file of its own."""
    commands.simulate(scenario, out, size, seed)


@app.command()
def replay(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders of feed data.")],
    *,
    format_name: Format = None,
    data: Data = DEFAULT_DATA,
    events: Events = None,
    as_json: Json = False,
) -> None:
    """Play recorded AIS and ADS-B files through every stage, and report."""
    commands.show(commands.replay(paths, format_name, data, events), as_json=as_json)


@app.command()
def load(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders of feed data.")],
    *,
    format_name: Format = None,
    news: Model = None,
    watchlist: Model = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Put recorded files into the log; in distributed mode the services work them off."""
    models = {"news": news, "watchlist": watchlist}
    commands.show(commands.load(paths, format_name, models, data), as_json=True)


@app.command()
def decode(
    paths: Annotated[list[Path], typer.Argument(help="NMEA files.")],
    *,
    out: Annotated[Path, typer.Option("--out", help="NDJSON file to write, one object a message.")],
) -> None:
    """Decode raw AIS sentences to one JSON object a message."""
    commands.decode(paths, out)


@app.command()
def report(*, data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """Report what a data folder holds, beside the truth where it was planted."""
    commands.show(commands.report(data), as_json=as_json)


@app.command()
def serve(*, data: Data = DEFAULT_DATA, host: Host = "127.0.0.1", port: Port = 8080) -> None:
    """Serve the REST API on a data folder."""
    serving.check_port(host, port)
    serving.serve(data, host, port)


@app.command()
def audit(*, data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """Account for every row of a data folder at every hop; exit code 1 if anything does not add up."""
    if not commands.audit(data, as_json=as_json):
        raise typer.Exit(1)


def _fail(message: str) -> NoReturn:
    Console(stderr=True, highlight=False, soft_wrap=True).print(f"lacuna: {message}", markup=False)
    sys.exit(2)


def main() -> None:
    """Run the command; turn errors that a person can mend into one line and exit code 2."""
    try:
        sys.exit(app(standalone_mode=False))
    except LacunaError as error:
        _fail(str(error))
    except typer.TyperException as error:
        said = " ".join(error.format_message().split())
        sys.exit(2) if not said else _fail(f"{said} (see lacuna --help)")
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(130)
