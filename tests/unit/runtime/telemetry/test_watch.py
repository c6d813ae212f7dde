"""What a loop tells: spans that follow the records, counts, the lag of its tasks."""

from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from lacuna_core.clock import ManualClock
from lacuna_core.message import DeadLetter
from lacuna_core.ports import Outgoing, Record
from lacuna_core.topics import DEADLETTERS, FACTS
from lacuna_runtime.loop.emit import OriginWriter
from lacuna_runtime.sections import TelemetrySettings
from lacuna_runtime.telemetry.api import OFF, Telemetry
from lacuna_runtime.telemetry.setup import start_telemetry
from lacuna_runtime.telemetry.watch import TaskView, watch_loop


@pytest.fixture
def telemetry() -> Iterator[Telemetry]:
    started = start_telemetry(TelemetrySettings(exporter="prometheus"), "detection", "detection-0")
    yield started
    assert started.shutdown(5.0)


def samples(telemetry: Telemetry) -> dict[str, float]:
    """Value by ``name{labels}``, buckets left out."""
    text = telemetry.scrape()
    assert text is not None
    return {
        s.name + "{" + ",".join(f"{k}={v}" for k, v in sorted(s.labels.items())) + "}": s.value
        for family in text_string_to_metric_families(text.decode())
        for s in family.samples
        if "le" not in s.labels and s.name != "target_info"
    }


def records(count: int) -> list[Record]:
    return [Record(FACTS.name, 0, n, b"", b"x") for n in range(count)]


def letters(*reasons: str) -> list[Outgoing]:
    writer = OriginWriter("facts", 0)
    return [
        out
        for reason in reasons
        for out in writer.write(DEADLETTERS.name, 0, DeadLetter("positions", "0/1", reason, "", b"?"))
    ]


def test_a_cycle_is_counted_once_it_is_done(telemetry: Telemetry) -> None:
    rows = [40]
    watch = watch_loop(telemetry, "facts", lambda: rows[0])
    with watch.cycle(records(3)):
        rows[0] += 2_500
        watch.published([Outgoing(FACTS.name, 0, b"", b"y"), *letters("bad_hash", "bad_hash", "future")])
    found = samples(telemetry)
    assert found["lacuna_records_total{stage=facts}"] == 3
    assert found["lacuna_rows_total{stage=facts}"] == found["lacuna_epoch_rows_sum{stage=facts}"] == 2_500
    assert found["lacuna_cycle_seconds_count{stage=facts}"] == 1
    assert found["lacuna_published_total{stage=facts}"] == 4
    assert found["lacuna_deadletter_total{reason=bad_hash,stage=facts}"] == 2
    assert found["lacuna_deadletter_total{reason=future,stage=facts}"] == 1


def test_a_cycle_that_fails_counts_nothing(telemetry: Telemetry) -> None:
    watch = watch_loop(telemetry, "facts", lambda: 0)

    def fail() -> None:
        with watch.cycle(records(3)), watch.restore(1), watch.flush(), watch.snapshot(2):
            raise RuntimeError("the log is away")

    with pytest.raises(RuntimeError):
        fail()
    assert samples(telemetry) == {}


def test_restores_snapshots_and_flushes_are_timed(telemetry: Telemetry) -> None:
    watch = watch_loop(telemetry, "facts", lambda: 0)
    with watch.restore(4):
        pass
    with watch.snapshot(4):
        watch.saved(
            [Outgoing("state.facts", 4, b"A/0", bytes(700)), Outgoing("state.facts", 4, b"A/1", bytes(50))]
        )
    with watch.flush():
        pass
    found = samples(telemetry)
    assert found["lacuna_snapshot_bytes_sum{stage=facts}"] == 750
    for name in ("restore", "snapshot", "flush"):
        assert found[f"lacuna_{name}_seconds_count{{stage=facts}}"] == 1


def test_the_lag_of_a_loop_that_hangs_grows(telemetry: Telemetry) -> None:
    clock = ManualClock(1_000_000)
    tasks = [TaskView(0, 12, 990_000), TaskView(7, 0, None)]
    watch = watch_loop(telemetry, "facts", lambda: 0)
    watch.tasks(lambda: tasks, clock)
    assert samples(telemetry) == {
        "lacuna_owned_tasks{stage=facts}": 2,
        "lacuna_pending_rows{partition=0,stage=facts}": 12,
        "lacuna_pending_rows{partition=7,stage=facts}": 0,
        # a task that has finished no tick has no lag that could be told
        "lacuna_tick_lag_seconds{partition=0,stage=facts}": 10,
    }
    clock.advance(5_500)
    assert samples(telemetry)["lacuna_tick_lag_seconds{partition=0,stage=facts}"] == 15.5
    del tasks[0]
    assert samples(telemetry).keys() == {
        "lacuna_owned_tasks{stage=facts}",
        "lacuna_pending_rows{partition=7,stage=facts}",
    }
    watch.close()
    assert samples(telemetry) == {}


def test_off_the_loop_works_as_if_nobody_watched() -> None:
    def asked() -> int:
        raise AssertionError("nobody is to be asked")

    watch = watch_loop(OFF, "facts", asked)
    out = letters("bad_hash")
    watch.tasks(lambda: [], ManualClock(0))
    with watch.cycle(records(2)), watch.restore(1), watch.snapshot(1), watch.flush():
        assert watch.marked(out) is out
        watch.published(out)
        watch.saved(out)
    watch.close()
