"""A well-kept decoder as a second opinion on generated traffic."""

from pathlib import Path

import pyais

from lacuna_ingestion.decode import decode_records
from tests.reference.ais_corpus import messages

NAMES = {
    "mmsi": "mmsi", "heading": "heading_deg", "second": "second", "imo": "imo", "callsign": "callsign",
    "shipname": "shipname", "to_bow": "to_bow_m", "to_port": "to_port_m", "destination": "destination",
}  # fmt: skip

DECIMALS = {"lon": "lon_deg", "lat": "lat_deg", "speed": "sog_kn", "course": "cog_deg"}


def test_pyais_reads_the_same(tmp_path: Path) -> None:
    groups = messages(1500, 11)
    path = tmp_path / "log.nmea"
    path.write_text("\n".join(line for group in groups for line in group))
    ours = list(decode_records(path))
    assert len(ours) == len(groups)
    for group, record in zip(groups, ours, strict=True):
        told = pyais.decode(*group).asdict()
        assert told["msg_type"] == record["type"]
        for theirs, name in NAMES.items():
            if theirs in told and name in record:
                assert told[theirs] == record[name], (group, theirs)
        for theirs, name in (
            ("lon", "lon_deg"),
            ("lat", "lat_deg"),
            ("speed", "sog_kn"),
            ("course", "cog_deg"),
        ):
            if theirs in told and name in record:
                assert abs(told[theirs] - record[name]) < 1e-5, (group, theirs)
