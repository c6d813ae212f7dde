"""AIS payloads and sentences written the slow and obvious way, with bit strings."""

from collections.abc import Sequence


def armored(values: Sequence[int], widths: Sequence[int]) -> tuple[str, int]:
    """Payload characters and fill bits of one message."""
    bits = "".join(format(v % 2**w, f"0{w}b") for v, w in zip(values, widths, strict=True))
    fill = -len(bits) % 6
    bits += "0" * fill
    numbers = [int(bits[i : i + 6], 2) for i in range(0, len(bits), 6)]
    return "".join(chr(n + 48 if n < 40 else n + 56) for n in numbers), fill


def checksum(text: str) -> str:
    """Two hexadecimal digits: all bytes exclusive-ored."""
    check = 0
    for byte in text.encode("ascii"):
        check ^= byte
    return f"{check:02X}"


def lines(payload: str, fill: int, channel: str, station: str, t_s: int, group: int) -> str:
    """Tag blocks and sentences of one message."""
    parts = [payload[i : i + 60] for i in range(0, len(payload), 60)]
    text = ""
    for number, part in enumerate(parts, start=1):
        grouped = f"g:{number}-{len(parts)}-{group}," if len(parts) > 1 else ""
        tag = f"{grouped}s:{station},c:{t_s}"
        sequence = group % 10 if len(parts) > 1 else ""
        body = (
            f"AIVDM,{len(parts)},{number},{sequence},{channel},{part},{fill if number == len(parts) else 0}"
        )
        text += f"\\{tag}*{checksum(tag)}\\!{body}*{checksum(body)}\r\n"
    return text
