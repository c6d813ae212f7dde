"""A bit-level encoder of AIS messages and sentences, written from ITU-R M.1371-5 for the tests alone."""

from dataclasses import dataclass, field
from typing import Any

Layout = list[tuple[str, int]]
_SIX = "@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_ !\"#$%&'()*+,-./0123456789:;<=>?"
_HEAD: Layout = [("type", 6), ("repeat", 2), ("mmsi", 30)]
_DIMENSIONS: Layout = [("to_bow_m", 9), ("to_stern_m", 9), ("to_port_m", 6), ("to_starboard_m", 6)]
_CLASS_A: Layout = [
    *_HEAD, ("status", 4), ("rot", 8), ("speed", 10), ("accuracy", 1), ("lon", 28), ("lat", 27),
    ("course", 12), ("heading", 9), ("second", 6), ("maneuver", 2), ("spare", 3), ("raim", 1), ("radio", 19),
]  # fmt: skip
_BASE: Layout = [
    *_HEAD, ("year", 14), ("month", 4), ("day", 5), ("hour", 5), ("minute", 6), ("second", 6),
    ("accuracy", 1), ("lon", 28), ("lat", 27), ("epfd", 4), ("spare", 10), ("raim", 1), ("radio", 19),
]  # fmt: skip
_CLASS_B: Layout = [
    *_HEAD, ("reserved", 8), ("speed", 10), ("accuracy", 1), ("lon", 28), ("lat", 27), ("course", 12),
    ("heading", 9), ("second", 6),
]  # fmt: skip
LAYOUTS: dict[str, Layout] = {
    "1": _CLASS_A, "2": _CLASS_A, "3": _CLASS_A, "4": _BASE, "11": _BASE,
    "5": [
        *_HEAD, ("version", 2), ("imo", 30), ("callsign", 42), ("shipname", 120), ("ship_type", 8),
        *_DIMENSIONS, ("epfd", 4), ("eta", 20), ("draught", 8), ("destination", 120), ("dte", 1),
        ("spare", 1),
    ],
    "9": [
        *_HEAD, ("altitude", 12), ("speed", 10), ("accuracy", 1), ("lon", 28), ("lat", 27), ("course", 12),
        ("second", 6), ("reserved", 13), ("raim", 1), ("radio", 20),
    ],
    "18": [*_CLASS_B, ("flags", 8), ("raim", 1), ("radio", 20)],
    "19": [
        *_CLASS_B, ("reserved_2", 4), ("shipname", 120), ("ship_type", 8), *_DIMENSIONS, ("epfd", 4),
        ("raim", 1), ("dte", 1), ("assigned", 1), ("spare", 4),
    ],
    "21": [
        *_HEAD, ("aid_type", 5), ("shipname", 120), ("accuracy", 1), ("lon", 28), ("lat", 27), *_DIMENSIONS,
        ("epfd", 4), ("second", 6), ("off", 1), ("reserved", 8), ("raim", 1), ("virtual", 1), ("assigned", 1),
        ("spare", 1),
    ],
    "24A": [*_HEAD, ("part", 2), ("shipname", 120)],
    "24B": [
        *_HEAD, ("part", 2), ("ship_type", 8), ("vendor", 42), ("callsign", 42), *_DIMENSIONS, ("spare", 6),
    ],
    "27": [
        *_HEAD, ("accuracy", 1), ("raim", 1), ("status", 4), ("lon", 18), ("lat", 17), ("speed", 6),
        ("course", 9), ("gnss", 1), ("spare", 1),
    ],
}  # fmt: skip
TEXTS = ("callsign", "shipname", "destination")


@dataclass
class Bits:
    """Bits gathered field by field."""

    text: str = ""
    widths: dict[str, int] = field(default_factory=dict)

    def put(self, value: int, width: int) -> None:
        """Append a field, two's complement for negative numbers."""
        self.text += format(value & ((1 << width) - 1), f"0{width}b")


def text_bits(text: str, width: int) -> int:
    """Six-bit text padded with "@" to a width in bits."""
    value = 0
    for letter in text.ljust(width // 6, "@")[: width // 6]:
        value = value << 6 | _SIX.index(letter)
    return value


def encode(kind: str, values: dict[str, Any], *, extra_text: str = "") -> str:
    """Bits of a message as a string of 0 and 1; fields that are not given are zero."""
    bits = Bits()
    for name, width in LAYOUTS[kind]:
        value = values.get(name, 0)
        if name == "type":
            value = int(kind.rstrip("AB"))
        elif name == "part":
            value = int(kind == "24B")
        elif name in TEXTS:
            value = text_bits(value or "", width)
        bits.put(value, width)
    if extra_text:
        bits.put(text_bits(extra_text, 6 * len(extra_text)), 6 * len(extra_text))
    return bits.text


def armor(bits: str) -> tuple[str, int]:
    """Payload characters and fill bits of a bit string."""
    fill = -len(bits) % 6
    padded = bits + "0" * fill
    values = [int(padded[i : i + 6], 2) for i in range(0, len(padded), 6)]
    return "".join(chr(v + 48 if v < 40 else v + 56) for v in values), fill


def checksum(text: str) -> str:
    """Two hexadecimal digits of NMEA 0183."""
    total = 0
    for byte in text.encode("latin-1"):
        total ^= byte
    return f"{total:02X}"


def sentences(
    bits: str, *, talker: str = "AI", sequence: int = 1, channel: str = "A", most: int = 60, own: bool = False
) -> list[str]:
    """Sentences of a message, as many as it takes at ``most`` payload characters each."""
    payload, fill = armor(bits)
    pieces = [payload[i : i + most] for i in range(0, len(payload), most)] or [""]
    out = []
    for i, piece in enumerate(pieces):
        number = "" if len(pieces) == 1 else str(sequence)
        last = fill if i == len(pieces) - 1 else 0
        form = "VDO" if own else "VDM"
        body = f"{talker}{form},{len(pieces)},{i + 1},{number},{channel},{piece},{last}"
        out.append(f"!{body}*{checksum(body)}")
    return out


def tagged(sentence: str, fields: str) -> str:
    """A sentence behind a tag block of the given fields."""
    return f"\\{fields}*{checksum(fields)}\\{sentence}" if fields else sentence
