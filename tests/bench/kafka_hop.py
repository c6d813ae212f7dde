"""One hop over a real broker: what a position costs the client's processor, packed and one by one.

Both sides use the same client, the same broker and the same machine; a hop is publish, wait until durable,
read back and decode into what a stage works on.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from deploy.local.kafka import KafkaCluster
from lacuna_core.ids import PARTITIONS
from lacuna_core.ports import Bus, Outgoing, TopicPartition
from lacuna_core.position import MAX_ROWS, PositionBatch
from lacuna_core.topics import POSITIONS, Topic
from lacuna_runtime.bus.kafka import KafkaBus
from lacuna_runtime.codec import decode
from lacuna_runtime.loop.emit import OriginWriter
from tests.bench._sea import fleet

POSITIONS_AT_ONCE = 1_000 * 600
PEER_POSITIONS = 20_000
PEER_TOPIC = Topic("bench.single", PARTITIONS, "craft", None)


def _packed(bus: Bus, batch: PositionBatch) -> int:
    writer = OriginWriter("bench", 0)
    rows = len(batch) // PARTITIONS
    out: list[Outgoing] = []
    for partition in range(PARTITIONS):
        part = batch.take(np.arange(partition * rows, (partition + 1) * rows))
        out += writer.write(POSITIONS.name, partition, part)
    return _hop(bus, POSITIONS, out, lambda value: len(decode(value)[1]))  # type: ignore[arg-type]


def _single(bus: Bus, batch: PositionBatch) -> int:
    out = []
    columns = [(c.name, array.tolist()) for c, array in batch.columns()]
    for i in range(len(batch)):
        record = {name: values[i] for name, values in columns}
        out.append(Outgoing(PEER_TOPIC.name, i % PARTITIONS, b"", json.dumps(record).encode()))
    return _hop(bus, PEER_TOPIC, out, lambda value: len(json.loads(value)) > 0)


def _hop(bus: Bus, topic: Topic, out: list[Outgoing], rows_of: Callable[[bytes], int]) -> int:
    places = [TopicPartition(topic.name, p) for p in range(topic.partitions)]
    reader = bus.subscribe("bench", places)
    reader.seek(bus.end_offsets(places))
    for delivery in bus.publish(out):
        delivery.result()
    rows = records = 0
    while records < len(out):
        for record in reader.poll(4_096, 5.0):
            records += 1
            rows += rows_of(record.value)
    reader.close()
    return rows


def _cost_us(hop: Callable[[Bus, PositionBatch], int], bus: Bus, batch: PositionBatch) -> tuple[float, float]:
    """Processor time of this process and wall time of a hop, microseconds a position."""
    wall, cpu = time.perf_counter(), time.process_time()
    rows = hop(bus, batch)
    if rows != len(batch):
        raise AssertionError(f"{rows} positions came back, {len(batch)} were sent")
    return 1e6 * (time.process_time() - cpu) / rows, 1e6 * (time.perf_counter() - wall) / rows


def run(rounds: int) -> list[dict[str, Any]]:
    """Measure in interleaved rounds; medians."""
    batch = fleet(1_000, POSITIONS_AT_ONCE // 1_000)
    batch = batch.take(np.arange(len(batch) // (PARTITIONS * MAX_ROWS) * PARTITIONS * MAX_ROWS))
    single = batch.take(np.arange(PEER_POSITIONS))
    ours, peer = [], []
    with (
        tempfile.TemporaryDirectory() as folder,
        KafkaCluster(Path(folder), heap_mb=1024, fast_start=False) as cluster,
    ):
        bus = KafkaBus(cluster.settings(), "bench")
        try:
            bus.create([POSITIONS, PEER_TOPIC])
            _cost_us(_packed, bus, batch)
            _cost_us(_single, bus, single)
            for _ in range(rounds):
                ours.append(_cost_us(_packed, bus, batch))
                peer.append(_cost_us(_single, bus, single))
        finally:
            bus.close()
    names = ("Kafka hop, client processor", "Kafka hop, wall")
    return [
        {
            "stage": name,
            "unit": "ns/position",
            "value": round(1000 * (mine := statistics.median(o[i] for o in ours))),
            "peer": "one JSON record a position",
            "peer_value": round(1000 * (theirs := statistics.median(p[i] for p in peer))),
            "ratio": round(theirs / mine, 1),
        }
        for i, name in enumerate(names)
    ]
