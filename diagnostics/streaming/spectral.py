"""Windows of a vibration against those of a good beginning: level, shape, and spectrum.

The features are those that stand at the begin of every text on condition monitoring (R. B.
Randall, Vibration-based Condition Monitoring, 2nd edition, Wiley 2021, chapters 2 and 3).
"""

from __future__ import annotations

import numpy as np
from scipy.special import stdtr

from diagnostics.streaming.base import Floats, Judged, Settings, cleaned
from diagnostics.streaming.packing import pack, unpack
from diagnostics.streaming.sigmas import deviations_of

_SHAPES = 3
# Of logarithms: features that differ by less than 5 % are the same.
_LEAST = 0.05
_SILENT = 1e-12
_RAREST = 1e-300


class WindowSpectra:
    """Compares RMS, crest factor, kurtosis and the levels of bands with a baseline.

    The points are samples at a steady rate. Each ``window_size`` of them become a window; the
    first ``baseline_windows`` say what is usual. A window is judged at its last point by its most
    unusual feature, as a deviation that is as rare as it is among so many features and against so
    few windows; the other points have the score 0. Says that level, impacts or the spectrum of a
    column have changed, and never learns a change. Misleads when speed or load change: take a
    session for each state.
    """

    def __init__(self, settings: Settings) -> None:
        size, columns = settings.window_size, settings.column_count
        self._bands = min(int(settings.config["bands"]), size // 2)
        self._limit = settings.threshold
        self._open = np.empty((0, columns))
        self._size = size
        self._baseline = int(settings.config["baseline_windows"])
        self._usual = np.empty((0, columns, _SHAPES + self._bands))
        # Mean and variance of the values of each window of the baseline: told, not judged by.
        self._levels = np.zeros((0, 2, columns))

    def judge(self, points: Floats) -> Judged:
        values = cleaned(points)
        scores = np.zeros(values.shape)
        begin = 0
        while begin < len(values):
            end = min(len(values), begin + self._size - len(self._open))
            self._open = np.concatenate([self._open, values[begin:end]])
            if len(self._open) == self._size:
                scores[end - 1] = self._judge_window()
                self._open = self._open[:0]
            begin = end
        expected, spread = (np.broadcast_to(one, values.shape) for one in self._told())
        return Judged(scores.max(axis=1), self._limit, expected, spread, scores)

    def state(self) -> bytes:
        return pack({}, {"open": self._open, "usual": self._usual, "levels": self._levels})

    def load(self, data: bytes) -> None:
        _, arrays = unpack(data)
        self._open, self._usual, self._levels = (arrays[n] for n in ("open", "usual", "levels"))

    def _judge_window(self) -> Floats:
        """The score of each column; 0 while the baseline is gathered."""
        found = features(self._open, self._bands)
        if len(self._usual) < self._baseline:
            self._usual = np.concatenate([self._usual, found[None]])
            self._levels = np.concatenate([self._levels, _level(self._open)[None]])
            return np.zeros(self._open.shape[1])
        count, kinds = len(self._usual), found.shape[1]
        # The mean of so few windows is uncertain itself, and their deviation, too: Student's t.
        spread = self._usual.std(axis=0, ddof=1) * np.sqrt(1.0 + 1.0 / count)
        away = np.abs(found - self._usual.mean(axis=0)) / np.maximum(spread, _LEAST)
        chance = 2.0 * kinds * stdtr(count - 1, -away.max(axis=1))
        return deviations_of(np.log(np.maximum(chance, _RAREST)))

    def _told(self) -> tuple[Floats, Floats]:
        """Mean and deviation of the values of the baseline."""
        if not len(self._levels):
            return np.zeros(self._open.shape[1]), np.zeros(self._open.shape[1])
        means, variances = self._levels[:, 0], self._levels[:, 1]
        return means.mean(axis=0), np.sqrt(variances.mean(axis=0) + means.var(axis=0))


def _level(window: Floats) -> Floats:
    known = ~np.isnan(window)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, window, 0.0).sum(axis=0) / count
    away = np.where(known, window - mean, 0.0)
    return np.stack([mean, (away**2).sum(axis=0) / count])


def features(window: Floats, bands: int) -> Floats:
    """Logarithms of RMS, crest factor, kurtosis, and RMS of equal bands: (columns, features).

    Parameters
    ----------
    window : ndarray, shape (n, columns)
        NaN counts as the mean of its column.
    """
    known = ~np.isnan(window)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, window, 0.0).sum(axis=0) / count
    away = np.where(known, window - mean, 0.0)
    largest = np.maximum(np.abs(away).max(axis=0), _SILENT)
    scaled = away / largest  # fourth powers of large numbers cannot be held
    power = np.maximum((scaled**2).mean(axis=0), _SILENT)
    rms = np.sqrt(power)
    kurtosis = np.maximum((scaled**4).mean(axis=0) / power**2, _SILENT)
    shapes = [rms * largest, np.abs(scaled).max(axis=0) / rms, kurtosis]
    taper = np.hanning(len(window))[:, None]
    lines = np.abs(np.fft.rfft(scaled * taper, axis=0)[1:]) ** 2
    parts = [part.mean(axis=0) for part in np.array_split(lines, bands)]
    levels = [largest * np.sqrt(part / (taper**2).sum()) for part in parts]
    found: Floats = np.log(np.maximum(np.stack([*shapes, *levels], axis=1), _SILENT))
    return found
