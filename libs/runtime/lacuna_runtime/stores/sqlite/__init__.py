"""The embedded store: one SQLite file, one writer, several readers."""

from lacuna_runtime.stores.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
