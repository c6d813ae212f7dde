"""The distributed store as one object: every port of tracks, events, profiles and accounts."""

from typing import Self

from lacuna_runtime.sections import CassandraSettings
from lacuna_runtime.stores.cassandra.account import Accounts
from lacuna_runtime.stores.cassandra.alerts import Alerts
from lacuna_runtime.stores.cassandra.connection import Connection
from lacuna_runtime.stores.cassandra.crafts import CraftRows
from lacuna_runtime.stores.cassandra.events import Events
from lacuna_runtime.stores.cassandra.identities import Identities
from lacuna_runtime.stores.cassandra.migrate import check, migrate
from lacuna_runtime.stores.cassandra.profiles import Profiles
from lacuna_runtime.stores.cassandra.tracks import Tracks

_PARTS = (Tracks, Identities, Events, Alerts, Profiles, Accounts)


class CassandraStore(Tracks, Identities, Events, Alerts, Profiles, Accounts):
    """One keyspace; any number of processes may read and write it.

    A write is durable on a quorum when its method returns. It is no transaction: readers may see a part of
    it before, and after an error any part may be there; doing it again makes it whole.

    Parameters
    ----------
    db : Connection
        Open, its keyspace of this program's schema.
    """

    def __init__(self, db: Connection) -> None:
        craft_rows = CraftRows(db)
        Tracks.__init__(self, db, craft_rows)
        Identities.__init__(self, db, craft_rows)
        Events.__init__(self, db)
        Alerts.__init__(self, db)
        Profiles.__init__(self, db)
        Accounts.__init__(self, db)
        for part in _PARTS:
            db.prepare(part.STATEMENTS)

    @classmethod
    def open(cls, settings: CassandraSettings) -> Self:
        """Open a store, making or migrating its keyspace where the settings allow it.

        Parameters
        ----------
        settings : CassandraSettings
            Where, as whom, and which keyspace.

        Returns
        -------
        CassandraStore
            Ready.

        Raises
        ------
        ConfigError
            If a setting is wrong, or the schema is old and may not be migrated.
        CorruptState
            If the keyspace is no store of Lacuna, or a newer one.
        Transient
            If no node answers.
        """
        bring = migrate if settings.migrate else check
        db = Connection.open(settings, lambda session: bring(session, settings))
        try:
            return cls(db)
        except BaseException:
            db.close()
            raise

    def close(self) -> None:
        """Close all connections."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
