"""A broker that dies and comes back: nobody has to be built anew, and nothing is lost."""

import time
from collections.abc import Iterator

import pytest

from deploy.local.kafka import KafkaCluster
from deploy.local.tools import MissingTool
from lacuna_core.ports import Outgoing, Record, TopicPartition
from lacuna_core.topics import Topic
from lacuna_runtime.bus.kafka import KafkaBus

pytestmark = pytest.mark.timeout(180)
ROWS = Topic("outage", 2, "anything", None)
AT = TopicPartition(ROWS.name, 0)


@pytest.fixture
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    try:
        with KafkaCluster(tmp_path_factory.mktemp("outage")) as cluster:
            yield cluster
    except MissingTool as missing:
        pytest.skip(str(missing))


def test_publisher_reader_and_member_go_on_where_they_were(cluster: KafkaCluster) -> None:
    bus = KafkaBus(cluster.settings(delivery_ms=60_000, request_ms=10_000, session_ms=30_000), "pod-0")
    try:
        bus.create([ROWS])
        member = bus.join("outage", ROWS)
        while member.owned(0.5) != {0, 1}:
            pass
        reader = bus.subscribe("outage", [])
        reader.assign({AT: 0})
        bus.publish([Outgoing(ROWS.name, 0, b"", b"0")])[0].result()
        found: list[Record] = list(reader.poll(10, 5.0))
        cluster.kill(1)
        sent = bus.publish([Outgoing(ROWS.name, 0, b"", f"{i}".encode()) for i in range(1, 50)])
        assert reader.poll(10, 0.2) == []
        assert member.owned(0.2) == {0, 1}
        cluster.start_node(1)
        assert [delivery.result() for delivery in sent] == list(range(1, 50))
        deadline = time.monotonic() + 60.0
        while len(found) < 50 and time.monotonic() < deadline:
            found += reader.poll(100, 0.5)
            assert member.owned(0.0) == {0, 1}
        assert [int(record.value) for record in found] == list(range(50))
        member.commit({AT: 50})
        assert member.committed([AT]) == {AT: 50}
        assert bus.end_offsets([AT]) == {AT: 50}
    finally:
        bus.close()
