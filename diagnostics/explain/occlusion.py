"""Occlusion: how far the score falls when a part is replaced by the baseline."""

from __future__ import annotations

import numpy as np
from torch import nn

from diagnostics.explain.attribution import Attribution, Floats, Question, Windows
from diagnostics.explain.leaving_out import Score, by_leaving_out
from diagnostics.explain.parts import Parts
from diagnostics.progress import Report, silent


def occlusion(
    network: nn.Module, windows: Windows, question: Question, report: Report = silent
) -> Attribution:
    """The fall of the score without each part, one at a time [1]_.

    The plainest of questions, and the easiest to check by hand. Its blind spot: when two parts
    say the same, either may be missing without harm and both look unimportant. The falls do
    not add up to the change of the score, so no completeness is told. Against several baselines
    it is the mean fall.

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
        If the question makes no sense for the network.

    References
    ----------
    .. [1] M. D. Zeiler, R. Fergus, "Visualizing and Understanding Convolutional Networks",
       ECCV 2014, arXiv:1311.2901.
    """

    def weigh(parts: Parts, score: Score, _rng: np.random.Generator) -> Floats:
        masks = np.ones((len(parts) + 1, len(parts)), dtype=np.float32)
        masks[1:] -= np.eye(len(parts), dtype=np.float32)
        scores = score(masks)
        falls: Floats = scores[0] - scores[1:]
        return falls

    count = question.num_segments * windows.shape[1] if windows.ndim == 3 else 0
    return by_leaving_out(
        *(network, windows, question, weigh, report), masks=count + 1, adds_up=False, details={}
    )
