"""All that a session knows of its points: the detector, what was counted, what is usual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.streaming.base import Floats, Judged, Settings, cleaned, deviations
from diagnostics.streaming.packing import pack, unpack
from diagnostics.streaming.registry import create, restore
from diagnostics.streaming.statistics import ColumnStatistics
from diagnostics.streaming.windows import moments

# Points that are looked back at to say which columns of a point are unusual.
MOST_PAST = 1000


@dataclass(frozen=True)
class Unusual:
    """A point that is an anomaly: its place in the batch, and its columns one by one.

    The arrays have shape (c,); NaN where nothing is known.
    """

    index: int
    score: float
    values: Floats
    expected: Floats
    spread: Floats
    column_scores: Floats
    is_unusual: NDArray[np.bool_]


@dataclass(frozen=True)
class Verdict:
    """What is said of a batch: ``scores`` and ``is_anomaly`` have shape (n,)."""

    values: Floats
    scores: Floats
    limit: float
    is_anomaly: NDArray[np.bool_]
    unusual: list[Unusual]


class StreamState:
    """Judges the points of one session; can be kept and brought back between two batches."""

    def __init__(self, algorithm: str, settings: Settings) -> None:
        self._algorithm, self._settings = algorithm, settings
        self._detector = create(algorithm, settings)
        self.statistics = ColumnStatistics(settings.column_count)
        self.point_count, self.alert_count = 0, 0
        self._past = np.empty((0, settings.column_count))

    def judge(self, points: Floats) -> Verdict:
        """Judge points of shape (n, c) in order, then learn them.

        A forest has no score for each column: there, columns are compared with the mean of the
        points before, and the farthest is named when none is beyond the threshold.
        """
        values = cleaned(points)
        judged = self._detector.judge(values)
        unusual = [
            self._unusual(judged, values, i) for i in np.flatnonzero(judged.is_anomaly).tolist()
        ]
        marks = np.zeros(values.shape, dtype=bool)
        for one in unusual:
            marks[one.index] = one.is_unusual
        self.statistics.add(values, marks)
        self.point_count += len(values)
        self.alert_count += len(unusual)
        if judged.column_scores is None:
            back = min(MOST_PAST, self._settings.window_size)
            self._past = np.concatenate([self._past, values])[-back:]
        return Verdict(values, judged.scores, judged.limit, judged.is_anomaly, unusual)

    def state(self) -> bytes:
        detector = np.frombuffer(self._detector.state(), dtype=np.uint8)
        counted = {"points": self.point_count, "alerts": self.alert_count}
        return pack(counted, {"detector": detector, "past": self._past, **self.statistics.kept})

    def load(self, data: bytes) -> None:
        """Know what the session knew that gave this state.

        Raises
        ------
        StreamError
            If the state is damaged.
        """
        values, arrays = unpack(data)
        self.point_count, self.alert_count = values["points"], values["alerts"]
        state = arrays.pop("detector").tobytes()
        self._detector = restore(self._algorithm, self._settings, state)
        self._past = arrays.pop("past")
        self.statistics.kept = arrays

    def _unusual(self, judged: Judged, values: Floats, index: int) -> Unusual:
        found = self._columns(judged, values, index)
        expected, spread, scores = found
        least = min(judged.limit, float(scores.max()))
        marks = (scores > judged.limit) | ((scores >= least) & (scores > 0))
        score = float(judged.scores[index])
        return Unusual(index, score, values[index], expected, spread, scores, marks)

    def _columns(self, judged: Judged, values: Floats, i: int) -> tuple[Floats, Floats, Floats]:
        known = (judged.expected, judged.spread, judged.column_scores)
        if known[0] is not None and known[1] is not None and known[2] is not None:
            return known[0][i], known[1][i], known[2][i]
        back = min(MOST_PAST, self._settings.window_size)
        before = np.concatenate([self._past, values[:i]])[-back:]
        _, expected, spread = moments(np.ascontiguousarray(before.T))
        return expected, spread, deviations(values[i] - expected, expected, spread)


def settings_of(
    session_id: str, column_count: int, window_size: int, threshold: float, config: dict[str, Any]
) -> Settings:
    """The settings of a session; its random choices follow from its id."""
    seed = int.from_bytes(session_id.encode()[-7:], "big")
    return Settings(column_count, window_size, threshold, config, seed)
