"""Amplitude spectra of many short segments as one, in memory that does not grow."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import SignalError
from diagnostics.signals.spectrum import (
    FEWEST_SAMPLES,
    Detector,
    Spectrum,
    Window,
    check,
    line_factors,
    overlapping_samples,
    segment_length,
)

Array = NDArray[np.float64]

_SAMPLES_AT_ONCE = 2**18


class Averaging(enum.StrEnum):
    """What becomes of the segments: their mean power, or the highest they ever were."""

    LINEAR = "linear"
    PEAK_HOLD = "peak_hold"


def averaged_spectrum(
    samples: NDArray[np.floating],
    sample_rate_hz: float,
    samples_per_segment: int | None = None,
    overlap: float = 0.5,
    window: Window = Window.HANN,
    averaging: Averaging = Averaging.LINEAR,
    detector: Detector = Detector.PEAK,
) -> Spectrum:
    """Amplitude spectrum of segment after segment, averaged line by line.

    *Linear* averaging (every segment weighs the same) is the root of the mean square:
    steady tones keep their amplitude, noise settles to a smooth floor, so that weak tones
    stand out which one long spectrum hides among its spikes. It costs resolution, and what
    happens once is nearly averaged away. *Peak hold* keeps the highest value of each line:
    for run-ups and rare events; noise is shown too high, the more so the more segments.

    Parameters
    ----------
    samples : array of shape (..., samples)
        In any unit.
    sample_rate_hz : float
        Above 0.
    samples_per_segment : int, optional
        8 or more, at most the number of samples; the resolution is
        ``sample_rate_hz / samples_per_segment``. By default as for
        :func:`diagnostics.signals.spectrum.power_spectral_density`.
    overlap : float
        Share of a segment that the next one has, too: 0 to 0.95.
    window : Window
    averaging : Averaging
    detector : Detector
        Which number stands for a sine.

    Returns
    -------
    Spectrum
        From 0 Hz to half the sampling rate, at least 0, in the unit of the signal. What is
        left after the last whole segment is not used.

    Raises
    ------
    SignalError
        If a row has fewer than 8 samples, a value is not finite, the rate is not above 0,
        the segment does not fit, or the overlap is out of range.

    Examples
    --------
    >>> time_s = np.arange(10_000) / 1_000
    >>> noise = np.random.default_rng(0).normal(size=10_000)
    >>> spectrum = averaged_spectrum(np.sin(2 * np.pi * 50 * time_s) + noise, 1_000, 1_000)
    >>> float(spectrum.frequencies_hz[spectrum.values.argmax()]), spectrum.averages
    (50.0, 19)
    """
    check(samples, sample_rate_hz)
    length = segment_length(samples.shape[-1], samples_per_segment)
    return averaged_spectrum_of_blocks(
        [samples], sample_rate_hz, length, overlap, window, averaging, detector
    )


def averaged_spectrum_of_blocks(
    blocks: Iterable[NDArray[np.floating]],
    sample_rate_hz: float,
    samples_per_segment: int,
    overlap: float = 0.5,
    window: Window = Window.HANN,
    averaging: Averaging = Averaging.LINEAR,
    detector: Detector = Detector.PEAK,
) -> Spectrum:
    """As :func:`averaged_spectrum`, of a signal that is read block after block.

    Segments reach over the borders of blocks, so the result does not depend on these. No
    more than one block and a few segments are held.

    Parameters
    ----------
    blocks : iterable of arrays of shape (..., samples)
        One after the other in time; of any length.
    sample_rate_hz, samples_per_segment, overlap, window, averaging, detector
        As for :func:`averaged_spectrum`.

    Returns
    -------
    Spectrum

    Raises
    ------
    SignalError
        As :func:`averaged_spectrum`.

    Examples
    --------
    >>> signal = np.random.default_rng(0).normal(size=10_000)
    >>> whole = averaged_spectrum(signal, 1_000, 512)
    >>> parts = averaged_spectrum_of_blocks(np.split(signal, 7 * [0] + [3, 5_000]), 1_000, 512)
    >>> bool(np.allclose(whole.values, parts.values)), whole.averages == parts.averages
    (True, True)
    """
    from scipy import fft

    if samples_per_segment < FEWEST_SAMPLES:
        raise SignalError(
            f"A segment must have {FEWEST_SAMPLES} samples or more, got {samples_per_segment}."
        )
    step = samples_per_segment - overlapping_samples(samples_per_segment, overlap)
    weights = window.weights(samples_per_segment)
    total: Array | None = None
    averages = 0
    for segments in _segments(blocks, sample_rate_hz, samples_per_segment, step):
        centred = segments - segments.mean(axis=-1, keepdims=True)
        centred *= weights
        power = np.square(np.abs(fft.rfft(centred, axis=-1, overwrite_x=True)))
        averages += power.shape[-2]
        joined = np.add if averaging is Averaging.LINEAR else np.maximum
        part: Array = joined.reduce(power, axis=-2)
        total = part if total is None else joined(total, part, out=total)
    if total is None:
        raise SignalError(f"The signal is shorter than a segment of {samples_per_segment} samples.")
    if averaging is Averaging.LINEAR:
        total /= averages
    values = np.sqrt(total) * line_factors(samples_per_segment, weights, detector)
    lines = np.arange(values.shape[-1], dtype=np.float64)
    return Spectrum(lines * (sample_rate_hz / samples_per_segment), values, averages)


def _segments(
    blocks: Iterable[NDArray[np.floating]], sample_rate_hz: float, length: int, step: int
) -> Iterator[Array]:
    """Some segments at a time, of shape (..., segments, length)."""
    waiting: NDArray[np.floating] | None = None
    for block in blocks:
        if block.shape[-1] == 0:
            continue
        check(block, sample_rate_hz, fewest=1)
        waiting = block if waiting is None else np.concatenate([waiting, block], axis=-1)
        if waiting.shape[-1] < length:
            continue
        every = np.lib.stride_tricks.sliding_window_view(waiting, length, axis=-1)
        every = every[..., ::step, :]
        count = every.shape[-2]
        at_once = max(_SAMPLES_AT_ONCE // length, 1)
        for first in range(0, count, at_once):
            yield np.asarray(every[..., first : first + at_once, :], dtype=np.float64)
        waiting = waiting[..., count * step :]
