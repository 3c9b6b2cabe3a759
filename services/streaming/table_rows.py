"""Rows of a stored table as points of a stream."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.streaming.points import MOST_POINTS, Points

if TYPE_CHECKING:
    from diagnostics.tables.stored import StoredTable

# Numbers beyond it are no measurements; points that come over HTTP are read in the same way.
LARGEST = 1e300
ROW_LASTS_S = 1.0
# Seconds since 1970 that a calendar has a date for: the years 1 to 9999.
EARLIEST_S, LATEST_S = -62_135_596_800.0, 253_402_300_799.0


@dataclass(frozen=True)
class Rows:
    """Some rows of a table.

    Attributes
    ----------
    points : Points or None
        Without the rows that hold no number; None if none is left.
    end : int
        The row after the last of these.
    total : int
        Rows of the whole table.
    lasts_s : float
        How long passes until the next ones are due.
    """

    points: Points | None
    end: int
    total: int
    lasts_s: float


def read_rows(
    path: Path,
    codes: Sequence[str],
    time_column: str | None,
    columns: Sequence[str],
    gather_s: float | None,
) -> Iterator[Rows]:
    """The rows in their order; together are those within ``gather_s`` seconds of the table.

    Moments of the time column become the times of the points; a time column of numbers counts
    seconds and sets the pace only. Times that are missing or go back last no time.
    """
    import numpy as np

    from diagnostics.tables.stored import StoredTable

    stored = StoredTable(path, codes)
    types = {column.name: column.type for column in stored.columns}
    clock = time_column if types.get(time_column or "", "text") != "text" else None
    before = np.nan
    for start, block in _blocks(stored, [*columns, *([clock] if clock else [])]):
        values = _values(block[: len(columns)])
        times = block[-1] if clock else None
        steps = np.full(len(values), ROW_LASTS_S)
        if times is not None:
            steps, before = _steps(times, before)
        dated = times is not None and clock and types[clock] == "time"
        stamps: Any = times if dated else np.full(len(values), np.nan)
        for first, end in _together(steps, gather_s):
            points = _points(tuple(columns), values[first:end], stamps[first:end])
            lasts_s = float(steps[first:end].sum())
            yield Rows(points, start + end, stored.row_count, lasts_s)


def _blocks(stored: StoredTable, names: list[str]) -> Iterator[tuple[int, list[Any]]]:
    for first, block in stored.blocks(names):
        for start in range(0, len(block[0]), MOST_POINTS):
            yield first + start, [one[start : start + MOST_POINTS] for one in block]


def _steps(times: Any, before: float) -> tuple[Any, float]:
    """Seconds from the row before to each row, and the last time that is known."""
    import numpy as np

    steps = np.zeros(len(times))
    known = np.flatnonzero(np.isfinite(times))
    if not len(known):
        return steps, before
    steps[known] = np.clip(np.diff(times[known], prepend=before), 0.0, None)
    return np.nan_to_num(steps), float(times[known[-1]])


def _together(steps: Any, gather_s: float | None) -> Iterator[tuple[int, int]]:
    import numpy as np

    cuts: list[int] = []
    if gather_s is not None:
        cuts = (np.flatnonzero(np.diff(np.cumsum(steps) // gather_s)) + 1).tolist()
    yield from pairwise([0, *cuts, len(steps)])


def _values(block: list[Any]) -> Any:
    import numpy as np

    values = np.stack([np.asarray(one, dtype=np.float64) for one in block], axis=1)
    values[~(np.abs(values) < LARGEST)] = np.nan
    return values


def _points(names: tuple[str, ...], values: Any, times: Any) -> Points | None:
    import numpy as np

    kept = ~np.isnan(values).all(axis=1)
    if not kept.any():
        return None
    stamps = [_stamp(one) for one in times[kept].tolist()]
    return Points(names, stamps, array("d", values[kept].tobytes()))


def _stamp(time_s: float) -> float | None:
    return 1e3 * time_s if EARLIEST_S <= time_s <= LATEST_S else None
