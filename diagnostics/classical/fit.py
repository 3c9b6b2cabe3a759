"""Fit a classifier on features of windows: the basic ones, or those of a stored set."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from diagnostics.classical.columns import StoredColumns, fit_columns
from diagnostics.classical.fitted import FittedEstimator, features_of, probabilities_of
from diagnostics.classical.model import Table
from diagnostics.errors import TrainingError
from diagnostics.progress import Progress, Report, silent
from diagnostics.training.config import Normalisation, TrainingConfig
from diagnostics.training.fitted import About
from diagnostics.training.history import EpochRecord, OnEpoch, not_kept
from diagnostics.training.normalisation import Normaliser, fit_normaliser
from diagnostics.training.windows import WindowSet

_BATCH = 256
# Samples are left as they are where the columns of a set are scaled instead.
UNCHANGED = Normaliser(Normalisation.TRAINING, (0.0,), (1.0,))


def fit(
    config: TrainingConfig,
    class_names: tuple[str, ...],
    training: WindowSet,
    validation: WindowSet | None = None,
    *,
    stored: StoredColumns | None = None,
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
    stored : StoredColumns, optional
        The feature set that the config names; without one, basic features are computed.
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
    if bool(config.feature_set) != (stored is not None):
        raise TrainingError("The numbers of the feature set are there if the config names one.")
    about = About(
        config.classifier,
        config.parameters,
        class_names,
        config.channels,
        config.window,
        training.sample_rate_hz,
        UNCHANGED if stored is not None else fit_normaliser(config.normalisation, training),
    )
    model: Any = config.card.load()
    columns = None if stored is None else fit_columns(stored.recipe, stored.values(training))

    def features_in(windows: WindowSet) -> NDArray[np.float64]:
        if stored is None or columns is None:
            return _all_features(about, windows, report)
        return columns.scaled(stored.values(windows))

    features = features_in(training)
    with threadpool_limits(1):
        estimator = model.learn(config, Table(features, training.targets, training.owner), report)
    seconds = time.perf_counter() - begun
    train = _scores(estimator, features, training.targets, about)
    seen = None
    if validation is not None:
        seen = _scores(estimator, features_in(validation), validation.targets, about)
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
    return FittedEstimator(estimator, about, columns)


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
