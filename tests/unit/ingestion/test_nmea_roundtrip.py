"""What an independent encoder writes is what comes out, field by field."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lacuna_ingestion.decode import decode_records
from tests.reference.ais_encode import LAYOUTS, TEXTS, encode, sentences, tagged

SETTINGS = settings(
    derandomize=True,
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_ !\"#$%&'()*+,-./0123456789:;<=>?"
SIGNED = {"lon", "lat", "rot"}
PLAIN = {"status": "nav_status", "accuracy": "accuracy", "mmsi": "mmsi"}
SIZES = ("to_bow_m", "to_stern_m", "to_port_m", "to_starboard_m")


def values(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    fields: dict[str, st.SearchStrategy[Any]] = {}
    for name, width in LAYOUTS[kind]:
        if name in TEXTS:
            fields[name] = st.text(LETTERS, max_size=width // 6)
        elif name in SIGNED:
            fields[name] = st.integers(-(1 << (width - 1)), (1 << (width - 1)) - 1)
        elif name not in ("type", "part"):
            fields[name] = st.integers(0, (1 << width) - 1)
    return st.fixed_dictionaries(fields)


def scaled(kind: str, name: str, value: int) -> float | None:
    """A moving field in plain units, None where it is the "not available" of its type."""
    degree = 600 if kind == "27" else 600_000
    none, unit = {
        "lon": (181 * degree, degree), "lat": (91 * degree, degree),
        "speed": (63, 1) if kind == "27" else (1023, 1 if kind == "9" else 10),
        "course": (511, 1) if kind == "27" else (3600, 10), "heading": (511, 1), "second": (60, 1),
    }[name]  # fmt: skip
    return None if value == none else value / unit


MOVING = {
    "lon": "lon_deg", "lat": "lat_deg", "speed": "sog_kn", "course": "cog_deg", "heading": "heading_deg",
    "second": "second",
}  # fmt: skip


def expected(kind: str, sent: dict[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {"type": int(kind.rstrip("AB"))}
    names = {name for name, _ in LAYOUTS[kind]}
    for name in names & set(PLAIN):
        out[PLAIN[name]] = sent[name]
    for name in names & set(MOVING):
        out[MOVING[name]] = scaled(kind, name, sent[name])
    if "rot" in names:
        turn = (sent["rot"] / 4.733) ** 2 * (-1 if sent["rot"] < 0 else 1)
        out["rot_deg_min"] = None if sent["rot"] == -128 else turn
    if "to_bow_m" in names:
        known = any(sent[name] for name in SIZES) and not (kind == "24B" and sent["mmsi"] // 10**7 == 98)
        out |= {name: sent[name] if known else None for name in SIZES}
    for name in names & {"imo", "ship_type"}:
        out[name] = sent[name] or None
    for name in names & set(TEXTS):
        out[name] = sent[name].strip() or None
    if "draught" in names:
        out["draught_m"] = sent["draught"] / 10 or None
    return out


def decoded(folder: Path, lines: list[str]) -> list[dict[str, Any]]:
    path = folder / "sentences.nmea"
    path.write_bytes("\n".join(lines).encode("latin-1"))
    return list(decode_records(path))


@pytest.mark.parametrize("kind", LAYOUTS)
def test_every_field_of_every_type(kind: str, tmp_path: Path) -> None:
    @SETTINGS
    @given(st.lists(st.tuples(values(kind), st.sampled_from([20, 40, 80])), min_size=1, max_size=4))
    def check(drawn: list[tuple[dict[str, Any], int]]) -> None:
        lines: list[str] = []
        ends = []
        for sent, most in drawn:
            lines += sentences(encode(kind, sent), most=most)
            ends.append(len(lines))
        got = decoded(tmp_path, lines)
        for record in got:
            assert record.pop("t") is None
        assert [record.pop("line") for record in got] == ends
        assert got == [expected(kind, sent) for sent, _ in drawn]

    check()


@SETTINGS
@given(st.data())
def test_interleaved_parts_come_together(tmp_path: Path, data: st.DataObject) -> None:
    count = data.draw(st.integers(2, 6))
    queues, wanted = [], {}
    for i in range(count):
        name = f"SHIP {i}"
        bits = encode("5", {"mmsi": 201_000_000 + i, "shipname": name, "ship_type": 70})
        lines = sentences(
            bits, sequence=i, channel="AB"[i % 2], most=data.draw(st.sampled_from([20, 30, 56]))
        )
        station = f"s:ST{i},c:{1_600_000_000 + i}"
        queues.append([tagged(line, station) for line in data.draw(st.permutations(lines))])
        wanted[201_000_000 + i] = name
    stream = []
    while any(queues):
        queue = data.draw(st.sampled_from([q for q in queues if q]))
        stream.append(queue.pop(0))
    got = decoded(tmp_path, stream)
    assert {r["mmsi"]: r["shipname"] for r in got} == wanted
    assert {r["mmsi"]: r["t"] for r in got} == {m: 1_600_000_000.0 + m - 201_000_000 for m in wanted}


def test_a_long_aid_name_goes_on_behind_the_message(tmp_path: Path) -> None:
    bits = encode("21", {"mmsi": 992_351_018, "shipname": "A" * 20}, extra_text="B" * 14)
    [record] = decoded(tmp_path, sentences(bits))
    assert record["shipname"] == "A" * 20 + "B" * 14
