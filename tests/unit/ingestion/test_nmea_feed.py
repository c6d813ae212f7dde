"""The feed: columns, receive times and stations, health, dead letters, and the sum that must hold."""

import gzip
import random
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lacuna_core.ids import craft_from_mmsi
from lacuna_core.position import CraftClass, IdentityBatch, PositionBatch
from lacuna_core.units import NULL_I32, NULL_U16
from lacuna_ingestion.decode import decode_records
from lacuna_ingestion.feed import Decoded
from lacuna_ingestion.feeds.nmea import FEED, NmeaFeed
from tests.real_data import real_data
from tests.reference.ais_corpus import messages
from tests.reference.ais_encode import checksum, encode, sentences, tagged

SETTINGS = settings(
    derandomize=True,
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

NO_MONTH = "PGHP,1,2022,13,1,17,13,4,386,219,24,992190924,1,12"


def read(
    path: Path, chunk_bytes: int = 8 << 20
) -> tuple[PositionBatch, list[IdentityBatch], dict[tuple[str, int], int], list[Decoded]]:
    parts = list(NmeaFeed(chunk_bytes).read(path))
    for part in parts:
        assert part.messages == part.published + part.non_position + len(part.dead)
        assert part.published == sum(map(len, part.positions))
    heard: Counter[tuple[str, int]] = Counter()
    for health in (part.health for part in parts):
        for receiver, start, count in zip(
            health.text("receiver"), health.start_ms, health.messages, strict=True
        ):
            heard[receiver, int(start)] += int(count)
    positions = PositionBatch.concat([b for part in parts for b in part.positions])
    identities = [b for part in parts for b in part.identities]
    return positions, identities, dict(heard), parts


def write(folder: Path, text: str | bytes, name: str = "log.nmea") -> Path:
    path = folder / name
    path.write_bytes(text.encode("latin-1") if isinstance(text, str) else text)
    return path


def position(mmsi: int = 273_123_456, kind: str = "1", **values: int) -> str:
    given_values = {
        "mmsi": mmsi,
        "lon": 49 * 600_000,
        "lat": 40 * 600_000,
        "speed": 101,
        "course": 3599,
    } | values
    return sentences(encode(kind, given_values | {"heading": values.get("heading", 359)}))[0]


def test_a_position_becomes_a_row(tmp_path: Path) -> None:
    line = position(status=5, accuracy=1, raim=1, lon=-1, lat=-5_000_001)
    rows, _, heard, _ = read(write(tmp_path, tagged(line, "s:BAKU,c:1662052384")))
    assert rows.craft[0] == craft_from_mmsi(273_123_456)
    assert (rows.t_ms[0], rows.lon_e7[0], rows.lat_e7[0]) == (1_662_052_384_000, -17, -83_333_350)
    assert (rows.speed_dkn[0], rows.course_ddeg[0], rows.heading_ddeg[0]) == (101, 3599, 3590)
    assert (rows.flags[0], rows.craft_class[0]) == (5 | 0x20 | 0x40, CraftClass.CLASS_A)
    assert (rows.text("source")[0], rows.text("receiver")[0]) == ("nmea", "BAKU")
    assert heard == {("BAKU", 1_662_052_200_000): 1}


def test_not_available_is_null_and_what_can_not_be_is_too(tmp_path: Path) -> None:
    lines = [position(speed=1023, course=3600, heading=511), position(speed=1022, course=3700, heading=360)]
    rows, _, _, _ = read(write(tmp_path, "\n".join(tagged(line, "c:1662052384") for line in lines)))
    assert rows.speed_dkn.tolist() == [NULL_U16, 1022]
    assert set(rows.course_ddeg) == set(rows.heading_ddeg) == {NULL_U16}
    assert set(rows.baro_altitude_ft) == set(rows.geo_altitude_ft) == {NULL_I32}


def test_classes_long_range_and_altitude(tmp_path: Path) -> None:
    lines = [
        position(kind="18"), position(kind="9", altitude=1000, speed=120), position(kind="9", altitude=4095),
        position(kind="27", lon=49 * 600, lat=40 * 600, speed=12, course=270),
    ]  # fmt: skip
    rows, _, _, _ = read(write(tmp_path, "\n".join(tagged(line, "c:1662052384") for line in lines)))
    assert rows.craft_class.tolist() == [
        CraftClass.CLASS_B,
        *[CraftClass.SAR_AIRCRAFT] * 2,
        CraftClass.UNKNOWN,
    ]
    assert rows.geo_altitude_ft.tolist() == [NULL_I32, 3281, NULL_I32, NULL_I32]
    assert (rows.speed_dkn[1], rows.speed_dkn[3], rows.course_ddeg[3]) == (1200, 120, 2700)
    assert (rows.flags[3] & 0x80, rows.lat_e7[3]) == (0x80, 400_000_000)


@pytest.mark.parametrize(
    ("before", "after", "t_ms", "receiver"),
    [
        ("\\s:AKTAU,c:1662052384*{}\\", "", 1_662_052_384_000, "AKTAU"),
        ("\\c:1662052384123,s:AKTAU*{}\\", "", 1_662_052_384_123, "AKTAU"),
        ("\\c:1662052384.5*{}\\", "", 1_662_052_384_500, ""),
        ("\\s:AKTAU*{}\\\n$PGHP,1,2022,9,1,17,13,4,386,219,24,,1,12*{}\n", "", 1_662_052_384_386, "AKTAU"),
        ("$PGHP,1,2022,9,1,17,13,4,386,219,24,992190924,1,12*{}\n", "", 1_662_052_384_386, "992190924"),
        ("", ",d-093,S2212,t235959.00,T59.00339837,r09STOL1,1662052384", 1_662_052_384_000, "r09STOL1"),
        ("", ",1662052384", 1_662_052_384_000, ""),
        ("\\c:1662052384*{}\\\n", "", 1_662_052_384_000, ""),
    ],
)  # fmt: skip
def test_receive_times_and_stations(
    tmp_path: Path, before: str, after: str, t_ms: int, receiver: str
) -> None:
    pieces = before.split("\n")
    for i, piece in enumerate(pieces):
        if "{}" in piece:
            pieces[i] = piece.replace("{}", checksum(piece[1 : piece.index("*")]))
    rows, _, _, _ = read(
        write(tmp_path, "\n".join(pieces) + position() + after + "\n" + position(mmsi=201_000_000))
    )
    assert rows.t_ms.tolist() == [t_ms]
    assert rows.text("receiver").tolist() == [receiver]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("hello", "not_nmea"),
        ("x" * 2000, "line_too_long"),
        (position()[:-1] + "Z", "bad_checksum"),
        (position()[:-3], "bad_sentence"),
        ("!AIVDM,1,1,,A,,0*26", "empty_payload"),
        (f"${NO_MONTH}*{checksum(NO_MONTH)}", "bad_receive_time"),
        (tagged(position(mmsi=0), "c:1662052384"), "invalid_mmsi"),
        (tagged(position(mmsi=1_000_000_000), "c:1662052384"), "invalid_mmsi"),
        (tagged(position(lon=180 * 600_000 + 1), "c:1662052384"), "invalid_position"),
        (tagged(position(lat=-90 * 600_000 - 1), "c:1662052384"), "invalid_position"),
        (position(), "no_time"),
        (tagged(position(), "c:1662052384").replace("c:1662052384", "c:1662052385"), "no_time"),
    ],
)
def test_reasons(tmp_path: Path, line: str, reason: str) -> None:
    _, _, _, parts = read(write(tmp_path, line + "\r\n"))
    [letter] = [d for part in parts for d in part.dead]
    assert (letter.reason, letter.payload, letter.source) == (reason, line.encode(), "nmea")
    assert letter.origin.endswith("log.nmea:1")


