"""The AIS encoder against bit strings and against a decoder that others keep."""

import numpy as np
import pyais
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_kernels.ais_encode import STATION_BYTES, pack_sixbit, sentence_lines
from tests.reference import ais_sentence_oracle as oracle

_FIELDS = st.lists(st.tuples(st.integers(1, 32), st.integers(-(2**31), 2**32 - 1)), min_size=1, max_size=40)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(_FIELDS)
def test_packs_as_bit_strings_do(fields: list[tuple[int, int]]) -> None:
    widths = [w for w, _ in fields]
    values = [v % 2**w if v >= 0 else -((-v) % 2 ** (w - 1)) for w, v in fields]
    chars = pack_sixbit(np.array([values, values]), np.array(widths))
    expected, _ = oracle.armored(values, widths)
    assert [bytes(row).decode() for row in chars] == [expected, expected]


def _station_table(names: list[str]) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    table = np.zeros((len(names), STATION_BYTES), np.uint8)
    for row, name in zip(table, names, strict=True):
        row[: len(name)] = np.frombuffer(name.encode(), np.uint8)
    return table


@settings(derandomize=True, deadline=None, max_examples=100)
@given(
    st.lists(
        st.tuples(
            st.integers(6, 424), st.integers(0, 2), st.integers(0, 4_000_000_000), st.integers(0, 99_999),
            st.sampled_from("AB"), st.integers(0, 2**31),
        ),
        min_size=1, max_size=6,
    )
)  # fmt: skip
def test_writes_lines_as_format_strings_do(messages: list[tuple[int, int, int, int, str, int]]) -> None:
    names = ["BAKU", "A", "FIFTEEN-LETTERS"]
    payload = np.zeros((len(messages), 72), np.uint8)
    n_chars, fills = np.zeros((2, len(messages)), np.int64)
    expected = ""
    for i, (bits, station, t_s, group, channel, seed) in enumerate(messages):
        widths = [1] * bits
        text, fill = oracle.armored(np.random.default_rng(seed).integers(0, 2, bits).tolist(), widths)
        payload[i, : len(text)] = np.frombuffer(text.encode(), np.uint8)
        n_chars[i], fills[i] = len(text), fill
        expected += oracle.lines(text, fill, channel, names[station], t_s, group)
    channels = np.array([ord(m[4]) for m in messages], np.uint8)
    station_rows, times, groups = (np.array([m[k] for m in messages], np.int64) for k in (1, 2, 3))
    lines = sentence_lines(
        payload, n_chars, fills, channels, station_rows, times, groups, _station_table(names)
    )
    assert bytes(lines).decode() == expected


def test_a_decoder_reads_back_what_was_packed() -> None:
    widths = np.array([6, 2, 30, 4, 8, 10, 1, 28, 27, 12, 9, 6, 2, 3, 1, 19])
    values = np.array(
        [[1, 0, 273_123_456, 5, -128, 87, 1, 31_800_000, -27_000_600, 1_234, 356, 42, 0, 0, 0, 7]]
    )
    payload = pack_sixbit(values, widths)
    one = np.ones(1, np.int64)
    lines = sentence_lines(
        payload, 28 * one, 0 * one, np.array([66], np.uint8), 0 * one, 1_662_033_600 * one, one,
        _station_table(["AKTAU"]),
    )  # fmt: skip
    message = pyais.decode(bytes(lines).strip())
    assert isinstance(message, pyais.messages.MessageType1)
    assert (message.mmsi, message.status, message.second, message.heading) == (273_123_456, 5, 42, 356)
    assert (message.lon, message.lat, message.speed, message.course) == (53.0, -45.001, 8.7, 123.4)


def test_nothing_in_nothing_out() -> None:
    empty = np.zeros(0, np.int64)
    lines = sentence_lines(
        np.zeros((0, 72), np.uint8), empty, empty, np.zeros(0, np.uint8), empty, empty, empty,
        _station_table(["X"]),
    )  # fmt: skip
    assert lines.shape == (0,)
    assert pack_sixbit(np.zeros((0, 2), np.int64), np.array([6, 8])).shape == (0, 3)
