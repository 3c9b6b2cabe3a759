"""What it costs to ask a classifier on features about one window."""

from __future__ import annotations

from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from diagnostics.classical.fitted import FEATURE_KEYS, FittedEstimator
from diagnostics.classical.model import Table
from diagnostics.progress import Report, silent
from diagnostics.training.config import GroupFractions, Normalisation, TrainingConfig
from diagnostics.training.cost import Cost, CostQuestion, time_runs
from diagnostics.training.fitted import About
from diagnostics.training.normalisation import Normaliser

_ROWS = 500
_LEAST_OF_A_CLASS = 4
_RATE_HZ = 10_000.0


def classical_cost(question: CostQuestion, report: Report = silent) -> Cost:
    """Count and time a classifier that was fitted to noise.

    How large trees grow and how many support vectors there are depends on the data; noise
    has no borders that could be drawn shortly, so real data often need less.

    Parameters
    ----------
    question : CostQuestion
        About a classical classifier.
    report : function

    Returns
    -------
    Cost
    """
    config = TrainingConfig(
        GroupFractions(),
        classifier=question.classifier,
        parameters=dict(question.parameters),
        window=question.window,
        hop=question.window,
        channels=tuple(range(question.channels)),
    )
    of_each = max(_LEAST_OF_A_CLASS, round(_ROWS / question.classes))
    rows = of_each * question.classes
    columns = question.channels * len(FEATURE_KEYS)
    rng = np.random.default_rng(0)
    table = Table(
        rng.normal(size=(rows, columns)), np.arange(rows) % question.classes, np.arange(rows)
    )
    model: Any = config.card.load()
    with threadpool_limits(1):
        estimator = model.learn(config, table, report)
        about = About(
            question.classifier,
            config.parameters,
            tuple(f"class {number}" for number in range(question.classes)),
            config.channels,
            question.window,
            _RATE_HZ,
            Normaliser(Normalisation.WINDOW),
        )
        fitted = FittedEstimator(estimator, about)
        window = rng.normal(size=(1, question.channels, question.window)).astype(np.float32)
        latency = time_runs(lambda: fitted.probabilities(window), report)
    size = model.size(estimator)
    counted = (
        f"{size.counted}; the features before are left out. Fitted to {rows} windows of noise, so"
        " that it may be smaller or larger on your data"
    )
    return Cost(size.numbers, size.operations, counted, latency)
