"""Identities: craft keys, MMSI, IMO, ICAO address, UN/LOCODE, and the partition of a craft.

A craft is the thing that transmits. On the wire and in kernels it is one unsigned 64-bit number, scheme in
the top byte and the number below; at the edges it is text such as ``mmsi:273123456`` or ``icao24:731821``.
Hulls and airframes (``imo:``, ``msn:``) are identities over time and never stream keys.
"""

import re
from enum import IntEnum, StrEnum

PARTITIONS = 16
"""Partitions of every topic keyed by craft; fixed for the life of a topic version."""

_SCHEME_SHIFT = 56
_NUMBER_MASK = (1 << _SCHEME_SHIFT) - 1
_U64 = (1 << 64) - 1
_LOCODE = re.compile(r"^[A-Z]{2}[A-Z2-9]{3}$")


class Scheme(IntEnum):
    """What kind of number a craft key holds."""

    MMSI = 1
    ICAO24 = 2
    NON_ICAO = 3


_PREFIX = {Scheme.MMSI: "mmsi", Scheme.ICAO24: "icao24", Scheme.NON_ICAO: "nonicao"}
_SCHEME = {prefix: scheme for scheme, prefix in _PREFIX.items()}


class MmsiClass(StrEnum):
    """What an MMSI is assigned to (ITU-R M.585-9)."""

    SHIP = "ship"
    GROUP = "group"
    COAST = "coast"
    SAR_AIRCRAFT = "sar_aircraft"
    ATON = "aton"
    DAUGHTER = "daughter"
    HANDHELD = "handheld"
    SART = "sart"
    MOB = "mob"
    EPIRB = "epirb"
    INVALID = "invalid"


def craft_key(scheme: Scheme, number: int) -> int:
    """Pack a scheme and a number into a craft key.

    Parameters
    ----------
    scheme : Scheme
        Kind of number.
    number : int
        The MMSI or the 24-bit address.

    Returns
    -------
    int
        The unsigned 64-bit craft key.

    Raises
    ------
    ValueError
        If the number does not fit its scheme.

    Examples
    --------
    >>> hex(craft_key(Scheme.ICAO24, 0x731821))
    '0x200000000731821'
    """
    limit = 999_999_999 if scheme is Scheme.MMSI else 0xFFFFFF
    if not 0 <= number <= limit:
        raise ValueError(f"{_PREFIX[scheme]} number {number} is outside 0..{limit}")
    return (int(scheme) << _SCHEME_SHIFT) | number


def craft_from_mmsi(mmsi: int) -> int:
    """Craft key of an MMSI.

    Parameters
    ----------
    mmsi : int
        Nine-digit radio identity.

    Returns
    -------
    int
        The craft key.
    """
    return craft_key(Scheme.MMSI, mmsi)


def craft_from_icao24(address: str) -> int:
    """Craft key of a 24-bit aircraft address.

    Parameters
    ----------
    address : str
        Six hexadecimal digits; a leading ``~`` marks a non-ICAO address.

    Returns
    -------
    int
        The craft key.

    Raises
    ------
    ValueError
        If the text is not six hexadecimal digits.

    Examples
    --------
    >>> format_craft(craft_from_icao24("731821"))
    'icao24:731821'
    """
    text = address.strip().lower()
    scheme = Scheme.NON_ICAO if text.startswith("~") else Scheme.ICAO24
    digits = text.removeprefix("~")
    if not re.fullmatch(r"[0-9a-f]{6}", digits):
        raise ValueError(f"icao24 {address!r} is not six hexadecimal digits")
    return craft_key(scheme, int(digits, 16))


def parse_craft(text: str) -> int:
    """Read a craft at the edge.

    Parameters
    ----------
    text : str
        ``mmsi:273123456``, ``icao24:731821`` or ``nonicao:2a0001``.

    Returns
    -------
    int
        The craft key.

    Raises
    ------
    ValueError
        If the text has no known scheme or a malformed number.
    """
    prefix, _, number = text.partition(":")
    scheme = _SCHEME.get(prefix)
    if scheme is None:
        raise ValueError(f"craft {text!r} does not start with mmsi:, icao24: or nonicao:")
    if scheme is Scheme.MMSI:
        if not re.fullmatch(r"[0-9]{1,9}", number):
            raise ValueError(f"craft {text!r} does not hold a decimal MMSI of at most nine digits")
        return craft_key(scheme, int(number))
    if not re.fullmatch(r"[0-9a-fA-F]{6}", number):
        raise ValueError(f"craft {text!r} does not hold six hexadecimal digits")
    return craft_key(scheme, int(number, 16))


def craft_scheme(craft: int) -> Scheme:
    """Scheme of a craft key.

    Parameters
    ----------
    craft : int
        Craft key.

    Returns
    -------
    Scheme
        Its scheme.
    """
    return Scheme(int(craft) >> _SCHEME_SHIFT)


