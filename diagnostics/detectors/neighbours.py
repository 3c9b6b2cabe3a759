"""The nearest of the fitted rows, for all algorithms that measure distances.

The fitted rows are taken once each, and a row that is among them is not its own neighbour: so
repeated rows, of which coarse sensors give many, have ordinary distances, and a row scores the
same whether it was fitted on or comes later.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import config_context
from sklearn.neighbors import NearestNeighbors

from diagnostics.detectors.algorithm import Values, need
from diagnostics.errors import DetectionError

LEAST_ROWS = 3
_NEARLY_ZERO = 1e-6
_CELLS_AT_ONCE = 2_000_000
_MIB = 128


@dataclass(frozen=True, eq=False)
class Found:
    """Neighbours of rows.

    Attributes
    ----------
    distances : array of shape (rows, neighbours)
        Ascending.
    places : array of shape (rows, neighbours)
        Among the reference rows.
    own : array of shape (rows,)
        The place of the row itself among the reference rows, or −1.
    """

    distances: Values
    places: NDArray[np.intp]
    own: NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Reference:
    """Rows, each there once, among which neighbours are looked for."""

    rows: Values
    metric: str = "euclidean"
    algorithm: str = "auto"

    @classmethod
    def of(
        cls,
        values: Values,
        metric: str = "euclidean",
        algorithm: str = "auto",
        least: int = LEAST_ROWS,
    ) -> tuple[Reference, NDArray[np.intp]]:
        """The distinct rows of a table, and which of them each row is.

        Raises
        ------
        DetectionError
            If fewer rows differ than ``least``.
        """
        # Adding 0 makes −0 and 0 the same bytes.
        distinct, places = np.unique(values + 0.0, axis=0, return_inverse=True)
        if len(distinct) < least:
            raise DetectionError("Fewer than three rows differ, so there are no neighbours.")
        return cls(distinct, metric, algorithm), places.ravel()

    def nearest(self, values: Values, count: int) -> Found:
        """The nearest other rows, as many as there are at most.

        Parameters
        ----------
        values : array of shape (rows, columns)
        count : int
        """
        count = min(count, len(self.rows) - 1)
        with config_context(working_memory=_MIB):
            distances, places = self._search.kneighbors(values, count + 1)
        first = places[:, 0]
        itself = distances[:, 0] <= _NEARLY_ZERO
        itself[itself] = (values[itself] == self.rows[first[itself]]).all(axis=1)
        others = np.arange(count) + itself[:, None]
        return Found(
            np.take_along_axis(distances, others, axis=1),
            np.take_along_axis(places, others, axis=1),
            np.where(itself, first, -1),
        )

    def differences(self, values: Values, count: int) -> Values:
        """Mean squared difference to the neighbours, column by column: (rows, columns)."""
        step = max(1, _CELLS_AT_ONCE // max(1, count * values.shape[1]))
        parts = [np.empty((0, values.shape[1]))]
        for start in range(0, len(values), step):
            part = values[start : start + step]
            near = self.rows[self.nearest(part, count).places]
            parts.append(((part[:, None, :] - near) ** 2).mean(axis=1))
        return np.concatenate(parts)

    @cached_property
    def _search(self) -> Any:
        return NearestNeighbors(metric=self.metric, algorithm=self.algorithm).fit(self.rows)


def load_reference(
    rows: NDArray[Any],
    metric: str = "euclidean",
    algorithm: str = "auto",
    least: int = LEAST_ROWS,
) -> Reference:
    """From a stored state."""
    need(rows.ndim == 2 and len(rows) >= least and rows.dtype.kind == "f")
    need(bool(np.isfinite(rows).all()))
    return Reference(rows, metric, algorithm)
