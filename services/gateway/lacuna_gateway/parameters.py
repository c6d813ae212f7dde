"""What clients write in paths and query strings, read strictly."""

import math
import re
from typing import Annotated, TypeAlias

from fastapi import Query, Request

from lacuna_core.ids import craft_from_icao24, craft_from_mmsi, parse_craft
from lacuna_core.timestamps import parse_time
from lacuna_gateway.problems import Fault, Problem, invalid

_TIME = re.compile(r"^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?[Zz]$", re.ASCII)
_FLAG = re.compile(r"^[A-Za-z]{2}$")
_WORD = re.compile(r"^[a-z][a-z0-9_]{0,63}$")
_DATE_TIME = {"format": "date-time"}

Start: TypeAlias = Annotated[
    str | None,
    Query(
        description="RFC 3339 in UTC; inclusive.",
        examples=["2022-09-01T00:00:00Z"],
        json_schema_extra=_DATE_TIME,
    ),
]
End: TypeAlias = Annotated[
    str | None,
    Query(
        description="RFC 3339 in UTC; exclusive.",
        examples=["2022-10-01T00:00:00Z"],
        json_schema_extra=_DATE_TIME,
    ),
]
Bbox: TypeAlias = Annotated[
    str | None,
    Query(
        description="west,south,east,north in degrees; west > east crosses the antimeridian.",
        examples=["46.5,36.5,55.0,47.5"],
    ),
]
CraftText: TypeAlias = Annotated[
    str | None, Query(description="One craft.", examples=["mmsi:273123456"], max_length=32)
]
Flags: TypeAlias = Annotated[
    list[str],
    Query(
        alias="flag",
        max_length=50,
        description="Country of the radio license (ISO 3166-1 alpha-2); may be repeated.",
        examples=[["RU"]],
    ),
]


async def refuse_unknown(request: Request) -> None:
    """Refuse query parameters that the operation does not have, or has once and got twice.

    Parameters
    ----------
    request : Request
        The request; what its operation takes is read from the OpenAPI document.

    Raises
    ------
    Problem
        Naming each.
    """
    path = request.app.openapi()["paths"].get(request.scope["route"].path_format, {})
    operation = path.get(request.method.lower(), {})
    known = {p["name"]: p["schema"] for p in operation.get("parameters", ()) if p["in"] == "query"}
    given = [name for name, _ in request.query_params.multi_items()]
    faults = [Fault(f"/query/{n}", "no such parameter") for n in dict.fromkeys(given) if n not in known]
    faults += [
        Fault(f"/query/{name}", "given more than once")
        for name, schema in known.items()
        if schema.get("type") != "array" and given.count(name) > 1
    ]
    if faults:
        raise Problem("invalid-request", "; ".join(f"{f.pointer}: {f.detail}" for f in faults), faults)


def read_time(name: str, text: str | None) -> int | None:
    """Read a time.

    Parameters
    ----------
    name : str
        Parameter.
    text : str or None
        As sent.

    Returns
    -------
    int or None
        Unix milliseconds UTC; None when absent.
    """
    if text is None:
        return None
    try:
        if not _TIME.fullmatch(text):
            raise ValueError
        return parse_time(text.upper())
    except ValueError:
        raise invalid(f"/query/{name}", "expected RFC 3339 in UTC, such as 2022-09-01T12:00:00Z") from None


def read_interval(start: str | None, end: str | None) -> tuple[int | None, int | None]:
    """Read a half-open interval.

    Parameters
    ----------
    start, end : str or None
        As sent.

    Returns
    -------
    tuple of (int or None)
        Unix milliseconds UTC.
    """
    start_ms, end_ms = read_time("start", start), read_time("end", end)
    if start_ms is not None and end_ms is not None and end_ms <= start_ms:
        raise invalid("/query/end", "expected a time after start")
    return start_ms, end_ms


def read_bbox(text: str | None) -> tuple[float, float, float, float] | None:
    """Read a box.

    Parameters
    ----------
    text : str or None
        As sent.

    Returns
    -------
    tuple of float or None
        West, south, east, north in degrees.
    """
    if text is None:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise invalid("/query/bbox", "expected four numbers: west,south,east,north") from None
    if not all(math.isfinite(v) for v in (west, south, east, north)):
        raise invalid("/query/bbox", "expected finite numbers")
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise invalid("/query/bbox", "expected longitudes within 180 and south <= north within 90 degrees")
    return west, south, east, north


def read_craft(pointer: str, text: str) -> int:
    """Read a craft.

    Parameters
    ----------
    pointer : str
        Where it stands.
    text : str
        ``mmsi:273123456``, ``icao24:731821`` or ``nonicao:2a0001``.

    Returns
    -------
    int
        Craft key.
    """
    try:
        return parse_craft(text)
    except ValueError:
        raise invalid(pointer, "expected a craft such as mmsi:273123456 or icao24:731821") from None


def read_vessel(text: str) -> int:
    """Read the id of a vessel in a path.

    Parameters
    ----------
    text : str
        ``mmsi:273123456`` or the digits alone.

    Returns
    -------
    int
        Craft key.
    """
    digits = text.removeprefix("mmsi:")
    if not re.fullmatch(r"[0-9]{1,9}", digits):
        raise invalid("/path/vessel_id", "expected an MMSI such as mmsi:273123456")
    return craft_from_mmsi(int(digits))


def read_aircraft(text: str) -> int:
    """Read the id of an aircraft in a path.

    Parameters
    ----------
    text : str
        ``icao24:731821``, ``nonicao:2a0001``, or the six digits of an ICAO address alone.

    Returns
    -------
    int
        Craft key.
    """
    try:
        return parse_craft(text) if ":" in text and not text.startswith("mmsi:") else craft_from_icao24(text)
    except ValueError:
        raise invalid("/path/aircraft_id", "expected an address such as icao24:731821") from None


def read_flags(flags: list[str]) -> tuple[str, ...]:
    """Read flags.

    Parameters
    ----------
    flags : list of str
        As sent.

    Returns
    -------
    tuple of str
        Upper case.
    """
    for flag in flags:
        if not _FLAG.fullmatch(flag):
            raise invalid("/query/flag", "expected two letters of ISO 3166-1, such as RU")
    return tuple(flag.upper() for flag in flags)


def read_words(name: str, words: list[str]) -> tuple[str, ...]:
    """Read words such as event kinds.

    Parameters
    ----------
    name : str
        Parameter.
    words : list of str
        As sent.

    Returns
    -------
    tuple of str
        The words.
    """
    for word in words:
        if not _WORD.fullmatch(word):
            raise invalid(f"/query/{name}", "expected a word in lower case, such as port_visit")
    return tuple(words)
