"""The log on SQLite: one durable file, or memory in tests."""

from lacuna_runtime.bus.sqlite.bus import SqliteBus
from lacuna_runtime.bus.sqlite.file import MEMORY

__all__ = ["MEMORY", "SqliteBus"]
