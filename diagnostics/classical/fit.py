"""Fit a classifier on the basic features of windows."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from diagnostics.classical.fitted import FittedEstimator, features_of, probabilities_of
from diagnostics.classical.model import Table
from diagnostics.progress import Progress, Report, silent
from diagnostics.training.config import TrainingConfig
from diagnostics.training.fitted import About
from diagnostics.training.history import EpochRecord, OnEpoch, not_kept
from diagnostics.training.normalisation import fit_normaliser
from diagnostics.training.windows import WindowSet

_BATCH = 256


def fit(
    config: TrainingConfig,
    class_names: tuple[str, ...],
    training: WindowSet,
    validation: WindowSet | None = None,
    *,
    report: Report = silent,
    on_epoch: OnEpoch = not_kept,
) -> FittedEstimator:
    """Fit the classifier of the config.

    Parameters
    ----------
    config : TrainingConfig
        Of a classical classifier.
    class_names : tuple of str
        Of the targets in the window sets, in their order.
    training, validation : WindowSet
        Validation windows are scored, nothing is decided by them.
    report : function
        Called while features are computed and the classifier learns; what it raises ends it.
    on_epoch : function
        Called once, at the end: there are no epochs.

    Returns
    -------
    FittedEstimator

    Raises
    ------
    TrainingError
        If the classifier cannot learn from this training part.
    """
    begun = time.perf_counter()
    about = About(
        config.classifier,
        config.parameters,
        class_names,
        config.channels,
        config.window,
        training.sample_rate_hz,
        fit_normaliser(config.normalisation, training),
    )
    model: Any = config.card.load()
    features = _all_features(about, training, report)
    with threadpool_limits(1):
        estimator = model.learn(config, Table(features, training.targets, training.owner), report)
    seconds = time.perf_counter() - begun
    train = _scores(estimator, features, training.targets, about)
    seen = None
    if validation is not None:
        rows = _all_features(about, validation, report)
        seen = _scores(estimator, rows, validation.targets, about)
    on_epoch(
        EpochRecord(
            epoch=1,
            train_loss=train[0],
            train_accuracy=train[1],
            validation_loss=seen and seen[0],
            validation_accuracy=seen and seen[1],
            learning_rate=0.0,
            windows_per_s=len(training) / seconds,
            seconds=seconds,
        )
    )
    return FittedEstimator(estimator, about)


def _all_features(about: About, windows: WindowSet, report: Report) -> NDArray[np.float64]:
    parts = []
    for first in range(0, len(windows), _BATCH):
        report(Progress("features", first, len(windows)))
        block = windows.read(np.arange(first, min(first + _BATCH, len(windows))))
        parts.append(features_of(about, block))
    return np.concatenate(parts)


def _scores(
    estimator: Any,
    features: NDArray[np.float64],
    targets: NDArray[np.int64],
    about: About,
) -> tuple[float, float]:
    """Cross entropy and accuracy over windows."""
    probabilities = probabilities_of(estimator, features, about)
    given = np.clip(probabilities[np.arange(len(targets)), targets], 1e-12, None)
    accuracy = float((probabilities.argmax(axis=1) == targets).mean())
    return float(-np.log(given).mean()), accuracy
