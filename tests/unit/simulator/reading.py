"""Reads the simulated feed as a stranger would: tag blocks by hand, messages by pyais."""

import gzip
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyais

from tests.reference.ais_sentence_oracle import checksum

POSITION_TYPES = (1, 3, 18, 27)
_LINE = re.compile(
    r"\\(?P<tag>[^*\\]+)\*(?P<tag_sum>[0-9A-F]{2})\\(?P<sentence>!(?P<body>[^*]+)\*(?P<sum>..))"
)


@dataclass(frozen=True, slots=True)
class Message:
    """One received message."""

    t_s: int
    station: str
    kind: int
    mmsi: int
    fields: dict[str, Any]

    @property
    def point(self) -> tuple[float, float]:
        """Latitude and longitude, degrees."""
        return float(self.fields["lat"]), float(self.fields["lon"])


def read_feed(folder: Path) -> list[Message]:
    """Read all files, in order of their names; every checksum is checked on the way."""
    found = []
    cache: dict[bytes, tuple[int, int, dict[str, Any]]] = {}
    for path in sorted(folder.glob("*.nmea.gz")):
        held: list[str] = []
        for line in gzip.decompress(path.read_bytes()).decode("ascii").splitlines():
            match = _LINE.fullmatch(line)
            assert match is not None, line
            assert match["tag_sum"] == checksum(match["tag"])
            assert match["sum"] == checksum(match["body"])
            held.append(match["sentence"])
            if len(held) == int(match["body"].split(",")[1]):
                tag = dict(part.split(":", 1) for part in match["tag"].split(","))
                kind, mmsi, fields = _decoded(held, cache)
                found.append(Message(int(tag["c"]), tag["s"], kind, mmsi, fields))
                held = []
        assert not held, "a message without its end"
    return found


def _decoded(
    sentences: list[str], cache: dict[bytes, tuple[int, int, dict[str, Any]]]
) -> tuple[int, int, dict[str, Any]]:
    """Decode once what several stations heard."""
    key = "".join(s.split(",")[5] for s in sentences).encode()
    if key not in cache:
        message = pyais.decode(*(s.encode() for s in sentences))
        cache[key] = (int(message.msg_type), int(message.mmsi), dict(message.asdict()))
    return cache[key]


def distance_nm(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance, haversine in plain words."""
    (lat_a, lon_a), (lat_b, lon_b) = np.radians(a), np.radians(b)
    h = np.sin((lat_b - lat_a) / 2) ** 2 + np.cos(lat_a) * np.cos(lat_b) * np.sin((lon_b - lon_a) / 2) ** 2
    return float(2 * 3_440.07 * np.arcsin(np.sqrt(h)))
