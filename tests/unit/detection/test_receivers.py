"""When a receiver is down: regular ones only, long outages included, satellites never."""

from dataclasses import replace

import numpy as np

from lacuna_core.position import SourceHealth
from lacuna_detection.receivers import SLOT_MS, ReceiverLog, ReceiverParams

_PARAMS = ReceiverParams()


def health(counts: dict[str, list[int]], first_slot: int = 0) -> SourceHealth:
    rows = sorted(
        ((first_slot + i + 1) * SLOT_MS, name, n) for name, ns in counts.items() for i, n in enumerate(ns)
    )
    return SourceHealth.build(
        {
            "t_ms": [r[0] for r in rows],
            "start_ms": [r[0] - SLOT_MS for r in rows],
            "messages": [r[2] for r in rows],
            "domain_code": np.ones(len(rows)),
            "source": "nmea",
            "receiver": [r[1] for r in rows],
        }
    )


def _down(log: ReceiverLog, name: str, first: int, last: int) -> list[bool]:
    states = log.states((name,), first * SLOT_MS, last * SLOT_MS, _PARAMS)
    down: list[bool] = states.down[0].tolist()
    return down


def test_a_shore_station_is_down_through_a_long_outage() -> None:
    log = ReceiverLog()
    log.take(health({"shore": [5] * 144 + [0] * 300, "other": [1] * 444}))
    assert _down(log, "shore", 140, 444) == [False] * 4 + [True] * 300
    assert _down(log, "other", 140, 444) == [False] * 304


def test_a_satellite_between_passes_is_not_down() -> None:
    log = ReceiverLog()
    passes = ([7, 3] + [0] * 8) * 40
    log.take(health({"sat": passes, "shore": [5] * len(passes)}))
    assert not any(_down(log, "sat", 200, 400))


def test_too_short_a_record_says_nothing() -> None:
    log = ReceiverLog()
    log.take(health({"new": [5] * 35 + [0] * 10, "shore": [5] * 45}))
    assert not any(_down(log, "new", 35, 45))


def test_a_missing_report_is_silence_and_no_report_at_all_is_unknown() -> None:
    log = ReceiverLog()
    log.take(health({"shore": [5] * 100, "other": [5] * 110}))
    log.take(health({"shore": [5], "other": [5]}, first_slot=120))
    states = log.states(("shore",), 100 * SLOT_MS, 121 * SLOT_MS, _PARAMS)
    assert states.known.tolist() == [True] * 10 + [False] * 10 + [True]
    assert states.down[0].tolist() == [True] * 10 + [False] * 11


def test_slots_that_are_not_over_do_not_count_and_partial_ones_weigh_less() -> None:
    log = ReceiverLog()
    log.take(health({"shore": [5] * 100}))
    states = log.states(("shore",), 90 * SLOT_MS + SLOT_MS // 4, 95 * SLOT_MS + 1, _PARAMS)
    assert states.weight.tolist() == [0.75, 1.0, 1.0, 1.0, 1.0]


def test_heartbeats_within_a_slot_are_one_slot_and_any_message_counts() -> None:
    log = ReceiverLog()
    beats = np.arange(1, 6 * 200 + 1) * (SLOT_MS // 6)
    messages = np.where(np.arange(len(beats)) % 6 == 2, 1, 0)
    messages[6 * 150 :] = 0
    rows = {
        "t_ms": beats, "start_ms": beats - SLOT_MS // 6, "messages": messages,
        "domain_code": np.ones(len(beats)), "source": "live", "receiver": "shore",
    }  # fmt: skip
    log.take(SourceHealth.build(rows))
    assert _down(log, "shore", 140, 160) == [False] * 10 + [True] * 10


def test_air_receivers_are_no_receivers_of_ships() -> None:
    log = ReceiverLog()
    log.take(replace(health({"shore": [5] * 100}), domain_code=np.full(100, 2, np.uint8)))
    assert not log.states(("shore",), 0, 100 * SLOT_MS, _PARAMS).known.any()


def test_bounded_and_whole_after_a_snapshot() -> None:
    log = ReceiverLog()
    for day in range(120):
        log.take(health({"shore": [5] * 144}, first_slot=144 * day))
    last = 120 * 144
    log.take(health({"shore": [0] * 20, "other": [1] * 20}, first_slot=last))
    assert log.dump()["receivers.states"].shape[1] < 3 * 45 * 144
    again = ReceiverLog()
    again.load(log.dump())
    for one in (log, again):
        assert _down(one, "shore", last - 5, last + 20) == [False] * 5 + [True] * 20
