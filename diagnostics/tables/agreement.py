"""What several detectors say of the same rows: where they agree, and how far."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import DetectionError

LEVELS = ("all", "majority", "some", "one")
MOST_RANKED = 100_000
MOST_VALUED = 2000


@dataclass(frozen=True, eq=False)
class Agreement:
    """Rows that at least one algorithm flags.

    Attributes
    ----------
    algorithms : sequence of str
        Those that ran to their end.
    rows : array of shape (records,)
        Rows of the source; those that most algorithms flag first, then those with the highest
        mean score.
    flags : array of shape (records, algorithms)
    scores : array of shape (records,)
        The mean of the calibrated scores.
    values : list of dict
        Cells of the first rows.
    """

    algorithms: Sequence[str]
    rows: NDArray[np.int64]
    flags: NDArray[np.bool_]
    scores: NDArray[np.float64]
    values: list[dict[str, Any]]

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many algorithms flag each row."""
        return np.asarray(self.flags.sum(axis=1), dtype=np.int64)

    def records(self, first: int, count: int) -> list[dict[str, Any]]:
        """Some rows with who flags them. ``confidence_score`` is the share of the algorithms."""
        total = len(self.algorithms)
        counts = self.counts
        found = []
        for n in range(first, min(first + count, len(self.rows))):
            by = [name for name, flag in zip(self.algorithms, self.flags[n], strict=True) if flag]
            found.append(
                {
                    "row_index": int(self.rows[n]),
                    "detected_by": by,
                    "detection_count": int(counts[n]),
                    "agreement_level": level_of(int(counts[n]), total),
                    "confidence_score": int(counts[n]) / total,
                    "mean_score": float(self.scores[n]),
                    "column_values": self.values[n] if n < len(self.values) else {},
                }
            )
        return found

    def summary(self) -> dict[str, Any]:
        """Counts by level, and for each two algorithms the number of rows that both flag."""
        total, counts = len(self.algorithms), self.counts
        levels = [level_of(int(count), total) for count in counts]
        both = self.flags.astype(np.int64).T @ self.flags.astype(np.int64)
        either = counts_of(self.flags)[:, None] + counts_of(self.flags)[None, :] - both
        jaccard = np.where(either > 0, both / np.maximum(either, 1), 1.0)
        return {
            "total_algorithms": total,
            "total_unique_anomalies": len(self.rows),
            **{f"{word}_agree_count": levels.count(word) for word in LEVELS[:3]},
            "one_only_count": levels.count("one"),
            "agreement_matrix": named(self.algorithms, both),
            "jaccard_matrix": named(self.algorithms, jaccard),
        }

    def to_bytes(self) -> bytes:
        told = json.dumps({"algorithms": list(self.algorithms), "values": self.values})
        file = io.BytesIO()
        np.savez(
            file,
            allow_pickle=False,
            rows=self.rows,
            flags=self.flags,
            scores=self.scores,
            told=np.frombuffer(told.encode(), dtype=np.uint8),
        )
        return file.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Agreement:
        """What :meth:`to_bytes` gave.

        Raises
        ------
        DetectionError
            If the file is damaged.
        """
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as file:
                told = json.loads(file["told"].tobytes())
                rows, flags, scores = file["rows"], file["flags"], file["scores"]
            return cls(told["algorithms"], rows, flags, scores, told["values"])
        except (KeyError, ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
            raise DetectionError("The stored comparison is damaged. Compare again.") from error


def agree(
    flags: Mapping[str, NDArray[np.bool_]],
    calibrated: Mapping[str, NDArray[np.float64]],
    places: NDArray[np.int64] | None,
) -> Agreement:
    """Put together what algorithms say of the same rows.

    Parameters
    ----------
    flags, calibrated
        By algorithm, arrays of shape (rows,).
    places : array of shape (rows,), or None
        The rows of the source under sampling.
    """
    names = list(flags)
    if not names:
        empty = np.zeros((0, 0), dtype=np.bool_)
        return Agreement([], np.zeros(0, dtype=np.int64), empty, np.zeros(0), [])
    matrix = np.column_stack([flags[name] for name in names])
    found = np.flatnonzero(matrix.any(axis=1))
    means = np.mean([calibrated[name][found] for name in names], axis=0)
    order = np.lexsort((found, -means, -matrix[found].sum(axis=1)))
    rows = found if places is None else places[found]
    return Agreement(names, rows[order].astype(np.int64), matrix[found][order], means[order], [])


def level_of(count: int, total: int) -> str:
    """How widely algorithms agree on a row.

    Examples
    --------
    >>> [level_of(count, 4) for count in (4, 3, 2, 1)]
    ['all', 'majority', 'some', 'one']
    >>> level_of(1, 1), level_of(2, 3)
    ('all', 'majority')
    """
    if count == total:
        return "all"
    if 2 * count > total:
        return "majority"
    return "some" if count >= 2 else "one"


def rank_correlations(raw: Mapping[str, NDArray[np.float64]]) -> dict[str, dict[str, Any]]:
    """Spearman's correlation of the scores of each two algorithms; None where all are the same."""
    names = list(raw)
    if not names:
        return {}
    step = max(1, -(-len(raw[names[0]]) // MOST_RANKED))
    ranks = np.column_stack([_ranks(raw[name][::step]) for name in names])
    centred = ranks - ranks.mean(axis=0)
    spread = np.sqrt((centred**2).sum(axis=0))
    product = np.outer(spread, spread)
    with np.errstate(invalid="ignore", divide="ignore"):
        matrix = np.where(product > 0, (centred.T @ centred) / product, np.nan)
    return named(names, matrix)


def counts_of(flags: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.asarray(flags.sum(axis=0), dtype=np.int64)


def named(names: Sequence[str], matrix: NDArray[Any]) -> dict[str, dict[str, Any]]:
    """A square matrix by the names of its rows and columns; None where it is unknown."""
    plain = [
        [None if isinstance(cell, float) and not np.isfinite(cell) else cell for cell in row]
        for row in matrix.tolist()
    ]
    return {
        name: dict(zip(names, row, strict=True)) for name, row in zip(names, plain, strict=True)
    }


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean ranks where values are the same."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[places], dtype=np.float64)
