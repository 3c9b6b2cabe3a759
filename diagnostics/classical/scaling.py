"""The scaler that stands in front of classifiers which compare features of different units."""

from __future__ import annotations

from typing import Any

from sklearn.preprocessing import StandardScaler

from diagnostics.classical.model import need


def check_scaler(scaler: StandardScaler, columns: int) -> None:
    """Refuse a scaler from a file that is not for this number of columns.

    Raises
    ------
    TrainingError
        If it is not.
    """
    arrays: tuple[Any, ...] = (scaler.mean_, scaler.scale_)
    need(scaler.n_features_in_ == columns and all(one.shape == (columns,) for one in arrays))
