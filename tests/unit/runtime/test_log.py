"""Log lines for machines and for people."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from lacuna_runtime.log import start_logging
from lacuna_runtime.sections import LogSettings


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_json_lines_where_nobody_looks() -> None:
    stream = io.StringIO()
    start_logging(LogSettings(), stream)
    logging.getLogger("lacuna.stage").warning("behind by %d", 3, extra={"partition": 7})
    logging.getLogger("lacuna.stage").debug("not this")
    try:
        raise ValueError("on purpose")
    except ValueError:
        logging.getLogger("x").exception("failed\ntwice")
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert first["message"] == "behind by 3"
    assert (first["level"], first["logger"], first["partition"]) == ("warning", "lacuna.stage", 7)
    assert first["time"].endswith("Z")
    assert "on purpose" in second["traceback"]


@pytest.mark.parametrize(("form", "stream"), [("auto", Terminal()), ("plain", io.StringIO())])
def test_plain_lines_on_a_terminal_or_when_asked(form: str, stream: io.StringIO) -> None:
    start_logging(LogSettings.model_validate({"format": form, "level": "debug"}), stream)
    logging.getLogger("lacuna").debug("hello")
    assert stream.getvalue().rstrip().endswith("DEBUG   lacuna: hello")
