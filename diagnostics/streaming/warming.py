"""The first points of a session, from which a forest learns how large its columns are."""

from __future__ import annotations

import numpy as np

from diagnostics.streaming.base import Floats, cleaned


class WarmUp:
    """Keeps the first ``size`` points; then says where the columns lie and how wide they are.

    A value that is missing is taken for the middle of its column, so that it neither raises
    nor lowers a score by itself.
    """

    def __init__(self, column_count: int, size: int) -> None:
        self.size = size
        self.points = np.empty((0, column_count))
        self.centre = np.zeros(column_count)
        self.width = np.zeros(column_count)  # 0 until the first points are together

    @property
    def is_over(self) -> bool:
        return bool(self.width.any())

    def add(self, points: Floats) -> int:
        """Keep the first of these points, as far as they are needed; how many it took."""
        taken = points[: self.size - len(self.points)]
        self.points = np.concatenate([self.points, taken])
        if len(self.points) == self.size:
            self._end()
        return len(taken)

    def scaled(self, points: Floats) -> Floats:
        """Points in units of the columns' widths around their centres; 0 for what is missing."""
        return np.nan_to_num((cleaned(points) - self.centre) / self.width, nan=0.0)

    def _end(self) -> None:
        values = cleaned(self.points)
        known = ~np.isnan(values)
        count = np.maximum(known.sum(axis=0), 1)
        self.centre = np.where(known, values, 0.0).sum(axis=0) / count
        away = np.where(known, values - self.centre, 0.0)
        spread = np.sqrt((away * away).sum(axis=0) / count)
        self.width = np.where(spread > 1e-12 * np.abs(self.centre), spread, 1.0)
        self.width = np.where(spread > 0, self.width, np.maximum(np.abs(self.centre), 1.0))
