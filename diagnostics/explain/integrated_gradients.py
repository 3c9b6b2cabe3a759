"""Integrated gradients: the gradient along the straight way from a baseline to the window."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from torch import nn

from diagnostics.explain.asking import mean_gradient
from diagnostics.explain.attribution import (
    Attribution,
    Floats,
    Question,
    Windows,
    check_question,
)
from diagnostics.explain.paths import along_paths
from diagnostics.progress import Report, silent


def integrated_gradients(
    network: nn.Module, windows: Windows, question: Question, report: Report = silent
) -> Attribution:
    """How the score grew, sample by sample, on the way from the baseline [1]_.

    The values add up to the change of the score, up to the error of the numerical integral,
    which ``completeness`` tells: above some per cent, take more steps. The points are those of
    Gauss and Legendre. It says what the network
    used against that baseline; against zeros a tone that never changes is evidence as well.

    Parameters
    ----------
    network : torch.nn.Module
        Takes (batch, channels, samples), gives one score (logit) per class.
    windows : array of shape (windows, channels, samples)
        Prepared as in training.
    question : Question
        ``steps`` are used; several baselines are averaged.
    report : callable

    Returns
    -------
    Attribution

    Raises
    ------
    ExplanationError
        If the question makes no sense for the network.

    References
    ----------
    .. [1] M. Sundararajan, A. Taly, Q. Yan, "Axiomatic Attribution for Deep Networks", ICML 2017,
       arXiv:1703.01365.
    """
    check_question(windows, question)
    nodes, weights = np.polynomial.legendre.leggauss(question.steps)
    places, shares = (nodes + 1) / 2, weights / 2

    def gradients_of(window: Windows, batch: int) -> Iterator[tuple[float, Floats, Floats]]:
        for baseline in question.baselines:
            difference = window - baseline
            mean = mean_gradient(
                *(network, baseline, difference, question.target_class),
                *(places, shares, batch),
            )
            yield 1 / len(question.baselines), difference.astype(np.float64), mean

    return along_paths(network, windows, question, gradients_of, report, {"steps": question.steps})
