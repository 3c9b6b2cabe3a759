"""Rates at which a damaged rolling-element bearing strikes, from its geometry."""

from __future__ import annotations

import math
from dataclasses import dataclass

from diagnostics.errors import BearingError


@dataclass(frozen=True)
class Bearing:
    """The four numbers that fix the defect frequencies.

    The outer race stands still and the inner race turns with the shaft. Rolling without
    slip is assumed; a real bearing slips by 1 to 2 %, so its lines lie that much off.

    Parameters
    ----------
    rolling_elements : int
        Number of balls or rollers in one row, at least 3.
    element_diameter_mm : float
        Above 0.
    pitch_diameter_mm : float
        Diameter of the circle through the centres of the elements, above theirs.
    contact_angle_deg : float
        From 0 (deep groove) to below 90.

    Raises
    ------
    BearingError
        If a number is out of its range.

    Examples
    --------
    >>> skf_6205 = Bearing(9, 7.94, 39.04)
    >>> {name: round(order, 2) for name, order in skf_6205.orders().items()}
    {'BPFO': 3.58, 'BPFI': 5.42, 'BSF': 2.36, 'FTF': 0.4}
    """

    rolling_elements: int
    element_diameter_mm: float
    pitch_diameter_mm: float
    contact_angle_deg: float = 0.0

    def __post_init__(self) -> None:
        if self.rolling_elements < 3:
            raise BearingError(
                f"A bearing has 3 rolling elements or more, got {self.rolling_elements}."
            )
        if not 0 < self.element_diameter_mm < self.pitch_diameter_mm < math.inf:
            raise BearingError(
                "The element diameter must be above 0 and below the pitch diameter, got "
                f"{self.element_diameter_mm:g} mm and {self.pitch_diameter_mm:g} mm."
            )
        if not 0 <= self.contact_angle_deg < 90:
            raise BearingError(
                "The contact angle must be at least 0° and below 90°, got "
                f"{self.contact_angle_deg:g}°."
            )

    @property
    def bpfo(self) -> float:
        """Balls that pass a point of the outer race in one turn of the shaft."""
        return self.rolling_elements / 2 * (1 - self._ratio)

    @property
    def bpfi(self) -> float:
        """Balls that pass a point of the inner race in one turn of the shaft."""
        return self.rolling_elements / 2 * (1 + self._ratio)

    @property
    def bsf(self) -> float:
        """Spins of a ball in one turn of the shaft. Damage strikes both races: 2 × BSF."""
        diameters = self.pitch_diameter_mm / self.element_diameter_mm
        return diameters / 2 * (1 - self._ratio**2)

    @property
    def ftf(self) -> float:
        """Turns of the cage in one turn of the shaft, below one half."""
        return (1 - self._ratio) / 2

    def orders(self) -> dict[str, float]:
        """All four, as multiples of the shaft frequency."""
        return {"BPFO": self.bpfo, "BPFI": self.bpfi, "BSF": self.bsf, "FTF": self.ftf}

    @property
    def _ratio(self) -> float:
        cosine = math.cos(math.radians(self.contact_angle_deg))
        return self.element_diameter_mm / self.pitch_diameter_mm * cosine
