"""What was seen of each column since a session began. Stays finite, whatever comes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagnostics.streaming.base import Floats

NAMES = ("count", "mean", "squares", "least", "most", "anomalies")


class ColumnStatistics:
    """Count, mean, standard deviation, extremes, and how often a column was unusual.

    Means and squares are joined batch by batch, by the formula of Chan, Golub and LeVeque (1983).
    """

    def __init__(self, column_count: int) -> None:
        self.kept: dict[str, Floats] = {name: np.zeros(column_count) for name in NAMES}
        self.kept["least"] += np.inf
        self.kept["most"] -= np.inf

    def add(self, values: Floats, is_unusual: NDArray[np.bool_]) -> None:
        """Take points of shape (n, c) in; NaN is left out."""
        kept, known = self.kept, ~np.isnan(values)
        count = known.sum(axis=0)
        some = np.maximum(count, 1)
        plain = np.where(known, values, 0.0)
        mean = plain.sum(axis=0) / some
        squares = np.where(known, (values - mean) ** 2, 0.0).sum(axis=0)
        total = kept["count"] + count
        step = np.where(count > 0, mean - kept["mean"], 0.0)
        part = count / np.maximum(total, 1)
        kept["squares"] += squares + step * step * kept["count"] * part
        kept["mean"] += step * part
        kept["count"] = total
        kept["least"] = np.minimum(kept["least"], np.where(known, values, np.inf).min(axis=0))
        kept["most"] = np.maximum(kept["most"], np.where(known, values, -np.inf).max(axis=0))
        kept["anomalies"] += is_unusual.sum(axis=0)

    def of(self, column: int, point_count: int) -> dict[str, float | int | None]:
        """One column in the words of the contract; None for what no value has told yet."""
        count = int(self.kept["count"][column])
        anomalies = int(self.kept["anomalies"][column])
        known = {
            "mean": float(self.kept["mean"][column]),
            "std": float(np.sqrt(self.kept["squares"][column] / max(count - 1, 1))),
            "min": float(self.kept["least"][column]),
            "max": float(self.kept["most"][column]),
        }
        return {
            "count": count,
            **(known if count else dict.fromkeys(known)),
            "anomaly_count": anomalies,
            "anomaly_rate": anomalies / point_count if point_count else 0.0,
        }
