"""Mahalanobis distance by the covariance of the rows that lie closest together."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.covariance import EmpiricalCovariance, MinCovDet

from diagnostics.detectors.algorithm import Config, Scores, State, Values
from diagnostics.detectors.quadratic import Quadratic, load_quadratic, principal
from diagnostics.progress import Progress, Report

# The estimator leaves far rows out; numbers of any size would only spoil its determinants.
_FARTHEST = 100.0
_LARGER = (0.75, 0.9)


def fit(values: Values, config: Config, report: Report) -> tuple[Quadratic, Scores]:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    near = np.clip(values, -_FARTHEST, _FARTHEST)
    estimator = _fitted(near, config)
    report(Progress("fit", 1, 2, "scoring"))
    variances, axes = principal(np.atleast_2d(estimator.covariance_))
    model = Quadratic(np.array(estimator.location_), axes / np.sqrt(variances))
    return model, model.scores(values)


def load(state: State) -> Quadratic:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    return load_quadratic(state)


def _fitted(near: Values, config: Config) -> Any:
    """The covariance of the inner rows; of more of them where those are all the same."""
    wanted = config["support_fraction"]
    shares = (None, *_LARGER) if wanted == "auto" else (float(wanted), *_LARGER)
    with warnings.catch_warnings():
        # Columns that repeat each other leave no volume; the ridge of the axes is for that.
        warnings.simplefilter("ignore")
        for share in shares:
            estimator = MinCovDet(support_fraction=share, random_state=config["random_state"])
            try:
                return estimator.fit(near)
            except ValueError:
                continue
        return EmpiricalCovariance().fit(near)
