"""How many windows to ask about at once: measured, for it depends on network and machine."""

from __future__ import annotations

import time

import numpy as np
import torch
from torch import Tensor, nn

from diagnostics.explain.asking import device_of, gradients
from diagnostics.explain.attribution import Windows

BATCHES = (1, 2, 4, 8, 16, 32)
_MOST_BYTES = 1 << 30
_MOST_SECONDS = 2.0
_FAR = 2
"""Batches more than so many times the best one are not tried: those cost what they save."""
_TRIALS = 2
_FAR_BACK = 4
"""The same of passes back, which are tried once each."""
_FEW_SAMPLES = 4096
_FEW_BATCH = 32


class Climb:
    """The quickest batch of forward passes, found while the work is done.

    Batches of growing size do the first of the work and are timed by it, so no pass is made for
    the measurement alone. A size that needs too much memory is not tried.

    Parameters
    ----------
    network : torch.nn.Module
        In evaluation mode.
    window : array of shape (channels, samples)
    """

    def __init__(self, network: nn.Module, window: Windows) -> None:
        each = activation_bytes(network, window)
        sizes = [batch for batch in BATCHES if batch * each <= _MOST_BYTES] or [BATCHES[0]]
        self._smallest = sizes[0]
        self._ahead = [size for size in sizes for _ in range(_TRIALS)]
        self._seconds: dict[int, float] = {}
        self._is_warm = False

    @property
    def batch(self) -> int:
        """The quickest size so far."""
        return min(self._seconds, key=self._seconds.__getitem__, default=self._smallest)

    def following(self) -> int:
        """How many windows to ask about next."""
        if self._ahead and self._ahead[0] > _FAR * self.batch:
            self._ahead = []
        return self._ahead[0] if self._ahead else self.batch

    def tell(self, batch: int, seconds: float) -> None:
        """So long took a batch; the first of all only warms up."""
        if not self._is_warm:
            self._is_warm = True
        elif self._ahead and batch == self._ahead[0]:
            self._ahead.pop(0)
            known = self._seconds.get(batch, float("inf"))
            self._seconds[batch] = min(known, seconds / batch)


def gradient_batch(network: nn.Module, window: Windows, target_class: int) -> int:
    """Rows for one step back, tried on one window until they get no quicker.

    Short windows are not worth a measurement.
    """
    if window.shape[-1] <= _FEW_SAMPLES:
        return _FEW_BATCH
    each = 2 * activation_bytes(network, window)
    given = torch.tensor(window[None], device=device_of(network))
    began = time.perf_counter()
    _timed(network, given, target_class)  # only warms up
    best, quickest = 1, _timed(network, given, target_class)
    for batch in BATCHES[1:]:
        if batch * each > _MOST_BYTES or time.perf_counter() - began > _MOST_SECONDS:
            break
        seconds = _timed(network, given.repeat(batch, 1, 1), target_class) / batch
        if seconds < quickest:
            best, quickest = batch, seconds
        elif batch >= _FAR_BACK * best:
            break
    return best


def activation_bytes(network: nn.Module, window: Windows) -> int:
    """What the layers of a network keep of one window, in bytes: the sum of their outputs."""
    kept = [window.nbytes]

    def note(_module: nn.Module, _inputs: object, output: object) -> None:
        if isinstance(output, Tensor):
            kept.append(output.numel() * output.element_size())

    leaves = [module for module in network.modules() if not any(module.children())]
    hooks = [module.register_forward_hook(note) for module in leaves]
    try:
        with torch.no_grad():
            network(torch.tensor(window[None], device=device_of(network)))
    finally:
        for hook in hooks:
            hook.remove()
    return int(np.sum(kept))


def _timed(network: nn.Module, rows: Tensor, target_class: int) -> float:
    began = time.perf_counter()
    gradients(network, rows, target_class)
    return time.perf_counter() - began
