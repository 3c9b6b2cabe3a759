"""Features of the envelope of a band: how strongly it rings, and how regularly.

The band is that of the context, by default the third to the fifth sixth of half the sampling
rate. Each function takes a :class:`diagnostics.features.batch.Batch` and gives one number per
window, 0 for a constant one.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import SignalError
from diagnostics.features.batch import Batch, kurtosis_of
from diagnostics.features.spectral_lines import Lines, fourier, hann, one_sided

Values = NDArray[np.float64]
FEWEST_LINES = 16
_FADE = 0.1
_ENDS = 32
_SLOWEST_HZ = 1.0


def envelope(batch: Batch) -> Values:
    """Envelope of the band, at a rate that suits the band.

    The lines of the band alone, without their mirror images, make a signal whose magnitude
    is the envelope; moved down to 0 Hz, half as many samples again as the band has lines are
    enough. The band fades out over a tenth of its width at each end, so that nothing
    rings long, and 1/32 of the window is left off at each end: there the window is taken to
    begin anew, and the jump of a strong slow tone would look like a strike.

    Returns
    -------
    array of shape (windows, fewer samples)
        In the unit of the signal, at least 0.

    Raises
    ------
    SignalError
        If the band ends above half the sampling rate or holds fewer than 16 lines.
    """
    from scipy import fft

    transform = batch.share(fourier)
    first, stop = _inside(batch)
    count = _length(first, stop)
    lines = np.empty((len(batch), count), dtype=np.complex128)
    lines[:, stop - first :] = 0.0
    # As pairs of numbers, since weights would be made complex first.
    parts = transform[:, first:stop].view(np.float64)
    weights = _fading(stop - first) * (2 * count / batch.sample_count)
    np.multiply(parts, weights, out=lines[:, : stop - first].view(np.float64))
    analytic = fft.ifft(lines, axis=1, overwrite_x=True)
    kept = fft.prev_fast_len(count - 2 * (count // _ENDS), real=True)
    begin = (count - kept) // 2
    found: Values = np.abs(analytic[:, begin : begin + kept])
    return found


def envelope_lines(batch: Batch) -> Lines:
    """Spectrum of the envelope under a Hann window, as mean squares.

    Up to three quarters of the width of the band: hardly a faster swell can be seen in it.
    """
    from scipy import fft

    swell = batch.share(envelope)
    count = swell.shape[1]
    weights = hann(count)
    transform = fft.rfft((swell - swell.mean(axis=1, keepdims=True)) * weights, axis=1)
    first, stop = _inside(batch)
    whole = _length(first, stop)
    resolution_hz = whole / count / batch.seconds
    scale = 1 / (count * (weights @ weights))
    return Lines(one_sided(transform, count, scale), resolution_hz)


def envelope_rms(batch: Batch) -> Values:
    """Root mean square of the envelope of the band.

    How strongly the resonance in the band is excited: strikes, friction and cavitation raise
    it. √2 times the RMS of the band itself, whatever is in it.

    Commonly the envelope of the whole signal is taken. Its RMS is √2 times that of the
    signal, a second copy of the feature RMS that shows no resonance at all.

    Returns
    -------
    array of shape (windows,)
        In the unit of the signal.

    Examples
    --------
    >>> angle = 2 * np.pi * np.arange(20_480) / 20_480
    >>> wave = 10 * np.sin(100 * angle) + 0.5 * np.sin(6000 * angle)
    >>> envelope_rms(Batch(wave[None], 20_480)).round(6).tolist()
    [0.5]
    """
    return np.sqrt(batch.share(_mean_square))


def envelope_kurtosis(batch: Batch) -> Values:
    """Fourth central moment over the squared variance of the envelope of the band.

    3.25 for noise, 1.5 for a resonance that swells like a sine, much more for single strikes.

    Commonly the envelope of the whole signal is taken, in which tones of the shaft drown
    the strikes; 3 is subtracted although the envelope of noise is not Gaussian; and the
    jump between the end and the beginning of the window counts as a strike.

    Returns
    -------
    array of shape (windows,)
        Dimensionless, at least 1; 0 where the envelope does not move.

    Examples
    --------
    >>> angle = 2 * np.pi * np.arange(20_480) / 20_480
    >>> wave = (1 + 0.5 * np.sin(320 * angle)) * np.sin(6000 * angle)
    >>> envelope_kurtosis(Batch(wave[None], 20_480)).round(2).tolist()
    [1.5]
    """
    # What is left of a steady tone is rounding.
    return kurtosis_of(batch.share(envelope), still=1e-9)


def envelope_peak(batch: Batch) -> Values:
    """Highest value of the envelope of the band.

    The hardest strike of the window. One knock at the machine decides it, and the longer the
    window the higher it gets: compare windows of one length only.

    Commonly the envelope of the whole signal is taken, whose peak is that of the signal; and
    the jump between the end and the beginning of the window counts as a strike.

    Returns
    -------
    array of shape (windows,)
        In the unit of the signal.

    Examples
    --------
    >>> angle = 2 * np.pi * np.arange(20_480) / 20_480
    >>> wave = (1 + 0.5 * np.sin(320 * angle)) * np.sin(6000 * angle)
    >>> envelope_peak(Batch(wave[None], 20_480)).round(3).tolist()
    [1.5]
    """
    swell = batch.share(envelope)
    rows, top = np.arange(len(swell)), swell.argmax(axis=1)
    at = np.clip(top, 1, swell.shape[1] - 2)
    before, there, after = (swell[rows, at + step] ** 2 for step in (-1, 0, 1))
    # Between the samples it goes as a parabola does.
    bend = np.minimum(before + after - 2 * there, 0.0)
    above = np.divide((before - after) ** 2, -8 * bend, out=np.zeros_like(bend), where=bend < 0)
    inside = top == at
    highest: Values = np.where(inside, np.sqrt(there + above), swell[rows, top])
    return highest


def modulation_frequency(batch: Batch) -> Values:
    """How often the band swells per second: highest line of the spectrum of its envelope.

    With a damaged bearing BPFO, BPFI or 2 × BSF, or a multiple of them; with imbalance or
    looseness the shaft frequency. Of noise it says nothing, and gives some number all the
    same: read it with the kurtosis of the envelope.

    Commonly the envelope of the whole signal is taken without a window, so that drift and
    the beat of two strong tones win. Here it is that of the band, above 1 Hz and from the
    third line on, up to three quarters of its width: hardly a faster swell can be seen.

    Returns
    -------
    array of shape (windows,)
        Hz, to the resolution of the window; 0 where the envelope does not move.

    Examples
    --------
    >>> angle = 2 * np.pi * np.arange(20_480) / 20_480
    >>> wave = (1 + 0.5 * np.sin(90 * angle)) * np.sin(6000 * angle)
    >>> modulation_frequency(Batch(wave[None], 20_480)).round(0).tolist()
    [90.0]
    """
    found = batch.share(envelope_lines)
    first = max(3, int(_SLOWEST_HZ / found.resolution_hz) + 1)
    power = found.power[:, first:]
    moves = power.max(axis=1) > 1e-24 * batch.share(_mean_square)
    return np.where(moves, power.argmax(axis=1) + first, 0) * found.resolution_hz


def _mean_square(batch: Batch) -> Values:
    swell = batch.share(envelope)
    found: Values = np.vecdot(swell, swell) / swell.shape[1]
    return found


def _inside(batch: Batch) -> tuple[int, int]:
    """First line in the band and the first one above it."""
    band, rate_hz = batch.band, batch.sample_rate_hz
    if band.high_hz > rate_hz / 2:
        raise SignalError(
            f"The band ends at {band.high_hz:g} Hz, above the {rate_hz / 2:g} Hz that a "
            f"sampling rate of {rate_hz:g} Hz can show."
        )
    # Neither 0 Hz nor the Nyquist frequency has a mirror image that could be left out.
    first = max(1, int(np.ceil(band.low_hz * batch.seconds)))
    stop = min((batch.sample_count + 1) // 2, int(band.high_hz * batch.seconds) + 1)
    if stop - first < FEWEST_LINES:
        raise SignalError(
            f"The band from {band.low_hz:g} to {band.high_hz:g} Hz holds {stop - first} lines of "
            f"a window of {batch.seconds:.3g} s; the envelope needs {FEWEST_LINES} or more. "
            "Choose a wider band or longer windows."
        )
    return first, stop


def _length(first: int, stop: int) -> int:
    """Samples of the whole envelope: three for two steps between the lines of the band."""
    from scipy import fft

    length: int = fft.next_fast_len(3 * (stop - first - 1) // 2)
    return length


@lru_cache(maxsize=8)
def _fading(count: int) -> Values:
    """Weights of the lines: 1, and down to 0 over a tenth of the band at each end; twice each."""
    from scipy.signal.windows import tukey

    weights: Values = tukey(count + 2, 2 * _FADE)[1:-1].repeat(2)
    weights.flags.writeable = False
    return weights
