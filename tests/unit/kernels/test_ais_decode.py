"""The AIS kernels against slow and obvious oracles."""

import functools
import operator
from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_kernels import ais_layout as layout
from lacuna_kernels.ais_bytes import BAD_ARMOR, checksum_holds, find, number, six_bits, xor_of
from lacuna_kernels.ais_columns import SLOT_MS, count_heard, to_columns
from lacuna_kernels.ais_fields import decode_fields
from lacuna_kernels.ais_names import intern, move_names, name_count, name_texts, new_names
from tests.reference.ais_encode import LAYOUTS, armor, encode
from tests.reference.ais_field_oracle import moving_fields, payload_bits, verdict

SETTINGS = settings(derandomize=True, max_examples=300, deadline=None)
ARMOR = "0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw"


def padded(data: bytes) -> npt.NDArray[np.uint8]:
    return np.frombuffer(data + bytes(layout.PAD), np.uint8).copy()


@SETTINGS
@given(st.binary(max_size=60), st.integers(0, 60), st.integers(0, 255))
def test_find_and_checksum(data: bytes, at: int, wanted: int) -> None:
    at = min(at, len(data))
    buf = padded(data)
    place = data.find(bytes([wanted]), at)
    assert find(buf, at, len(data), wanted) == (place if place >= 0 else len(data))
    assert xor_of(buf, at, len(data)) == functools.reduce(operator.xor, data[at:], 0)
    total = functools.reduce(operator.xor, data, 0)
    for digits in (f"{total:02X}", f"{total:02x}"):
        assert checksum_holds(padded(data + b"*" + digits.encode()), 0, len(data))
    assert not checksum_holds(padded(data + f"*{total ^ 1:02X}".encode()), 0, len(data))


@SETTINGS
@given(st.text("0123456789x", max_size=20))
def test_number(text: str) -> None:
    wanted = int(text) if text.isdigit() and len(text) <= 18 else -1
    assert number(padded(text.encode()), 0, len(text)) == wanted


@SETTINGS
@given(st.one_of(st.text(ARMOR, max_size=12).map(str.encode), st.binary(max_size=12)))
def test_six_bits(data: bytes) -> None:
    got = six_bits(padded(data), 0, len(data))
    bits = payload_bits(data[:8], 0)
    assert bool(int(got) & int(BAD_ARMOR)) == (bits is None)
    if bits is not None:
        assert int(got) == int(bits.ljust(48, "0"), 2)


def decode_one(payload: bytes, fill: int) -> npt.NDArray[Any]:
    rows, out = np.zeros(1, layout.ROW), np.zeros(1, layout.FIELDS)
    rows["length"], rows["fill"] = len(payload), fill
    decode_fields(padded(payload), rows, 1, out)
    return out[0]  # type: ignore[no-any-return]


@settings(derandomize=True, max_examples=1500, deadline=None)
@given(st.data())
def test_fields_of_random_payloads(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from([*LAYOUTS, "any", "noise"]))
    if kind == "noise":
        payload, fill = data.draw(st.binary(max_size=80)), data.draw(st.integers(0, 5))
    elif kind == "any":
        payload, fill = data.draw(st.text(ARMOR, max_size=80)).encode(), data.draw(st.integers(0, 5))
    else:
        size = len(encode(kind, {}))
        more = data.draw(st.sampled_from([0, 0, 0, 6, -6, -1, 20]))
        head = format(int(kind.rstrip("AB")), "06b")
        body = data.draw(st.integers(0, (1 << (size + more - 6)) - 1))
        text, fill = armor(head + format(body, f"0{size + more - 6}b"))
        payload = text.encode()
    got = decode_one(payload, fill)
    reason = verdict(payload, fill)
    assert layout.REASONS[got["verdict"]] == reason
    if not reason:
        wanted = moving_fields(payload, fill)
        assert {name: int(got[name]) for name in wanted} == wanted


def random_fields(count: int, seed: int) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    rng = np.random.default_rng(seed)
    rows, fields = np.zeros(count, layout.ROW), np.zeros(count, layout.FIELDS)
    rows["t_ms"] = rng.choice([layout.NULL_TIME_MS, *rng.integers(0, 3 * SLOT_MS, 20)], count)
    rows["receiver"] = rng.integers(0, 4, count)
    fields["kind"] = rng.integers(1, 28, count)
    fields["verdict"] = rng.choice([0, 0, 0, layout.BAD_LENGTH], count)
    fields["mmsi"] = rng.choice([0, 273_123_456, 999_999_999, 1_000_000_000], count)
    fields["lon"] = rng.choice([layout.NULL_I32, 0, -108_000_000, 108_000_001, 49_123_456], count)
    fields["lat"] = rng.choice([layout.NULL_I32, 1, -54_000_000, -54_000_001, 23_456_789], count)
    fields["course"] = rng.choice([0, 3599, 3601, layout.NULL_U16], count)
    fields["heading"] = rng.choice([0, 359, 360, layout.NULL_U16], count)
    fields["altitude"] = rng.choice([0, 1000, 4094, 4095], count)
    for name in ("accurate", "raim"):
        fields[name] = rng.integers(0, 2, count)
    return rows, fields


