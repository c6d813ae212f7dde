"""Real flights: every file of real state vectors is read whole, without a dead letter."""

import pytest

from lacuna_core.ids import craft_from_icao24
from lacuna_core.position import FLAG_ON_GROUND, FLAG_STALE, Domain
from lacuna_core.timestamps import parse_time
from lacuna_core.units import NULL_I32
from tests.real_data import real_data
from tests.unit.ingestion.feeding import Fed, feed_file

# file: feed, messages, of which without a position, aircraft
FILES = {
    "traffic/airbus_tree.json.gz": ("traffic_records", 5_412, 0, 1),
    "traffic/dreamliner_boeing.json.gz": ("traffic_records", 1_630, 0, 1),
    "traffic/elal747.json.gz": ("traffic_records", 2_110, 0, 1),
    "traffic/inflight_refuelling.json.gz": ("traffic_records", 10_397, 1, 1),
    "traffic/noisy_ground.json.gz": ("traffic_records", 924, 0, 1),
    "traffic/noisy_landing.json.gz": ("traffic_records", 848, 0, 1),
    "traffic/noisy_takeoff.json.gz": ("traffic_records", 730, 0, 1),
    "traffic/noisy_time_issue.json.gz": ("traffic_records", 8_294, 0, 1),
    "traffic/quickstart.json.gz": ("traffic_records", 284_505, 0, 213),
    "traffic/tour_de_france.json.gz": ("traffic_records", 99_031, 196, 2),
    "traffic/turkish_flag.json.gz": ("traffic_records", 917, 0, 1),
    "traffic/zurich_airport.json.gz": ("traffic_records", 17_132, 0, None),
    "readsb/trace_full_ac671b.json.gz": ("readsb_trace", 2_500, 0, 1),
    "fr24/2ce4f83f.json.gz": ("fr24", 871, 0, 1),
    "fr24/3376ab31.json.gz": ("fr24", 305, 0, 1),
    # rows with "N" tell no position; 27 rows whose receiver had no clock take the network's time
    "fr24/JL516_Flightradar24_ADS-B_data_granular.csv.gz": ("fr24", 17_521, 5_147, 1),
    # one record a frame: most frames carry no position
    "rs1090/full_flight_short.jsonl.gz": ("traffic_records", 57_793, 49_469, None),
}


def _fed(name: str) -> Fed:
    return feed_file(real_data(f"flights/{name}"))


@pytest.mark.real
@pytest.mark.parametrize("name", FILES)
def test_read_whole_without_a_dead_letter(name: str) -> None:
    fed = _fed(name)
    feed, messages, without, aircraft = FILES[name]
    assert (fed.feed, fed.dead) == (feed, ())
    assert (fed.messages, fed.published, fed.non_position) == (messages, messages - without, without)
    assert fed.positions.domain is Domain.AIR
    if aircraft is not None:
        assert len(set(fed.positions.craft.tolist())) == aircraft


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("elal747", "738043"),
        ("noisy_ground", "440549"),
        ("noisy_takeoff", "3946e4"),
        ("quickstart", "0101de"),
    ],
)
def test_addresses_that_look_like_numbers_stay_text(name: str, address: str) -> None:
    fed = _fed(f"traffic/{name}.json.gz")
    assert craft_from_icao24(address) in set(fed.positions.craft.tolist())


@pytest.mark.real
def test_the_fields_of_a_trace() -> None:
    p = _fed("readsb/trace_full_ac671b.json.gz").positions
    assert (p.t_ms[0], p.lat_e7[0], p.lon_e7[0]) == (1738703622619, 167773590, -880368680)
    stale, ground = (p.flags & FLAG_STALE) > 0, (p.flags & FLAG_ON_GROUND) > 0
    assert int(stale.sum()) == 75
    assert int(ground.sum()) > 0
    assert (p.baro_altitude_ft[ground] == NULL_I32).all()
    assert int(p.baro_altitude_ft.max()) > 30_000


@pytest.mark.real
def test_what_flights_say_of_themselves() -> None:
    i = _fed("traffic/elal747.json.gz").identities
    assert "ELY1747" in i.text("callsign").tolist()
    assert set(i.text("destination").tolist()) == {"LLBG"}
    i = _fed("fr24/3376ab31.json.gz").identities
    said = [i.text(k)[0] for k in ("callsign", "destination", "registration", "type_code")]
    assert said == ["JAL516", "RJTT", "JA13XJ", "A359"]


@pytest.mark.real
def test_a_playback_and_the_raw_data_of_the_same_flight_agree() -> None:
    playback = _fed("fr24/3376ab31.json.gz").positions
    raw = _fed("fr24/JL516_Flightradar24_ADS-B_data_granular.csv.gz").positions
    assert set(playback.craft.tolist()) == set(raw.craft.tolist())
    near = abs(raw.t_ms - int(playback.t_ms[len(playback) // 2])) < 3_000
    at = len(playback) // 2
    assert near.any()
    assert abs(raw.lat_e7[near].astype(int) - int(playback.lat_e7[at])).min() < 200_000
    assert abs(raw.baro_altitude_ft[near].astype(int) - int(playback.baro_altitude_ft[at])).min() < 500
    assert raw.t_ms.min() >= parse_time("2024-01-02T07:41:00Z")
