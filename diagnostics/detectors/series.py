"""Rows as moments of a series: windows that end at each row, so that only the past counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

import numpy as np

from diagnostics.detectors.algorithm import Scores, State, Values
from diagnostics.errors import DetectionError

_CELLS_AT_ONCE = 4_000_000


@runtime_checkable
class SeriesModel(Protocol):
    """A model whose scores look at rows before, and are sums over columns.

    Attributes
    ----------
    before : int
        Rows that are looked at beside the row itself; where they are missing, at the begin of a
        series, a row counts as usual.
    """

    @property
    def before(self) -> int: ...

    def scores(self, values: Values) -> Scores: ...

    def terms(self, values: Values) -> Values:
        """What each column adds to the score of each row: (rows, columns)."""

    def contributions(self, values: Values) -> Values: ...

    def state(self) -> State: ...


def windows(values: Values, length: int) -> Values:
    """The complete windows, one after the other: a view of shape (windows, columns, length).

    Examples
    --------
    >>> windows(np.array([[1.0], [2.0], [3.0]]), 2)[:, 0].tolist()
    [[1.0, 2.0], [2.0, 3.0]]
    """
    if len(values) < length:
        return np.empty((0, values.shape[1], length))
    found: Values = np.lib.stride_tricks.sliding_window_view(values, length, axis=0)
    return found


def from_the_start(of_windows: Values, usual: Values, rows: int) -> Values:
    """Terms of all rows: those that end no complete window are taken as usual.

    Parameters
    ----------
    of_windows : array of shape (windows, columns)
    usual : array of shape (columns,)
    rows : int
    """
    missing = rows - len(of_windows)
    return np.concatenate([np.repeat(usual[None], missing, axis=0), of_windows])


def in_parts(of_windows: Values, cells: int = _CELLS_AT_ONCE) -> Iterator[Values]:
    """Windows in parts that fit in memory when they are copied."""
    step = max(1, cells // max(1, of_windows.shape[1] * of_windows.shape[2]))
    for start in range(0, len(of_windows), step):
        yield of_windows[start : start + step]


def need_length(values: Values, length: int) -> None:
    """Refuse a series in which there is hardly a window.

    Raises
    ------
    DetectionError
        With fewer rows than four windows.
    """
    if len(values) < 4 * length:
        raise DetectionError(
            f"Windows of {length} rows need {4 * length} rows to learn from, got {len(values)}."
        )
