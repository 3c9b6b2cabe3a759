"""Moments and extremes of a waveform of any length, block by block."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class WaveformSummary:
    """What the samples of one channel amount to, over those that are finite.

    ``skewness`` and ``kurtosis`` are 0 for a constant channel; 3 is not subtracted.
    """

    count: int
    minimum: float
    maximum: float
    mean: float
    rms: float
    skewness: float
    kurtosis: float

    @property
    def peak(self) -> float:
        """Largest distance from zero, in the unit of the signal."""
        return max(abs(self.minimum), abs(self.maximum))

    @property
    def crest_factor(self) -> float:
        """Peak over RMS; 0 for a channel that is zero all the time."""
        return self.peak / self.rms if self.rms else 0.0


class RunningSummary:
    """Takes a waveform in blocks and knows its summary at any time.

    Central moments of the blocks are merged with the formulas of Pébay [1]_, which lose no
    digits to a mean that is large beside the vibration. Of the samples only one block is in
    memory. Samples that are not finite are left out.

    References
    ----------
    .. [1] P. Pébay, "Formulas for Robust, One-Pass Parallel Computation of Covariances and
       Arbitrary-Order Statistical Moments", Sandia Report SAND2008-6212, 2008.

    Examples
    --------
    >>> running = RunningSummary()
    >>> running.add(np.array([3.0, -3.0]))
    >>> running.add(np.array([3.0, -3.0, np.nan]))
    >>> found = running.summary()
    >>> found.count, found.rms, found.crest_factor, found.kurtosis
    (4, 3.0, 1.0, 1.0)
    """

    def __init__(self) -> None:
        self._count = 0
        self._minimum, self._maximum = math.inf, -math.inf
        self._mean = 0.0
        # Sums of the second, third and fourth power of the distance from the mean.
        self._sums = (0.0, 0.0, 0.0)

    def add(self, block: NDArray[np.floating] | NDArray[np.integer]) -> None:
        """Count a block of samples.

        Parameters
        ----------
        block : array of shape (samples,)
            In the unit of the signal; may be empty.
        """
        values = np.asarray(block, dtype=np.float64)
        low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
        if not (math.isfinite(low) and math.isfinite(high)):
            values = values[np.isfinite(values)]
            if values.size:
                low, high = float(values.min()), float(values.max())
        if not values.size:
            return
        self._minimum, self._maximum = min(self._minimum, low), max(self._maximum, high)
        mean = float(values.mean())
        off = values - mean
        squares = off * off
        sums = (float(squares.sum()), float(squares @ off), float(squares @ squares))
        self._merge(values.size, mean, sums)

    def summary(self) -> WaveformSummary | None:
        """What the blocks so far amount to; None when no sample was finite.

        Returns
        -------
        WaveformSummary or None
        """
        if not self._count:
            return None
        second, third, fourth = (total / self._count for total in self._sums)
        # Beneath this the spread is nothing but rounding.
        varies = second > (np.finfo(np.float64).eps * abs(self._mean)) ** 2
        return WaveformSummary(
            self._count,
            self._minimum,
            self._maximum,
            self._mean,
            math.sqrt(second + self._mean**2),
            third / second**1.5 if varies else 0.0,
            fourth / second**2 if varies else 0.0,
        )

    def _merge(self, count: int, mean: float, sums: tuple[float, float, float]) -> None:
        before, total = self._count, self._count + count
        apart = mean - self._mean
        (a2, a3, a4), (b2, b3, b4) = self._sums, sums
        both = before * count / total
        second = a2 + b2 + apart**2 * both
        third = (
            a3
            + b3
            + apart**3 * both * (before - count) / total
            + 3 * apart * (before * b2 - count * a2) / total
        )
        fourth = (
            a4
            + b4
            + apart**4 * both * (before**2 - before * count + count**2) / total**2
            + 6 * apart**2 * (before**2 * b2 + count**2 * a2) / total**2
            + 4 * apart * (before * b3 - count * a3) / total
        )
        self._count = total
        self._mean += apart * count / total
        self._sums = (second, third, fourth)
