"""Features of the bispectrum: whether tones and their sums keep step.

128 segments of 256 samples under a Hann window, spread evenly over the window, are averaged.
Their number is fixed, so neither the floor that chance leaves nor the cost follows the length;
of windows below some 16 000 samples the segments overlap by more than half and that floor is
higher. Pairs of lines are those of the principal domain, whose sum is below the Nyquist
frequency [1]_. Each function takes a :class:`diagnostics.features.batch.Batch` and gives one
number per window, 0 for a constant one.

References
----------
.. [1] Y. C. Kim and E. J. Powers, "Digital Bispectral Analysis and Its Applications to
   Nonlinear Wave Interactions", IEEE Transactions on Plasma Science 7(2), 120-131, 1979, in the
   normalisation that the R packages rhosa and astrochron document.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import SignalError
from diagnostics.features.batch import Batch, ratio
from diagnostics.features.spectral_lines import hann

Values = NDArray[np.float64]
SEGMENT = 256
SEGMENTS = 128
SHORTEST = 1024
_TOP = SEGMENT // 2  # the Nyquist line, which belongs to no pair
_WEAK = 1e-6
_CHANCE = 1e-3


@dataclass(frozen=True)
class Bispectrum:
    """All pairs of lines of each window, of shape (windows, pairs).

    ``magnitude`` in the cubed unit of the signal, scaled so that three tones on lines, of
    amplitudes a, b, c and in step, give a·b·c. ``coherence`` is its square, and ``most`` the
    largest value that this square could have, both in one arbitrary scale.
    """

    magnitude: Values
    coherence: Values
    most: Values


def bispectrum(batch: Batch) -> Bispectrum:
    """Mean of X(k) X(l) X*(k + l) over the segments.

    Returns
    -------
    Bispectrum

    Raises
    ------
    SignalError
        If the windows have fewer than 1024 samples.
    """
    found = [_pairs(window) for window in _transforms(batch)]
    square, most = (np.stack(parts) for parts in zip(*found, strict=True))
    return Bispectrum(np.sqrt(square) * (4 / SEGMENT) ** 3 / SEGMENTS, square, most)


def bispectrum_peak(batch: Batch) -> Values:
    """Highest value of the bispectrum.

    Two tones and one at their sum that keep step: a machine that answers not in proportion
    (looseness, rub, a cracked shaft) makes such families. A strike that repeats does, too.

    Commonly only the diagonal is computed, that is pairs of a tone with itself, and called
    the bispectrum; it misses every other pair, such as a mesh and its sidebands.

    Returns
    -------
    array of shape (windows,)
        In the cubed unit of the signal: a·b·c for three tones of those amplitudes.

    Examples
    --------
    >>> angle = 2 * np.pi * np.arange(20_480) / 20_480  # lines lie 80 Hz apart
    >>> wave = 2 * np.cos(1600 * angle) + 3 * np.cos(2400 * angle) + np.cos(4000 * angle)
    >>> bispectrum_peak(Batch(wave[None], 20_480)).round(3).tolist()
    [6.0]
    """
    highest: Values = batch.share(bispectrum).magnitude.max(axis=1)
    return highest


def bispectrum_mean(batch: Batch) -> Values:
    """Mean of the bispectrum over all pairs.

    0 for Gaussian vibration but for what chance leaves. It follows the cube of the level
    first of all; read it beside the features that do not.

    Commonly the mean goes over the diagonal and over zeros beyond it, and follows the length
    of the transform.

    Returns
    -------
    array of shape (windows,)
        In the cubed unit of the signal.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=20_480)
    >>> mean = bispectrum_mean(Batch(np.stack([noise, 2 * noise]), 20_480))
    >>> round(float(mean[1] / mean[0]), 6)
    8.0
    """
    mean: Values = batch.share(bispectrum).magnitude.mean(axis=1)
    return mean


def bispectrum_entropy(batch: Batch) -> Values:
    """How evenly the bispectrum is spread over the pairs: 0 for one pair, near 1 for noise.

    Falls when a few families of tones keep step.

    Commonly not divided by its greatest value, so that it follows the length of the
    transform, and taken over the diagonal alone.

    Returns
    -------
    array of shape (windows,)
        Dimensionless, from 0 to 1.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=(1, 20_480))
    >>> bispectrum_entropy(Batch(noise, 20_480)).round(1).tolist()
    [1.0]
    """
    values = batch.share(bispectrum).magnitude
    whole = values.sum(axis=1, keepdims=True)
    shares = np.divide(values, whole, out=np.zeros_like(values), where=whole > 0)
    logarithms = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    entropy: Values = -np.vecdot(shares, logarithms) / np.log(values.shape[1])
    return entropy


def phase_coupling(batch: Batch) -> Values:
    """Squared bicoherence, averaged over all pairs with the power of each as its weight.

    1 when tones and their sums keep step over the whole window, about 1/128 for Gaussian
    noise. A machine that runs steadily makes steady tones, and of one window nobody can tell
    whether such tones are coupled or only steady: compare windows of one machine.

    Commonly a sum of products is divided by a sum of powers, which has a unit, and squeezed
    between 0 and 1 by a hyperbolic tangent; doubling the amplitude then “couples” tones.

    Returns
    -------
    array of shape (windows,)
        Dimensionless, from 0 to 1.

    Examples
    --------
    >>> angle = 2 * np.pi * np.arange(20_480) / 20_480
    >>> wave = np.cos(1600 * angle) + np.cos(2400 * angle) + np.cos(4000 * angle)
    >>> phase_coupling(Batch(wave[None], 20_480)).round(3).tolist()
    [1.0]
    """
    found = batch.share(bispectrum)
    return ratio(found.coherence.sum(axis=1), found.most.sum(axis=1))


def nonlinearity_index(batch: Batch) -> Values:
    """Mean over all pairs of the squared bicoherence that chance does not explain.

    A total non-linearity index adds up the bicoherence where it is significant [1]_; here it
    is divided by the number of pairs. Significant is what Gaussian noise exceeds in one of a
    thousand pairs. Near 0 for noise and for what a linear structure makes of noise. Pairs of
    a millionth of the strongest do not count: only what a window leaks lies there.

    Commonly the mean of the bispectrum and the magnitude of the skewness are added, a cubed
    unit and a number without one.

    Returns
    -------
    array of shape (windows,)
        Dimensionless, from 0 to 1.

    References
    ----------
    .. [1] M. A. A. S. Choudhury, D. S. Shook and S. L. Shah, "Linear or Nonlinear? A
       Bicoherence Based Metric of Nonlinearity Measure", IFAC SAFEPROCESS, Beijing, 2006.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=20_480)
    >>> bent = noise + 0.3 * noise**2
    >>> straight, curved = nonlinearity_index(Batch(np.stack([noise, bent]), 20_480))
    >>> bool(straight < 0.001), bool(curved > 20 * straight)
    (True, True)
    """
    found = batch.share(bispectrum)
    strong = found.most > _WEAK * found.most.max(axis=1, keepdims=True)
    squared = np.divide(found.coherence, found.most, out=np.zeros_like(found.most), where=strong)
    # Segments that overlap by more than half tell hardly more than those that do by half.
    told = min(SEGMENTS, 2 * batch.sample_count // SEGMENT - 1)
    significant = squared > -np.log(_CHANCE) / told
    mean: Values = np.where(significant, squared, 0.0).mean(axis=1)
    return mean


def bispectrum_peak_ratio(batch: Batch) -> Values:
    """Highest value of the bispectrum over the mean of all pairs.

    How much one family of tones stands out, whatever the level. Noise gives some 3 to 5.

    Commonly the mean has the zeros beyond the diagonal in it, half of all places.

    Returns
    -------
    array of shape (windows,)
        Dimensionless, at least 1.

    Examples
    --------
    >>> angle = 2 * np.pi * np.arange(20_480) / 20_480
    >>> wave = np.cos(1600 * angle) + np.cos(2400 * angle) + np.cos(4000 * angle)
    >>> bool(bispectrum_peak_ratio(Batch(wave[None], 20_480))[0] > 50)
    True
    """
    values = batch.share(bispectrum).magnitude
    return ratio(values.max(axis=1), values.mean(axis=1))


def _pairs(transforms: NDArray[np.complex128]) -> tuple[Values, Values]:
    """Squared magnitude of the sum over segments for each pair, and the largest it could be.

    Window by window, since what belongs to one then stays in the cache.

    Parameters
    ----------
    transforms : array of shape (segments, lines)
    """
    lines = np.ascontiguousarray(transforms.T)
    mirrored = lines.conj()
    power = np.square(np.abs(lines))
    both, single = power @ power.T, power.sum(axis=1)
    room = np.empty((_TOP, SEGMENTS), dtype=np.complex128)
    sums, most = [], []
    for low in range(1, _TOP // 2):
        upper, above = slice(low, _TOP - low), slice(2 * low, _TOP)
        product = np.multiply(lines[upper], mirrored[above], out=room[: _TOP - 2 * low])
        sums.append(product @ lines[low])
        most.append(both[low, upper] * single[above])
    return np.square(np.abs(np.concatenate(sums))), np.concatenate(most)


def _transforms(batch: Batch) -> NDArray[np.complex128]:
    """Transforms of the segments, of shape (windows, segments, lines)."""
    from scipy import fft

    count = batch.sample_count
    if count < SHORTEST:
        raise SignalError(
            f"The bispectrum needs windows of {SHORTEST} samples or more, got {count}."
        )
    starts = np.linspace(0, count - SEGMENT, SEGMENTS).round().astype(np.intp)
    every = np.lib.stride_tricks.sliding_window_view(batch.centred, SEGMENT, axis=1)
    segments = every[:, starts]
    segments -= segments.mean(axis=2, keepdims=True)
    segments *= hann(SEGMENT)
    found: NDArray[np.complex128] = fft.rfft(segments, axis=2, overwrite_x=True)
    return found
