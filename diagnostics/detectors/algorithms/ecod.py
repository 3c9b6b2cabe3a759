"""ECOD: tail probabilities of the columns, the worse side of each, added up."""

from __future__ import annotations

import numpy as np

from diagnostics.detectors.algorithm import Config, Scores, State, Values
from diagnostics.detectors.empirical import Columnwise, fit_tails, load_tails
from diagnostics.progress import Progress, Report


def fit(values: Values, config: Config, report: Report) -> tuple[Columnwise, Scores]:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    model = Columnwise(fit_tails(values), worse_side)
    report(Progress("fit", 1, 1))
    return model, model.scores(values)


def load(state: State) -> Columnwise:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    return Columnwise(load_tails(state), worse_side)


def worse_side(left: Values, right: Values, longer: Values) -> Values:
    """The largest of what the three say."""
    found: Values = np.maximum(np.maximum(left, right), longer)
    return found
