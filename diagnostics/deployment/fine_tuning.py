"""Let a pruned network learn on, so that what is left takes over what was removed.

S. Han et al., Learning both Weights and Connections for Efficient Neural Networks, NeurIPS 2015:
prune, then train the rest at a small learning rate.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from diagnostics.errors import DeploymentError
from diagnostics.networks.fitted import FittedNetwork
from diagnostics.progress import Progress, Report, silent
from diagnostics.training.batches import Batches
from diagnostics.training.estimate import MEMORY_LIMIT
from diagnostics.training.windows import WindowSet

MOST_EPOCHS = 100


@dataclass(frozen=True)
class FineTuning:
    """How long and how fast; a tenth of the rate that networks are trained with here.

    ``most_windows`` of the training part are taken in an epoch, others in each.
    """

    epochs: int
    learning_rate: float = 1e-4
    batch_size: int = 16
    most_windows: int = 2048
    seed: int = 0


def fine_tune(
    fitted: FittedNetwork, windows: WindowSet, how: FineTuning, report: Report = silent
) -> FittedNetwork:
    """A network that learned on; the given one stays as it is, and so do weights that are zero.

    Parameters
    ----------
    fitted : FittedNetwork
        A pruned one. Only what it says of the class is learned: other heads are left alone.
    windows : WindowSet
        Of the training part.
    how : FineTuning
    report : function

    Raises
    ------
    DeploymentError
        If there are no windows, the epochs are out of range, or the loss is not finite.
    """
    if not 0 < how.epochs <= MOST_EPOCHS:
        raise DeploymentError(f"Fine-tuning takes 1 to {MOST_EPOCHS} epochs, got {how.epochs}.")
    if len(windows) == 0:
        raise DeploymentError("Fine-tuning needs windows of the training part.")
    network = copy.deepcopy(fitted.network)
    batches = Batches(windows, fitted.about.normaliser, MEMORY_LIMIT)
    zeros = _zeros(network)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(how.seed)
        optimiser = torch.optim.Adam(network.parameters(), how.learning_rate)
        network.train()
        for epoch in range(how.epochs):
            report(Progress("fine-tune", epoch, how.epochs))
            for chosen in _order(len(windows), how, epoch):
                given, targets, _ = batches.batch(chosen)
                loss = cross_entropy(network(given), targets)
                if not bool(torch.isfinite(loss)):
                    raise DeploymentError("Fine-tuning failed: the loss is not finite any more.")
                optimiser.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                optimiser.step()
                with torch.no_grad():
                    for weight, kept in zeros:
                        weight.mul_(kept)
    return FittedNetwork(network.eval(), fitted.about)


def _order(
    count: int, how: FineTuning, epoch: int
) -> list[np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Batches of an epoch. One window alone would have no spread to normalise by."""
    chosen = np.random.default_rng([how.seed, epoch]).permutation(count)[: how.most_windows]
    parts = [
        chosen[first : first + how.batch_size] for first in range(0, len(chosen), how.batch_size)
    ]
    return [part for part in parts if len(part) > 1] or parts


def _zeros(network: nn.Module) -> list[tuple[Tensor, Tensor]]:
    """Weights with zeros among them, and where they are not zero."""
    weights = [one for one in network.parameters() if one.ndim > 1]
    return [(one, one.detach() != 0) for one in weights if bool((one == 0).any())]
