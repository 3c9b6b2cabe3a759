"""What a detector says of a table, in the shapes that are kept and shown."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import DetectionError

MOST_SHOWN = 100
"""Rows that are told with a detection."""
MOST_DETAILED = 2000
"""Rows whose values and contributions are kept, those with the highest scores."""
AHEAD, MOST_AHEAD = 0.02, 500
"""So large a share of the rows is kept in detail though it is not flagged, up to a limit."""
MOST_PROJECTED = 3000
TOP_OF_COLUMN = 10


@dataclass(frozen=True, eq=False)
class Judged:
    """Scores of all rows, and more of those that stand out most.

    Attributes
    ----------
    raw, calibrated : arrays of shape (rows,)
    places : array of shape (rows,), or None
        Rows of the source under sampling; None for all of them.
    columns : sequence of str
        Those that the detector used.
    detailed : array of shape (details,)
        Positions in ``raw``, highest score first.
    contributions : array of shape (details, columns)
    contributes : array of shape (details, columns)
        Whether the column is among those that make the row unusual.
    values : list of dict
        Cells of the detailed rows by column.
    times : array of shape (rows,), or None
        Seconds since 1970, or whatever the time column counts.
    projected, projection
        Positions in ``raw``, and where these rows lie in the plane of the first two principal
        components, shape (points, 2).
    """

    raw: NDArray[np.float64]
    calibrated: NDArray[np.float64]
    places: NDArray[np.int64] | None
    columns: Sequence[str]
    detailed: NDArray[np.int64]
    contributions: NDArray[np.float64]
    contributes: NDArray[np.bool_]
    values: list[dict[str, Any]]
    times: NDArray[np.float64] | None
    projected: NDArray[np.int64]
    projection: NDArray[np.float64]

    def row_indices(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """Rows of the source at positions of the scores."""
        return positions if self.places is None else self.places[positions]

    def anomalies(self, threshold: float) -> list[dict[str, Any]]:
        """The highest scores, highest first."""
        shown = self.detailed[:MOST_SHOWN]
        rows = self.row_indices(shown)
        return [
            {
                "row_index": int(rows[n]),
                "anomaly_score": float(self.calibrated[place]),
                "raw_score": float(self.raw[place]),
                "column_values": self.values[n],
                "is_anomaly": bool(self.raw[place] > threshold),
            }
            for n, place in enumerate(shown)
        ]

    def column_summaries(
        self, threshold: float, about: Sequence[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """In how many flagged rows each column has a part; ``about`` has its type and range."""
        flagged = self.raw[self.detailed] > threshold
        rows = self.row_indices(self.detailed)
        scores = self.calibrated[self.detailed]
        found = []
        for place, one in enumerate(about):
            mine = np.flatnonzero(flagged & self.contributes[:, place])
            order = mine[np.argsort(-self.contributions[mine, place], kind="stable")]
            found.append(
                {
                    **one,
                    "anomaly_count": len(mine),
                    "anomaly_rate": len(mine) / len(self.raw),
                    "mean_anomaly_score": float(scores[mine].mean()) if len(mine) else 0.0,
                    "top_anomaly_indices": [int(row) for row in rows[order[:TOP_OF_COLUMN]]],
                }
            )
        return found

    def threshold_for(self, kind: str, value: float) -> float:
        """The raw score beyond which rows are flagged: for a raw or calibrated score, or a share.

        Examples
        --------
        See ``tests/unit/diagnostics/tables/test_judged.py``.
        """
        if kind == "threshold":
            return value
        if kind == "contamination":
            count = round(value * len(self.raw))
            ordered = np.sort(self.raw)[::-1]
            return float(ordered[min(count, len(ordered) - 1)])
        below = self.raw[self.calibrated <= value]
        return float(below.max()) if len(below) else float(np.nextafter(self.raw.min(), -np.inf))

    def to_bytes(self) -> bytes:
        """A file of arrays without code."""
        told = json.dumps({"columns": list(self.columns), "values": self.values})
        arrays: dict[str, NDArray[Any]] = {
            "raw": self.raw,
            "calibrated": self.calibrated,
            "detailed": self.detailed,
            "contributions": self.contributions.astype(np.float32),
            "contributes": self.contributes,
            "projected": self.projected,
            "projection": self.projection.astype(np.float32),
            "told": np.frombuffer(told.encode(), dtype=np.uint8),
        }
        if self.places is not None:
            arrays["places"] = self.places
        if self.times is not None:
            arrays["times"] = self.times
        file = io.BytesIO()
        np.savez(file, allow_pickle=False, **arrays)
        return file.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Judged:
        """What :meth:`to_bytes` gave.

        Raises
        ------
        DetectionError
            If the file is damaged.
        """
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            told = json.loads(arrays["told"].tobytes())
            return cls(
                arrays["raw"],
                arrays["calibrated"],
                arrays.get("places"),
                told["columns"],
                arrays["detailed"],
                arrays["contributions"].astype(np.float64),
                arrays["contributes"],
                told["values"],
                arrays.get("times"),
                arrays["projected"],
                arrays["projection"].astype(np.float64),
            )
        except (KeyError, ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
            raise DetectionError("The stored scores are damaged. Detect again.") from error


def details_of(raw: NDArray[np.float64], flagged: int) -> NDArray[np.int64]:
    """Positions of the rows that are kept in detail, highest score first.

    The flagged ones, and some more for whoever moves the line down.
    """
    more = min(round(AHEAD * len(raw)), MOST_AHEAD)
    count = min(len(raw), max(MOST_SHOWN, more, min(flagged, MOST_DETAILED)))
    part = np.argpartition(-raw, count - 1)[:count] if count < len(raw) else np.arange(len(raw))
    order = np.lexsort((part, -raw[part]))
    return part[order].astype(np.int64)


def projected_rows(raw: NDArray[np.float64], detailed: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions that are drawn in the plane: those in detail, and others spread over the table."""
    step = max(1, -(-len(raw) // MOST_PROJECTED))
    return np.union1d(np.arange(0, len(raw), step), detailed).astype(np.int64)


def plane(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows in the plane of the first two principal components: shape (rows, 2).

    Values far out are drawn in, or one of them would decide the plane alone.
    """
    if not len(values) or not values.shape[1]:
        return np.zeros((len(values), 2))
    near = np.clip(values, -10.0, 10.0)
    centred = near - near.mean(axis=0)
    rows, columns = centred.shape
    if columns <= rows:  # then the square of the columns is decomposed sooner than all rows
        axes = np.linalg.eigh(centred.T @ centred).eigenvectors[:, :-3:-1]
    else:
        axes = np.linalg.svd(centred, full_matrices=False).Vh[:2].T
    found = centred @ axes
    missing = 2 - found.shape[1]
    return np.pad(found, ((0, 0), (0, missing))) if missing else found
