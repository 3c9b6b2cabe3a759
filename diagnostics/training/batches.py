"""Training windows batch by batch, with what they teach, and so that rare classes count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from diagnostics.training.augmentation import Augmentation
from diagnostics.training.head_scale import HeadScale, on_scale
from diagnostics.training.normalisation import Normaliser
from diagnostics.training.windows import Windows, WindowSet


class Batch(NamedTuple):
    """Normalised windows, the number of the class of each, and what its heads should say.

    ``known`` has shape (windows, heads), on the scale of the heads; NaN where nothing is known.
    """

    windows: Tensor
    targets: Tensor
    known: Tensor


class Batches:
    """Normalised windows as tensors: all in memory, or read and normalised batch by batch.

    Windows that are changed in training are normalised after the change, as a window would
    be that had come so from the machine.
    """

    def __init__(
        self,
        windows: WindowSet,
        normaliser: Normaliser,
        memory_limit: int,
        augmentation: Augmentation | None = None,
        scales: Sequence[HeadScale] = (),
    ) -> None:
        self._windows = windows
        self._normaliser = normaliser
        self._augmentation = None
        if augmentation is not None and augmentation.changes_windows:
            self._augmentation = augmentation
        self._classes = torch.from_numpy(windows.targets)
        quantities = windows.known([scale.name for scale in scales])
        self._known = torch.from_numpy(on_scale(scales, quantities))
        self._kept: Windows | None = None
        if windows.nbytes <= memory_limit:
            every = windows.read_all()
            self._kept = every if self._augmentation else normaliser.apply(every)

    def __len__(self) -> int:
        return len(self._windows)

    @property
    def targets(self) -> NDArray[np.int64]:
        return self._windows.targets

    def batch(self, indices: NDArray[np.int64], rng: np.random.Generator | None = None) -> Batch:
        """Some windows, changed by the generator where that is wanted."""
        kept = self._kept
        windows = self._windows.read(indices) if kept is None else kept[indices]
        if self._augmentation is not None and rng is not None:
            windows = self._augmentation.apply(windows, rng)
        if kept is None or self._augmentation is not None:
            windows = self._normaliser.apply(windows)
        chosen = torch.from_numpy(indices)
        return Batch(torch.from_numpy(windows), self._classes[chosen], self._known[chosen])


def balanced_weights(targets: NDArray[np.int64], classes: int) -> Tensor:
    """A weight for each class so that all count alike, with a mean of 1 over the windows.

    A class without windows gets 1: it can occur in validation only.

    Examples
    --------
    >>> balanced_weights(np.array([0, 0, 0, 1]), 2)
    tensor([0.6667, 2.0000])
    """
    counts = np.bincount(targets, minlength=classes)
    weights = np.ones(classes)
    np.divide(len(targets), np.count_nonzero(counts) * counts, out=weights, where=counts > 0)
    return torch.tensor(weights, dtype=torch.float32)


def balanced_order(targets: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """As many windows as there are, drawn so that every class comes equally often.

    Windows of a rare class come several times, some of a common one not at all.

    Examples
    --------
    >>> targets = np.array([0] * 90 + [1] * 10)
    >>> order = balanced_order(targets, np.random.default_rng(0))
    >>> len(order), float(targets[order].mean())
    (100, 0.56)
    """
    likely = 1 / np.bincount(targets)[targets]
    return rng.choice(len(targets), len(targets), p=likely / likely.sum())
