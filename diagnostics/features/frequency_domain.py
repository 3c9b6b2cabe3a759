"""Features of the spectrum, one number per row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagnostics.signals.spectrum import amplitude_spectrum


def dominant_frequency(samples: NDArray[np.floating], sample_rate_hz: float) -> NDArray[np.float64]:
    """Frequency of the highest line of the amplitude spectrum of each row.

    Names what the machine does most: the shaft speed under imbalance, gear mesh, line
    frequency, or a resonance that impacts ring at. Of two lines of like height it may jump
    from one to the other between recordings, and of noise it says nothing.

    Parameters
    ----------
    samples : array of shape (..., samples)
        In any unit; the mean is taken off.
    sample_rate_hz : float
        Above 0.

    Returns
    -------
    array of shape (...,)
        Hz, between 0 and half the sampling rate, to the resolution
        ``sample_rate_hz / samples``. A constant row gives 0.

    Raises
    ------
    SignalError
        If a row has fewer than 8 samples, a value is not finite or the rate is not above 0.

    Examples
    --------
    >>> time_s = np.arange(1000) / 1000
    >>> float(dominant_frequency(np.sin(2 * np.pi * 50 * time_s), 1000))
    50.0
    """
    spectrum = amplitude_spectrum(samples, sample_rate_hz)
    highest = spectrum.frequencies_hz[spectrum.values.argmax(axis=-1)]
    result: NDArray[np.float64] = np.where(_vibrates(samples), highest, 0.0)
    return result


def spectral_centroid(samples: NDArray[np.floating], sample_rate_hz: float) -> NDArray[np.float64]:
    """Mean frequency of each row, weighted by power.

    Where the vibration has its centre of gravity: impacts, rubbing and poor lubrication
    excite resonances and pull it up, imbalance pulls it down. The sensor's mounting and the
    sampling rate shape it as much as the machine does; compare within one measuring point.

    Parameters
    ----------
    samples : array of shape (..., samples)
        In any unit; the mean is taken off.
    sample_rate_hz : float
        Above 0.

    Returns
    -------
    array of shape (...,)
        Hz, between 0 and half the sampling rate. A constant row gives 0. Power is the
        weight, not amplitude as in some libraries, so the figure does not depend on the
        length of the recording.

    Raises
    ------
    SignalError
        If a row has fewer than 8 samples, a value is not finite or the rate is not above 0.

    Examples
    --------
    >>> time_s = np.arange(1000) / 1000
    >>> two = np.sin(2 * np.pi * 100 * time_s) + np.sin(2 * np.pi * 300 * time_s)
    >>> float(spectral_centroid(two, 1000).round(6))
    200.0
    """
    spectrum = amplitude_spectrum(samples, sample_rate_hz)
    power = spectrum.values**2
    total = power.sum(axis=-1)
    result: NDArray[np.float64] = np.zeros_like(total)
    np.divide(power @ spectrum.frequencies_hz, total, out=result, where=_vibrates(samples))
    return result


def _vibrates(samples: NDArray[np.floating]) -> NDArray[np.bool_]:
    """False for constant rows, whose spectrum is a rest of rounding."""
    result: NDArray[np.bool_] = np.ptp(samples, axis=-1) > 0
    return result
