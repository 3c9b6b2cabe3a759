"""Chances as deviations: what a session's threshold is compared with."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import kolmogorov, ndtri_exp

from diagnostics.streaming.base import LARGEST_SCORE, Floats

# From here on the other terms of the series do not count any more.
_FAR = 3.0


def deviations_of(log_chance: Floats) -> Floats:
    """How many standard deviations a normal value lies off that is as rare as this.

    Parameters
    ----------
    log_chance : ndarray
        Natural logarithms of two-sided chances; those of more than 1 count as 1.

    Examples
    --------
    >>> deviations_of(np.log([0.0027, 1.0])).round(2).tolist()
    [3.0, 0.0]
    """
    found: Floats = -ndtri_exp(np.minimum(log_chance, 0.0) - math.log(2.0))
    return np.clip(found, 0.0, LARGEST_SCORE) + 0.0  # which makes a negative zero a plain one


def log_chance_of_distance(distance: Floats, one: Floats, other: Floats) -> Floats:
    """How rare so large a Kolmogorov–Smirnov distance is between two samples of one source.

    The limit for large samples with Stephens' correction for small ones.

    Parameters
    ----------
    distance, one, other : ndarray of equal shape
        Largest difference of the distribution functions, and the sizes of the samples.
    """
    root = np.sqrt(one * other / np.maximum(one + other, 1.0))
    stretched = (root + 0.12 + 0.11 / np.maximum(root, 1e-9)) * distance
    near = np.log(np.maximum(kolmogorov(np.minimum(stretched, _FAR)), 1e-300))
    return np.where(stretched < _FAR, near, math.log(2.0) - 2.0 * stretched**2)
