"""What the signature of a fault depends on: the machine, how it runs, how severe the fault is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.synthesis.housing import Housing, structure_noise
from diagnostics.synthesis.motion import Motion
from diagnostics.synthesis.severity import Severity

Fine = NDArray[np.float32]
Facts = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Scene:
    """One recording before anything is computed.

    Parameters
    ----------
    housing : Housing
    motion : Motion
    load : float
        From 0 to 1.
    severity : Severity
    """

    housing: Housing
    motion: Motion
    load: float
    severity: Severity

    @cached_property
    def growth(self) -> Fine:
        """Severity at each sample, of one sample when it is steady."""
        return self.severity.over(self.motion.count)

    @cached_property
    def centrifugal(self) -> Fine:
        """Square of the speed against the reference, at each sample or one for all."""
        return self.motion.squared(self.housing.reference_hz)

    def growth_at(self, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Severity at some moments."""
        return self.severity.at(times_s / self.motion.duration_s)


def sound_vibration(scene: Scene, rng: np.random.Generator) -> Fine:
    """What the machine does without a fault: three weak orders, and a broadband floor.

    Parameters
    ----------
    scene : Scene
        The severity does not matter.
    rng : numpy Generator

    Returns
    -------
    array of shape (samples,), float32
        In g.
    """
    motion, housing = scene.motion, scene.housing
    result = structure_noise(housing, motion.count, motion.sample_rate_hz, rng)
    result *= np.float32(housing.floor_g * (0.7 + 0.3 * scene.load))
    for order, amplitude_g in enumerate(housing.tones_g, start=1):
        result += amplitude_g * scene.centrifugal * motion.tone(order, rng.random())
    return result
