"""What the small networks of detectors share while they learn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import nn

from diagnostics.progress import Progress, Report

_STEP = 1e-3
Loss = Callable[[torch.Tensor], torch.Tensor]


@contextmanager
def by_itself(seed: int) -> Iterator[None]:
    """Random numbers by a seed and one thread; both are afterwards as they were.

    The layers are so small that a second thread waits more than it computes.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(threads)


def learn(
    network: nn.Module,
    rows: torch.Tensor,
    loss: Loss,
    *,
    epochs: int,
    batch_size: int,
    report: Report,
    decay: float = 0.0,
) -> None:
    """Pass over the rows so many times, each time in another order.

    Parameters
    ----------
    network : Module
    rows : tensor of shape (rows, columns)
    loss : callable
        From a batch of rows to one number.
    epochs, batch_size : int
    report : callable
        Called before each pass; what it raises ends the work.
    decay : float
        Pulls the weights towards 0.
    """
    optimiser = torch.optim.Adam(network.parameters(), lr=_STEP, weight_decay=decay, fused=True)
    for epoch in range(epochs):
        report(Progress("fit", epoch, epochs, f"epoch {epoch + 1} of {epochs}"))
        for batch in torch.split(rows[torch.randperm(len(rows))], batch_size):
            optimiser.zero_grad(set_to_none=True)
            torch.autograd.backward(loss(batch))
            optimiser.step()
    report(Progress("fit", epochs, epochs, "scoring"))
