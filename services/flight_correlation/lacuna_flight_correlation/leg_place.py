"""Where a leg began or ended, as far as it can be said, and the constants that say it."""

from dataclasses import dataclass

GROUND, LOW, PROJECTED, BRACKETED = "E1", "E3", "E4", "E5"


@dataclass(frozen=True, slots=True)
class AirportParams:
    """Constants of the model; lengths in NM, heights in ft, gradients in ft/NM, rates in ft/min."""

    candidate_radius_nm: float = 110.0
    sigma_base_nm: float = 2.0
    sigma_per_kft_nm: float = 1.0
    none_weight: float = 0.05
    none_weight_ground: float = 0.002
    sigma_ground_nm: float = 1.2
    named_share: float = 0.7
    small_field_weight: float = 0.37
    gradient_low_ft_nm: float = 150.0
    gradient_high_ft_nm: float = 500.0
    climb_gradient_high_ft_nm: float = 1_000.0
    gradient_spread: float = 0.5
    height_error_ft: float = 500.0
    level_fpm: float = 200.0
    level_decay_ft: float = 4_000.0
    wrong_way_weight: float = 0.02
    project_cap_nm: float = 60.0
    project_weight: float = 0.5
    low_ft: float = 6_000.0
    low_departure_ft: float = 15_000.0
    low_nm: float = 30.0
    final_ft: float = 1_500.0
    final_nm: float = 10.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a leg began or ended, as far as it can be said.

    Attributes
    ----------
    airport : str
        ICAO code, ``""`` when no airfield has the share that naming asks for.
    country : str
        ISO code under the same rule, summed over its airfields.
    candidates : tuple of (str, float)
        The five best airfields and their shares.
    groups : tuple of (str, float)
        Share of each group, sorted by name.
    none_share : float
        Share of "none of these".
    evidence : str
        ``E1``, ``E3``, ``E4``, ``E5`` or ``""``.
    distance_nm, height_ft : float or None
        From the deciding fix to the best candidate, and its height above that.
    """

    airport: str = ""
    country: str = ""
    candidates: tuple[tuple[str, float], ...] = ()
    groups: tuple[tuple[str, float], ...] = ()
    none_share: float = 1.0
    evidence: str = ""
    distance_nm: float | None = None
    height_ft: float | None = None

    def group(self, name: str) -> float:
        """Share of one group.

        Parameters
        ----------
        name : str
            Group name.

        Returns
        -------
        float
            Its share, 0 when it has none.
        """
        return dict(self.groups).get(name, 0.0)
