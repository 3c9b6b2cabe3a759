"""Features of a wavelet decomposition (Daubechies 4, five levels) and of the cepstrum.

Each function takes a :class:`diagnostics.features.batch.Batch` and gives one number per
window, 0 for a constant one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import SignalError
from diagnostics.features.batch import Batch, kurtosis_of, ratio
from diagnostics.features.spectral_lines import hann, one_sided

Values = NDArray[np.float64]
LEVELS = 5
SHORTEST = 512
"""Samples below which the deepest level would have too few coefficients."""
SEGMENT_S = 0.2
"""Length of the segments whose spectra are averaged for the cepstrum."""
_NEAREST_S = 0.001
_NEAREST_SAMPLES = 4
_FLOOR = 1e-12
_EMPTY = 1e-24


@dataclass(frozen=True)
class Decomposition:
    """What lies on each level: D1 (the highest octave) to D5, and the rest below as A5.

    ``energies`` (windows, 6) are mean squares per sample of the signal, ``kurtoses``
    (windows, 5) those of the coefficients of D1 to D5, NaN on a level with nothing on it.
    """

    energies: Values
    kurtoses: Values


def decomposition(batch: Batch) -> Decomposition:
    """Five levels of db4, from the coefficients that the ends of the window do not touch.

    A filter that reaches beyond the window sees what somebody made up there: mirror images,
    zeros, or a jump where the window is taken to repeat. Those coefficients are left out at
    each level, and the mean of the others stands for all. The energies of white noise and of
    broadband vibration then add up to its mean square whatever the length.

    Returns
    -------
    Decomposition

    Raises
    ------
    SignalError
        If the windows have fewer than 512 samples.
    """
    import pywt

    if batch.sample_count < SHORTEST:
        raise SignalError(
            f"Five levels of wavelets need windows of {SHORTEST} samples or more, got "
            f"{batch.sample_count}."
        )
    wavelet = pywt.Wavelet("db4")
    reach = wavelet.dec_len // 2 - 1
    rest, left_off, energies, kurtoses = batch.centred, 0, [], []
    for level in range(1, LEVELS + 1):
        stop = rest.shape[1] // 2
        rest, detail = pywt.dwt(rest, wavelet, "zero", axis=1)
        detail = detail[:, reach:stop]
        # An even number at the beginning, so that the next level takes the usual places.
        start = reach + (left_off // 2 + reach) % 2
        rest, left_off = np.ascontiguousarray(rest[:, start:stop]), left_off // 2 + start
        energies.append(np.vecdot(detail, detail) / detail.shape[1] / 2**level)
        kurtoses.append(kurtosis_of(detail))
    energies.append(np.vecdot(rest, rest) / rest.shape[1] / 2**LEVELS)
    table = np.stack(energies, axis=1)
    filled = table[:, :LEVELS] > _EMPTY * table.sum(axis=1, keepdims=True)
    return Decomposition(table, np.where(filled, np.stack(kurtoses, axis=1), np.nan))


@dataclass(frozen=True)
class Cepstrum:
    """Magnitudes (windows, quefrencies) over ``quefrencies_s``."""

    quefrencies_s: Values
    magnitudes: Values


def cepstrum(batch: Batch) -> Cepstrum:
    """Real cepstrum between 1 ms and half of a segment of 0.2 s.

    The inverse transform of the logarithm of the power spectral density, which is averaged
    over half overlapping segments under a Hann window. A family of harmonics f apart makes a
    peak at the quefrency 1/f. What lies below 1 ms (or four samples) describes resonances
    and the level and is left out. Segments are 0.2 s long, at least 256 samples and at most
    the window, so that the range does not change with the length of the window.

    Returns
    -------
    Cepstrum
    """
    from scipy import fft

    length = fft.next_fast_len(max(round(SEGMENT_S * batch.sample_rate_hz), 256), real=True)
    length = min(length, batch.sample_count)
    spectrum = _averaged(batch, length)
    floor = _FLOOR * spectrum.max(axis=1, keepdims=True)
    logarithms = np.log(np.maximum(spectrum, np.where(floor > 0, floor, 1.0)))
    first = max(round(_NEAREST_S * batch.sample_rate_hz), _NEAREST_SAMPLES)
    first = min(first, length // 4)
    magnitudes = np.abs(fft.irfft(logarithms, n=length, axis=1))[:, first : length // 2]
    return Cepstrum(np.arange(first, length // 2) / batch.sample_rate_hz, magnitudes)


def wavelet_energy_ratio(batch: Batch) -> Values:
    """Part of the energy in D1 to D5, that is above 1/64 of the sampling rate.

    Strikes, friction and resonances against slow motion of the shaft.

    Commonly the mean of the window lies in the slow part, so that the offset of the sensor
    decides the figure, and the mirror images at both ends count twice.

    Returns
    -------
    array of shape (windows,)
        Dimensionless, from 0 to 1.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=(1, 65_536))
    >>> wavelet_energy_ratio(Batch(noise, 20_480)).round(2).tolist()  # 31 of 32
    [0.97]
    """
    energies = batch.share(decomposition).energies
    return ratio(energies[:, :LEVELS].sum(axis=1), energies.sum(axis=1))


def wavelet_kurtosis(batch: Batch) -> Values:
    """Mean over D1 to D5 of the kurtosis of the coefficients.

    3 for noise; strikes raise it on the levels in which the structure rings, also where
    strong slow tones hide them from the kurtosis of the waveform.

    Commonly 3 is subtracted, and coefficients at the ends count, where the made-up
    continuation of a tone looks like a strike. Levels with nothing on them are left out here.

    Returns
    -------
    array of shape (windows,)
        Dimensionless, at least 1.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=(1, 65_536))
    >>> wavelet_kurtosis(Batch(noise, 20_480)).round(1).tolist()
    [3.0]
    """
    found = batch.share(decomposition).kurtoses
    filled = np.isfinite(found)
    return ratio(np.where(filled, found, 0.0).sum(axis=1), filled.sum(axis=1).astype(np.float64))


def wavelet_energy_d1(batch: Batch) -> Values:
    """Mean square on level D1: about the upper half of what the sampling rate can show.

    Commonly the squares of the coefficients are added up, a sum that grows with the length
    of the window; and the level is read as a frequency, though it follows the sampling rate:
    at 12 kHz D1 is 3 to 6 kHz, at 48 kHz 12 to 24 kHz. Compare one sampling rate only.

    Returns
    -------
    array of shape (windows,)
        In the squared unit of the signal.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=(1, 65_536))
    >>> wavelet_energy_d1(Batch(noise, 20_480)).round(1).tolist()
    [0.5]
    """
    return batch.share(decomposition).energies[:, 0]


def wavelet_energy_d3(batch: Batch) -> Values:
    """Mean square on level D3: about 1/16 to 1/8 of the sampling rate.

    Commonly the squares are added up, so that it grows with the length of the window; unit
    and rules are those of D1.
    """
    return batch.share(decomposition).energies[:, 2]


def wavelet_energy_d5(batch: Batch) -> Values:
    """Mean square on level D5: about 1/64 to 1/32 of the sampling rate.

    Commonly the squares are added up, and of this deepest level the made-up ends are the
    largest part. Unit and rules are those of D1.
    """
    return batch.share(decomposition).energies[:, 4]


def cepstral_peak_ratio(batch: Batch) -> Values:
    """Highest peak of the cepstrum over the mean of its magnitudes.

    High when the spectrum has a family of equally spaced lines: harmonics of a strike rate,
    sidebands of a gear. Noise gives some 5 to 7. Equal spacing is all it knows; whether a
    gear, a bearing or a switched power supply makes it, the spacing must tell.

    Commonly quefrency 0 is searched too. It holds the mean of the logarithm, is always the
    highest, and changes with the unit: the quotient then tells in what was measured.

    Returns
    -------
    array of shape (windows,)
        Dimensionless, at least 1.

    Examples
    --------
    >>> time = np.arange(20_480)
    >>> strikes = (time % 512 == 0) + 0.01 * np.random.default_rng(0).normal(size=20_480)
    >>> bool(cepstral_peak_ratio(Batch(strikes[None], 20_480))[0] > 20)
    True
    """
    found = batch.share(cepstrum).magnitudes
    return ratio(found.max(axis=1), found.mean(axis=1))


def quefrency_centroid(batch: Batch) -> Values:
    """Mean quefrency, weighted by the squares of the cepstrum.

    Near 1/f where a family of lines f apart rules; near 0.03 s for noise.

    Commonly it goes over the whole cepstrum of the whole window, so that it grows with the
    length of the window, and quefrency 0 with the level and unit pulls it to 0.

    Returns
    -------
    array of shape (windows,)
        Seconds, from 0.001 to 0.1.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=(1, 20_480))
    >>> quefrency_centroid(Batch(noise, 20_480)).round(2).tolist()
    [0.03]
    """
    found = batch.share(cepstrum)
    weights = np.square(found.magnitudes)
    return ratio(weights @ found.quefrencies_s, weights.sum(axis=1))


def _averaged(batch: Batch, length: int) -> Values:
    """Mean of the power spectra of half overlapping segments, (windows, length // 2 + 1)."""
    from scipy import fft

    weights = hann(length)
    mean = np.zeros((len(batch), length // 2 + 1))
    for start in range(0, batch.sample_count - length + 1, max(length // 2, 1)):
        segment = batch.centred[:, start : start + length]
        segment = (segment - segment.mean(axis=1, keepdims=True)) * weights
        mean += one_sided(fft.rfft(segment, axis=1, overwrite_x=True), length, 1.0)
    return mean
