"""Amplitude spectrum and power spectral density of a signal."""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import SignalError

FEWEST_SAMPLES = 8
PSD_SEGMENTS = 16
"""A density over the whole signal is averaged over about twice as many segments as this."""


class Window(enum.StrEnum):
    """Weight that fades a stretch of signal out at both ends, so that tones do not smear."""

    HANN = "hann"
    FLAT_TOP = "flattop"
    RECTANGULAR = "boxcar"


@dataclass(frozen=True)
class Spectrum:
    """Values over frequency: ``frequencies_hz`` (bins,) and ``values`` (..., bins)."""

    frequencies_hz: NDArray[np.float64]
    values: NDArray[np.float64]

    @property
    def resolution_hz(self) -> float:
        """Distance of two lines. Tones closer than about twice this cannot be told apart."""
        return float(self.frequencies_hz[1] - self.frequencies_hz[0])


def amplitude_spectrum(
    samples: NDArray[np.floating],
    sample_rate_hz: float,
    window: Window = Window.HANN,
) -> Spectrum:
    """Peak amplitude of the sine at each frequency, in the unit of the signal.

    A sine of amplitude A that lies on a line is shown as A, whatever the length of the
    signal and the window; between two lines it is lower by at most 1.4 dB (Hann), 0.01 dB
    (flat top) or 3.92 dB (rectangular). Read tones from it: imbalance, gear mesh, line
    frequency. Do not read noise from it, since the height of a noise floor depends on
    the length of the signal; :func:`power_spectral_density` is made for that.

    The mean is taken off first, so a sensor's offset does not show. The sum of the
    window's weights is divided out. All lines but 0 Hz and the Nyquist frequency count
    double, since their mirror images are left out.

    Parameters
    ----------
    samples : array of shape (..., samples)
        In any unit.
    sample_rate_hz : float
        Above 0.
    window : Window
        Hann for tones that are near each other, flat top for exact amplitudes.

    Returns
    -------
    Spectrum
        From 0 Hz to half the sampling rate in steps of ``sample_rate_hz / samples``;
        values of shape (..., samples // 2 + 1), 0 to peak, in the unit of the signal.

    Raises
    ------
    SignalError
        If a row has fewer than 8 samples, a value is not finite or the rate is not above 0.

    Examples
    --------
    >>> time_s = np.arange(1000) / 1000
    >>> spectrum = amplitude_spectrum(2.5 + 3 * np.sin(2 * np.pi * 50 * time_s), 1000)
    >>> line = spectrum.values.argmax()
    >>> float(spectrum.frequencies_hz[line]), float(spectrum.values[line].round(6))
    (50.0, 3.0)
    """
    from scipy import fft
    from scipy.signal import get_window

    check(samples, sample_rate_hz)
    count = samples.shape[-1]
    weights = get_window(window.value, count)
    centred = samples - np.mean(samples, axis=-1, keepdims=True, dtype=np.float64)
    centred *= weights
    values = np.abs(fft.rfft(centred, axis=-1, overwrite_x=True))
    values *= 2.0 / weights.sum()
    values[..., 0] /= 2.0
    if count % 2 == 0:
        values[..., -1] /= 2.0
    return Spectrum(np.arange(values.shape[-1]) * (sample_rate_hz / count), values)


def power_spectral_density(
    samples: NDArray[np.floating],
    sample_rate_hz: float,
    samples_per_segment: int | None = None,
) -> Spectrum:
    """Power per hertz, averaged over overlapping segments (Welch's method) [1]_.

    Noise has the same height whatever the length of the signal, and the area under the
    curve between two frequencies is the mean square of the vibration there. Read wear,
    friction, cavitation and resonances from it. Tones appear as peaks whose height
    depends on the resolution; :func:`amplitude_spectrum` is made for those.

    Hann window, half overlap, the mean of each segment taken off, one-sided.

    Parameters
    ----------
    samples : array of shape (..., samples)
        In any unit.
    sample_rate_hz : float
        Above 0.
    samples_per_segment : int, optional
        A longer segment gives a finer resolution and a rougher curve. By default the
        power of two that gives about 16 segments or more, between 256 and 65 536, and
        the whole signal when that is shorter.

    Returns
    -------
    Spectrum
        From 0 Hz to half the sampling rate; values in unit²/Hz, at least 0.

    Raises
    ------
    SignalError
        If a row has fewer than 8 samples, a value is not finite, the rate is not above 0
        or the segment is shorter than 8 samples or longer than the signal.

    References
    ----------
    .. [1] P. Welch, "The use of the fast Fourier transform for the estimation of power
       spectra", IEEE Transactions on Audio and Electroacoustics 15(2), 70-73, 1967.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(scale=2.0, size=100_000)
    >>> density = power_spectral_density(noise, 1000)
    >>> float((density.values.sum() * density.resolution_hz).round(1))
    4.0
    """
    from scipy.signal import welch

    check(samples, sample_rate_hz)
    length = segment_length(samples.shape[-1], samples_per_segment)
    frequencies_hz, values = welch(
        np.asarray(samples, dtype=np.float64), sample_rate_hz, "hann", length, axis=-1
    )
    return Spectrum(frequencies_hz, values)


def segment_length(sample_count: int, wanted: int | None) -> int:
    """Samples of one segment: the wanted number, checked, or one that suits the signal.

    Raises
    ------
    SignalError
        If the wanted number is below 8 or above the number of samples.

    Examples
    --------
    >>> segment_length(1_000_000, None), segment_length(100, None), segment_length(5000, 512)
    (65536, 100, 512)
    """
    if wanted is None:
        power = round(np.log2(max(sample_count / PSD_SEGMENTS, 256)))
        return int(min(2**power, 65_536, sample_count))
    if not FEWEST_SAMPLES <= wanted <= sample_count:
        raise SignalError(
            f"A segment must have between {FEWEST_SAMPLES} samples and the {sample_count} "
            f"of the signal, got {wanted}."
        )
    return wanted


def check(samples: NDArray[np.floating], sample_rate_hz: float) -> None:
    """Refuse what no spectrum can be made of.

    Raises
    ------
    SignalError
        If a row has fewer than 8 samples, a value is not finite or the rate is not above 0.
    """
    if not (np.isfinite(sample_rate_hz) and sample_rate_hz > 0):
        raise SignalError(f"The sampling rate must be above 0 Hz, got {sample_rate_hz:g} Hz.")
    count = samples.shape[-1] if samples.ndim else 0
    if count < FEWEST_SAMPLES:
        raise SignalError(f"This needs {FEWEST_SAMPLES} samples or more, got {count}.")
    if not np.isfinite(samples).all():
        raise SignalError("The signal has values that are not finite.")
