"""Generated traffic in the mixture of types that a busy coast has, plain, tagged or dirty."""

import random
from typing import Any

from tests.reference.ais_encode import encode, sentences, tagged

MIXTURE = {
    "1": 66.0, "3": 10.5, "18": 7.0, "27": 5.0, "5": 3.5, "4": 2.5, "24A": 1.25, "24B": 1.25, "2": 1.5,
    "21": 1.0, "19": 0.5,
}  # fmt: skip
START_S = 1_662_052_384
FLEET = 2_000


def _message(kind: str, draw: random.Random) -> dict[str, Any]:
    scale = 1 if kind != "27" else 1000
    ship = draw.randrange(FLEET)
    return {
        "mmsi": 201_000_000 + 7 * ship, "status": draw.randrange(9), "rot": draw.randrange(-128, 128),
        "speed": draw.randrange(300 if kind != "27" else 30), "accuracy": draw.randrange(2),
        "lon": draw.randrange(-180 * 600_000 // scale, 180 * 600_000 // scale),
        "lat": draw.randrange(-90 * 600_000 // scale, 90 * 600_000 // scale),
        "course": draw.randrange(3600 if kind != "27" else 360), "heading": draw.randrange(360),
        "second": draw.randrange(60), "raim": draw.randrange(2), "radio": draw.randrange(1 << 19),
        "imo": 9_000_000 + ship, "callsign": f"UB{ship}", "shipname": f"VESSEL {ship}",
        "destination": f"PORT {draw.randrange(500)}", "ship_type": draw.randrange(20, 100),
        "to_bow_m": draw.randrange(200), "to_stern_m": draw.randrange(40), "to_port_m": draw.randrange(20),
        "to_starboard_m": draw.randrange(20), "draught": draw.randrange(1, 150),
        "year": 2022, "month": 9, "day": 1, "hour": 17, "minute": 13,
    }  # fmt: skip


def messages(count: int, seed: int, *, tags: bool = False) -> list[list[str]]:
    """Lines of ``count`` messages, one list a message."""
    draw = random.Random(seed)
    kinds = draw.choices(list(MIXTURE), list(MIXTURE.values()), k=count)
    out = []
    for i, kind in enumerate(kinds):
        lines = sentences(
            encode(kind, _message(kind, draw)), sequence=i % 10, channel=draw.choice("AB"), most=56
        )  # fmt: skip
        if tags:
            when, station = START_S + i // 50, f"ST{draw.randrange(40):03d}"
            fields = [f"s:{station},c:{when}"] * len(lines)
            if len(lines) > 1:
                fields = [f"g:{k + 1}-{len(lines)}-{i % 1000},{tag}" for k, tag in enumerate(fields)]
            lines = [tagged(line, tag) for line, tag in zip(lines, fields, strict=True)]
        out.append(lines)
    return out


def plain_text(count: int, seed: int, *, tags: bool = False) -> bytes:
    """The same as the bytes of a file."""
    return (
        "\r\n".join(line for lines in messages(count, seed, tags=tags) for line in lines) + "\r\n"
    ).encode()
