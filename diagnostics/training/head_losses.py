"""The loss of heads: over the windows for which the quantity is known, and no others."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from diagnostics.training.head_scale import HeadScale


def masked_losses(estimates: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    """Sum of the losses of each head over the windows it is known for, and their number.

    A window that says nothing of a quantity adds nothing to the loss of its head, and no
    gradient. Huber's loss: squares of small errors, large ones count by their size, so that one
    wrong note of a speed does not pull at the whole network.

    Parameters
    ----------
    estimates, wanted : Tensor of shape (windows, heads)
        On the scale of the heads; ``wanted`` is NaN where nothing is known.

    Returns
    -------
    Tensor, Tensor of shape (heads,)

    Examples
    --------
    >>> nothing = float("nan")
    >>> wanted = torch.tensor([[1.0, nothing], [0.0, nothing]])
    >>> sums, counts = masked_losses(torch.zeros(2, 2), wanted)
    >>> sums.tolist(), counts.tolist()
    ([0.5, 0.0], [2, 0])
    """
    known = wanted.isfinite()
    # Before the loss: a gradient through NaN is NaN, even where it is masked afterwards.
    safe = torch.where(known, wanted, estimates.detach())
    losses = functional.huber_loss(estimates, safe, reduction="none")
    return losses.sum(dim=0), known.sum(dim=0)


def head_loss(estimates: Tensor, wanted: Tensor, weights: Tensor) -> Tensor:
    """The weighted sum of the heads' mean losses; 0 where a batch knows nothing."""
    sums, counts = masked_losses(estimates, wanted)
    return (weights * sums / counts.clamp(min=1)).sum()


class HeadTally:
    """Losses and absolute errors of heads, gathered batch by batch."""

    def __init__(self, scales: Sequence[HeadScale], weights: Tensor) -> None:
        self._scales = scales
        self._weights = weights
        self._losses = torch.zeros(len(scales), dtype=torch.float64)
        self._errors = torch.zeros(len(scales), dtype=torch.float64)
        self._counts = torch.zeros(len(scales), dtype=torch.int64)

    def add(self, estimates: Tensor, wanted: Tensor) -> None:
        """Both on the scale of the heads."""
        if not self._scales:
            return
        estimates = estimates.detach()
        sums, counts = masked_losses(estimates, wanted)
        self._losses += sums
        self._errors += (estimates - wanted).abs().nan_to_num(0.0).sum(dim=0)
        self._counts += counts

    @property
    def loss(self) -> float:
        """The weighted sum of the means over all windows that were added."""
        means = self._losses / self._counts.clamp(min=1)
        return float((self._weights * means).sum())

    def errors(self) -> dict[str, float]:
        """Mean absolute error by name of the quantity, in its unit; none where nothing is known."""
        return {
            scale.name: float(error) / int(count) * scale.deviation
            for scale, error, count in zip(self._scales, self._errors, self._counts, strict=True)
            if count
        }
