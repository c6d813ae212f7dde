"""What some ships do besides their trade: dark calls, round trips and meetings."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class DarkCallPlan:
    """Call at a port with the transponder off.

    Attributes
    ----------
    after_s : float
        Not before this time, seconds from the start of the world.
    port : str
        Where.
    off_nm, on_nm : float
        Sailing distance from the port at which the transponder is switched off and on again.
    stay_h : float
        Hours alongside.
    """

    after_s: float
    port: str
    off_nm: float
    on_nm: float
    stay_h: float


@dataclass(frozen=True, slots=True)
class RoundTripPlan:
    """Leave port, drift at a place at sea, and come back; ``after_s`` as above."""

    after_s: float
    spot: str
    drift_h: float


@dataclass(frozen=True, slots=True)
class MeetingPlan:
    """Be at a place at a time, beside another ship.

    Attributes
    ----------
    after_s : float
        Time of meeting, seconds from the start of the world.
    number : int
        The two ships of one meeting share it.
    spot : str
        Node of the chart near which it takes place.
    lat_deg, lon_deg : float
        Where this ship lies.
    hours : float
        How long.
    dark_nm : float
        Sailing distance before and after with the transponder off; 0 for a visible meeting.
    home : bool
        Return to the port of departure afterward (a round trip with a meeting).
    """

    after_s: float
    number: int
    spot: str
    lat_deg: float
    lon_deg: float
    hours: float
    dark_nm: float
    home: bool


Mission: TypeAlias = DarkCallPlan | RoundTripPlan | MeetingPlan
