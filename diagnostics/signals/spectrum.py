"""Amplitude spectrum and power spectral density of a signal."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import SignalError

FEWEST_SAMPLES = 8
MOST_OVERLAP = 0.95
PSD_SEGMENTS = 16
"""A density over the whole signal is averaged over about twice as many segments as this."""


class Window(enum.StrEnum):
    """Weight that fades a stretch of signal out at both ends, so that tones do not smear.

    ===========  ============  ================  ==========================================
    window       noise         worst loss of a   for
                 bandwidth     tone between two
                 in lines      lines
    ===========  ============  ================  ==========================================
    Hann         1.50          1.42 dB           nearly everything
    flat top     3.77          0.01 dB           exact amplitudes; blurs neighbours
    Hamming      1.36          1.75 dB           near tones of about the same height
    Blackman     1.73          1.10 dB           a weak tone far below a strong one
    rectangular  1.00          3.92 dB           whole periods, single impacts
    ===========  ============  ================  ==========================================
    """

    HANN = "hann"
    FLAT_TOP = "flattop"
    HAMMING = "hamming"
    BLACKMAN = "blackman"
    RECTANGULAR = "boxcar"

    def weights(self, count: int) -> NDArray[np.float64]:
        """``count`` weights that repeat seamlessly."""
        from scipy.signal import get_window

        weights: NDArray[np.float64] = get_window(self.value, count)
        return weights

    @property
    def noise_bandwidth_lines(self) -> float:
        """How many lines of noise one line takes in: 1 or more.

        Divide a sum of squared lines by it to get the power of noise, or of a tone with its
        neighbours.

        Examples
        --------
        >>> [round(window.noise_bandwidth_lines, 2) for window in Window]
        [1.5, 3.77, 1.36, 1.73, 1.0]
        """
        weights = self.weights(1_024)
        return float(weights.size * np.square(weights).sum() / weights.sum() ** 2)


class Detector(enum.StrEnum):
    """Which number stands for a sine of amplitude A: A, A/√2 or 2·A.

    By custom acceleration is given as peak, velocity as RMS, displacement as peak to peak.
    Read from one line it is right for a sine only: the peak of a signal is no sum of lines.
    """

    PEAK = "peak"
    RMS = "rms"
    PEAK_TO_PEAK = "peak_to_peak"

    @property
    def factor(self) -> float:
        """What the amplitude of a sine is multiplied with."""
        if self is Detector.PEAK_TO_PEAK:
            return 2.0
        return 1.0 if self is Detector.PEAK else math.sqrt(0.5)


@dataclass(frozen=True)
class Spectrum:
    """Values over frequency: ``frequencies_hz`` (bins,) and ``values`` (..., bins).

    ``averages`` is the number of segments that the values were averaged over.
    """

    frequencies_hz: NDArray[np.float64]
    values: NDArray[np.float64]
    averages: int = 1

    @property
    def resolution_hz(self) -> float:
        """Distance of two lines. Tones closer than about twice this cannot be told apart."""
        return float(self.frequencies_hz[1] - self.frequencies_hz[0])


def amplitude_spectrum(
    samples: NDArray[np.floating],
    sample_rate_hz: float,
    window: Window = Window.HANN,
    detector: Detector = Detector.PEAK,
) -> Spectrum:
    """Amplitude of the sine at each frequency, in the unit of the signal.

    A sine of amplitude A that lies on a line is shown as A (as peak), whatever the length of
    the signal and the window; between two lines it is lower by what :class:`Window` says.
    Read tones from it: imbalance, gear mesh, line frequency. Do not read noise from it,
    since the height of a noise floor depends on the length of the signal;
    :func:`power_spectral_density` is made for that.

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
    detector : Detector
        Which number stands for a sine.

    Returns
    -------
    Spectrum
        From 0 Hz to half the sampling rate in steps of ``sample_rate_hz / samples``;
        values of shape (..., samples // 2 + 1), at least 0, in the unit of the signal.

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

    check(samples, sample_rate_hz)
    count = samples.shape[-1]
    weights = window.weights(count)
    centred = samples - np.mean(samples, axis=-1, keepdims=True, dtype=np.float64)
    centred *= weights
    values = np.abs(fft.rfft(centred, axis=-1, overwrite_x=True))
    values *= line_factors(count, weights, detector)
    return Spectrum(np.arange(values.shape[-1]) * (sample_rate_hz / count), values)


def line_factors(
    count: int, weights: NDArray[np.float64], detector: Detector
) -> NDArray[np.float64]:
    """What makes an amplitude of each of the ``count // 2 + 1`` lines of a real transform.

    The lines at 0 Hz and at the Nyquist frequency have no mirror image, and their RMS value
    is their amplitude.

    Examples
    --------
    >>> line_factors(4, np.ones(4), Detector.PEAK).tolist()
    [0.25, 0.5, 0.25]
    """
    factors = np.full(count // 2 + 1, 2.0 * detector.factor / weights.sum())
    alone = 1.0 / (2.0 * (detector.factor if detector is Detector.RMS else 1.0))
    factors[0] *= alone
    if count % 2 == 0:
        factors[-1] *= alone
    return factors


def power_spectral_density(
    samples: NDArray[np.floating],
    sample_rate_hz: float,
    samples_per_segment: int | None = None,
    window: Window = Window.HANN,
    overlap: float = 0.5,
) -> Spectrum:
    """Power per hertz, averaged over overlapping segments (Welch's method) [1]_.

    Noise has the same height whatever the length of the signal, and the area under the
    curve between two frequencies is the mean square of the vibration there. Read wear,
    friction, cavitation and resonances from it. Tones appear as peaks whose height
    depends on the resolution; :func:`amplitude_spectrum` is made for those.

    The mean of each segment is taken off; one-sided; the noise bandwidth of the window is
    divided out. The values of noise scatter by about ``1 / sqrt(averages)`` of their
    height, somewhat more with overlap, since neighbours share samples.

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
    window : Window
        Hann suits noise.
    overlap : float
        Share of a segment that the next one has, too: 0 to 0.95. Beyond one half (Hann) or
        three quarters (flat top) it costs time and adds little.

    Returns
    -------
    Spectrum
        From 0 Hz to half the sampling rate; values in unit²/Hz, at least 0.

    Raises
    ------
    SignalError
        If a row has fewer than 8 samples, a value is not finite, the rate is not above 0,
        the segment is shorter than 8 samples or longer than the signal, or the overlap is
        out of range.

    References
    ----------
    .. [1] P. Welch, "The use of the fast Fourier transform for the estimation of power
       spectra", IEEE Transactions on Audio and Electroacoustics 15(2), 70-73, 1967.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(scale=2.0, size=100_000)
    >>> density = power_spectral_density(noise, 1000)
    >>> float((density.values.sum() * density.resolution_hz).round(1)), density.averages
    (4.0, 23)
    """
    from scipy.signal import welch

    check(samples, sample_rate_hz)
    length = segment_length(samples.shape[-1], samples_per_segment)
    shared = overlapping_samples(length, overlap)
    frequencies_hz, values = welch(
        np.asarray(samples, dtype=np.float64),
        sample_rate_hz,
        window.value,
        length,
        shared,
        axis=-1,
    )
    averages = 1 + (samples.shape[-1] - length) // (length - shared)
    return Spectrum(frequencies_hz, values, averages)


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


def overlapping_samples(samples_per_segment: int, overlap: float) -> int:
    """How many samples a segment shares with the next one.

    Raises
    ------
    SignalError
        If the overlap is below 0 or above 0.95.

    Examples
    --------
    >>> overlapping_samples(1_024, 0.75)
    768
    """
    if not 0 <= overlap <= MOST_OVERLAP:
        raise SignalError(
            f"Segments overlap by 0 to {100 * MOST_OVERLAP:g} %, got {100 * overlap:g} %."
        )
    return int(samples_per_segment * overlap)


def check(
    samples: NDArray[np.floating], sample_rate_hz: float, fewest: int = FEWEST_SAMPLES
) -> None:
    """Refuse what no spectrum can be made of.

    Raises
    ------
    SignalError
        If a row has fewer samples than needed, a value is not finite or the rate is not
        above 0.
    """
    if not (np.isfinite(sample_rate_hz) and sample_rate_hz > 0):
        raise SignalError(f"The sampling rate must be above 0 Hz, got {sample_rate_hz:g} Hz.")
    count = samples.shape[-1] if samples.ndim else 0
    if count < fewest:
        raise SignalError(f"This needs {fewest} samples or more, got {count}.")
    if not np.isfinite(samples).all():
        raise SignalError("The signal has values that are not finite.")
