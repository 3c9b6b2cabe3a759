"""Kernel SHAP: Shapley values of stretches or bands, from scores with some of them left out."""

from __future__ import annotations

import numpy as np
from torch import nn

from diagnostics.explain.attribution import Attribution, Floats, Question, Windows
from diagnostics.explain.errors import ExplanationError
from diagnostics.explain.leaving_out import Score, by_leaving_out, draws_each
from diagnostics.explain.parts import Parts
from diagnostics.explain.shap_library import shap_library
from diagnostics.progress import Report, silent

USUAL_SAMPLES = 1000
_MASKS_A_PART = 4


def kernel_shap(
    network: nn.Module, windows: Windows, question: Question, report: Report = silent
) -> Attribution:
    """Shapley values of the parts of a window [1]_.

    What a part adds to the score, averaged over all orders in which parts could be put in place
    of the baseline. The weights add up to the change of the score by construction. The network
    may be anything: it is only asked. With few parts all masks are tried and the values are
    exact; else ``num_samples`` masks are drawn, 1000 unless said. Several baselines share them,
    each with four for every part at least, and the values are the mean over the baselines.

    Parameters
    ----------
    network, windows, question, report
        As :func:`diagnostics.explain.integrated_gradients.integrated_gradients`.

    Returns
    -------
    Attribution

    Raises
    ------
    ExplanationError
        If the question makes no sense for the network, or too few samples are drawn.

    References
    ----------
    .. [1] S. Lundberg, S.-I. Lee, "A Unified Approach to Interpreting Model Predictions",
       NIPS 2017, arXiv:1705.07874.
    """
    asked = question.num_samples or USUAL_SAMPLES
    count = question.num_segments * windows.shape[1] if windows.ndim == 3 else 0
    draws = draws_each(asked, max(1, len(question.baselines)), _MASKS_A_PART * count)

    def weigh(parts: Parts, score: Score, rng: np.random.Generator) -> Floats:
        _check_draws(asked, len(parts))
        shap = shap_library()
        # shap draws from numpy's own numbers: they are set for it, and set back.
        state = np.random.get_state()  # noqa: NPY002
        np.random.seed(int(rng.integers(2**31)))  # noqa: NPY002
        try:
            explainer = shap.KernelExplainer(score, np.zeros((1, len(parts)), dtype=np.float32))
            found = explainer.shap_values(
                np.ones(len(parts), dtype=np.float32), nsamples=draws, silent=True, l1_reg=0
            )
        finally:
            np.random.set_state(state)  # noqa: NPY002
        return np.asarray(found, dtype=np.float64).reshape(len(parts))

    return by_leaving_out(
        *(network, windows, question, weigh, report),
        masks=draws,
        adds_up=True,
        details={"num_samples": asked},
    )


def _check_draws(draws: int, parts: int) -> None:
    """Refuse so few masks that several answers would fit them."""
    needed = min(_MASKS_A_PART * parts, 2**parts - 2)
    if draws < needed:
        raise ExplanationError(
            f"Kernel SHAP needs at least {needed} samples for {parts} parts, got {draws}. "
            "Draw more, or take fewer parts."
        )
