"""Local outlier factors of points that come one by one.

Source: M. M. Breunig, H.-P. Kriegel, R. T. Ng, J. Sander, “LOF: Identifying Density-Based Local
Outliers”, SIGMOD 2000; kept up to date point by point as in D. Pokrajac, A. Lazarevic, L. J.
Latecki, “Incremental Local Outlier Detection for Data Streams”, CIDM 2007.
"""

from __future__ import annotations

import numpy as np

from diagnostics.streaming.base import WARM_UP, Floats, Judged, Settings
from diagnostics.streaming.packing import pack, unpack
from diagnostics.streaming.scaling import ScoreScale
from diagnostics.streaming.warming import WarmUp

# All distances between the points of the window are kept: 8 MB.
LONGEST = 1000
# Repeated points lie at no distance, and have no density.
_NEAREST = 1e-6
# In widths of a column; squares of larger numbers cannot be held.
_FARTHEST = 1e9


class OutlierFactors:
    """How much thinner the points of the window lie around a point than around its neighbours.

    The logarithm of the factor, against those of the last ``window_size`` points. Sees points
    beside all groups, each of which may have a density of its own. Misleads when an unusual
    state lasts: soon it has neighbours. Looks back 1000 points at most.
    """

    def __init__(self, settings: Settings) -> None:
        size, columns = min(settings.window_size, LONGEST), settings.column_count
        self._neighbours = min(int(settings.config["n_neighbors"]), size - 1)
        self._limit = settings.threshold
        self._warm = WarmUp(columns, max(WARM_UP, min(100, size)))
        self._scale = ScoreScale(settings.window_size)
        self._ring = np.full((size, columns), np.nan)
        self._seen = 0
        self._apart = np.full((size, size), np.inf)
        self._reach = np.full(size, np.inf)

    def judge(self, points: Floats) -> Judged:
        scores = np.zeros(len(points))
        begin = 0
        if not self._warm.is_over:
            begin = self._warm.add(points)
            if self._warm.is_over:
                first, self._warm.points = self._warm.points, self._warm.points[:0]
                self._factors(self._warm.scaled(first))
        if begin < len(points):
            found = self._factors(self._warm.scaled(points[begin:]))
            scores[begin:] = self._scale.scale(np.log2(found))
        return Judged(scores, self._limit)

    def state(self) -> bytes:
        arrays = {
            "first": self._warm.points,
            "centre": self._warm.centre,
            "width": self._warm.width,
            "scores": self._scale.past,
            "ring": self._ring,
        }
        return pack({"seen": self._seen}, arrays)

    def load(self, data: bytes) -> None:
        values, arrays = unpack(data)
        self._seen, self._ring = values["seen"], arrays["ring"]
        self._warm.points = arrays["first"]
        self._warm.centre, self._warm.width = arrays["centre"], arrays["width"]
        self._scale.past = arrays["scores"]
        for place in np.flatnonzero(~np.isnan(self._ring[:, 0])):
            self._apart[place] = self._distances(self._ring[place])
        np.fill_diagonal(self._apart, np.inf)
        self._reach = self._reaches(np.arange(len(self._ring)))

    def _factors(self, points: Floats) -> Floats:
        """The factor of each point against the window before it, which it then enters."""
        found = np.ones(len(points))
        for number, point in enumerate(np.clip(points, -_FARTHEST, _FARTHEST)):
            apart = self._distances(point)
            if self._seen > self._neighbours:
                found[number] = self._factor(apart)
            self._enter(point, apart)
        return found

    def _factor(self, apart: Floats) -> float:
        near = self._nearest(apart[None])[0]
        density = self._densities(apart[None], near[None])[0]
        theirs = self._densities(self._apart[near], self._nearest(self._apart[near]))
        return float(theirs.mean() / density)

    def _nearest(self, apart: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
        """The places of the nearest points for each row of distances."""
        count = self._neighbours
        return np.argpartition(apart, count - 1, axis=1)[:, :count]

    def _densities(
        self, apart: Floats, near: np.ndarray[tuple[int, ...], np.dtype[np.intp]]
    ) -> Floats:
        """Local reachability densities: one over the mean reachability distance."""
        reached = np.maximum(self._reach[near], np.take_along_axis(apart, near, axis=1))
        # Sorted, for a sum in the same order whatever was partitioned how.
        found: Floats = 1.0 / np.maximum(np.sort(reached, axis=1).mean(axis=1), _NEAREST)
        return found

    def _enter(self, point: Floats, apart: Floats) -> None:
        place = self._seen % len(self._ring)
        left = np.isfinite(self._apart[place]) & (self._apart[place] <= self._reach)
        self._ring[place] = point
        apart[place] = np.inf
        self._apart[place], self._apart[:, place] = apart, apart
        touched = left | (apart < self._reach)
        touched[place] = True
        changed = np.flatnonzero(touched)
        self._reach[changed] = self._reaches(changed)
        self._seen += 1

    def _reaches(self, places: np.ndarray[tuple[int, ...], np.dtype[np.intp]]) -> Floats:
        """The distance to the farthest of the nearest neighbours."""
        nth = self._neighbours - 1
        return np.partition(self._apart[places], nth, axis=1)[:, nth]

    def _distances(self, point: Floats) -> Floats:
        found = np.sqrt(((self._ring - point) ** 2).sum(axis=1))
        return np.where(np.isnan(found), np.inf, found)
