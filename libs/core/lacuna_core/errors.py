"""The error tree, named by the reaction it asks for.

::

    LacunaError
    |-- InvalidMessage     put the bytes in ``deadletters`` and go on
    |-- Transient          try again, with back-off
    |-- ConfigError        stop, name the key and what was expected (command line: one line, exit 2)
    |   `-- InvalidInput   stop, name the file or argument and what was expected
    |-- TimelineError      refuse: the data folder is one monotone timeline
    |-- CorruptState       refuse: a snapshot or a log is damaged or its version is unknown
    |-- NotFound           answer 404
    `-- Conflict           answer 409
"""


class LacunaError(Exception):
    """Every error that Lacuna raises on purpose."""


class InvalidMessage(LacunaError):
    """A message that can't be understood: dead-letter it and go on.

    Parameters
    ----------
    reason : str
        Short stable code in lower snake case, e.g. ``bad_checksum``.
    detail : str
        What was found and what was expected.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class Transient(LacunaError):
    """Something away for now: retry with back-off."""


class ConfigError(LacunaError):
    """A setting or argument is wrong: stop and name it."""


class InvalidInput(ConfigError):
    """A file or argument a person gave can't be used: stop and name it."""


class TimelineError(LacunaError):
    """Data earlier than the timeline that it would join."""


class CorruptState(LacunaError):
    """A snapshot or a log is damaged, cut, or of an unknown version."""


class NotFound(LacunaError):
    """No such thing."""


class Conflict(LacunaError):
    """The request contradicts what is there."""
