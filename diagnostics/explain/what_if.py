"""What if something changed that no fault depends on? A network that minds took a shortcut."""

from __future__ import annotations

import numpy as np
from torch import nn

from diagnostics.explain.asking import all_scores, check_class, evaluating
from diagnostics.explain.attribution import Windows

AS_IT_IS, QUIET, LOUD = "as it is", "a quarter as loud", "four times as loud"
TURNED, LATER = "upside down", "begun elsewhere"


def what_if(
    network: nn.Module, windows: Windows, target_class: int, seed: int = 0
) -> dict[str, float]:
    """Mean probability of a class when windows are changed in ways that keep every fault.

    A fault does not go away when the amplifier is turned, the sensor is screwed on the other
    way round, or the recording begins a moment later. Where the probability follows such a
    change, gain, polarity or the phase at the begin of a window was learned in place of the
    fault. Loudness is part of severity, so such a change may move a probability somewhat.

    Parameters
    ----------
    network : torch.nn.Module
    windows : array of shape (windows, channels, samples)
        Prepared as in training. Where each window is normalised by itself no loudness is left,
        and the network never meets such windows.
    target_class : int
    seed : int
        Of the moments at which windows begin elsewhere; they are turned round like a ring.

    Returns
    -------
    dict
        From the change in words to a probability.

    Raises
    ------
    ExplanationError
        If there is no such class.
    """
    rng = np.random.default_rng(seed)
    samples = windows.shape[2]
    moved = [
        np.roll(window, int(rng.integers(samples // 8, 7 * samples // 8)), axis=1)
        for window in windows
    ]
    changed: dict[str, Windows] = {
        AS_IT_IS: windows,
        QUIET: windows * np.float32(0.25),
        LOUD: windows * np.float32(4),
        TURNED: -windows,
        LATER: np.stack(moved),
    }
    with evaluating(network):
        scores = {name: all_scores(network, given) for name, given in changed.items()}
    check_class(target_class, scores[AS_IT_IS].shape[1])
    return {name: _probability(found, target_class) for name, found in scores.items()}


def _probability(scores: np.ndarray, target_class: int) -> float:
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    return float((shares[:, target_class] / shares.sum(axis=1)).mean())
