"""Features of the frequency domain.

All rest on one spectrum under a Hann window whose lines are mean squares, so none depends on
how long the window is beyond the better resolution. Each function takes a
:class:`diagnostics.features.batch.Batch` and gives one number per window, 0 for a constant one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagnostics.features.batch import Batch, ratio
from diagnostics.features.spectral_lines import density, lines, near, total

Values = NDArray[np.float64]


def dominant_frequency(batch: Batch) -> Values:
    """Frequency of the highest line.

    What the machine does most: shaft speed under imbalance, gear mesh, mains, or a resonance.
    Of two lines of like height it jumps from one to the other between windows.

    Commonly no window is applied and the mean is left in, so that drift or the offset of the
    sensor wins at or near 0 Hz.

    Returns
    -------
    array of shape (windows,)
        Hz, to the resolution of the window.

    Examples
    --------
    >>> wave = 3 + np.sin(2 * np.pi * 50 * np.arange(1000) / 1000)
    >>> dominant_frequency(Batch(wave[None], 1000)).tolist()
    [50.0]
    """
    found = batch.share(lines)
    # Line 0 holds what the window leaves of the mean, which is nothing.
    return np.where(batch.peak > 0, found.power[:, 1:].argmax(axis=1) + 1, 0) * found.resolution_hz


def spectral_centroid(batch: Batch) -> Values:
    """Mean frequency, weighted by power.

    Impacts, rubbing and poor lubrication excite resonances and pull it up, imbalance pulls it
    down. The mounting of the sensor and the sampling rate shape it as much as the machine.

    Commonly amplitudes are the weights. The noise between two tones then weighs the more the
    longer the window is, and the figure moves towards the middle of the range.

    Returns
    -------
    array of shape (windows,)
        Hz.

    Examples
    --------
    >>> angle = 2 * np.pi * np.arange(1000) / 1000
    >>> two = np.sin(100 * angle) + np.sin(300 * angle)
    >>> spectral_centroid(Batch(two[None], 1000)).round(6).tolist()
    [200.0]
    """
    return batch.share(_place)[0]


def spectral_spread(batch: Batch) -> Values:
    """Standard deviation of frequency around the centroid, weighted by power.

    Small when one tone rules, large when the power lies far apart or is broadband.

    Commonly “spectral standard deviation” is that of the heights of the lines, which follows
    the level, the unit and the length of the window, and says nothing about where they lie.

    Returns
    -------
    array of shape (windows,)
        Hz.

    Examples
    --------
    >>> angle = 2 * np.pi * np.arange(1000) / 1000
    >>> two = np.sin(100 * angle) + np.sin(300 * angle)
    >>> spectral_spread(Batch(two[None], 1000)).round(1).tolist()
    [100.0]
    """
    return batch.share(_place)[1]


def spectral_entropy(batch: Batch) -> Values:
    """How evenly the power is spread over frequency: 0 for one tone, near 1 for white noise.

    Wear and poor lubrication raise it, a growing tone lowers it. It knows nothing of level.

    Commonly it is taken over single lines of amplitude and not divided by its greatest
    value, so that it grows with the logarithm of the window's length. Here the power of 512
    equal bands is taken, over the logarithm of their number.

    Returns
    -------
    array of shape (windows,)
        Dimensionless, from 0 to 1.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=(1, 100_000))
    >>> spectral_entropy(Batch(noise, 1000)).round(2).tolist()
    [1.0]
    """
    bands = batch.share(density)
    whole = bands.sum(axis=1, keepdims=True)
    shares = np.divide(bands, whole, out=np.zeros_like(bands), where=whole > 0)
    logarithms = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    entropy: Values = -np.vecdot(shares, logarithms) / np.log(bands.shape[1])
    return entropy


def spectral_peakiness(batch: Batch) -> Values:
    """Highest of 512 equal bands over the mean of them.

    1 for a flat spectrum, up to 512 for one tone. Rises with a tone or a sharp resonance. Of
    noise chance decides, which leaves some 2 in a second at 20 480 Hz.

    Commonly single lines are taken. The line of a tone stands above noise the higher the
    longer the window is, so the figure grows with the length and with nothing else.

    Returns
    -------
    array of shape (windows,)
        Dimensionless, at least 1.

    Examples
    --------
    >>> wave = np.sin(2 * np.pi * 100 * np.arange(8000) / 8000)
    >>> bool(spectral_peakiness(Batch(wave[None], 8000))[0] > 200)
    True
    """
    bands = batch.share(density)
    return ratio(bands.max(axis=1), bands.mean(axis=1))


def total_power(batch: Batch) -> Values:
    """Mean square of the vibration: the area under its power spectral density.

    The square of the RMS, up to what the window weighs differently at the ends.

    Commonly the lines of an amplitude spectrum are added up, a sum without a meaning that
    grows with the length of the window.

    Returns
    -------
    array of shape (windows,)
        In the squared unit of the signal.

    Examples
    --------
    >>> wave = 2 * np.sin(2 * np.pi * 50 * np.arange(1000) / 1000)
    >>> total_power(Batch(wave[None], 1000)).round(6).tolist()
    [2.0]
    """
    return batch.share(total)


def low_band_energy(batch: Batch) -> Values:
    """Mean square between 0 and 500 Hz, or the first two edges of the context.

    Where shafts, their multiples and the mains live: imbalance, misalignment, looseness.

    Commonly amplitudes are added up instead of powers, no window is applied, and both edges
    belong to two bands at once. Here each line counts in one band and the lower edge belongs.

    Returns
    -------
    array of shape (windows,)
        In the squared unit of the signal; NaN when the sampling rate cannot show the band. Of
        a band that reaches beyond half the rate only the part below counts.

    Examples
    --------
    >>> angle = 2 * np.pi * np.arange(20_480) / 20_480
    >>> wave = np.sin(100 * angle) + 3 * np.sin(900 * angle)
    >>> low_band_energy(Batch(wave[None], 20_480)).round(6).tolist()
    [0.5]
    """
    return _band_energy(batch, 0)


def mid_band_energy(batch: Batch) -> Values:
    """Mean square between 500 and 2000 Hz, or the second and third edge of the context.

    Where gear mesh and blade passing live, and low resonances of the structure.

    Commonly amplitudes are added up without a window, and both edges count twice; unit and
    rules are those of the low band.
    """
    return _band_energy(batch, 1)


def high_band_energy(batch: Batch) -> Values:
    """Mean square between 2000 and 5000 Hz, or the third and fourth edge of the context.

    Where housings ring when a damaged bearing strikes, far above its defect frequencies.

    Commonly amplitudes are added up without a window, and both edges count twice; unit and
    rules are those of the low band.
    """
    return _band_energy(batch, 2)


def very_high_band_energy(batch: Batch) -> Values:
    """Mean square between 5000 and 10 000 Hz, or the last two edges of the context.

    Friction, cavitation and early spalls; also the resonance of the mounted sensor, which
    is no property of the machine.

    Commonly amplitudes are added up without a window, and where the sampling rate cannot
    show the band, 0 is given for what was never measured. Unit and rules are those of the
    low band.
    """
    return _band_energy(batch, 3)


def harmonic_2x(batch: Batch) -> Values:
    """Amplitude at twice the shaft frequency over that at the shaft frequency.

    Misalignment raises it, and so do looseness and an oval journal; mains hum at twice the
    line frequency looks the same near 3000 or 3600 rpm.

    Commonly the highest line is taken for the shaft, or 60 Hz when nothing better is known.
    The highest line is often a mesh or a resonance, and the quotient then means nothing.
    Here the speed must be known, and a tone between two lines is not underrated.

    Returns
    -------
    array of shape (windows,)
        Dimensionless; NaN where the speed is unknown.

    Examples
    --------
    >>> from diagnostics.features.batch import Context
    >>> angle = 2 * np.pi * np.arange(20_480) / 20_480
    >>> wave = np.sin(30 * angle) + 0.5 * np.sin(60 * angle) + 9 * np.sin(700 * angle)
    >>> harmonic_2x(Batch(wave[None], 20_480, Context(shaft_hz=30.0))).round(6).tolist()
    [0.5]
    """
    return _harmonic(batch, 2)


def harmonic_3x(batch: Batch) -> Values:
    """Amplitude at three times the shaft frequency over that at the shaft frequency.

    Looseness and a coupling with three jaws raise it.

    Commonly the highest line is taken for the shaft, whatever makes it. Here the speed must
    be known, as for 2× over 1×.
    """
    return _harmonic(batch, 3)


def _place(batch: Batch) -> tuple[Values, Values]:
    """Centroid of the power over frequency, and its standard deviation."""
    found = batch.share(lines)
    frequencies_hz = found.frequencies_hz()
    sums = found.power @ np.stack([frequencies_hz, frequencies_hz**2], axis=1)
    whole = batch.share(total)
    centroid = ratio(sums[:, 0], whole)
    return centroid, np.sqrt(np.maximum(ratio(sums[:, 1], whole) - centroid**2, 0.0))


def _band_energy(batch: Batch, number: int) -> Values:
    found = batch.share(lines)
    low_hz, high_hz = batch.context.edges_hz[number : number + 2]
    first, stop = (int(np.ceil(edge / found.resolution_hz)) for edge in (low_hz, high_hz))
    if first >= found.count:
        return np.full(len(batch), np.nan)
    energy: Values = found.power[:, first:stop].sum(axis=1)
    return energy


def _harmonic(batch: Batch, order: int) -> Values:
    often, _ = near(batch.share(lines), order * batch.shaft_hz, batch.context.tolerance)
    return ratio(often, batch.share(_once)) + 0 * often


def _once(batch: Batch) -> Values:
    return near(batch.share(lines), batch.shaft_hz, batch.context.tolerance)[0]
