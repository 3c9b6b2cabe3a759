"""How strongly a band of the signal vibrates over time, and how regularly that swells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import SignalError
from diagnostics.signals.spectrum import (
    Detector,
    Spectrum,
    Window,
    amplitude_spectrum,
    check,
)


@dataclass(frozen=True)
class Band:
    """Frequencies from ``low_hz`` up to ``high_hz``.

    Raises
    ------
    SignalError
        If the lower end is below 0 Hz or the upper end is not above the lower one.
    """

    low_hz: float
    high_hz: float

    def __post_init__(self) -> None:
        if not 0 <= self.low_hz < self.high_hz < np.inf:
            raise SignalError(
                "A band must begin at 0 Hz or above and end above its beginning, "
                f"got {self.low_hz:g} to {self.high_hz:g} Hz."
            )

    @property
    def width_hz(self) -> float:
        return self.high_hz - self.low_hz


def default_band(sample_rate_hz: float) -> Band:
    """A band to begin with: the third to the fifth sixth of what the sampling rate allows.

    Bearing impacts ring at resonances of the structure, most of them at some kilohertz,
    above the tones of shafts and gears and below the sensor's mounting resonance. Where
    exactly differs from machine to machine, so look at the spectrum and choose.

    Examples
    --------
    >>> default_band(12_000)
    Band(low_hz=2000.0, high_hz=5000.0)
    """
    return Band(sample_rate_hz / 6, sample_rate_hz * 5 / 12)


def envelope(
    samples: NDArray[np.floating], sample_rate_hz: float, band: Band
) -> NDArray[np.float64]:
    """Amplitude over time of what lies in the band.

    Band-pass and Hilbert transform in one: the lines of the spectrum inside the band are
    kept without their mirror images, and the magnitude of the signal that they make is the
    envelope [1]_. The filter is exact and delays nothing. The signal is taken to repeat, so
    the first and last ``1 / band.width_hz`` seconds are not to be trusted.

    Parameters
    ----------
    samples : array of shape (..., samples)
        In any unit; acceleration for bearings.
    sample_rate_hz : float
        Above 0.
    band : Band
        Up to half the sampling rate.

    Returns
    -------
    array of shape (..., samples)
        In the unit of the signal, at least 0.

    Raises
    ------
    SignalError
        If there are fewer than 8 samples, a value is not finite, the rate is not above 0,
        the band ends above half of it or holds no line of the spectrum.

    References
    ----------
    .. [1] R. B. Randall and J. Antoni, "Rolling element bearing diagnostics - A tutorial",
       Mechanical Systems and Signal Processing 25(2), 485-520, 2011.

    Examples
    --------
    >>> time_s = np.arange(10_000) / 10_000
    >>> swell = 1 + 0.5 * np.cos(2 * np.pi * 20 * time_s)
    >>> ringing = swell * np.sin(2 * np.pi * 3_000 * time_s)
    >>> bool(np.allclose(envelope(ringing, 10_000, Band(2_000, 4_000)), swell))
    True
    """
    from scipy import fft

    check(samples, sample_rate_hz)
    count = samples.shape[-1]
    first, stop = _lines(count, sample_rate_hz, band)
    lines = fft.rfft(np.asarray(samples, dtype=np.float64), axis=-1)
    analytic = np.zeros((*samples.shape[:-1], count), dtype=np.complex128)
    analytic[..., first:stop] = 2.0 * lines[..., first:stop]
    result: NDArray[np.float64] = np.abs(fft.ifft(analytic, axis=-1, overwrite_x=True))
    return result


def envelope_spectrum(
    samples: NDArray[np.floating],
    sample_rate_hz: float,
    band: Band,
    squared: bool = False,
    window: Window = Window.HANN,
    detector: Detector = Detector.PEAK,
) -> Spectrum:
    """Amplitude spectrum of the envelope of a band: how often it swells, and how much.

    A damaged bearing strikes once for each ball that passes the damage. The strikes are
    too weak to show as a line of their own in the spectrum, but make the ringing of the
    structure swell at that rate, so the defect frequency and its multiples stand up here:
    BPFO for the outer race, BPFI with sidebands at the shaft speed for the inner race,
    2 × BSF with sidebands at FTF for a ball. Lines at the shaft speed alone speak of
    imbalance, looseness or a bent shaft, and no line proves nothing if the band misses
    the resonance.

    Parameters
    ----------
    samples, sample_rate_hz, band
        As for :func:`envelope`.
    squared : bool
        Square the envelope first, which makes a clear line clearer and has no multiples
        that the root adds.
    window, detector
        As for :func:`diagnostics.signals.spectrum.amplitude_spectrum`.

    Returns
    -------
    Spectrum
        From 0 Hz to the width of the band (no faster swell can be seen in it), amplitude
        in the unit of the signal (unit² if squared).

    Raises
    ------
    SignalError
        As :func:`envelope`.

    Examples
    --------
    >>> time_s = np.arange(10_000) / 10_000
    >>> swell = 1 + 0.5 * np.cos(2 * np.pi * 20 * time_s)
    >>> ringing = swell * np.sin(2 * np.pi * 3_000 * time_s)
    >>> spectrum = envelope_spectrum(ringing, 10_000, Band(2_000, 4_000))
    >>> line = spectrum.values.argmax()
    >>> float(spectrum.frequencies_hz[line]), float(spectrum.values[line].round(6))
    (20.0, 0.5)
    """
    swell = envelope(samples, sample_rate_hz, band)
    if squared:
        np.square(swell, out=swell)
    spectrum = amplitude_spectrum(swell, sample_rate_hz, window, detector)
    inside = spectrum.frequencies_hz <= band.width_hz
    return Spectrum(spectrum.frequencies_hz[inside], spectrum.values[..., inside])


def _lines(count: int, sample_rate_hz: float, band: Band) -> tuple[int, int]:
    """First line of the spectrum inside the band, and the first one above it."""
    if band.high_hz > sample_rate_hz / 2:
        raise SignalError(
            f"The band ends at {band.high_hz:g} Hz, above the {sample_rate_hz / 2:g} Hz that "
            f"a sampling rate of {sample_rate_hz:g} Hz can show."
        )
    resolution_hz = sample_rate_hz / count
    # Neither 0 Hz nor the Nyquist frequency has a mirror image that could be left out.
    first = max(1, int(np.ceil(band.low_hz / resolution_hz)))
    stop = min((count + 1) // 2, int(np.floor(band.high_hz / resolution_hz)) + 1)
    if stop - first < 2:
        raise SignalError(
            f"The band from {band.low_hz:g} to {band.high_hz:g} Hz is too narrow for "
            f"{count} samples, whose spectrum has a line each {resolution_hz:.3g} Hz. "
            "Choose a wider band or a longer time."
        )
    return first, stop
