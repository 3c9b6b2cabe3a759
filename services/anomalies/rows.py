"""Every row that a detection judged: pages of them, and all of them as a file."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from diagnostics.tables.judged import Judged
from services import actor
from services.anomalies.keeping import load_scores
from services.anomalies.views import done_key, find_row
from services.errors import InvalidField, Unavailable
from services.paging import within
from services.runtime import artefacts, unit_of_work

MOST_ROWS = 100
PIECE = 10_000
HEADS = ("row_index", "anomaly_score", "raw_score", "is_anomaly")
SORTS = ("row_index", "anomaly_score")
MOST_CHOSEN = 4000
BINS = 80
STEPS = 100
_ROOT = Path(__file__).parents[2]
# Each export is a process of its own for a moment.
_exporting = threading.BoundedSemaphore(2)


class RowView(TypedDict):
    """``column_values`` only of rows that stand out; None of the others."""

    row_index: int
    anomaly_score: float
    raw_score: float
    is_anomaly: bool
    column_values: dict[str, Any] | None


class RowsView(TypedDict):
    total: int
    rows: list[RowView]


class ScoresView(TypedDict):
    """For figures: a histogram of calibrated scores, rows over time, and rows in a plane."""

    edges: list[float]
    counts: list[int]
    order: list[float]
    order_is_time: bool
    scores: list[float]
    row_indices: list[int]
    raw: list[float]
    plane_x: list[float]
    plane_y: list[float]
    plane_rows: list[int]
    plane_raw: list[float]
    levels: list[list[float]]
    threshold: float
    calibrated_threshold: float | None


class AnomalyRowService:
    """Read the scores of detections."""

    @staticmethod
    def list_rows(
        detection_id: str,
        limit: int = 50,
        offset: int = 0,
        sort: str = "row_index",
        *,
        descending: bool = False,
        only_anomalies: bool = False,
    ) -> RowsView:
        """Rows with their scores and flags, in their order or by their scores.

        Raises
        ------
        NotFound
            If there is no such detection.
        Conflict
            If it has not ended with scores.
        InvalidField
            If it cannot be sorted so.
        """
        actor.reader()
        if sort not in SORTS:
            raise InvalidField("sort", f"one of {', '.join(SORTS)}, got “{sort:.40}”.")
        judged, threshold = _judged(detection_id)
        places = _ordered(judged, threshold, sort, descending, only_anomalies)
        count, first = within(limit, offset, MOST_ROWS)
        here = places[min(first, len(places)) :][:count]
        known = {int(place): n for n, place in enumerate(judged.detailed)}
        rows = judged.row_indices(here)
        return {
            "total": len(places),
            "rows": [
                {
                    "row_index": int(rows[n]),
                    "anomaly_score": float(judged.calibrated[place]),
                    "raw_score": float(judged.raw[place]),
                    "is_anomaly": bool(judged.raw[place] > threshold),
                    "column_values": judged.values[known[int(place)]]
                    if int(place) in known
                    else None,
                }
                for n, place in enumerate(here)
            ],
        }

    @staticmethod
    def get_values(detection_id: str, row_index: int) -> dict[str, Any]:
        """The cells of a row of the source, if they are kept; else nothing.

        Raises
        ------
        NotFound, Conflict
            As :meth:`list_rows`.
        """
        actor.reader()
        judged, _ = _judged(detection_id)
        rows = judged.row_indices(judged.detailed)
        found = np.flatnonzero(rows == row_index)
        return judged.values[int(found[0])] if len(found) else {}

    @staticmethod
    def export_csv(detection_id: str) -> Iterator[str]:
        """All rows as CSV, piece by piece.

        Raises
        ------
        NotFound, Conflict
            As :meth:`list_rows`.
        """
        actor.reader()
        judged, threshold = _judged(detection_id)
        return _csv(judged, threshold)

    @staticmethod
    def export_parquet(detection_id: str) -> bytes:
        """All rows as Parquet, written by a process of its own.

        Raises
        ------
        NotFound, Conflict
            As :meth:`list_rows`.
        Unavailable
            If too many are being written just now.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            row = find_row(session, detection_id)
            key, threshold = done_key(row), row.threshold or 0.0
        command = [sys.executable, "-m", "diagnostics.tables.export"]
        arguments = [str(artefacts().local_path(key)), repr(threshold)]
        if not _exporting.acquire(blocking=False):
            raise Unavailable("Other exports are being written. Try again in some seconds.")
        try:
            done = subprocess.run(
                [*command, *arguments], cwd=_ROOT, env={}, capture_output=True, check=False
            )
        finally:
            _exporting.release()
        if done.returncode:
            raise Unavailable("The rows cannot be written as Parquet now. Take CSV.")
        return done.stdout

    @staticmethod
    def get_scores(detection_id: str) -> ScoresView:
        """What the figures of a detection show.

        Raises
        ------
        NotFound, Conflict
            As :meth:`list_rows`.
        """
        actor.reader()
        judged, threshold = _judged(detection_id)
        with unit_of_work(writing=False) as session:
            result = find_row(session, detection_id).result or {}
        counts, edges = np.histogram(judged.calibrated, BINS, (0.0, 1.0))
        shown = drawn_rows(judged.calibrated)
        times = judged.times
        by_time = times is not None and bool(np.isfinite(times).all())
        order = (
            times
            if by_time and times is not None
            else judged.row_indices(np.arange(len(judged.raw)))
        )
        return {
            "edges": edges.tolist(),
            "counts": counts.tolist(),
            "order": order[shown].tolist(),
            "order_is_time": by_time,
            "scores": judged.calibrated[shown].tolist(),
            "row_indices": judged.row_indices(shown).tolist(),
            "raw": judged.raw[shown].tolist(),
            "plane_x": judged.projection[:, 0].tolist(),
            "plane_y": judged.projection[:, 1].tolist(),
            "plane_rows": judged.row_indices(judged.projected).tolist(),
            "plane_raw": judged.raw[judged.projected].tolist(),
            "levels": levels_of(judged),
            "threshold": threshold,
            "calibrated_threshold": result.get("calibrated_threshold"),
        }