def test_lengths_and_alphabet(tmp_path: Path) -> None:
    bits = encode("1", {"mmsi": 273_123_456})
    wrong = [sentences(bits[:-6]), sentences(bits + "000000"), sentences(format(28, "06b") + bits[6:])]
    body = "AIVDM,1,1,,A,1X3s`H0000000000000000000000,0"
    lines = [*[line for [line] in wrong], f"!{body}*{checksum(body)}"]
    _, _, _, parts = read(write(tmp_path, "\n".join(lines)))
    reasons = [d.reason for part in parts for d in part.dead]
    assert reasons == ["bad_length", "bad_length", "unknown_type", "bad_payload"]


def test_no_fix_is_no_position(tmp_path: Path) -> None:
    line = tagged(position(lon=181 * 600_000, lat=91 * 600_000), "c:1662052384")
    rows, _, heard, parts = read(write(tmp_path, line))
    assert (len(rows), parts[0].non_position, sum(heard.values())) == (0, 1, 1)


@cache
def dirty(count: int, seed: int) -> tuple[bytes, int, int]:
    """Text, messages that are whole, and lines that are broken."""
    draw = random.Random(seed)
    lines, good, bad = [], 0, 0
    for group in messages(count, seed, tags=True):
        if draw.random() < 0.05:
            i = draw.randrange(len(group))
            group[i] = draw.choice(
                [group[i][: draw.randrange(30, len(group[i]) - 1)], group[i][:-1] + "?", "~garbage~"]
            )
            bad += len(group)
        else:
            good += 1
        lines += group
    return "\r\n".join(lines).encode(), good, bad


