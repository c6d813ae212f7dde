"""Flags of radio licenses against a public table, where that is present."""

import json

import pytest

from lacuna_core.ids import craft_from_icao24, craft_from_mmsi
from lacuna_reference.flags import flag_of_craft, flag_of_mmsi, flags_by_mid
from tests.real_data import real_data


@pytest.mark.parametrize(
    ("mmsi", "country"),
    [
        (273123456, "RU"), (422000001, "IR"), (423000001, "AZ"), (434000001, "TM"), (436000001, "KZ"),
        (2731234, "RU"), (111273001, "RU"), (982731234, "RU"), (992111234, "DE"), (338123456, "US"),
    ],
)  # fmt: skip
def test_every_class_of_mmsi_carries_its_flag(mmsi: int, country: str) -> None:
    flag = flag_of_mmsi(mmsi)
    assert flag is not None
    assert flag.country == country


def test_no_flag_without_a_known_mid() -> None:
    assert flag_of_mmsi(299000000) is None
    assert flag_of_mmsi(0) is None
    assert flag_of_craft(craft_from_icao24("731821")) is None
    flag = flag_of_craft(craft_from_mmsi(273123456))
    assert flag is not None
    assert flag.name == "Russia"


@pytest.mark.real
def test_table_equals_the_public_one() -> None:
    public = {
        int(mid): row[0] for mid, row in json.loads(real_data("watchlists/mids.json").read_text()).items()
    }
    ours = {mid: flag.country for mid, flag in flags_by_mid().items()}
    # The public table has Honduras at 335 (ITU: 334), lacks 471 and 550, and counts Ascension as GB.
    different = {mid for mid in public.keys() | ours.keys() if public.get(mid) != ours.get(mid)}
    assert different == {334, 335, 471, 550, 608}
