"""Power spectral density over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.signals.spectrum import Window, check, overlapping_samples, segment_length


@dataclass(frozen=True)
class Spectrogram:
    """``values`` (frequencies, times) in unit²/Hz; ``times_s`` are the middles of segments."""

    frequencies_hz: NDArray[np.float64]
    times_s: NDArray[np.float64]
    values: NDArray[np.float64]


def spectrogram(
    samples: NDArray[np.floating],
    sample_rate_hz: float,
    samples_per_segment: int = 256,
    overlap: float = 0.5,
    window: Window = Window.HANN,
) -> Spectrogram:
    """Power spectral density of one short segment after the other.

    Shows what a spectrum over the whole signal smears: run-ups, impacts (vertical
    stripes), resonances (horizontal bands that stay), speed changes (slanting lines). A
    longer segment tells frequencies apart better and times worse; the product of both
    resolutions is fixed.

    The mean of each segment is taken off; one-sided; scaled as
    :func:`diagnostics.signals.spectrum.power_spectral_density`, whose values are the mean
    of these over time.

    Parameters
    ----------
    samples : array of shape (samples,)
        In any unit.
    sample_rate_hz : float
        Above 0.
    samples_per_segment : int
        Between 8 and the number of samples.
    overlap : float
        Share of a segment that the next one has, too: 0 to 0.95. More of it makes the
        picture smoother in time, not sharper.
    window : Window

    Returns
    -------
    Spectrogram
        Values of shape (samples_per_segment // 2 + 1, segments), in unit²/Hz, at least 0.

    Raises
    ------
    SignalError
        If there are fewer than 8 samples, a value is not finite, the rate is not above 0
        or the length of the segment or the overlap is out of range.

    Examples
    --------
    >>> time_s = np.arange(4000) / 1000
    >>> result = spectrogram(np.sin(2 * np.pi * (50 + 100 * (time_s > 2)) * time_s), 1000, 100)
    >>> loudest = result.frequencies_hz[result.values.argmax(axis=0)]
    >>> float(loudest[0]), float(loudest[-1])
    (50.0, 150.0)
    """
    import scipy.signal

    check(samples, sample_rate_hz)
    length = segment_length(samples.shape[-1], samples_per_segment)
    frequencies_hz, times_s, values = scipy.signal.spectrogram(
        np.asarray(samples, dtype=np.float64),
        sample_rate_hz,
        window.value,
        length,
        overlapping_samples(length, overlap),
        detrend="constant",
    )
    return Spectrogram(frequencies_hz, times_s, values)
