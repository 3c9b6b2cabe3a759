"""An isolation forest of the last points, grown anew every so many, beside the judging.

A forest that is begun when ``k · refit_every`` points were seen judges from
``(k + 1) · refit_every`` on, however long it took to grow: so the same points get the same
scores whenever they are judged again, and no point waits unless growing takes longer than that.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache

import numpy as np

from diagnostics.streaming.base import Floats, Judged, Settings
from diagnostics.streaming.isolation_trees import Forest, grow
from diagnostics.streaming.packing import pack, unpack
from diagnostics.streaming.scaling import ScoreScale
from diagnostics.streaming.warming import WarmUp

# The first forest is grown of so many points, or of the window where that is shorter.
FIRST = 100


class IncrementalIsolationForest:
    """How quickly random cuts leave a point alone among the last ones.

    Finds points far from all others, in any combination of columns. Misleads on anomalies that
    come in clusters as large as a part of the window: they keep each other company.
    """

    def __init__(self, settings: Settings) -> None:
        self._trees, self._every = (settings.config[n] for n in ("n_estimators", "refit_every"))
        self._size, self._seed = settings.window_size, settings.seed
        self._limit = settings.threshold
        self._warm = WarmUp(settings.column_count, min(FIRST, settings.window_size))
        self._scale = ScoreScale(settings.window_size)
        self._window = np.empty((0, settings.column_count))
        self._seen = 0  # since the first forest
        self._forest: Forest | None = None
        self._next: Future[Forest] | None = None

    def judge(self, points: Floats) -> Judged:
        scores = np.zeros(len(points))
        begin = 0
        if not self._warm.is_over:
            begin = self._warm.add(points)
            if self._warm.is_over:
                self._begin()
        while begin < len(points):
            end = min(len(points), begin + self._every - self._seen % self._every)
            scores[begin:end] = self._judge(self._warm.scaled(points[begin:end]))
            begin = end
        return Judged(scores, self._limit)

    def state(self) -> bytes:
        arrays = {
            "first": self._warm.points,
            "centre": self._warm.centre,
            "width": self._warm.width,
            "scores": self._scale.past,
            "window": self._window,
        }
        sizes = {}
        growing = None if self._next is None else self._next.result()
        forests = {"present": self._forest, "next": growing}
        for name, forest in forests.items():
            if forest is not None:
                sizes[name] = forest.sample_size
                arrays |= {f"{name}_{key}": getattr(forest, key) for key in _PARTS}
        return pack({"seen": self._seen, "forests": sizes}, arrays)

    def load(self, data: bytes) -> None:
        values, arrays = unpack(data)
        self._seen, self._window = values["seen"], arrays["window"]
        self._warm.points = arrays["first"]
        self._warm.centre, self._warm.width = arrays["centre"], arrays["width"]
        self._scale.past = arrays["scores"]
        forests = {
            name: Forest(**{key: arrays[f"{name}_{key}"] for key in _PARTS}, sample_size=size)
            for name, size in values["forests"].items()
        }
        self._forest = forests.get("present")
        if "next" in forests:
            self._next = Future()
            self._next.set_result(forests["next"])

    def _begin(self) -> None:
        self._window = self._warm.scaled(self._warm.points)
        self._warm.points = self._warm.points[:0]
        self._forest = self._grown(self._window, 0)
        self._scale.scale(self._forest.scores(self._window))
        self._next = _pool().submit(self._grown, self._window, 1)

    def _judge(self, points: Floats) -> Floats:
        """Of points that meet the same forest."""
        assert self._forest is not None
        scores = self._scale.scale(self._forest.scores(points))
        self._window = np.concatenate([self._window, points])[-self._size :]
        self._seen += len(points)
        if self._seen % self._every == 0:
            assert self._next is not None
            self._forest = self._next.result()
            begun = self._seen // self._every + 1
            self._next = _pool().submit(self._grown, self._window, begun)
        return scores

    def _grown(self, points: Floats, number: int) -> Forest:
        return grow(points, self._trees, np.random.default_rng([self._seed, number]))


_PARTS = ("column", "cut", "length")


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="refit")
