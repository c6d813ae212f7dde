"""Logging: JSON lines on standard error, plain lines on a terminal."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TextIO

from lacuna_runtime.sections import LogSettings

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
_PLAIN = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


class JsonLines(logging.Formatter):
    """One JSON object a record: time, level, logger, message, what ``extra`` held, the traceback if any."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record.

        Parameters
        ----------
        record : logging.LogRecord
            The record.

        Returns
        -------
        str
            One line.
        """
        moment = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, object] = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {k: v for k, v in record.__dict__.items() if k not in _STANDARD}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


def start_logging(settings: LogSettings, stream: TextIO | None = None) -> None:
    """Send all log records to one stream, replacing what was set before.

    Parameters
    ----------
    settings : LogSettings
        Level and format.
    stream : TextIO or None
        Standard error when None.
    """
    target = sys.stderr if stream is None else stream
    plain = settings.format == "plain" or (settings.format == "auto" and target.isatty())
    handler = logging.StreamHandler(target)
    handler.setFormatter(logging.Formatter(_PLAIN) if plain else JsonLines())
    logging.basicConfig(level=settings.level.upper(), handlers=[handler], force=True)
    # at "info" these tell of every connection; who wants that asks for "debug"
    quiet = logging.NOTSET if settings.level == "debug" else logging.WARNING
    for client in ("kafka", "cassandra"):
        logging.getLogger(client).setLevel(quiet)