def fate_of(row: Any, f: Any) -> int:
    known = row["t_ms"] != layout.NULL_TIME_MS
    fix = layout.NULL_I32 not in (f["lon"], f["lat"])
    if f["verdict"]:
        return int(f["verdict"])
    if not 0 < f["mmsi"] < 10**9:
        return layout.INVALID_MMSI
    if f["kind"] in (5, 24):
        return layout.NON_POSITION if known else layout.NO_TIME
    if f["kind"] not in (1, 2, 3, 9, 18, 19, 27):
        return layout.NON_POSITION
    lon, lat = (None if f[name] == layout.NULL_I32 else f[name] / 600_000 for name in ("lon", "lat"))
    if (lon is not None and abs(lon) > 180) or (lat is not None and abs(lat) > 90):
        return layout.INVALID_POSITION
    if not known:
        return layout.NO_TIME
    return layout.PUBLISHED if fix else layout.NON_POSITION


def test_columns_and_fates() -> None:
    rows, fields = random_fields(4000, 1)
    fate = np.zeros(4000, np.uint8)
    columns = to_columns(rows, fields, 4000, fate)
    assert fate.tolist() == [fate_of(r, f) for r, f in zip(rows, fields, strict=True)]
    kept = np.flatnonzero(fate == layout.PUBLISHED)
    assert len(kept) > 100
    for k, i in enumerate(kept.tolist()):
        f = fields[i]
        assert int(columns[0][k]) == (1 << 56) + int(f["mmsi"])
        assert columns[2][k] == round(int(f["lat"]) * 1e7 / 600_000)
        assert columns[3][k] == round(int(f["lon"]) * 1e7 / 600_000)
        assert columns[5][k] == (f["course"] if f["course"] < 3600 else layout.NULL_U16)
        assert columns[6][k] == (10 * int(f["heading"]) if f["heading"] < 360 else layout.NULL_U16)
        feet = (
            round(int(f["altitude"]) / 0.3048) if f["kind"] == 9 and f["altitude"] < 4095 else layout.NULL_I32
        )
        assert columns[7][k] == feet
        assert bool(columns[8][k] & 0x80) == (f["kind"] == 27)
        assert columns[9][k] == {1: 1, 2: 1, 3: 1, 18: 2, 19: 2, 9: 3}.get(int(f["kind"]), 0)


def test_messages_heard() -> None:
    rows, fields = random_fields(4000, 2)
    fate = np.zeros(4000, np.uint8)
    to_columns(rows, fields, 4000, fate)
    wanted = Counter(
        (int(row["receiver"]), int(row["t_ms"]) // SLOT_MS * SLOT_MS)
        for row, what in zip(rows, fate, strict=True)
        if what >= layout.PUBLISHED and row["t_ms"] != layout.NULL_TIME_MS
    )
    receiver, start, heard = count_heard(rows, fate, 4000)
    assert (
        dict(zip(zip(receiver.tolist(), start.tolist(), strict=True), heard.tolist(), strict=True)) == wanted
    )


@SETTINGS
@given(st.lists(st.text("AB 1", max_size=45), max_size=30))
def test_names_are_numbered_once(texts: list[str]) -> None:
    names = new_names()
    numbers = [intern(names, padded(text.encode()), 0, len(text)) for text in texts]
    short = [text[: layout.NAME_BYTES - 1] for text in texts]
    assert name_texts(names, np.array(numbers, np.int64)) == short
    assert name_count(names) == len({*short, ""})
    other, moved = new_names(), np.array(numbers, np.int64)
    move_names(names, other, moved)
    assert name_texts(other, moved) == short


def test_a_full_table_gives_no_name() -> None:
    names = new_names()
    texts = [f"{i:06d}" for i in range(layout.NAME_CAPACITY)]
    numbers = [intern(names, padded(text.encode()), 0, 6) for text in texts]
    assert numbers == [*range(1, layout.NAME_CAPACITY), 0]
