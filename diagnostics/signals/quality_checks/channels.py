"""Channels that are copies of each other: as they are, scaled, turned round, or shifted."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from diagnostics.signals.quality_checks.findings import Problem, QualityWarning, product
from diagnostics.signals.signal import Samples

SAME = 0.99999
"""Correlation from which two channels are the same; two sensors side by side stay below."""
COPY_LOOK = 1 << 16
"""Samples of each channel that are kept to compare those of a long recording."""
SHIFTED_LOOK = 1 << 14
"""Samples in which a shift is looked for, of up to a quarter of these."""
_SHORT = 4096
_ELSEWHERE = 0.95
_PEAK = 8


@dataclass(frozen=True)
class Copy:
    """``other`` is ``factor`` times ``one``, ``late`` samples later, but for an offset."""

    factor: float
    late: int = 0


def copies(rows: list[tuple[str, Samples]], shifted: bool = False) -> list[QualityWarning]:
    """Pairs of channels that are copies of each other.

    Parameters
    ----------
    rows : list of (name, array of shape (samples,))
        Without constant channels.
    shifted : bool
        Whether copies that begin earlier or later are looked for as well, in the first
        16 384 samples. It takes a transform for each pair.

    Returns
    -------
    list of QualityWarning
        ``value`` is the factor.

    Examples
    --------
    >>> row = np.random.default_rng(0).normal(size=30_000)
    >>> found = copies([("a", row[:-50]), ("b", -2 * row[50:])], shifted=True)
    >>> found[0].message
    'The channels a and b are identical up to the factor -2 and a shift of 50 samples.'
    """
    found = []
    for (one_name, one), (other_name, other) in combinations(rows, 2):
        copy = _copy(one, other) or (_shifted_copy(one, other) if shifted else None)
        if copy is not None:
            message = f"The channels {one_name} and {other_name} are {_told(copy)}."
            found.append(QualityWarning(Problem.IDENTICAL, message, copy.factor, other_name, SAME))
    return found


def _told(copy: Copy) -> str:
    parts = []
    if copy.factor != 1:
        parts.append(f"the factor {copy.factor:.4g}")
    if copy.late:
        parts.append(f"a shift of {abs(copy.late):,} samples")
    return "identical up to " + " and ".join(parts) if parts else "identical"


def _copy(one: Samples, other: Samples) -> Copy | None:
    """A copy that differs by a factor and an offset only."""
    # A short look first: channels that differ do so within a few thousand samples.
    for count in (_SHORT, one.size):
        (a, a_scale), (b, b_scale) = _centred(one[:count]), _centred(other[:count])
        power = product(a, a) * product(b, b)
        if power and abs(product(a, b)) / power**0.5 < SAME:
            return None
    return Copy(product(a, b) / product(a, a) * (b_scale / a_scale)) if power else None


def _shifted_copy(one: Samples, other: Samples) -> Copy | None:
    """A copy at another time. Tones match at many shifts, so that only a single one counts."""
    (a, a_scale), (b, b_scale) = _centred(one[:SHIFTED_LOOK]), _centred(other[:SHIFTED_LOOK])
    size = 2 * a.size
    cross = np.fft.irfft(np.conj(np.fft.rfft(a, size)) * np.fft.rfft(b, size), size)
    most = a.size // 4
    lags = np.r_[np.arange(most + 1), np.arange(-most, 0)]
    sizes = np.abs(cross[lags])
    late = int(lags[int(np.argmax(sizes))])
    elsewhere = sizes[np.abs(lags - late) > _PEAK]
    if not elsewhere.size or elsewhere.max() > _ELSEWHERE * sizes.max():
        return None
    early, later = (a[-late:], b[:late]) if late < 0 else (a[: a.size - late], b[late:])
    early, later = early - early.mean(), later - later.mean()
    power = product(early, early) * product(later, later)
    shared = product(early, later)
    if not power or abs(shared) / power**0.5 < SAME:
        return None
    return Copy(shared / product(early, early) * (b_scale / a_scale), -late)


def _centred(row: Samples) -> tuple[NDArray[np.float64], float]:
    """The row between −1 and 1 without its mean, and what it was divided by."""
    scale = float(np.abs(row).max()) or 1.0
    scaled = row.astype(np.float64) / scale
    return scaled - scaled.mean(), scale
