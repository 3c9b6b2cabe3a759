"""Gradient SHAP: expected gradients over random baselines and random points on the way."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from torch import nn

from diagnostics.explain.asking import mean_gradient
from diagnostics.explain.attribution import Attribution, Floats, Question, Windows
from diagnostics.explain.paths import along_paths
from diagnostics.progress import Report, silent

USUAL_SAMPLES = 100


def gradient_shap(
    network: nn.Module, windows: Windows, question: Question, report: Report = silent
) -> Attribution:
    """Mean over baselines and places of difference times gradient [1]_.

    With many baselines it approaches integrated gradients averaged over them, which are Shapley
    values where features do not interact. The points on the way are spread evenly with a
    random shift in each stratum, so a hundred draws err less than independent ones.
    ``completeness`` tells how much chance is left.

    Only the asked class is differentiated, in small batches: time and memory do not grow with
    the number of classes.

    Parameters
    ----------
    network, windows, question, report
        As :func:`diagnostics.explain.integrated_gradients.integrated_gradients`;
        ``num_samples`` are drawn, 100 unless said.

    Returns
    -------
    Attribution

    Raises
    ------
    ExplanationError
        If the question makes no sense for the network.

    References
    ----------
    .. [1] G. Erion et al., "Improving performance of deep learning models with axiomatic
       attribution priors and expected gradients", Nature Machine Intelligence 3, 2021,
       arXiv:1906.10670.
    """
    draws = question.num_samples or USUAL_SAMPLES
    rng = np.random.default_rng(question.seed)

    def gradients_of(window: Windows, batch: int) -> Iterator[tuple[float, Floats, Floats]]:
        chosen, places = _drawn(rng, draws, len(question.baselines))
        numbers = np.unique(chosen)
        for number in numbers:
            difference = window - question.baselines[number]
            ways = places[chosen == number]
            even = np.full(len(ways), 1 / len(ways))
            mean = mean_gradient(
                *(network, question.baselines[number], difference, question.target_class),
                *(ways, even, batch),
            )
            yield 1 / len(numbers), difference.astype(np.float64), mean

    return along_paths(network, windows, question, gradients_of, report, {"num_samples": draws})


def _drawn(rng: np.random.Generator, draws: int, baselines: int) -> tuple[np.ndarray, np.ndarray]:
    """A baseline for each draw, each equally often, and a place on the way."""
    chosen = np.sort(rng.permutation(np.arange(draws) % baselines))
    places = np.empty(draws)
    for number in range(baselines):
        mine = chosen == number
        count = int(mine.sum())
        places[mine] = (np.arange(count) + rng.random(count)) / max(count, 1)
    return chosen, places