def test_the_dirty_corpus_adds_up(tmp_path: Path) -> None:
    text, good, bad = dirty(4000, 7)
    path = write(tmp_path, text)
    _, _, heard, parts = read(path)
    assert sum(len(part.dead) for part in parts) == bad
    assert sum(part.published + part.non_position for part in parts) == good == sum(heard.values())
    assert sum(1 for _ in decode_records(path)) == good


@pytest.mark.parametrize("chunk_bytes", [64, 1000, 4096, 100_000])
def test_the_chunk_size_changes_nothing(tmp_path: Path, chunk_bytes: int) -> None:
    path = write(tmp_path, dirty(800, 3)[0])
    positions, identities, heard, parts = read(path)
    again = read(path, chunk_bytes)
    assert again[0] == positions
    assert IdentityBatch.concat(again[1]) == IdentityBatch.concat(identities)
    assert again[2] == heard
    assert [d for part in again[3] for d in part.dead] == [d for part in parts for d in part.dead]


def test_more_texts_than_a_batch_can_name(tmp_path: Path) -> None:
    lines = [
        tagged(
            sentences(encode("24A", {"mmsi": 201_000_000 + i, "shipname": f"N{i}"}))[0],
            f"s:R{i},c:1662052384",
        )
        for i in range(70_000)
    ]
    _, _, heard, parts = read(write(tmp_path, "\n".join(lines)))
    names = [name for part in parts for batch in part.identities for name in batch.text("name")]
    assert names == [f"N{i}" for i in range(70_000)]
    assert len(heard) == 70_000


@SETTINGS
@given(st.binary(max_size=3000), st.lists(st.integers(0, 10_000), max_size=8))
def test_no_bytes_raise(tmp_path: Path, noise: bytes, cuts: list[int]) -> None:
    text = bytearray(dirty(20, 5)[0])
    for cut in cuts:
        at = cut % len(text)
        text[at : at + 3] = noise[:5]
    path = write(tmp_path, b"\n" + noise + b"\n" + bytes(text))
    read(path)
    list(decode_records(path))


def test_gzip_is_read_in_place(tmp_path: Path) -> None:
    text = dirty(200, 1)[0]
    plain = read(write(tmp_path, text))
    packed = read(write(tmp_path, gzip.compress(text), "log.nmea.gz"))
    assert packed[0] == plain[0]
    assert packed[3][-1].bytes_read == (tmp_path / "log.nmea.gz").stat().st_size


def test_recognizes_sentences_and_nothing_else() -> None:
    assert FEED.recognizes(Path("x"), b"# log\n" + position().encode())
    assert FEED.recognizes(Path("x"), tagged(position(), "s:X").encode())
    assert not FEED.recognizes(Path("x"), b"MMSI,BaseDateTime,LAT,LON\n367000000,2020-06-30T00:00:00,1,2\n")


@pytest.mark.real
def test_the_aislib_stream_has_its_packets_and_stations() -> None:
    positions, identities, heard, parts = read(real_data("nmea/aislib/stream_example.txt.gz"))
    assert sum(part.messages for part in parts) == 4051
    assert [d.reason for part in parts for d in part.dead] == ["invalid_mmsi", "invalid_mmsi"]
    assert (len(positions), sum(map(len, identities)), sum(heard.values())) == (2965, 497, 4049)
    assert np.all(np.abs(positions.t_ms - 1_276_256_780_000) < 60_000)
    assert {len(name) for name, _ in heard} == {0, 7, 9}
