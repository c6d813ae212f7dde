"""``lacuna replay`` on real tables gives the gap events of the reference: none missing, none extra."""

from pathlib import Path

import numpy as np
import orjson
import pytest

from lacuna_core.timestamps import parse_time
from lacuna_standalone import commands
from tests.gap_reference import REFERENCE, TABLES, Gap, reference_gaps, table_files
from tests.real_data import real_data


def _closed_gaps(events: Path) -> list[Gap]:
    """Ends of the gap events that closed, from their last revisions."""
    newest = {}
    for line in events.read_bytes().splitlines():
        event = orjson.loads(line)
        if event["kind"] == "gap":
            newest[event["event_id"]] = event
    return sorted(
        (int(e["craft"].removeprefix("mmsi:")), parse_time(e["start"]), parse_time(e["end"]))
        for e in newest.values()
        if e["status"] == "closed"
    )


@pytest.mark.real
@pytest.mark.parametrize("table", TABLES)
def test_the_gap_events_of_a_replay_are_those_of_the_reference(table: str, tmp_path: Path) -> None:
    want = reference_gaps(real_data(REFERENCE))[table]
    events = tmp_path / "events.ndjson"
    commands.replay(table_files(table, tmp_path), None, tmp_path / "data", events)
    found = _closed_gaps(events)
    assert [vessel for vessel, _, _ in found] == [vessel for vessel, _, _ in want]
    ends = np.array(found)[:, 1:] - np.array(want)[:, 1:]
    assert np.abs(ends).max() <= 2_000
