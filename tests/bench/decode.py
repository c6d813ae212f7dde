"""Messages a second from bytes to columns, beside pyais in the same run.

Not like for like, to be said with the ratio: pyais builds an object of some twenty fields a message; we read
a file, verify every checksum and fill typed columns of positions, identities and source health.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pyais.stream import FileReaderStream

from lacuna_ingestion.feeds.nmea import NmeaFeed
from tests.reference.ais_corpus import plain_text

MESSAGES = 60_000
COPIES = 4
PEER_MESSAGES = 4_000
SEED = 20_220_901


def _seconds(work: Callable[[], int], expected: int) -> float:
    start = time.thread_time()
    done = work()
    took = time.thread_time() - start
    if done != expected:
        raise AssertionError(f"decoded {done} messages, expected {expected}")
    return took


def _ours(path: Path) -> int:
    return sum(part.published + part.non_position for part in NmeaFeed().read(path))


def _peer(path: Path) -> int:
    with FileReaderStream(str(path)) as stream:
        return sum(1 for message in stream if message.decode() is not None)


def run(rounds: int) -> dict[str, Any]:
    """Measure in interleaved rounds on a tagged corpus, per second of one core; medians."""
    with tempfile.TemporaryDirectory() as folder:
        large, small = Path(folder, "large.nmea"), Path(folder, "small.nmea")
        large.write_bytes(plain_text(MESSAGES, SEED, tags=True) * COPIES)
        small.write_bytes(plain_text(PEER_MESSAGES, SEED, tags=True))
        _ours(small)  # compiles
        ours, peer = [], []
        for _ in range(rounds):
            ours.append(MESSAGES * COPIES / _seconds(lambda: _ours(large), MESSAGES * COPIES))
            peer.append(PEER_MESSAGES / _seconds(lambda: _peer(small), PEER_MESSAGES))
    value, peer_value = statistics.median(ours), statistics.median(peer)
    return {
        "stage": "decode",
        "unit": "messages/s",
        "value": round(value),
        "peer": "pyais",
        "peer_value": round(peer_value),
        "ratio": round(value / peer_value, 1),
    }


if __name__ == "__main__":
    print(run(5))
