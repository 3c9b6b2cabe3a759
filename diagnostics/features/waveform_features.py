"""Features of the time domain: level and shape of the waveform.

All are of the vibration, without the mean of the window: what a sensor's amplifier adds is no
vibration, and as a feature it would tell recordings apart instead of faults. Each function
takes a :class:`diagnostics.features.batch.Batch` and gives one number per window, 0 for a
constant one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.features.batch import Batch, ratio

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Moments:
    """Mean square, third and fourth central moment of each window."""

    second: Values
    third: Values
    fourth: Values


def moments(batch: Batch) -> Moments:
    """Central moments, for several features.

    Returns
    -------
    Moments
        Each of shape (windows,), in the unit of the signal to the power 2, 3 and 4.
    """
    sums = np.empty((3, len(batch)))
    squares = np.empty(batch.sample_count)
    # Row by row, since one row stays in the cache through all steps.
    for number, row in enumerate(batch.centred):
        np.multiply(row, row, out=squares)
        sums[:, number] = row @ row, squares @ row, squares @ squares
    sums /= batch.sample_count
    return Moments(*sums)


def magnitudes(batch: Batch) -> tuple[Values, Values]:
    """Mean of the magnitudes, and square of the mean of their roots, in the signal's unit."""
    sizes = np.abs(batch.centred)
    mean = sizes.mean(axis=1)
    return mean, np.sqrt(sizes, out=sizes).mean(axis=1) ** 2


def rms(batch: Batch) -> Values:
    """Root mean square of the vibration.

    Rises when the machine runs rougher as a whole, and with speed and load. Rare impacts
    hardly move it: an early bearing fault hides behind an unchanged figure.

    Commonly the mean is left in, so that the offset of the sensor counts as vibration and a
    classifier learns to know the sensor; the RMS of the statistics of a signal is that one.

    Returns
    -------
    array of shape (windows,)
        In the unit of the signal.

    Examples
    --------
    >>> wave = 5 + 2 * np.sin(2 * np.pi * 50 * np.arange(1000) / 1000)
    >>> rms(Batch(wave[None], 1000)).round(6).tolist()
    [1.414214]
    """
    return np.sqrt(batch.share(moments).second)


def kurtosis(batch: Batch) -> Values:
    """Fourth central moment over the squared variance.

    3 for vibration with a Gaussian distribution, whatever the load; rare impacts of a first
    spall raise it. When the damage has spread the impacts overlap and it falls back.

    Commonly 3 is subtracted (“excess”) and the result is compared with figures of the
    literature that have it in; here nothing is subtracted.

    Returns
    -------
    array of shape (windows,)
        Dimensionless, at least 1.

    Examples
    --------
    >>> wave = np.sin(2 * np.pi * 50 * np.arange(1000) / 1000)
    >>> kurtosis(Batch(wave[None], 1000)).round(6).tolist()
    [1.5]
    """
    found = batch.share(moments)
    return ratio(found.fourth, found.second**2)


def skewness(batch: Batch) -> Values:
    """Third central moment over the cubed standard deviation.

    0 for a vibration that swings alike to both sides. One-sided rubbing or impacts move it,
    and so does a clipped or overloaded sensor: look at the waveform first.

    Commonly the sign is taken for a fact of the machine; it turns with the direction in
    which the sensor is mounted, so compare it only within one measuring point.

    Returns
    -------
    array of shape (windows,)
        Dimensionless, of either sign.

    Examples
    --------
    >>> wave = np.sin(2 * np.pi * 50 * np.arange(1000) / 1000)
    >>> bool(abs(skewness(Batch(wave[None], 1000))[0]) < 1e-12)
    True
    """
    found = batch.share(moments)
    return ratio(found.third, found.second**1.5)


def crest_factor(batch: Batch) -> Values:
    """Largest distance from the mean over the RMS.

    Early impacts raise it before the RMS moves; a failing bearing raises the RMS too and the
    figure falls again. One knock at the machine does the same as a spall.

    Commonly peak and RMS have the offset of the sensor in them, which pulls the quotient to
    1. And peaks grow with time: of Gaussian noise 1000 samples reach about 3.5, a million
    about 5.0, so compare windows of one length only.

    Returns
    -------
    array of shape (windows,)
        Dimensionless, at least 1.

    Examples
    --------
    >>> wave = np.sin(2 * np.pi * 50 * np.arange(1000) / 1000)
    >>> crest_factor(Batch(wave[None], 1000)).round(4).tolist()
    [1.4142]
    """
    return ratio(batch.peak, rms(batch))


def shape_factor(batch: Batch) -> Values:
    """RMS over the mean of the magnitudes.

    1.11 for a sine and 1.25 for Gaussian noise, more when the energy sits in few strong
    stretches. It depends on all samples and is steadier than the factors with a peak.

    Commonly the offset of the sensor is left in, which pulls the quotient to 1.

    Returns
    -------
    array of shape (windows,)
        Dimensionless, at least 1.

    Examples
    --------
    >>> wave = np.sin(2 * np.pi * 5 * np.arange(10_000) / 10_000)
    >>> shape_factor(Batch(wave[None], 1000)).round(4).tolist()
    [1.1107]
    """
    return ratio(rms(batch), batch.share(magnitudes)[0])


def impulse_factor(batch: Batch) -> Values:
    """Largest distance from the mean over the mean of the magnitudes.

    Like the crest factor, and reacts more strongly to rare impacts, since these add less to
    the mean of magnitudes than to the RMS.

    Commonly the offset of the sensor is left in; and like each peak it grows with the
    length of the window, so compare windows of one length only.

    Returns
    -------
    array of shape (windows,)
        Dimensionless, at least 1.

    Examples
    --------
    >>> wave = np.sin(2 * np.pi * 50 * np.arange(10_000) / 10_000)
    >>> impulse_factor(Batch(wave[None], 10_000)).round(3).tolist()
    [1.571]
    """
    return ratio(batch.peak, batch.share(magnitudes)[0])


def clearance_factor(batch: Batch) -> Values:
    """Largest distance from the mean over the squared mean of the roots of the magnitudes.

    The most sensitive of the four factors to a few high impacts over a quiet background,
    and the one that a single spike of electrical origin spoils most.

    Commonly it is written with the mean of the roots *not* squared, which gives a number
    that changes with the unit; or called by the name of the impulse factor.

    Returns
    -------
    array of shape (windows,)
        Dimensionless, at least 1.

    Examples
    --------
    >>> wave = np.sign(np.sin(2 * np.pi * 50 * (np.arange(1000) + 0.5) / 1000))
    >>> clearance_factor(Batch(wave[None], 1000)).round(6).tolist()
    [1.0]
    """
    return ratio(batch.peak, batch.share(magnitudes)[1])
