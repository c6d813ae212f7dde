"""A broken list is refused by name."""

import pytest

from lacuna_core.errors import ConfigError
from lacuna_core.ids import craft_from_icao24
from lacuna_flight_correlation.watchlist import read_watchlist


def test_reads_entries_without_bounds() -> None:
    [entry] = read_watchlist('{"aircraft": [{"icao24": "73400F"}]}')
    assert entry.holds(craft_from_icao24("73400f"), 0)
    assert not entry.holds(craft_from_icao24("734010"), 0)


@pytest.mark.parametrize(
    "body", ["{", "[]", '{"aircraft": [{}]}', '{"aircraft": [{"icao24": "EP-XYZ"}]}',
             '{"aircraft": [{"icao24": "731821", "valid_from": "soon"}]}'],
)  # fmt: skip
def test_broken_list_names_what_was_expected(body: str) -> None:
    with pytest.raises(ConfigError, match="watchlist: expected"):
        read_watchlist(body)