def craft_number(craft: int) -> int:
    """Number of a craft key.

    Parameters
    ----------
    craft : int
        Craft key.

    Returns
    -------
    int
        The MMSI or the 24-bit address.
    """
    return int(craft) & _NUMBER_MASK


def format_craft(craft: int) -> str:
    """Write a craft for the edge.

    Parameters
    ----------
    craft : int
        Craft key.

    Returns
    -------
    str
        ``mmsi:`` and nine digits, or ``icao24:`` and six lower-case hexadecimal digits.

    Examples
    --------
    >>> format_craft(craft_from_mmsi(273123456))
    'mmsi:273123456'
    """
    scheme, number = craft_scheme(craft), craft_number(craft)
    digits = f"{number:09d}" if scheme is Scheme.MMSI else f"{number:06x}"
    return f"{_PREFIX[scheme]}:{digits}"


def splitmix64(value: int) -> int:
    """Finalizer of SplitMix64 (Steele, Lea and Flood 2014), one step from ``value``.

    Parameters
    ----------
    value : int
        Unsigned 64-bit input.

    Returns
    -------
    int
        Unsigned 64-bit hash.

    Examples
    --------
    >>> hex(splitmix64(0))
    '0xe220a8397b1dcdaf'
    """
    z = (value + 0x9E3779B97F4A7C15) & _U64
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _U64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _U64
    return z ^ (z >> 31)


def partition_of(craft: int, partitions: int = PARTITIONS) -> int:
    """Partition of a craft.

    Parameters
    ----------
    craft : int
        Craft key.
    partitions : int
        Number of partitions of the topic.

    Returns
    -------
    int
        ``splitmix64(craft) mod partitions``.
    """
    return splitmix64(int(craft)) % partitions


_MMSI_BY_PREFIX = (
    ("111", MmsiClass.SAR_AIRCRAFT), ("970", MmsiClass.SART), ("972", MmsiClass.MOB),
    ("974", MmsiClass.EPIRB), ("99", MmsiClass.ATON), ("98", MmsiClass.DAUGHTER),
    ("00", MmsiClass.COAST), ("0", MmsiClass.GROUP), ("8", MmsiClass.HANDHELD),
)  # fmt: skip


def mmsi_class(mmsi: int) -> MmsiClass:
    """Class of an MMSI by its leading digits (ITU-R M.585-9).

    Parameters
    ----------
    mmsi : int
        Radio identity.

    Returns
    -------
    MmsiClass
        ``INVALID`` when it is no assignable number.

    Examples
    --------
    >>> mmsi_class(273123456).value, mmsi_class(2731234).value
    ('ship', 'coast')
    """
    if not 0 < mmsi <= 999_999_999:
        return MmsiClass.INVALID
    text = f"{mmsi:09d}"
    for prefix, kind in _MMSI_BY_PREFIX:
        if text.startswith(prefix):
            return kind
    return MmsiClass.SHIP if text[0] in "234567" else MmsiClass.INVALID


def mmsi_mid(mmsi: int) -> int | None:
    """Maritime identification digits of an MMSI: the flag of its radio license, not of its owner.

    Parameters
    ----------
    mmsi : int
        Radio identity.

    Returns
    -------
    int or None
        Three digits, or None when the class carries none.
    """
    text = f"{mmsi:09d}"
    at = {
        MmsiClass.SHIP: 0, MmsiClass.GROUP: 1, MmsiClass.COAST: 2, MmsiClass.SAR_AIRCRAFT: 3,
        MmsiClass.ATON: 2, MmsiClass.DAUGHTER: 2, MmsiClass.HANDHELD: 1,
    }.get(mmsi_class(mmsi))  # fmt: skip
    return None if at is None else int(text[at : at + 3])


def imo_is_valid(imo: int) -> bool:
    """Whether a number is an IMO ship number: seven digits, the last one the check digit.

    Parameters
    ----------
    imo : int
        Candidate.

    Returns
    -------
    bool
        True when the first six digits weighted 7..2 sum to the seventh modulo ten.

    Examples
    --------
    >>> imo_is_valid(9074729), imo_is_valid(9074728)
    (True, False)
    """
    if not 1_000_000 <= imo <= 9_999_999:
        return False
    digits = [int(d) for d in str(imo)]
    return sum(d * w for d, w in zip(digits[:6], range(7, 1, -1), strict=True)) % 10 == digits[6]


def parse_locode(text: str) -> str:
    """Read a UN/LOCODE.

    Parameters
    ----------
    text : str
        Two letters of a country and three of a place, a blank between allowed.

    Returns
    -------
    str
        The five characters.

    Raises
    ------
    ValueError
        If it is not of that form.

    Examples
    --------
    >>> parse_locode("ru asf")
    'RUASF'
    """
    code = text.replace(" ", "").upper()
    if not _LOCODE.fullmatch(code):
        raise ValueError(f"UN/LOCODE {text!r} is not two letters and three letters or digits 2-9")
    return code
