"""Ship-type groups by the standard's table."""

from lacuna_reference.ship_types import ship_group, ship_groups


def test_groups_of_the_standard() -> None:
    expected = {
        0: "unknown", 19: "unknown", 30: "fishing", 31: "tug", 33: "dredger", 35: "military", 36: "sailing",
        38: "unknown", 40: "high_speed", 50: "pilot", 51: "search_and_rescue", 52: "tug",
        55: "law_enforcement", 60: "passenger", 70: "cargo", 79: "cargo", 80: "tanker", 89: "tanker",
        99: "other", 100: "unknown", 255: "unknown", 256: "unknown", -1: "unknown",
    }  # fmt: skip
    assert {code: ship_group(code) for code in expected} == expected


def test_every_group_is_listed() -> None:
    assert {ship_group(code) for code in range(256)} == set(ship_groups())
