"""Parts of multi-sentence messages: orphans, repeats, reused ids, time-outs, groups."""

from collections import Counter
from pathlib import Path

import pytest

from lacuna_core.position import IdentityBatch
from lacuna_ingestion.feed import Decoded
from lacuna_ingestion.feeds.nmea import NmeaFeed
from tests.reference.ais_encode import encode, sentences, tagged


def static(mmsi: int, sequence: int = 1) -> list[str]:
    return sentences(
        encode("5", {"mmsi": mmsi, "shipname": f"SHIP {mmsi % 100}"}), sequence=sequence, most=56
    )


def read(folder: Path, lines: list[str]) -> Decoded:
    path = folder / "log.nmea"
    path.write_text("\n".join(lines) + "\n")
    parts = list(NmeaFeed().read(path))
    assert all(p.messages == p.published + p.non_position + len(p.dead) for p in parts)
    return Decoded(
        positions=tuple(b for p in parts for b in p.positions),
        identities=tuple(b for p in parts for b in p.identities),
        health=parts[0].health,
        dead=tuple(d for p in parts for d in p.dead),
        messages=sum(p.messages for p in parts),
        published=sum(p.published for p in parts),
        non_position=sum(p.non_position for p in parts),
        bytes_read=parts[-1].bytes_read,
    )


def told(decoded: Decoded) -> tuple[list[int], Counter[str]]:
    rows = IdentityBatch.concat(decoded.identities)
    return sorted(int(c) & 0xFFFFFFFF for c in rows.craft), Counter(d.reason for d in decoded.dead)


def at(line: str, second: int, station: str = "S1") -> str:
    return tagged(line, f"s:{station},c:{1_600_000_000 + second}")


def test_an_unfinished_message_is_a_dead_letter_with_its_bytes_and_line(tmp_path: Path) -> None:
    first, second = static(273_000_001)
    decoded = read(tmp_path, ["# a comment", at(first, 0)])
    assert told(decoded) == ([], Counter(orphan_part=1))
    assert decoded.dead[0].payload == at(first, 0).encode()
    assert decoded.dead[0].origin == f"{tmp_path / 'log.nmea'}:2"
    assert told(read(tmp_path, [at(second, 0)])) == ([], Counter(orphan_part=1))


def test_parts_may_come_in_any_order(tmp_path: Path) -> None:
    first, second = static(273_000_001)
    assert told(read(tmp_path, [at(second, 0), at(first, 1)])) == ([273_000_001], Counter())


def test_a_repeated_part_is_a_duplicate(tmp_path: Path) -> None:
    first, second = static(273_000_001)
    decoded = read(tmp_path, [at(first, 0), at(first, 0), at(second, 1)])
    assert told(decoded) == ([273_000_001], Counter(duplicate_part=1))


def test_a_reused_id_gives_the_old_message_up(tmp_path: Path) -> None:
    old, new = static(273_000_001), static(273_000_002)
    decoded = read(tmp_path, [at(old[0], 0), at(new[0], 1), at(new[1], 1)])
    assert told(decoded) == ([273_000_002], Counter(orphan_part=1))
    assert decoded.dead[0].payload == at(old[0], 0).encode()


def test_two_stations_that_hear_two_ships_with_one_id(tmp_path: Path) -> None:
    a, b = static(273_000_001), static(273_000_002)
    lines = [at(a[0], 0, "SA"), at(b[0], 0, "SB"), at(a[1], 0, "SA"), at(b[1], 0, "SB")]
    assert told(read(tmp_path, lines)) == ([273_000_001, 273_000_002], Counter())


@pytest.mark.parametrize("form", ["g:{}-2-{}", "{}G2:{}"])
def test_groups_tell_apart_what_ids_do_not(tmp_path: Path, form: str) -> None:
    a, b = static(273_000_001), static(273_000_002)
    lines = [
        tagged(a[0], form.format(1, 11) + ",s:S1,c:1600000000"),
        tagged(b[0], form.format(1, 12) + ",s:S1,c:1600000000"),
        tagged(a[1], form.format(2, 11)), tagged(b[1], form.format(2, 12)),
    ]  # fmt: skip
    decoded = read(tmp_path, lines)
    assert told(decoded) == ([273_000_001, 273_000_002], Counter())
    assert set(IdentityBatch.concat(decoded.identities).t_ms) == {1_600_000_000_000}


def test_parts_a_minute_apart_are_two_messages(tmp_path: Path) -> None:
    first, second = static(273_000_001)
    assert told(read(tmp_path, [at(first, 0), at(second, 61)])) == ([], Counter(orphan_part=2))
    assert told(read(tmp_path, [at(first, 0), at(second, 59)])) == ([273_000_001], Counter())


def test_a_part_is_given_up_after_many_sentences(tmp_path: Path) -> None:
    first, second = static(273_000_001)
    other = at(sentences(encode("1", {"mmsi": 273_000_009}))[0], 0)
    lines = [at(first, 0), *[other] * 20_001, at(second, 0)]
    assert told(read(tmp_path, lines)) == ([], Counter(orphan_part=2))


def test_more_unfinished_messages_than_there_is_room_for(tmp_path: Path) -> None:
    lines = [at(static(273_000_000 + i)[0], 0, f"S{i}") for i in range(300)]
    decoded = read(tmp_path, lines)
    assert told(decoded) == ([], Counter(orphan_part=300))
    assert sorted(d.payload.decode() for d in decoded.dead) == sorted(lines)


def test_nine_parts(tmp_path: Path) -> None:
    lines = sentences(encode("5", {"mmsi": 273_000_001, "shipname": "NINE"}), most=8)
    assert len(lines) == 9
    assert told(read(tmp_path, [at(line, 0) for line in lines])) == ([273_000_001], Counter())
