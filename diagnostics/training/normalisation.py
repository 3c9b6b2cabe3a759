"""Bring windows to a common scale, by themselves or by what the training part looked like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from diagnostics.training.config import Normalisation
from diagnostics.training.windows import Windows, WindowSet

_BLOCK = 256


@dataclass(frozen=True)
class Normaliser:
    """What is done to each window before a classifier sees it; kept with the checkpoint.

    By window, each channel of each window gets mean 0 and deviation 1: the classifier then
    sees shapes only, and a sensor of another sensitivity does not matter, but neither does
    the level of vibration. By the training part, mean and deviation of each channel over all
    training windows are used for every window: levels stay comparable, and a sensor with
    another gain looks like another machine.

    Parameters
    ----------
    kind : Normalisation
    mean, deviation : tuple of float
        Of each channel, for ``training``; else empty.
    """

    kind: Normalisation
    mean: tuple[float, ...] = ()
    deviation: tuple[float, ...] = ()

    def apply(self, windows: Windows) -> Windows:
        """The windows on the common scale.

        Parameters
        ----------
        windows : array of shape (windows, channels, samples)

        Returns
        -------
        array of the same shape, float32
            A window without any change becomes zero.

        Examples
        --------
        >>> windows = np.array([[[1.0, 3.0, 1.0, 3.0]]], dtype=np.float32)
        >>> Normaliser(Normalisation.WINDOW).apply(windows)
        array([[[-1.,  1., -1.,  1.]]], dtype=float32)
        """
        if self.kind is Normalisation.TRAINING:
            mean = np.array(self.mean, dtype=np.float32)[:, None]
            deviation = np.array(self.deviation, dtype=np.float32)[:, None]
            scaled: Windows = (windows - mean) / deviation
            return scaled
        # In double precision: single loses the vibration on top of a large offset. Its results
        # are rounded as they come, without a copy of all windows in twice their size.
        mean64 = windows.mean(axis=-1, keepdims=True, dtype=np.float64)
        centred: Windows = np.empty(windows.shape, dtype=np.float32)
        np.subtract(windows, mean64, out=centred, dtype=np.float64, casting="same_kind")
        spread = np.sqrt(np.square(centred).mean(axis=-1, keepdims=True, dtype=np.float64))
        spread[spread == 0] = 1.0
        centred /= spread.astype(np.float32)
        return centred

    def to_dict(self) -> dict[str, Any]:
        return {
            "kind": self.kind.value,
            "mean": list(self.mean),
            "deviation": list(self.deviation),
        }

    @staticmethod
    def from_dict(given: dict[str, Any]) -> Normaliser:
        return Normaliser(
            Normalisation(given["kind"]), tuple(given["mean"]), tuple(given["deviation"])
        )


def fit_normaliser(kind: Normalisation, training: WindowSet) -> Normaliser:
    """The normaliser for a training part, which is read once, block by block, when needed.

    Parameters
    ----------
    kind : Normalisation
    training : WindowSet
        Of the training side only.

    Returns
    -------
    Normaliser
    """
    if kind is Normalisation.WINDOW:
        return Normaliser(kind)
    count, mean, squares = 0, np.zeros(len(training.channels)), np.zeros(len(training.channels))
    for first in range(0, len(training), _BLOCK):
        block = training.read(np.arange(first, min(first + _BLOCK, len(training))))
        rows = block.astype(np.float64).swapaxes(0, 1).reshape(len(mean), -1)
        # Chan, Golub and LeVeque's pairwise update: exact where a plain sum of squares is not.
        size, block_mean = rows.shape[1], rows.mean(axis=1)
        change = block_mean - mean
        squares += np.square(rows - block_mean[:, None]).sum(axis=1)
        squares += change**2 * count * size / (count + size)
        mean += change * size / (count + size)
        count += size
    deviation = np.sqrt(squares / count)
    deviation[deviation == 0] = 1.0
    return Normaliser(kind, tuple(mean.tolist()), tuple(deviation.tolist()))
