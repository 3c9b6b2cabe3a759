"""A part of a spectrum with as many lines as one likes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import SignalError
from diagnostics.signals.spectrum import Detector, Spectrum, Window, check

MOST_LINES = 100_000


def zoom_spectrum(
    samples: NDArray[np.floating],
    sample_rate_hz: float,
    low_hz: float,
    high_hz: float,
    lines: int = 2_000,
    window: Window = Window.HANN,
    detector: Detector = Detector.PEAK,
) -> Spectrum:
    """Amplitude spectrum between two frequencies, at lines as near as wanted.

    The same spectrum as :func:`diagnostics.signals.spectrum.amplitude_spectrum`, computed at
    frequencies in between, too (chirp z-transform [1]_). The top of a tone is met, so its
    frequency and amplitude can be read off without the loss between two lines; sidebands
    near a gear mesh or twice the line frequency show their shape. Two tones are told apart
    by the *length* of the signal alone: lines nearer than the inverse of its duration draw
    the same peak more smoothly.

    Parameters
    ----------
    samples : array of shape (..., samples)
        In any unit. The mean is taken off.
    sample_rate_hz : float
        Above 0.
    low_hz, high_hz : float
        From 0 Hz to half the sampling rate. Both have a line.
    lines : int
        2 to 100 000.
    window : Window
    detector : Detector

    Returns
    -------
    Spectrum
        Values of shape (..., lines), at least 0, in the unit of the signal.

    Raises
    ------
    SignalError
        If there are fewer than 8 samples, a value is not finite, or the rate, the
        frequencies or the number of lines are out of range.

    References
    ----------
    .. [1] L. R. Rabiner, R. W. Schafer and C. M. Rader, "The chirp z-transform algorithm and
       its application", Bell System Technical Journal 48(5), 1249-1292, 1969.

    Examples
    --------
    >>> tone = 3 * np.sin(2 * np.pi * 50.37 * np.arange(2_000) / 1_000)
    >>> spectrum = zoom_spectrum(tone, 1_000, 48, 52, 401)
    >>> line = spectrum.values.argmax()
    >>> round(float(spectrum.frequencies_hz[line]), 2), float(spectrum.values[line].round(3))
    (50.37, 3.0)
    """
    from scipy.signal import zoom_fft

    check(samples, sample_rate_hz)
    if not 0 <= low_hz < high_hz <= sample_rate_hz / 2:
        raise SignalError(
            f"The zoomed part must lie between 0 and {sample_rate_hz / 2:g} Hz and end above "
            f"its beginning, got {low_hz:g} to {high_hz:g} Hz."
        )
    if not 2 <= lines <= MOST_LINES:
        raise SignalError(f"A zoomed part has 2 to {MOST_LINES} lines, got {lines}.")
    weights = window.weights(samples.shape[-1])
    centred = samples - np.mean(samples, axis=-1, keepdims=True, dtype=np.float64)
    centred *= weights
    values = np.abs(
        zoom_fft(centred, [low_hz, high_hz], lines, fs=sample_rate_hz, endpoint=True, axis=-1)
    )
    frequencies_hz = np.linspace(low_hz, high_hz, lines)
    values *= 2.0 * detector.factor / weights.sum()
    return Spectrum(frequencies_hz, values)
