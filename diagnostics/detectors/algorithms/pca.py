"""Distance along the principal components, each in units of its own spread."""

from __future__ import annotations

import numpy as np

from diagnostics.detectors.algorithm import Config, Scores, State, Values
from diagnostics.detectors.quadratic import Quadratic, load_quadratic, principal
from diagnostics.progress import Progress, Report

# Farther out a row pulls no harder: one huge value would turn the components towards itself.
_FARTHEST = 10.0
_MAJOR = 0.9


def fit(values: Values, config: Config, report: Report) -> tuple[Quadratic, Scores]:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    near = np.clip(values, -_FARTHEST, _FARTHEST)
    covariance = np.atleast_2d(np.cov(near, rowvar=False, ddof=0))
    variances, axes = principal(covariance)
    explained = np.cumsum(variances) / variances.sum()
    # The component that completes the share counts as major, and one is left as minor.
    count = min(int(np.searchsorted(explained, _MAJOR)) + 1, max(1, len(variances) - 1))
    parts = {"all": slice(None), "major": slice(count), "minor": slice(-1, None)}
    if count < len(variances):
        parts["minor"] = slice(count, None)
    chosen = parts[str(config["part"])]
    directions = axes[:, chosen] / np.sqrt(variances[chosen])
    model = Quadratic(near.mean(axis=0), directions)
    report(Progress("fit", 1, 1))
    return model, model.scores(values)


def load(state: State) -> Quadratic:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    return load_quadratic(state)
