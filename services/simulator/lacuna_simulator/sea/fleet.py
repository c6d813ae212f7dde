"""The ships: identities, radios and trades."""

from dataclasses import dataclass

import numpy as np

_CONSONANTS = "BDGKLMNRSTVZ"
_VOWELS = "AEIOU"


@dataclass(frozen=True, slots=True)
class Vessel:
    """One ship.

    Attributes
    ----------
    index : int
        Number in the fleet; seeds its random draws.
    role : str
        ``cargo``, ``tanker``, ``ferry``, ``tug`` or ``fishing``.
    mmsi, imo : int
        Radio identity and ship number (0 for class B).
    name, callsign : str
        As transmitted.
    ship_type : int
        AIS type code.
    class_b : bool
        Class B "CS" transponder: 2 W, 30 s.
    long_range : bool
        Transmits message 27 for satellites.
    updates_draught : bool
        Its crew enters the draught after loading and discharging.
    dimensions_m : tuple of int
        To bow, stern, port, starboard.
    draught_m : tuple of float
        In ballast and laden.
    speed_kn : float
        Service speed.
    antenna_m : float
        Height of the antenna above the water.
    radio_db : float
        Strength of this radio against the nominal one of its class (cable, antenna, shadowing).
    ports : tuple of str
        Ports of its trade, the first is home.
    """

    index: int
    role: str
    mmsi: int
    imo: int
    name: str
    callsign: str
    ship_type: int
    class_b: bool
    long_range: bool
    updates_draught: bool
    dimensions_m: tuple[int, int, int, int]
    draught_m: tuple[float, float]
    speed_kn: float
    antenna_m: float
    radio_db: float
    ports: tuple[str, ...]


_SHARES = (("cargo", 0.55), ("tanker", 0.18), ("ferry", 0.07), ("tug", 0.08), ("fishing", 0.12))
_TRADES: dict[int, tuple[tuple[str, ...], ...]] = {
    273: (
        ("astrakhan", "makhachkala", "aktau", "baku", "turkmenbashi"),
        ("olya", "astrakhan", "aktau", "makhachkala", "anzali"),
        ("makhachkala", "astrakhan", "aktau", "derbent", "amirabad"),
        ("astrakhan", "baku", "makhachkala", "alat", "anzali"),
    ),
    422: (
        ("anzali", "astrakhan", "aktau", "baku", "makhachkala"),
        ("amirabad", "aktau", "makhachkala", "astrakhan", "turkmenbashi"),
        ("nowshahr", "baku", "aktau", "olya", "fereydunkenar"),
    ),
    423: (("baku", "aktau", "turkmenbashi", "makhachkala"), ("alat", "aktau", "anzali", "astrakhan")),
    434: (("turkmenbashi", "baku", "aktau", "bekdash"),),
    436: (("aktau", "baku", "makhachkala", "kuryk", "bautino"),),
}
_TANKER_TRADES: dict[int, tuple[tuple[str, ...], ...]] = {
    273: (("makhachkala", "aktau", "turkmenbashi", "astrakhan"),),
    422: (("neka", "aktau", "turkmenbashi"),),
    423: (("dubendi", "aktau", "turkmenbashi"), ("baku", "turkmenbashi", "aktau")),
    434: (("turkmenbashi", "makhachkala", "dubendi"),),
    436: (("aktau", "makhachkala", "dubendi"),),
}
_FERRY_PORTS = (("baku", "turkmenbashi"), ("alat", "kuryk"), ("alat", "turkmenbashi"), ("aktau", "baku"))
_HOME_PORTS = {
    273: ("makhachkala", "astrakhan", "derbent"), 422: ("anzali", "amirabad", "nowshahr"),
    423: ("baku", "alat", "dubendi"), 434: ("turkmenbashi",), 436: ("aktau", "bautino"),
}  # fmt: skip
_FLAG_SHARES = {
    "cargo": ((273, 0.48), (422, 0.24), (423, 0.12), (436, 0.08), (434, 0.08)),
    "tanker": ((273, 0.30), (423, 0.30), (434, 0.15), (436, 0.15), (422, 0.10)),
    "ferry": ((423, 0.75), (434, 0.25)),
    "tug": ((273, 0.35), (423, 0.30), (436, 0.20), (422, 0.15)),
    "fishing": ((273, 0.45), (423, 0.25), (422, 0.15), (436, 0.15)),
}
_TYPES = {
    "cargo": (70, 70, 70, 79, 71),
    "tanker": (80, 80, 89),
    "ferry": (60, 69),
    "tug": (52,),
    "fishing": (30,),
}
_CALL_PREFIX = {273: "U", 422: "EP", 423: "4J", 434: "EZ", 436: "UN"}


