"""Spectral residual: how far the end of a window stands out of what its spectrum leads to expect.

The log amplitudes of a window without their average over neighbouring frequencies are its
spectral residual. Brought back to time with the phases of the window it is the saliency map,
which is high where something new begins. The score is by how much the saliency of the row that is
judged exceeds the mean of those before it. Rows that are guessed along the slopes before it follow
it, for at the very end of a window the map says little. (Guessed along slopes to the judged row
itself, as the paper writes, a single peak would go on as a step and not stand out.)
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from diagnostics.detectors.algorithm import Config, Scores, State, Values, need
from diagnostics.detectors.series import from_the_start, in_parts, need_length, windows
from diagnostics.progress import Progress, Report

# As in the paper: frequencies that are averaged, rows that the mean is over, rows that the slope
# is guessed from, and rows that are guessed.
_SMOOTHED, _MEAN_OVER, _SLOPES, _GUESSED = 3, 21, 5, 5
# An amplitude below, in robust deviations for each row, is noise of the arithmetic.
_SILENT = 1e-6
# Cells of windows, of which several complex arrays are made.
_AT_ONCE = 400_000
# Of a map without any saliency; 1 is that of a single stroke.
_LEAST = 1e-3


@dataclass(frozen=True, eq=False)
class Residual:
    """What is kept: the algorithm learns no more than which scores are usual.

    Attributes
    ----------
    length : int
        Of a window.
    usual : array of shape (columns,)
        Terms of an ordinary window.
    """

    length: int
    usual: Values

    @property
    def before(self) -> int:
        return self.length - 1

    def scores(self, values: Values) -> Scores:
        found: Scores = self.terms(values).sum(axis=1)
        return found

    def terms(self, values: Values) -> Values:
        """Relative excess of the saliency of the last row of each window, by column."""
        found = self.of_windows(windows(values, self.length))
        return from_the_start(found, self.usual, len(values))

    def of_windows(self, cut: Values) -> Values:
        parts = [np.empty((0, len(self.usual)))]
        parts += [
            _excess(saliency(_extended(part)), self.length) for part in in_parts(cut, _AT_ONCE)
        ]
        return np.concatenate(parts)

    def contributions(self, values: Values) -> Values:
        return self.terms(values)

    def state(self) -> State:
        return State({"length": self.length}, {"usual": self.usual})


def fit(values: Values, config: Config, report: Report) -> tuple[Residual, Scores]:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    length = int(config["window"])
    need_length(values, length)
    report(Progress("fit", 0, 1, "looking at windows"))
    rough = Residual(length, np.zeros(values.shape[1]))
    terms = rough.of_windows(windows(values, length))
    model = replace(rough, usual=np.median(terms, axis=0))
    return model, from_the_start(terms, model.usual, len(values)).sum(axis=1)


def load(state: State) -> Residual:
    """See :class:`diagnostics.detectors.algorithm.Algorithm`."""
    usual, length = state.arrays["usual"], int(state.settings["length"])
    need(usual.ndim == 1 and usual.size > 0 and length > _SLOPES)
    return Residual(length, usual)


def saliency(cut: Values) -> Values:
    """The saliency map of each window: shape (..., length), as ``cut``.

    Examples
    --------
    >>> quiet = np.sin(np.arange(64) / 3)
    >>> quiet[40] += 5
    >>> int(saliency(quiet).argmax())
    40
    """
    spectrum = np.fft.fft(cut, axis=-1)
    amplitudes = np.abs(spectrum)
    silent = amplitudes <= _SILENT * cut.shape[-1]
    logs = np.log(np.where(silent, 1.0, amplitudes))
    side = _SMOOTHED // 2
    average = sum(np.roll(logs, step, axis=-1) for step in range(-side, side + 1)) / _SMOOTHED
    phases = spectrum / np.where(silent, 1.0, amplitudes)
    residual = np.where(silent, 0.0, np.exp(logs - average) * phases)
    found: Values = np.abs(np.fft.ifft(residual, axis=-1))
    return found


def _extended(cut: Values) -> Values:
    """Windows with some more rows, along the mean slope to the row before the judged one."""
    back = np.arange(1, _SLOPES + 1)
    slope = ((cut[..., -2:-1] - cut[..., -2 - back]) / back).mean(axis=-1, keepdims=True)
    guess = cut[..., -_SLOPES - 1, None] + slope * _SLOPES
    return np.concatenate([cut, np.repeat(guess, _GUESSED, axis=-1)], axis=-1)


def _excess(of_maps: Values, length: int) -> Values:
    before = of_maps[..., max(0, length - 1 - _MEAN_OVER) : length - 1].mean(axis=-1)
    found: Values = (of_maps[..., length - 1] - before) / (before + _LEAST)
    return found
