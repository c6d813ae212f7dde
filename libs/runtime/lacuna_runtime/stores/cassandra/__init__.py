"""The distributed store: one Cassandra keyspace, any number of readers and writers."""

from lacuna_runtime.stores.cassandra.store import CassandraStore

__all__ = ["CassandraStore"]
