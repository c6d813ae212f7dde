"""Destination texts as ships type them."""

import pytest

from lacuna_reference.basins import load_basin
from lacuna_reference.destinations import named_port


@pytest.mark.parametrize(
    ("text", "port_id"),
    [
        ("AMIRABAD", "amirabad"), ("AMIR ABAD", "amirabad"), ("AMIRABAD PORT", "amirabad"),
        ("ANZALI", "anzali"), ("BANDAR ANZALI", "anzali"), ("IRBAZ", "anzali"), ("IR BAZ", "anzali"),
        ("RUASF>IRBAZ", "anzali"), ("ASTRAKHAN", "astrakhan"), ("astrahan", "astrakhan"),
        ("MAKHACHKALA", "makhachkala"), ("AKTAU", "aktau"), ("FOR ORDERS", None), ("", None), ("???", None),
        ("BANDAR", None), ("PORT", None),
    ],
)  # fmt: skip
def test_names_codes_and_spellings(text: str, port_id: str | None) -> None:
    found = named_port(text, load_basin("caspian").ports)
    assert (found and found.port_id) == port_id


def test_no_ports_no_name() -> None:
    assert named_port("ANZALI", ()) is None
