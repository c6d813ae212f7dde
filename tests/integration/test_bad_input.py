"""Rubbish on a real log: put aside with a reason, the stage goes on; too much of it stops the stage."""

from collections.abc import Iterator

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import NewTopic

from deploy.local.kafka import KafkaCluster
from lacuna_core.errors import CorruptState
from lacuna_core.message import DeadLetter, LedgerEntry
from lacuna_core.ports import Outgoing, TopicPartition
from lacuna_core.position import Tick
from lacuna_core.topics import ALL_TOPICS, POSITIONS, TOPICS
from lacuna_core.units import MS_PER_H
from lacuna_runtime.bus.kafka import KafkaBus
from lacuna_runtime.codec import Origin, decode, encode
from lacuna_runtime.loop.emit import OriginWriter
from lacuna_runtime.sections import KafkaSettings
from lacuna_runtime.stage import Stage, StageLimits
from tests.contract.demo_fold import DemoFold, DemoState
from tests.unit.runtime.sea import T0, positions

pytestmark = [pytest.mark.slow, pytest.mark.timeout(200)]
HOME = TopicPartition(POSITIONS.name, 3)
YEAR_2099_MS = 4_070_908_800_000
TEN_MB = 10 * 1024 * 1024


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaSettings]:
    """A broker that takes more than our topics do, as one that others use may."""
    wide = {"message.max.bytes": str(2 * TEN_MB), "socket.request.max.bytes": str(4 * TEN_MB)}
    with KafkaCluster(tmp_path_factory.mktemp("kafka"), properties=wide) as cluster:
        admin = KafkaAdminClient(bootstrap_servers=list(cluster.settings().bootstrap))
        configs = {"max.message.bytes": str(2 * TEN_MB)}
        admin.create_topics([NewTopic(HOME.topic, POSITIONS.partitions, 1, topic_configs=configs)])
        admin.close()
        yield cluster.settings()


class Log:
    """The log, and a foreign client that writes what it likes."""

    def __init__(self, settings: KafkaSettings) -> None:
        self.bus = KafkaBus(settings, "")
        self.bus.create(ALL_TOPICS)
        self._foreign = KafkaProducer(
            bootstrap_servers=list(settings.bootstrap), max_request_size=2 * TEN_MB, acks="all"
        )
        self.writer = OriginWriter("ingestion", 0)
        start = self.bus.end_offsets([HOME])[HOME]
        for batch_class in (type(positions([T0])),):
            self.writer.start_at(HOME, batch_class, 1, start * 2048)

    def ours(self, *messages: object) -> None:
        for message in messages:
            records = list(self.writer.write(HOME.topic, HOME.partition, message))  # type: ignore[arg-type]
            for delivery in self.bus.publish(records):
                delivery.result()

    def foreign(self, value: bytes) -> None:
        self._foreign.send(HOME.topic, value=value, partition=HOME.partition).get(30.0)

    def stage(self) -> Stage[DemoState]:
        return Stage(DemoFold(), self.bus, tasks=[HOME.partition], limits=StageLimits(poll_records=500))

    def read(self, topic: str) -> list[object]:
        places = [TopicPartition(topic, p) for p in range(TOPICS[topic].partitions)]
        reader = self.bus.subscribe("test", places)
        found: list[object] = []
        wanted = sum(self.bus.end_offsets(places).values()) - sum(self.bus.start_offsets(places).values())
        while len(found) < wanted:
            found += [decode(r.value)[1] for r in reader.poll(1_000, 2.0)]
        reader.close()
        return found

    def close(self) -> None:
        self._foreign.close()
        self.bus.close()


@pytest.fixture
def log(settings: KafkaSettings) -> Iterator[Log]:
    opened = Log(settings)
    yield opened
    opened.close()


def work(stage: Stage[DemoState]) -> None:
    """Until nothing has come for a while."""
    quiet = 0
    while quiet < 5:
        quiet = 0 if stage.cycle(0.3) else quiet + 1
    stage.drain()
    stage.close()


def test_rubbish_is_put_aside_and_the_stage_goes_on(log: Log) -> None:
    log.ours(positions([T0]), Tick(1, T0 + MS_PER_H, 0))
    value = encode(positions([T0 + MS_PER_H]), Origin("ingestion", 0, 9_000_000))
    poison = value[:-20] + bytes(20)
    unknown = bytes([0x08, 0x63]) + value[2:]  # field 1, the format, is 99
    for rubbish in (poison, b"\xff" * TEN_MB, unknown):
        log.foreign(rubbish)
    log.ours(positions([T0 + MS_PER_H + 5_000, YEAR_2099_MS]), Tick(2, T0 + 2 * MS_PER_H, 0))
    work(log.stage())
    letters = [m for m in log.read("deadletters") if isinstance(m, DeadLetter)]
    reasons = {letter.reason for letter in letters}
    assert len(letters) == 4
    assert "future_time" in reasons
    assert len(reasons) >= 3
    big = next(letter for letter in letters if len(letter.payload) == 1_000_000)
    assert str(TEN_MB) in big.detail
    assert {letter.origin.split("/")[0] for letter in letters} == {"positions"}
    assert poison in {letter.payload for letter in letters}
    entry = [m for m in log.read("ledger") if isinstance(m, LedgerEntry)][-1]
    counts = {name: rows for name, rows in entry.counts if not name.startswith("out.")}
    assert counts == {"accepted": 2, "in": 3, "late": 0, "merged": 0, "quarantined": 1}


def test_a_hundred_in_a_row_stop_the_stage_with_one_error(log: Log) -> None:
    for i in range(100):
        log.foreign(b"rubbish %d" % i)
    with pytest.raises(CorruptState, match="100 records in a row can't be read; see deadletters"):
        work(log.stage())


@pytest.mark.parametrize(("partition", "every", "stops"), [(7, 50, True), (8, 200, False)])
def test_more_than_one_in_a_hundred_stops_the_stage(
    log: Log, partition: int, every: int, stops: bool
) -> None:
    """Never many in a row: 2 % of 1,500 records are too many, 0.5 % are put aside one by one."""
    writer = OriginWriter("ingestion", 0)
    out = []
    for i in range(1_500):
        if i % every == 0:
            out.append(Outgoing(HOME.topic, partition, b"", b"rubbish %d" % i))
        else:
            out += writer.write(HOME.topic, partition, Tick(i, T0 + i * 1_000, 0))
    for delivery in log.bus.publish(out):
        delivery.result()
    stage = Stage(DemoFold(), log.bus, tasks=[partition], limits=StageLimits(poll_records=100))
    if stops:
        with pytest.raises(CorruptState, match=r"records can't be read \(at most 1%\)"):
            work(stage)
        return
    work(stage)
    letters = [m for m in log.read("deadletters") if isinstance(m, DeadLetter)]
    mine = [letter for letter in letters if letter.origin.startswith(f"positions/{partition}/")]
    assert len(mine) == len(range(0, 1_500, every))
