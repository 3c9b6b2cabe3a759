"""Half-space trees: how many of the last points lie in the same corner of space.

Trees are built once, of random halvings of the space; only the counts in their nodes change.

Source: S. C. Tan, K. M. Ting, T. F. Liu, “Fast Anomaly Detection for Streaming Data”, IJCAI 2011.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagnostics.streaming.base import Floats, Judged, Settings
from diagnostics.streaming.packing import pack, unpack
from diagnostics.streaming.scaling import ScoreScale
from diagnostics.streaming.warming import WarmUp

# A node with no larger part of the window is not looked into any further.
SMALL_PART = 0.1
# The space of a column: so many standard deviations around the mean of the first points.
REACH = 4.0


class HalfSpaceTrees:
    """Counts the points of one window while those of the window before are the reference.

    Quick, and its memory never grows. Misleads when columns move out of the space that the
    first points showed: all that lies beyond ends in the outermost corners.
    """

    def __init__(self, settings: Settings) -> None:
        trees, self._height = settings.config["n_trees"], settings.config["height"]
        self._limit, self._size = settings.threshold, settings.window_size
        self._warm = WarmUp(settings.column_count, settings.window_size)
        self._scale = ScoreScale(settings.window_size)
        self._column, self._cut = _halvings(settings, trees, self._height)
        nodes = 2 ** (self._height + 1) - 1
        self._reference = np.zeros((trees, nodes), dtype=np.int64)
        self._latest = np.zeros((trees, nodes), dtype=np.int64)
        self._in_window = 0
        self._first = np.arange(trees) * nodes

    def judge(self, points: Floats) -> Judged:
        scores = np.zeros(len(points))
        begin = 0
        if not self._warm.is_over:
            begin = self._warm.add(points)
            if self._warm.is_over:
                self._begin()
        while begin < len(points):
            end = min(len(points), begin + self._size - self._in_window)
            scores[begin:end] = self._judge(self._warm.scaled(points[begin:end]))
            begin = end
        return Judged(scores, self._limit)

    def state(self) -> bytes:
        return pack(
            {"in_window": self._in_window},
            {
                "reference": self._reference,
                "latest": self._latest,
                "first": self._warm.points,
                "centre": self._warm.centre,
                "width": self._warm.width,
                "scores": self._scale.past,
            },
        )

    def load(self, data: bytes) -> None:
        values, arrays = unpack(data)
        self._in_window = values["in_window"]
        self._reference, self._latest = arrays["reference"], arrays["latest"]
        self._warm.points = arrays["first"]
        self._warm.centre, self._warm.width = arrays["centre"], arrays["width"]
        self._scale.past = arrays["scores"]

    def _begin(self) -> None:
        """The first points are the first reference."""
        first = self._warm.scaled(self._warm.points)
        self._warm.points = self._warm.points[:0]
        nodes = self._paths(first)
        self._reference = self._counted(nodes)
        self._scale.scale(self._raw(nodes))

    def _judge(self, points: Floats) -> Floats:
        """Of points that end in the same window."""
        nodes = self._paths(points)
        scores = self._scale.scale(self._raw(nodes))
        self._latest += self._counted(nodes)
        self._in_window += len(points)
        if self._in_window == self._size:
            self._reference, self._latest = self._latest, np.zeros_like(self._latest)
            self._in_window = 0
        return scores

    def _paths(self, points: Floats) -> NDArray[np.int64]:
        """The nodes that each point passes in each tree, from the root: shape (h + 1, n, trees)."""
        count, trees = len(points), len(self._first)
        found = np.empty((self._height + 1, count, trees), dtype=np.int64)
        node = np.zeros((count, trees), dtype=np.int64)
        columns, cuts = self._column.ravel(), self._cut.ravel()
        rows = np.arange(count)[:, None]
        for depth in range(self._height + 1):
            found[depth] = node + self._first
            if depth < self._height:
                at = found[depth]
                node = 2 * node + 1 + (points[rows, columns[at]] >= cuts[at])
        return found

    def _counted(self, nodes: NDArray[np.int64]) -> NDArray[np.int64]:
        counts = np.bincount(nodes.ravel(), minlength=self._reference.size)
        return counts.reshape(self._reference.shape)

    def _raw(self, nodes: NDArray[np.int64]) -> Floats:
        """Minus the logarithm of the mass where a point ends: the emptier, the larger."""
        mass = self._reference.ravel()[nodes]
        is_end = mass <= SMALL_PART * self._size
        is_end[-1] = True
        depth = is_end.argmax(axis=0)
        ends = np.take_along_axis(mass, depth[None], axis=0)[0]
        # As if half a point were in every node: an empty one is deeper still when it is larger.
        part = ((ends + 0.5) * 2.0**depth).mean(axis=1) / self._size
        found: Floats = -np.log2(part)
        return found


def _halvings(settings: Settings, trees: int, height: int) -> tuple[NDArray[np.int64], Floats]:
    """Columns and places of the cuts, shape (trees, nodes)."""
    generator = np.random.default_rng(settings.seed)
    columns = settings.column_count
    inner = 2**height - 1
    place = generator.uniform(size=(trees, columns))
    reach = 2 * np.maximum(place, 1 - place)
    low = np.full((trees, 2 * inner + 1, columns), 0.0)
    high = np.full_like(low, 0.0)
    low[:, 0], high[:, 0] = place - reach, place + reach
    column = generator.integers(columns, size=(trees, 2 * inner + 1))
    cut = np.zeros((trees, 2 * inner + 1))
    every = np.arange(trees)
    for node in range(inner):
        chosen = column[:, node]
        middle = (low[every, node, chosen] + high[every, node, chosen]) / 2
        cut[:, node] = middle
        for child in (2 * node + 1, 2 * node + 2):
            low[:, child], high[:, child] = low[:, node], high[:, node]
        high[every, 2 * node + 1, chosen] = middle
        low[every, 2 * node + 2, chosen] = middle
    # The paper halves the unit cube; here it reaches so far around the mean.
    return column, (2 * cut - 1) * REACH
