"""Changes to training windows that another day, sensor or mounting could have made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import TrainingError

Windows = NDArray[np.float32]

LOWEST_SNR_DB, HIGHEST_SNR_DB = -20.0, 80.0
HIGHEST_GAIN_DB = 40.0
LONGEST_SHIFT = 0.5
LONGEST_MASK = 0.5
HIGHEST_MIXUP = 10.0


@dataclass(frozen=True)
class Augmentation:
    """What is changed in each training window, drawn anew each time that it is seen.

    Validation and test windows are never changed. Whatever stays at its default is left alone.

    Parameters
    ----------
    noise_snr_db : tuple of float
        Lowest and highest ratio of signal to added white noise, in dB of the RMS values
        without the mean; each window and channel gets one, drawn evenly between them. Empty
        for no noise. Stands for worse sensors and louder neighbours.
    gain_db : float
        Greatest change of the level, in dB up and down, one for all channels of a window.
        Stands for other sensors and mountings. It has no effect where each window is
        normalised by itself.
    shift : float
        Greatest part of the window by which it is turned round, what leaves at one end coming
        in at the other; 0 to 0.5. Stands for another moment of the same vibration; the seam
        is a step that the recording does not have.
    polarity : float
        How likely the sign of all channels changes, 0 to 1. Stands for a sensor that is
        mounted the other way round.
    mask : float
        Longest part of the window that is replaced by its mean, 0 to 0.5. Keeps a network
        from relying on one place.
    mixup : float
        Two windows and their classes are mixed by a share drawn from Beta(mixup, mixup) [1]_;
        0 for none, 0.2 for little.

    Raises
    ------
    TrainingError
        If a value is out of bounds.

    References
    ----------
    .. [1] H. Zhang, M. Cisse, Y. N. Dauphin and D. Lopez-Paz, "mixup: Beyond empirical risk
       minimization", ICLR 2018.

    Examples
    --------
    >>> Augmentation().is_idle, Augmentation(polarity=0.5).is_idle
    (True, False)
    """

    noise_snr_db: tuple[float, ...] = ()
    gain_db: float = 0.0
    shift: float = 0.0
    polarity: float = 0.0
    mask: float = 0.0
    mixup: float = 0.0

    def __post_init__(self) -> None:
        if self.noise_snr_db:
            _check_noise(self.noise_snr_db)
        for name, title, high in _BOUNDS:
            value = getattr(self, name)
            if not 0 <= value <= high:
                raise TrainingError(f"The {title} must be from 0 to {high:g}, got {value:g}.")

    @property
    def is_idle(self) -> bool:
        """Whether windows stay as they are."""
        return self == Augmentation()

    @property
    def changes_windows(self) -> bool:
        """Whether single windows are changed, and not only mixed."""
        return any(getattr(self, one.name) for one in fields(self) if one.name != "mixup")

    def apply(self, windows: Windows, rng: np.random.Generator) -> Windows:
        """Changed copies of windows in the unit of the signal, but for the mixing.

        Parameters
        ----------
        windows : array of shape (windows, channels, samples)
        rng : Generator

        Returns
        -------
        array of the same shape, float32

        Examples
        --------
        >>> windows = np.array([[[1.0, 2.0, 3.0, 4.0]]], dtype=np.float32)
        >>> Augmentation(polarity=1.0).apply(windows, np.random.default_rng(0))
        array([[[-1., -2., -3., -4.]]], dtype=float32)
        """
        changed = windows.copy()
        if self.shift:
            changed = _shifted(changed, self.shift, rng)
        if self.polarity:
            turned = rng.random(len(changed)) < self.polarity
            changed[turned] *= -1
        if self.gain_db:
            gains_db = rng.uniform(-self.gain_db, self.gain_db, (len(changed), 1, 1))
            changed *= (10 ** (gains_db / 20)).astype(np.float32)
        if self.noise_snr_db:
            _add_noise(changed, self.noise_snr_db, rng)
        if self.mask:
            _mask(changed, self.mask, rng)
        return changed

    def partners(self, count: int, rng: np.random.Generator) -> tuple[NDArray[np.int64], Windows]:
        """With which other window each of a batch is mixed, and the share that it keeps.

        Returns
        -------
        array of shape (count,)
            Positions in the batch.
        array of shape (count,), float32
            From 0.5 to 1, so that each window stays the larger part of its mixture.
        """
        shares = rng.beta(self.mixup, self.mixup, count)
        return rng.permutation(count), np.maximum(shares, 1 - shares).astype(np.float32)


_BOUNDS: tuple[tuple[str, str, float], ...] = (
    ("gain_db", "gain in dB", HIGHEST_GAIN_DB),
    ("shift", "shift, as a part of the window,", LONGEST_SHIFT),
    ("polarity", "probability of another polarity", 1.0),
    ("mask", "masked part of the window", LONGEST_MASK),
    ("mixup", "mixup", HIGHEST_MIXUP),
)


def _check_noise(span: Sequence[float]) -> None:
    if len(span) != 2:
        raise TrainingError(
            f"Noise needs the lowest and the highest signal-to-noise ratio, got {len(span)}"
            f" {'value' if len(span) == 1 else 'values'}."
        )
    low, high = span
    if not LOWEST_SNR_DB <= low <= high <= HIGHEST_SNR_DB:
        raise TrainingError(
            f"The signal-to-noise ratio must go up from {LOWEST_SNR_DB:g} dB or more to"
            f" {HIGHEST_SNR_DB:g} dB or less, got {low:g} to {high:g} dB."
        )


def _shifted(windows: Windows, longest: float, rng: np.random.Generator) -> Windows:
    """Turned round by a different number of samples each."""
    count, _, length = windows.shape
    most = int(longest * length)
    steps = rng.integers(-most, most + 1, (count,))
    places = (np.arange(length) - steps[:, None]) % length
    turned: Windows = np.take_along_axis(windows, places[:, None, :], axis=2)
    return turned


def _add_noise(windows: Windows, span_db: Sequence[float], rng: np.random.Generator) -> None:
    low, high = span_db
    levels_db = rng.uniform(low, high, (*windows.shape[:2], 1))
    deviation = windows.std(axis=2, keepdims=True, dtype=np.float64)
    scale = (deviation * 10 ** (-levels_db / 20)).astype(np.float32)
    windows += scale * rng.standard_normal(windows.shape, dtype=np.float32)


def _mask(windows: Windows, longest: float, rng: np.random.Generator) -> None:
    count, _, length = windows.shape
    widths = rng.integers(0, int(longest * length) + 1, (count,))
    starts = rng.integers(0, length - widths + 1, (count,))
    means = windows.mean(axis=2, keepdims=True)
    for place in range(count):
        start, stop = int(starts[place]), int(starts[place] + widths[place])
        windows[place, :, start:stop] = means[place]
