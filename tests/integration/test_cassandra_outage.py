"""A node that dies or hangs: an error in time, nothing lost that was on disk, and on it goes."""

import time
from collections.abc import Callable, Iterator

import pytest

from deploy.local.cassandra import CassandraCluster
from deploy.local.tools import MissingTool
from lacuna_core.errors import Transient
from lacuna_core.ports import EventQuery
from lacuna_core.units import MS_PER_DAY
from lacuna_runtime.stores.cassandra import CassandraStore
from tests.contract.store_samples import SHIP, T0_MS, event, positions

REQUEST_S = 3.0
_BACK_S = 60.0
_SYNCED_S = 2.5
"""A lone node answers before it has synced its commit log, which it does once a second: what is younger dies
with it. On three nodes a quorum has it."""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CassandraCluster]:
    try:
        with CassandraCluster(tmp_path_factory.mktemp("outage")) as running:
            yield running
    except MissingTool as missing:
        pytest.skip(str(missing))


def _until_done(work: Callable[[], None]) -> None:
    """What a loop does: after ``Transient`` it does the same again."""
    deadline = time.monotonic() + _BACK_S
    while True:
        try:
            return work()
        except Transient:
            assert time.monotonic() < deadline, "the node is back, the store is not"
            time.sleep(0.2)


@pytest.mark.parametrize("fault", ["kill", "pause"])
def test_a_store_outlives_its_node(cluster: CassandraCluster, fault: str) -> None:
    settings = cluster.settings(request_ms=int(REQUEST_S * 1_000), keyspace=f"outage_{fault}")
    rows = positions([T0_MS + i * 1_000 for i in range(500)])
    with CassandraStore.open(settings) as store:
        store.append(rows.take(slice(0, 300)))
        store.put([event(1)])
        if fault == "kill":
            time.sleep(_SYNCED_S)
            cluster.kill(1)
        else:
            cluster.pause(1)
        began = time.monotonic()
        with pytest.raises(Transient, match="Cassandra"):
            store.append(rows.take(slice(200, 500)))
        with pytest.raises(Transient, match="Cassandra"):
            store.find(EventQuery())
        # Four requests in turn at most, each given up in its time; a generous bound, not a measurement.
        assert time.monotonic() - began < 10 * REQUEST_S
        if fault == "kill":
            cluster.start_node(1)
        else:
            cluster.resume(1)
        _until_done(lambda: store.append(rows.take(slice(200, 500))))
        assert store.read(SHIP, T0_MS, T0_MS + MS_PER_DAY) == rows.compact()
        assert store.account().positions == 500
        assert store.find(EventQuery()) == [event(1)]
