"""Real sentences against the decode of libais that lies beside them.

One difference is known and listed by line: libais spells the six-bit values 31 and 39 as "-" and "`".
ITU-R M.1371-5 table 47 says "_" and "'", and so do pyais and gpsd 3.22 (``HASNUR_05`` and ``R'DAM/LWARDEN``
in ``gpsd/ais_unpack_sixbit.log.chk``); so do we.
"""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from lacuna_ingestion.decode import decode_records
from tests.real_data import real_data
from tests.reference.ais_libais import differences, expected_record

KINDS = {1, 2, 3, 4, 5, 9, 18, 19, 21, 24, 27}
FILES = {
    "nmea/aislib/stream_example.txt.gz": (3653, 4051),
    "nmea/libais/test.aivdm": (54, 227),
    "nmea/pyais/nmea_data_sample.txt": (770, 778),
}
"""Messages of KINDS on which libais and pyais agree, and messages in all that decode."""
OTHER_SPELLING: dict[str, set[int]] = {
    "nmea/aislib/stream_example.txt.gz": {417, 461, 882, 1449, 1483, 1755, 2928, 4908, 5509, 8467},
    "nmea/libais/test.aivdm": {224, 225, 229},
    "nmea/pyais/nmea_data_sample.txt": set(),
}
"""Lines on which a text holds one of the two values that libais spells otherwise."""
AS_LIBAIS = str.maketrans("_'", "-`")


def reference(path: Path) -> list[dict[str, Any]]:
    stem = path.name.removesuffix(".gz").rsplit(".", 1)[0]
    with gzip.open(path.with_name(f"{stem}.libais.jsonl.gz"), "rt") as lines:
        return [json.loads(line) for line in lines]


@pytest.mark.real
@pytest.mark.parametrize("relative", FILES)
def test_decode_equals_libais(relative: str) -> None:
    path = real_data(relative)
    ours = {record["line"]: record for record in decode_records(path)}
    wrong, spelling, compared = {}, set(), 0
    for row in reference(path):
        if not row.get("pyais_agrees") or row["decode"]["id"] not in KINDS:
            continue
        compared += 1
        record = ours.get(row["line"], {})
        found = differences(record, expected_record(row["decode"]) | {"t": row["t"]})
        if found and all(str(got).translate(AS_LIBAIS) == theirs for got, theirs in found.values()):
            spelling.add(row["line"])
        elif found:
            wrong[row["line"]] = found
    assert wrong == {}
    assert spelling == OTHER_SPELLING[relative]
    assert (compared, len(ours)) == FILES[relative]


@pytest.mark.real
@pytest.mark.parametrize("relative", FILES)
def test_every_message_libais_decodes_is_there(relative: str) -> None:
    path = real_data(relative)
    ours = {record["line"]: (record["type"], record["mmsi"]) for record in decode_records(path)}
    theirs = {
        row["line"]: (row["decode"]["id"], row["decode"]["mmsi"])
        for row in reference(path)
        if "decode" in row
    }
    assert {line: told for line, told in theirs.items() if ours.get(line) != told} == {}
