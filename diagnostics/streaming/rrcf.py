"""Robust random cut forest: how much a point disturbs a model of the last points.

Source: S. Guha, N. Mishra, G. Roy, O. Schrijvers, “Robust Random Cut Forest Based Anomaly
Detection on Streams”, ICML 2016 (insertion, deletion, collusive displacement).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from diagnostics.streaming import cut_trees
from diagnostics.streaming.base import Floats, Judged, Settings
from diagnostics.streaming.packing import pack, unpack
from diagnostics.streaming.scaling import ScoreScale
from diagnostics.streaming.warming import WarmUp

# The first points show how large columns are; no more of them than this.
FIRST = 100


class RandomCutForest:
    """Each tree holds the last ``tree_size`` points; the score is the collusive displacement.

    The logarithm of it, against those of the last ``window_size`` points. Sees points that are
    unusual in combinations of columns, and groups of a few that hide each other. Misleads when
    a column of pure noise is wide: cuts go where the width is, so columns are scaled by their
    first points.
    """

    def __init__(self, settings: Settings) -> None:
        trees, size = settings.config["num_trees"], settings.config["tree_size"]
        columns, nodes = settings.column_count, 2 * settings.config["tree_size"]
        self._limit = settings.threshold
        self._warm = WarmUp(columns, min(FIRST, settings.window_size))
        self._scale = ScoreScale(settings.window_size)
        self._ring = np.zeros((size, columns))
        self._seen = 0
        self._box = np.zeros((trees, nodes, 2, columns))
        meta = np.array([[-1, nodes]] * trees, dtype=np.int32)
        generator = np.random.default_rng(settings.seed)
        self._nodes = {
            "link": np.full((trees, nodes, 3), -1, dtype=np.int32),
            "column": np.full((trees, nodes), -1, dtype=np.int32),
            "cut": np.zeros((trees, nodes)),
            "count": np.zeros((trees, nodes), dtype=np.int32),
            "slot": np.full((trees, size), -1, dtype=np.int32),
            "free": np.tile(np.arange(nodes, dtype=np.int32)[::-1], (trees, 1)),
            "meta": meta,
            "luck": generator.integers(2**63, size=trees, dtype=np.uint64),
        }

    def judge(self, points: Floats) -> Judged:
        scores = np.zeros(len(points))
        begin = 0
        if not self._warm.is_over:
            begin = self._warm.add(points)
            if self._warm.is_over:
                first, self._warm.points = self._warm.points, self._warm.points[:0]
                self._displacements(self._warm.scaled(first))
        if begin < len(points):
            found = self._displacements(self._warm.scaled(points[begin:]))
            scores[begin:] = self._scale.scale(np.log2(1.0 + found))
        return Judged(scores, self._limit)

    def state(self) -> bytes:
        arrays = {
            "first": self._warm.points,
            "centre": self._warm.centre,
            "width": self._warm.width,
            "scores": self._scale.past,
            "ring": self._ring,
        }
        return pack({"seen": self._seen}, {**arrays, **self._nodes})

    def load(self, data: bytes) -> None:
        values, arrays = unpack(data)
        self._seen, self._ring = values["seen"], arrays["ring"]
        self._warm.points = arrays["first"]
        self._warm.centre, self._warm.width = arrays["centre"], arrays["width"]
        self._scale.past = arrays["scores"]
        self._nodes = {name: arrays[name] for name in self._nodes}
        kept = self._nodes
        surround: Any = cut_trees.surround_all
        surround(kept["link"], kept["column"], self._box, kept["slot"], kept["meta"], self._ring)

    def _displacements(self, points: Floats) -> Floats:
        """Let the points in, and say how much each disturbs what was there."""
        size, kept = len(self._ring), self._nodes
        places = (self._seen + np.arange(len(points))) % size
        judge: Any = cut_trees.judge  # mypy sees the function, not what is compiled of it
        found: Floats = judge(
            kept["link"],
            kept["column"],
            kept["cut"],
            kept["count"],
            self._box,
            kept["slot"],
            kept["free"],
            kept["meta"],
            kept["luck"],
            np.ascontiguousarray(points),
            self._seen % size,
        )
        self._ring[places[-size:]] = points[-size:]
        self._seen += len(points)
        return found