def drawn_rows(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Positions to draw of many: in each stretch the highest score and the lowest.

    Examples
    --------
    >>> drawn_rows(np.arange(3.0)).tolist()
    [0, 1, 2]
    """
    if len(scores) <= MOST_CHOSEN:
        return np.arange(len(scores), dtype=np.int64)
    edges = np.linspace(0, len(scores), MOST_CHOSEN // 2 + 1).astype(np.int64)
    pairs = [
        (first + int(np.argmax(scores[first:end])), first + int(np.argmin(scores[first:end])))
        for first, end in pairwise(edges.tolist())
    ]
    return np.unique(np.array(pairs, dtype=np.int64))


def levels_of(judged: Judged) -> list[list[float]]:
    """For steps of a slider: calibrated score, raw score, and how many rows lie above it."""
    order = np.argsort(judged.raw, kind="stable")
    raw, calibrated = judged.raw[order], judged.calibrated[order]
    steps = np.linspace(0.0, 1.0, STEPS + 1)
    # Calibrating keeps the order, so both are sorted: rows up to here lie below the line.
    below = np.searchsorted(calibrated, steps, side="right")
    lines = np.where(below > 0, raw[np.maximum(below - 1, 0)], np.nextafter(raw[0], -np.inf))
    above = len(raw) - below
    return [
        list(level) for level in zip(steps.tolist(), lines.tolist(), above.tolist(), strict=True)
    ]


def _judged(detection_id: str) -> tuple[Judged, float]:
    with unit_of_work(writing=False) as session:
        row = find_row(session, detection_id)
        key, threshold = done_key(row), row.threshold or 0.0
    return load_scores(key), threshold


def _ordered(
    judged: Judged, threshold: float, sort: str, descending: bool, only_anomalies: bool
) -> NDArray[np.int64]:
    places = np.arange(len(judged.raw), dtype=np.int64)
    if only_anomalies:
        places = places[judged.raw > threshold]
    if sort == "anomaly_score":
        scores = judged.raw[places]
        places = places[np.argsort(-scores if descending else scores, kind="stable")]
    elif descending:
        places = places[::-1]
    return places


def _csv(judged: Judged, threshold: float) -> Iterator[str]:
    yield ",".join(HEADS) + "\r\n"
    for first in range(0, len(judged.raw), PIECE):
        places = np.arange(first, min(first + PIECE, len(judged.raw)))
        text = io.StringIO()
        csv.writer(text).writerows(
            zip(
                judged.row_indices(places).tolist(),
                judged.calibrated[places].tolist(),
                judged.raw[places].tolist(),
                (judged.raw[places] > threshold).astype(int).tolist(),
                strict=True,
            )
        )
        yield text.getvalue()
