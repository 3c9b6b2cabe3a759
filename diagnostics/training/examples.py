"""A training window as it is, and as augmentation changes it: to be looked at before a start."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.training.augmentation import Augmentation
from diagnostics.training.split import Candidate
from diagnostics.training.windows import WindowSet

Row = NDArray[np.float32]


@dataclass(frozen=True)
class Examples:
    """One window of the first channel, in its unit.

    Attributes
    ----------
    recording, other : Candidate
        Which the window is from, and the one that it is mixed with, where it is.
    start_s : float
        Where the window begins in the recording.
    original : array of shape (samples,)
    changed : array of shape (examples, samples)
    kept : array of shape (examples,)
        Share that the window keeps of each mixture; 1 without mixup.
    """

    recording: Candidate
    other: Candidate
    start_s: float
    original: Row
    changed: NDArray[np.float32]
    kept: Row


def augmentation_examples(
    windows: WindowSet, augmentation: Augmentation, seed: int, count: int = 3
) -> Examples:
    """One of the windows, changed several times as in training.

    Parameters
    ----------
    windows : WindowSet
        Of the training side.
    augmentation : Augmentation
    seed : int
        Another one shows another window and other changes.
    count : int

    Returns
    -------
    Examples
    """
    rng = np.random.default_rng(seed)
    place, partner = (int(one) for one in rng.integers(0, len(windows), 2))
    both = windows.read([place, partner])[:, :1]
    changed = augmentation.apply(np.repeat(both, count, axis=0), rng)
    kept = np.ones(count, dtype=np.float32)
    if augmentation.mixup:
        _, kept = augmentation.partners(count, rng)
    mixed = kept[:, None] * changed[:count, 0] + (1 - kept[:, None]) * changed[count:, 0]
    return Examples(
        windows.recordings[windows.owner[place]],
        windows.recordings[windows.owner[partner]],
        float(windows.start[place] / windows.sample_rate_hz),
        both[0, 0],
        mixed,
        kept,
    )
