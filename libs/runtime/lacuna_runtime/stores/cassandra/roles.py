"""What each role needs, and no more: for those who run Cassandra.

The migrator makes tables, the writer (the projector) fills them, the reader (the query service) only reads.
"""

READER, WRITER, MIGRATOR = "reader", "writer", "migrator"
PERMISSIONS: dict[str, tuple[str, ...]] = {
    READER: ("SELECT",),
    WRITER: ("SELECT", "MODIFY"),
    MIGRATOR: ("SELECT", "MODIFY", "CREATE", "ALTER"),
}
"""On the keyspace, by role. Cassandra gives whoever creates a table every right on it, so the migrator may
also drop what it made: it is for the moment of a migration, and no service runs as it."""


def grants(keyspace: str, prefix: str = "lacuna_") -> list[str]:
    """Write the statements that an administrator runs once.

    Parameters
    ----------
    keyspace : str
        Where our tables are; it must be there, because only an administrator may create one.
    prefix : str
        Put before the names of the roles, which must be there, each with LOGIN and a password of its own.

    Returns
    -------
    list of str
        CQL, without semicolons.
    """
    return [
        f"GRANT {permission} ON KEYSPACE {keyspace} TO {prefix}{role}"
        for role, permissions in PERMISSIONS.items()
        for permission in permissions
    ]
