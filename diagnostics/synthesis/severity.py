"""How severe a fault is, and how it grows within a recording."""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.synthesis.faults import NO_SEVERITY, SEVERITIES

EARLIEST, LATEST = 0.3, 0.7


class Evolution(enum.StrEnum):
    """How the severity goes from its begin to its end."""

    STEADY = "steady"
    LINEAR = "linear"
    EXPONENTIAL = "exponential"
    STEP = "step"


@dataclass(frozen=True)
class Severity:
    """The severity of a fault over a recording.

    Parameters
    ----------
    level : str
        Of the end, which is what a diagnosis should find.
    start, end : float
        From 0 (healthy) to 1; equal when it is steady.
    evolution : Evolution
    step_at : float
        Where a step is, as a share of the recording.
    """

    level: str
    start: float
    end: float
    evolution: Evolution = Evolution.STEADY
    step_at: float = 0.5

    def over(self, count: int) -> NDArray[np.float32]:
        """The severity at each sample, shape (count,), or (1,) when it is steady.

        Examples
        --------
        >>> Severity("mild", 0.25, 0.5, Evolution.LINEAR).over(3)
        array([0.25 , 0.375, 0.5  ], dtype=float32)
        """
        if self.evolution is Evolution.STEADY:
            return np.array([self.end], dtype=np.float32)
        share = np.linspace(0, 1, count, dtype=np.float32)
        if self.evolution is Evolution.EXPONENTIAL:
            grown: NDArray[np.float32] = self.start * (self.end / self.start) ** share
            return grown
        if self.evolution is Evolution.STEP:
            share = (share >= self.step_at).astype(np.float32)
        return self.start + np.float32(self.end - self.start) * share

    def at(self, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """The severity at shares of the recording, from 0 to 1, in any order."""
        if self.evolution is Evolution.STEADY:
            return np.full(shares.shape, self.end)
        if self.evolution is Evolution.EXPONENTIAL:
            grown: NDArray[np.float64] = self.start * (self.end / self.start) ** shares
            return grown
        if self.evolution is Evolution.STEP:
            return np.where(shares >= self.step_at, self.end, self.start)
        return self.start + (self.end - self.start) * shares


HEALTHY = Severity(NO_SEVERITY, 0.0, 0.0)


def draw_severity(
    level: str, evolving_share: float, value_rng: np.random.Generator, rng: np.random.Generator
) -> Severity:
    """A severity of a level; by chance one that grows up to it within the recording.

    Parameters
    ----------
    level : str
        One of ``SEVERITIES``.
    evolving_share : float
        Of the recordings, from 0 to 1.
    value_rng, rng : numpy Generator
        For the value, which may belong to a bearing, and for what happens in the recording.

    Examples
    --------
    >>> one = draw_severity("mild", 1.0, np.random.default_rng(0), np.random.default_rng(0))
    >>> 0.45 <= one.end <= 0.70, one.start < one.end
    (True, True)
    """
    end = float(value_rng.uniform(*SEVERITIES[level]))
    chance, shape, share, place = rng.random(4)
    if chance >= evolving_share:
        return Severity(level, end, end)
    growing = [one for one in Evolution if one is not Evolution.STEADY]
    start = end * (EARLIEST + (LATEST - EARLIEST) * float(share))
    return Severity(
        level, start, end, growing[int(shape * len(growing))], 0.25 + 0.5 * float(place)
    )
