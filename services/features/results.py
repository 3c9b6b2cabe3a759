"""What the methods of the feature service give."""

from __future__ import annotations

from typing import TypedDict

import numpy as np
from numpy.typing import NDArray


class ExtractedFeatures(TypedDict):
    """``features`` (windows, features); the lists have one entry for each window, but for
    ``feature_names``, which names the columns. ``extraction_time`` is in seconds."""

    features: NDArray[np.float64]
    feature_names: list[str]
    extraction_time: float
    labels: list[str]
    groups: list[str]
    recording_ids: list[int]
    first_samples: list[int]


class ImportanceFound(TypedDict):
    """``importance`` by feature, the highest first; ``held_out_recall`` says what it is worth."""

    method: str
    importance: dict[str, float]
    ranking: list[str]
    spread: dict[str, float]
    folds: int
    held_out_recall: float | None
    left_out: dict[str, str]
    notes: list[str]


class SelectionFound(TypedDict):
    """``features`` has the columns of ``selected_features``, the best first."""

    method: str
    selected_features: list[str]
    scores: dict[str, float]
    features: NDArray[np.float64]
    held_out_groups: list[str]
    recall_chosen: float | None
    recall_all: float | None
    left_out: dict[str, str]
    notes: list[str]


class CorrelationFound(TypedDict):
    """``correlation_matrix`` (features, features) in the order of ``feature_names``, which is
    such that those that go together are neighbours."""

    correlation_matrix: NDArray[np.float64]
    feature_names: list[str]
    alike: list[tuple[str, str, float]]
    left_out: dict[str, str]
