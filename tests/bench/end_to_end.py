"""Positions a second from NMEA files through every stage into the stores, beside a plain Python stack.

Ours: decode, sort, log, facts, contacts, assess, legs, link, projector, all durable on disk, wall clock.
The peer decodes with pyais, passes each position as one JSON record, and keeps a dict a ship to find
silences: what a first version of such a system usually is. It writes no store, so the ratio flatters it.
"""

import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from pyais.stream import FileReaderStream

from lacuna_kernels.ais_encode import pack_sixbit, sentence_lines
from lacuna_runtime.settings import load_settings
from lacuna_runtime.wiring import open_ports
from lacuna_standalone.pipeline import Job, play
from lacuna_standalone.progress import board

SHIPS = 1_000
MINUTES = 12 * 60
PEER_MINUTES = 8
START_S = 1_661_990_400
SEED = 20_220_901
_CLASS_A = np.array([6, 2, 30, 4, 8, 10, 1, 28, 27, 12, 9, 6, 2, 3, 1, 19])
_ROUNDS_AT_MOST = 3


def corpus(minutes: int) -> bytes:
    """Ships on straight courses over the middle of the sea, one tagged report a minute each."""
    draw = np.random.default_rng(SEED)
    t_s = START_S + 60 * np.repeat(np.arange(minutes), SHIPS) + np.tile(draw.integers(0, 60, SHIPS), minutes)
    ship = np.tile(np.arange(SHIPS), minutes)
    order = np.argsort(t_s, kind="stable")
    t_s, ship = t_s[order], ship[order]
    hours = (t_s - START_S) / 3600.0
    course_deg = draw.integers(0, 360, SHIPS)
    speed_kn = draw.uniform(4.0, 12.0, SHIPS)
    along_deg = speed_kn[ship] * hours / 60.0
    lat_deg = draw.uniform(38.5, 43.5, SHIPS)[ship] + along_deg * np.cos(np.radians(course_deg[ship]))
    lon_deg = draw.uniform(50.0, 52.0, SHIPS)[ship] + along_deg * np.sin(np.radians(course_deg[ship]))
    n = len(t_s)
    fields = (
        1, 0, 273_000_000 + ship, 0, -128, np.rint(speed_kn[ship] * 10).astype(np.int64), 1,
        np.rint(lon_deg * 600_000).astype(np.int64), np.rint(lat_deg * 600_000).astype(np.int64),
        course_deg[ship] * 10, course_deg[ship], t_s % 60, 0, 0, 0, 0x1F5A,
    )  # fmt: skip
    values = np.column_stack([np.broadcast_to(np.asarray(f, np.int64), (n,)) for f in fields])
    stations = np.zeros((1, 16), np.uint8)
    stations[0, :4] = np.frombuffer(b"ST01", np.uint8)
    lines = sentence_lines(
        pack_sixbit(values, _CLASS_A), np.full(n, 28), np.zeros(n, np.int64), np.full(n, ord("A"), np.uint8),
        np.zeros(n, np.int64), t_s, np.zeros(n, np.int64), stations,
    )  # fmt: skip
    return lines.tobytes()


def _ours(path: Path, expected: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(command_line={"data": folder})
        start = time.perf_counter()
        with open_ports(settings) as ports, board() as shown:
            play(Job((path,), None, ()), settings, ports, shown)
            took = time.perf_counter() - start
            stored = sum(len(ports.store.read(craft, 0, 2**62)) for craft in ports.store.crafts())
    if stored != expected:
        raise AssertionError(f"{stored} positions in the stores, expected {expected}")
    return took


def _peer(path: Path) -> int:
    last: dict[int, float] = {}
    gaps = count = 0
    with FileReaderStream(str(path)) as stream:
        for message in stream:
            tags = message.tag_block
            if tags is None:
                raise AssertionError("the corpus has a tag block on every line")
            tags.init()
            fields = message.decode().asdict()
            record = {name: fields[name] for name in ("mmsi", "lat", "lon")} | {"t": tags.receiver_timestamp}
            position = json.loads(json.dumps(record))
            t_s = float(position["t"])
            gaps += t_s - last.get(position["mmsi"], t_s) > 3600.0
            last[position["mmsi"]] = t_s
            count += 1
    return count


def run(rounds: int) -> dict[str, Any]:
    """Measure in interleaved rounds, three at most; medians."""
    ours, peer = [], []
    with tempfile.TemporaryDirectory() as folder:
        large, small = Path(folder, "large.nmea"), Path(folder, "small.nmea")
        large.write_bytes(corpus(MINUTES))
        small.write_bytes(corpus(PEER_MINUTES))
        _ours(small, SHIPS * PEER_MINUTES)  # compiles
        for _ in range(min(rounds, _ROUNDS_AT_MOST)):
            ours.append(SHIPS * MINUTES / _ours(large, SHIPS * MINUTES))
            start = time.perf_counter()
            count = _peer(small)
            peer.append(count / (time.perf_counter() - start))
    value, peer_value = statistics.median(ours), statistics.median(peer)
    return {
        "stage": "end to end",
        "unit": "positions/s",
        "value": round(value),
        "peer": "pyais, JSON, dict",
        "peer_value": round(peer_value),
        "ratio": round(value / peer_value, 1),
    }
