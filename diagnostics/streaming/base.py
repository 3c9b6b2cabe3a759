"""What all detectors of streams have in common: what they are given, and what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# So many points are seen before the first is judged.
WARM_UP = 10
# Larger numbers are no measurement, and their squares cannot be held: they count as missing.
LARGEST_VALUE = 1e100
# Scores stay finite where a constant column moves.
LARGEST_SCORE = 1e6
# The least spread of a column, as a part of its size, so that a constant one divides by no zero.
LEAST_SPREAD = 1e-12


@dataclass(frozen=True)
class Settings:
    """How a session wants its points judged.

    ``window_size`` is how many points back the detector looks; ``threshold`` the score above
    which a point is an anomaly; ``seed`` makes random choices the same after a restart.
    """

    column_count: int
    window_size: int
    threshold: float
    config: dict[str, Any]
    seed: int = 0


@dataclass(frozen=True)
class Judged:
    """What is said of ``n`` points with ``c`` columns.

    ``scores`` has shape ``(n,)``: deviations from the usual, 0 while the detector warms up.
    ``limit`` is the score above which a point is an anomaly. The others have shape ``(n, c)``
    and are None where the detector does not look at columns one by one: what was expected,
    how far values usually are from it, and the score of each column.
    """

    scores: Floats
    limit: float
    expected: Floats | None = None
    spread: Floats | None = None
    column_scores: Floats | None = None

    @property
    def is_anomaly(self) -> NDArray[np.bool_]:
        return self.scores > self.limit


class StreamDetector(Protocol):
    """Judges points and learns from them, in this order."""

    def judge(self, points: Floats) -> Judged:
        """Say of each point how unusual it is against those before it, then learn it.

        Parameters
        ----------
        points : ndarray, shape (n, c)
            In order; NaN where a value is missing. Points of one call are judged as if each
            came in a call of its own.
        """

    def state(self) -> bytes:
        """All that it knows, for :func:`diagnostics.streaming.registry.restore`."""


def cleaned(points: Floats) -> Floats:
    """Points in which everything that is no measurement is NaN."""
    with np.errstate(invalid="ignore"):
        return np.where(np.abs(points) <= LARGEST_VALUE, points, np.nan)


def deviations(difference: Floats, expected: Floats, spread: Floats) -> Floats:
    """Absolute differences in units of the spread; 0 where one of them is unknown."""
    least = LEAST_SPREAD * np.maximum(np.abs(expected), 1e-3)
    found = np.abs(difference) / np.maximum(spread, least)
    return np.minimum(np.nan_to_num(found, nan=0.0), LARGEST_SCORE)
