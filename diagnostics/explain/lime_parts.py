"""LIME: a straight line through the scores near a window, over stretches or bands."""

from __future__ import annotations

from functools import partial

import numpy as np
from torch import nn

from diagnostics.explain.attribution import Attribution, Floats, Question, Windows
from diagnostics.explain.leaving_out import Score, by_leaving_out, draws_each
from diagnostics.explain.parts import Parts
from diagnostics.progress import Report, silent

USUAL_SAMPLES = 1000
KERNEL_WIDTH = 0.25
"""Of the cosine distance between masks, as in LIME's own code for pictures."""
_MASKS_A_PART = 10


def lime(
    network: nn.Module, windows: Windows, question: Question, report: Report = silent
) -> Attribution:
    """Weights of a local linear model of the score [1]_.

    Each draw leaves half of the parts out at random; draws that are like the whole window count
    more. The weights are slopes and need not add up to the change of the score, so no
    completeness is told. Where parts act together (two impacts that only count as a pair) a
    line cannot say so. Several baselines share the draws, each with ten for every part at least,
    and the weights are the mean over the baselines.

    Parameters
    ----------
    network, windows, question, report
        As :func:`diagnostics.explain.integrated_gradients.integrated_gradients`;
        ``num_samples`` are drawn, 1000 unless said.

    Returns
    -------
    Attribution
        ``details`` has the mean ``fit``: R² of the line.

    Raises
    ------
    ExplanationError
        If the question makes no sense for the network.

    References
    ----------
    .. [1] M. T. Ribeiro, S. Singh, C. Guestrin, "Why Should I Trust You?", KDD 2016,
       arXiv:1602.04938.
    """
    asked = question.num_samples or USUAL_SAMPLES
    count = question.num_segments * windows.shape[1] if windows.ndim == 3 else 0
    draws = draws_each(asked, max(1, len(question.baselines)), _MASKS_A_PART * count)
    fits: list[float] = []

    def weigh(parts: Parts, score: Score, rng: np.random.Generator) -> Floats:
        masks = rng.integers(0, 2, (draws, len(parts))).astype(np.float32)
        masks[0] = 1.0
        weights, fit = _line(masks, score(masks), rng)
        fits.append(fit)
        return weights

    found = by_leaving_out(
        *(network, windows, question, weigh, report),
        masks=draws,
        adds_up=False,
        details={"num_samples": asked},
    )
    found.details["fit"] = float(np.mean(fits))
    return found


def _line(masks: np.ndarray, scores: Floats, rng: np.random.Generator) -> tuple[Floats, float]:
    from lime.lime_base import LimeBase

    kept = masks.sum(axis=1)
    # The cosine between a mask and the mask of ones.
    distances = 1.0 - np.sqrt(kept / masks.shape[1])
    base = LimeBase(partial(_nearness, width=KERNEL_WIDTH), random_state=_legacy(rng))
    _, local, fit, _ = base.explain_instance_with_data(
        masks,
        scores[:, None],
        distances,
        0,
        num_features=masks.shape[1],
        feature_selection="none",
    )
    weights = np.zeros(masks.shape[1])
    for part, weight in local:
        weights[part] = weight
    return weights, float(fit)


def _nearness(distances: Floats, width: float) -> Floats:
    return np.sqrt(np.exp(-(distances**2) / width**2))


def _legacy(rng: np.random.Generator) -> np.random.RandomState:
    return np.random.RandomState(int(rng.integers(2**31)))
