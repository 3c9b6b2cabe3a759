"""What a training makes small: cross-entropy, weighted, smoothed or focused."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

_LEAST = 1e-7


def shares(targets: Tensor, classes: int) -> Tensor:
    """Classes as shares: 1 for the class of each window, 0 for the others.

    Examples
    --------
    >>> shares(torch.tensor([1, 0]), 2).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    return functional.one_hot(targets, classes).to(torch.float32)


def cross_entropy(
    scores: Tensor,
    targets: Tensor,
    weights: Tensor | None = None,
    *,
    smoothing: float = 0.0,
    gamma: float = 0.0,
) -> Tensor:
    """Mean cross-entropy over windows, each counted by the weight of its class.

    Parameters
    ----------
    scores : Tensor of shape (windows, classes)
        Before the softmax.
    targets : Tensor of shape (windows, classes)
        Shares of the classes, which sum up to 1; mixtures of windows have more than one.
    weights : Tensor of shape (classes,), optional
        All 1 by default.
    smoothing : float
        Part of the share that is spread evenly over all classes, 0 to below 1 [1]_: keeps a
        network from being surer than its data are.
    gamma : float
        Focus, 0 or more [2]_: what is already told well counts less by ``(1 − p) ** gamma``.

    Returns
    -------
    Tensor
        One number, 0 or more.

    References
    ----------
    .. [1] C. Szegedy et al., "Rethinking the Inception architecture for computer vision",
       CVPR 2016, section 7.
    .. [2] T.-Y. Lin et al., "Focal loss for dense object detection", ICCV 2017.

    Examples
    --------
    >>> scores = torch.tensor([[2.0, 0.0], [0.0, 1.0]])
    >>> targets = shares(torch.tensor([0, 1]), 2)
    >>> round(float(cross_entropy(scores, targets)), 4)
    0.2201
    >>> round(float(cross_entropy(scores, targets, gamma=2.0)), 4)
    0.0122
    """
    classes = scores.shape[1]
    weighted = targets if weights is None else targets * weights
    if smoothing:
        spread = (1 - smoothing) * targets + smoothing / classes
        smoothed = spread if weights is None else spread * weights
    else:
        smoothed = weighted
    logarithms = functional.log_softmax(scores, dim=1)
    if gamma:
        # The slope of a root at 0 is infinite, and a sure network is exactly there.
        missed = (-torch.expm1(logarithms)).clamp(min=_LEAST)
        logarithms = missed.pow(gamma) * logarithms
    return -(smoothed * logarithms).sum() / weighted.sum()