def build_fleet(count: int, rng: np.random.Generator) -> tuple[Vessel, ...]:
    """Draw a fleet.

    Parameters
    ----------
    count : int
        Number of vessels.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    tuple of Vessel
        Cargo first, then tankers, ferries, tugs and fishing boats; MMSI and names are unique.
    """
    numbers = rng.permutation(90_000)[:count] + 10_000
    roles: list[str] = []
    for role, share in _SHARES:
        roles += [role] * max(1, round(share * count))
    roles = (roles + ["cargo"] * count)[:count] if len(roles) < count else roles[:count]
    roles.sort(key=[role for role, _ in _SHARES].index)
    return tuple(_vessel(i, role, int(numbers[i]), rng) for i, role in enumerate(roles))


def _pick(options: tuple[tuple[int, float], ...], rng: np.random.Generator) -> int:
    weights = np.array([w for _, w in options])
    return options[int(rng.choice(len(options), p=weights / weights.sum()))][0]


def _vessel(index: int, role: str, number: int, rng: np.random.Generator) -> Vessel:
    mid = _pick(_FLAG_SHARES[role], rng)
    class_b = role == "fishing"
    length_m = int(
        {"cargo": rng.integers(95, 141), "tanker": rng.integers(110, 151), "ferry": rng.integers(120, 156),
         "tug": rng.integers(22, 38), "fishing": rng.integers(12, 28)}[role]
    )  # fmt: skip
    beam_m = max(4, round(length_m / rng.uniform(7.2, 8.4)))
    bow_m = round(length_m * rng.uniform(0.75, 0.9))
    port_m = beam_m // 2
    laden_m = round(min(4.8, 0.03 * length_m + rng.uniform(0.2, 0.8)), 1)
    speed = {
        "cargo": (8.2, 10.2),
        "tanker": (8.5, 11.0),
        "ferry": (12.5, 15.0),
        "tug": (7.5, 10.0),
        "fishing": (6.5, 8.5),
    }
    return Vessel(
        index=index,
        role=role,
        mmsi=mid * 1_000_000 + number * 10 + int(rng.integers(10)),
        imo=0 if class_b else _imo(int(rng.integers(700_000, 985_000)) // 300 * 300 + index),
        name=_name(role, rng) + (f" {index + 1}" if class_b else ""),
        callsign=f"{_CALL_PREFIX[mid]}{_letters(2, rng)}{int(rng.integers(1, 10))}",
        ship_type=int(rng.choice(_TYPES[role])),
        class_b=class_b,
        long_range=not class_b and bool(rng.random() < 0.55),
        updates_draught=bool(rng.random() < 0.65),
        dimensions_m=(bow_m, length_m - bow_m, port_m, beam_m - port_m),
        draught_m=(round(0.62 * laden_m, 1), laden_m),
        speed_kn=float(rng.uniform(*speed[role])),
        antenna_m=float(rng.uniform(4, 7) if class_b or role == "tug" else rng.uniform(14, 24)),
        radio_db=float(np.clip(rng.normal(0.0, 3.0), -7.0, 5.0)),
        ports=_trade(role, mid, rng),
    )


def _trade(role: str, mid: int, rng: np.random.Generator) -> tuple[str, ...]:
    if role == "ferry":
        return _FERRY_PORTS[int(rng.integers(len(_FERRY_PORTS)))]
    if role in ("tug", "fishing"):
        homes = _HOME_PORTS[mid]
        return (homes[int(rng.integers(len(homes)))],)
    trades = (_TANKER_TRADES if role == "tanker" else _TRADES)[mid]
    return trades[int(rng.integers(len(trades)))]


def _imo(first_six: int) -> int:
    digits = [int(d) for d in str(first_six)]
    check = sum(d * w for d, w in zip(digits, range(7, 1, -1), strict=True)) % 10
    return first_six * 10 + check


def _letters(count: int, rng: np.random.Generator) -> str:
    return "".join(chr(65 + int(k)) for k in rng.integers(0, 26, count))


def _name(role: str, rng: np.random.Generator) -> str:
    syllables = int(rng.integers(2, 4))
    word = "".join(
        _CONSONANTS[int(rng.integers(len(_CONSONANTS)))] + _VOWELS[int(rng.integers(len(_VOWELS)))]
        for _ in range(syllables)
    )
    ending = {
        "cargo": ("", "N", "R", "SK"),
        "tanker": ("", "T OIL"),
        "ferry": ("", " EXPRESS"),
        "tug": ("",),
        "fishing": ("",),
    }
    prefix = "BUKSIR " if role == "tug" else ""
    choices = ending[role]
    return f"{prefix}{word}{choices[int(rng.integers(len(choices)))]}"
