"""The aircraft: four freighters that are watched, and others that are not."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Airframe:
    """One aircraft.

    Attributes
    ----------
    icao24 : str
        24-bit address, lower-case hexadecimal.
    registration, type_code, description, operator : str
        As a database of aircraft has them.
    callsign : str
        Prefix of its callsigns.
    cruise_kn, cruise_ft : float
        Ground speed and altitude en route.
    homes : tuple of str
        Airports where it is based, ICAO codes.
    others : tuple of str
        Airports it serves besides the trips.
    moscow : tuple of str
        Moscow airports of its trips, most used first and repeated by weight; empty for none.
    watched : bool
        On the watchlist.
    """

    icao24: str
    registration: str
    type_code: str
    description: str
    operator: str
    callsign: str
    cruise_kn: float
    cruise_ft: float
    homes: tuple[str, ...]
    others: tuple[str, ...]
    moscow: tuple[str, ...]
    watched: bool


_TEHRAN = ("OIIE", "OIII")

AIRFRAMES = (
    Airframe(
        "731821", "EP-FAA", "B742", "BOEING 747-200", "Qeshm Fars Air", "QFZ", 478.0, 31_000.0, _TEHRAN,
        ("OMDW", "LTFM", "OIMM", "VIDP"), ("UUEE", "UUEE", "UUEE", "UUWW", "UUBW"), True,
    ),
    Airframe(
        "732464", "EP-ICD", "B742", "BOEING 747-200", "Iran Air", "IRA", 475.0, 30_000.0, ("OIIE",),
        ("LTFM", "OMDB", "OISS", "VIDP"), ("UUEE", "UUEE", "UUDD"), True,
    ),
    Airframe(
        "7335c2", "EP-MNB", "B744", "BOEING 747-400", "Mahan Air", "IRM", 488.0, 33_000.0, ("OIIE",),
        ("OMDW", "VIDP", "OIKB", "LTFM"), ("UUWW", "UUWW", "UUDD"), True,
    ),
    Airframe(
        "734d02", "EP-SHB", "B742", "BOEING 747-200", "Saha Airlines", "IRZ", 474.0, 30_000.0,
        ("OIII", "OIIE"), ("OIMM", "OISS", "OIKB", "OMDW"), ("UUWW", "UUBW", "UUBW"), True,
    ),
    Airframe(
        "7342b3", "EP-PUS", "IL76", "ILYUSHIN IL-76", "Pouya Air", "PYA", 420.0, 29_000.0, ("OIII",),
        ("UUWW", "URMM", "OIMM"), (), False,
    ),
    Airframe(
        "732541", "EP-IJA", "A332", "AIRBUS A330-200", "Iran Air", "IRA", 465.0, 36_000.0, ("OIIE",),
        ("UUWW", "LTFM", "EDDF", "OMDB"), (), False,
    ),
    Airframe(
        "7335a2", "EP-MMB", "A343", "AIRBUS A340-300", "Mahan Air", "IRM", 470.0, 35_000.0, ("OIIE",),
        ("UUWW", "VIDP", "OMDB", "LTFM"), (), False,
    ),
    Airframe(
        "152c07", "RA-76807", "IL76", "ILYUSHIN IL-76", "Aviacon Zitotrans", "AZS", 415.0, 29_000.0,
        ("USSS",), ("UUBW", "OIIE", "URMM", "UUWW"), (), False,
    ),
    Airframe(
        "4baa45", "TC-JJE", "B77W", "BOEING 777-300ER", "Turkish Airlines", "THY", 485.0, 37_000.0, ("LTFM",),
        ("UUWW", "OIIE", "UBBB", "OMDB"), (), False,
    ),
    Airframe(
        "600808", "4K-SW008", "B744", "BOEING 747-400", "Silk Way West", "AZG", 488.0, 34_000.0, ("UBBB",),
        ("UUDD", "OMDW", "LTFM", "VIDP"), (), False,
    ),
    Airframe(
        "896123", "A6-EPA", "B77W", "BOEING 777-300ER", "Emirates", "UAE", 487.0, 36_000.0, ("OMDB",),
        ("UUDD", "OIIE", "LTFM", "VIDP"), (), False,
    ),
    Airframe(
        "155c3e", "RA-73150", "A321", "AIRBUS A321", "Aeroflot", "AFL", 455.0, 35_000.0, ("UUEE",),
        ("LTFM", "UBBB", "OIIE", "URMM"), (), False,
    ),
)  # fmt: skip

MOSCOW = ("UUEE", "UUWW", "UUDD", "UUBW")
TEHRAN = _TEHRAN
