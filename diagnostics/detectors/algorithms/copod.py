"""COPOD: tail probabilities of the columns, the mean of both sides or the longer tail, added up."""

from __future__ import annotations

import numpy as np

from diagnostics.detectors.algorithm import Config, Scores, State, Values
from diagnostics.detectors.empirical import Columnwise, fit_tails, load_tails
from diagnostics.progress import Progress, Report


def fit(values: Values, config: Config, report: Report) -> tuple[Columnwise, Scores]:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    model = Columnwise(fit_tails(values), mean_side)
    report(Progress("fit", 1, 1))
    return model, model.scores(values)


def load(state: State) -> Columnwise:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    return Columnwise(load_tails(state), mean_side)


def mean_side(left: Values, right: Values, longer: Values) -> Values:
    """The longer tail, unless both sides together say more."""
    found: Values = np.maximum(longer, (left + right) / 2.0)
    return found
