"""Identities at the edge and on the wire."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_core.ids import (
    MmsiClass,
    Scheme,
    craft_from_icao24,
    craft_from_mmsi,
    craft_key,
    craft_number,
    craft_scheme,
    format_craft,
    imo_is_valid,
    mmsi_class,
    mmsi_mid,
    parse_craft,
    parse_locode,
    partition_of,
    splitmix64,
)


@given(scheme=st.sampled_from(Scheme), number=st.integers(0, 0xFFFFFF))
@settings(derandomize=True, max_examples=200, deadline=None)
def test_a_craft_comes_back_from_its_text(scheme: Scheme, number: int) -> None:
    craft = craft_key(scheme, number)
    assert parse_craft(format_craft(craft)) == craft
    assert (craft_scheme(craft), craft_number(craft)) == (scheme, number)
    assert 0 <= craft < 2**64


def test_craft_keys_are_fixed_forever() -> None:
    assert craft_from_mmsi(273_123_456) == 0x0100000010478880
    assert craft_from_icao24("731821") == 0x0200000000731821
    assert craft_from_icao24(" ~2A0001 ") == 0x03000000002A0001


@pytest.mark.parametrize(
    "text", ["", "273123456", "mmsi:", "mmsi:12x", "icao24:73182", "imo:9074729", "mmsi:1234567890"]
)
def test_no_craft(text: str) -> None:
    with pytest.raises(ValueError, match="craft"):
        parse_craft(text)


@pytest.mark.parametrize(
    ("scheme", "number"), [(Scheme.MMSI, 10**9), (Scheme.ICAO24, 2**24), (Scheme.MMSI, -1)]
)
def test_a_number_that_does_not_fit_is_refused(scheme: Scheme, number: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        craft_key(scheme, number)


def test_splitmix64_is_the_published_one() -> None:
    """First outputs of SplitMix64 seeded with 1234567 (Vigna's test vectors)."""
    state, found = 1_234_567, []
    for _ in range(5):
        found.append(splitmix64(state))
        state = (state + 0x9E3779B97F4A7C15) % 2**64
    assert found == [
        6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431,
        16408922859458223821,
    ]  # fmt: skip


@given(craft=st.integers(0, 2**64 - 1), partitions=st.integers(1, 64))
@settings(derandomize=True, max_examples=100, deadline=None)
def test_a_partition_exists(craft: int, partitions: int) -> None:
    assert 0 <= partition_of(craft, partitions) < partitions


@pytest.mark.parametrize(
    ("mmsi", "kind", "mid"),
    [
        (273_123_456, MmsiClass.SHIP, 273), (2_731_234, MmsiClass.COAST, 273),
        (27_312_345, MmsiClass.GROUP, 273),
        (111_273_001, MmsiClass.SAR_AIRCRAFT, 273), (992_731_234, MmsiClass.ATON, 273),
        (982_731_234, MmsiClass.DAUGHTER, 273), (827_312_345, MmsiClass.HANDHELD, 273),
        (970_010_123, MmsiClass.SART, None), (972_010_123, MmsiClass.MOB, None),
        (974_010_123, MmsiClass.EPIRB, None), (100_000_000, MmsiClass.INVALID, None),
        (0, MmsiClass.INVALID, None),
        (1_000_000_000, MmsiClass.INVALID, None),
    ],
)  # fmt: skip
def test_classes_of_mmsi(mmsi: int, kind: MmsiClass, mid: int | None) -> None:
    assert mmsi_class(mmsi) is kind
    assert mmsi_mid(mmsi) == mid


@pytest.mark.parametrize(
    ("imo", "valid"),
    [(9_074_729, True), (9_074_728, False), (8_814_275, True), (0, False), (90_747_290, False)],
)
def test_check_digits_of_imo_numbers(imo: int, valid: bool) -> None:
    assert imo_is_valid(imo) is valid


@pytest.mark.parametrize("text", ["", "RU", "RUAS1", "1UASF", "RUASFF"])
def test_no_locode(text: str) -> None:
    with pytest.raises(ValueError, match="UN/LOCODE"):
        parse_locode(text)
