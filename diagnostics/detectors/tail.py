"""How rare a score is among ordinary rows: calibration to 0–1, and thresholds.

The fitted rows may hold anomalies, so their highest scores say nothing of ordinary rows. The
generalised Pareto distribution of the peaks over a threshold is therefore fitted to the scores
between the 80 % and the 97 % quantile; of those above only the number counts (right-censored
likelihood). When more rows lie beyond the threshold than chance has it, they are anomalies: the
surplus is taken away, and the rest is fitted again, until nothing changes; the last time between
the 85 % and the 99.5 % quantile. Below, the empirical distribution is taken as it is. This gives
for each score the probability ``p`` that an ordinary row scores as high.

Calibrated score = t / (t + 3) with t = −log10 p: 0.25 is reached by one ordinary row in ten,
0.4 by one in a hundred, 0.5 by one in a thousand, 0.67 by one in a million. So it means the same
for all algorithms, and the ``auto`` threshold lies at 0.5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import DetectionError

Scores = NDArray[np.float64]
FALSE_ALARMS = 1e-3
"""Share of ordinary rows that ``auto`` flags."""
BODY = 0.80
CENSORED = 0.97
"""What lies above counts only by its number, so anomalies cannot pull the fit by their size."""
LEAST_ROWS = 20
_ROUNDS = 10
_POINTS = 300
_MOST_ANOMALIES = 0.1
_MANY = 0.02
_ALONE = 0.003
_LOW_BODY = (0.6, 0.88)
# When anomalies are out, more of the high scores can be trusted.
_LAST = (0.85, 0.995)
_LONGER = 1.25
_HALF_AT = -np.log10(FALSE_ALARMS)
_KEPT = 10_001
_SHAPES = (-0.4, 1.0)
# A guess at the shape, a little heavier than exponential: matters with few rows only.
_USUAL_SHAPE, _SHAPE_SPREAD = 0.1, 0.25
_LINEAR_FROM = 4.0
# A shape as small is none: the tail is an exponential one.
_EXPONENTIAL = 1e-6


@dataclass(frozen=True, eq=False)
class Tail:
    """The distribution of the scores of ordinary rows.

    Attributes
    ----------
    quantiles : array of shape (points,)
        Of all fitted scores, evenly spread from the lowest to the highest.
    start, scale, shape : float
        The Pareto distribution of what goes beyond ``start``.
    beyond : float
        Share of the fitted rows beyond ``start``.
    digits_from : float
        Beyond this score another unit is another digit of rarity; infinite where the unit of the
        scores says nothing. See :func:`of_digits`.
    """

    quantiles: Scores
    start: float
    scale: float
    shape: float
    beyond: float
    digits_from: float = np.inf

    def rarity(self, raw: Scores) -> Scores:
        """−log10 of the share of ordinary rows with a score as high; 0 and more.

        Parameters
        ----------
        raw : array of shape (rows,)
        """
        raw = np.asarray(raw, dtype=np.float64)
        count = len(self.quantiles)
        # Of rows with the same score none is rarer than the others: those below count.
        values, first = np.unique(self.quantiles, return_index=True)
        share = np.interp(raw, values, first / (count - 1), left=0.0)
        body = -np.log10(np.maximum(1.0 - share, self.beyond))
        digits = np.where(raw > self.start, self._far(raw - self.start), body)
        if np.isinf(self.digits_from):
            return digits
        return np.where(raw > self.digits_from, self._from_there + raw - self.digits_from, digits)

    def calibrated(self, raw: Scores) -> Scores:
        """0–1, comparable between algorithms; never falls where the raw score rises."""
        rarity = self.rarity(raw)
        found: Scores = rarity / (rarity + _HALF_AT)
        return found

    def score_at(self, false_alarms: float) -> float:
        """The raw score that this share of ordinary rows goes beyond."""
        if false_alarms >= self.beyond:
            return float(_of_sorted(self.quantiles, 1.0 - false_alarms))
        further = -np.log10(false_alarms) - self._from_there
        if further > 0:
            return float(self.digits_from + further)
        digits = np.log10(self.beyond / false_alarms)
        if self.shape >= 0 or digits <= _LINEAR_FROM:
            return self.start + _excess_at(digits, self.scale, self.shape)
        at = _excess_at(_LINEAR_FROM, self.scale, self.shape)
        natural = (digits - _LINEAR_FROM) * np.log(10)
        return float(self.start + at + natural * (self.scale + self.shape * at))

    def score_of_share(self, share: float) -> float:
        """The raw score that this share of the fitted rows goes beyond, anomalies and all."""
        return float(_of_sorted(self.quantiles, 1.0 - share))

    @property
    def _from_there(self) -> float:
        """The digits at ``digits_from``."""
        if np.isinf(self.digits_from):
            return np.inf
        return float(self._far(np.array([self.digits_from - self.start]))[0])

    def _far(self, excess: Scores) -> Scores:
        """−log10 of the Pareto tail; from 1 in 10 000 of it on as straight as it is there."""
        at = _excess_at(_LINEAR_FROM, self.scale, self.shape)
        slope = 1.0 / (self.scale + self.shape * at) / np.log(10)
        near = _log_tail(np.clip(excess, 0.0, at), self.scale, self.shape)
        straight = self.shape < 0
        far = _log_tail(np.maximum(excess, 0.0), self.scale, max(self.shape, 0.0))
        digits: Scores = near + slope * np.maximum(excess - at, 0.0) if straight else far
        found: Scores = digits - np.log10(self.beyond)
        return found


def fit_tail(scores: Scores) -> Tail:
    """Learn from the scores of the fitted rows.

    Parameters
    ----------
    scores : array of shape (rows,)

    Raises
    ------
    DetectionError
        With fewer than 20 rows, or scores that are not finite.

    References
    ----------
    .. [1] J. Pickands, Statistical Inference Using Extreme Order Statistics, Annals of
       Statistics 3, 1975.
    .. [2] A. Siffer et al., Anomaly Detection in Streams with Extreme Value Theory, KDD 2017.

    Examples
    --------
    >>> tail = fit_tail(np.random.default_rng(0).exponential(size=20_000))
    >>> bool(abs(tail.score_at(0.001) - np.log(1000)) < 0.5)
    True
    """
    if len(scores) < LEAST_ROWS:
        raise DetectionError(
            f"A detector needs {LEAST_ROWS} rows to learn from, got {len(scores)}."
        )
    if not np.isfinite(scores).all():
        raise DetectionError("The algorithm found no finite scores in this table.")
    ordered = np.sort(scores)
    kept = ordered
    if len(ordered) > _KEPT:
        kept = _of_sorted(ordered, np.linspace(0.0, 1.0, _KEPT))
    anomalies = _far_off(ordered, kept)
    found = _fit(ordered[: len(ordered) - anomalies], kept)
    for _ in range(_ROUNDS):
        flagged = int((ordered > found.score_at(FALSE_ALARMS)).sum())
        more = min(flagged - _by_chance(len(ordered)), int(_MOST_ANOMALIES * len(ordered)))
        if more <= anomalies:
            break
        anomalies = more
        found = _fit(ordered[: len(ordered) - anomalies], kept)
    last = _fit(ordered[: len(ordered) - anomalies], kept, *_LAST)
    before, after = (each.score_at(FALSE_ALARMS) - found.start for each in (found, last))
    # A tail that became so much longer is one with anomalies that were not seen.
    return found if after > _LONGER * before else last


def of_digits(tail: Tail) -> Tail:
    """The distribution of scores that are means of rarities themselves.

    Where ``auto`` draws its line is learnt; beyond it a mean that is a digit higher is a digit
    rarer. A Pareto tail of a few hundred rows, carried on so far, makes 3 digits of the same mean
    in one series and 130 in another.
    """
    return replace(tail, digits_from=max(tail.start, tail.score_at(FALSE_ALARMS)))


def _far_off(ordered: Scores, kept: Scores) -> int:
    """How many anomalies there are when there are so many that they hide each other.

    Asked of the lower scores alone, and believed only when it leaves no doubt.
    """
    low = _fit(ordered, kept, *_LOW_BODY)
    beyond = int((ordered > low.score_at(FALSE_ALARMS)).sum())
    least, most = (int(share * len(ordered)) for share in (_MANY, _MOST_ANOMALIES))
    return beyond if max(least, _by_chance(len(ordered))) < beyond <= most else 0


def _by_chance(rows: int) -> int:
    """How many ordinary rows lie beyond the threshold at most, as chance has it."""
    expected = FALSE_ALARMS * rows
    return int(np.ceil(expected + 2.0 * np.sqrt(expected)))


def _fit(ordered: Scores, kept: Scores, body: float = BODY, censored: float = CENSORED) -> Tail:
    start, cut = (float(found) for found in _of_sorted(ordered, np.array([body, censored])))
    excess = ordered[ordered > start] - start
    same = cut <= start or _of_sorted(ordered, CENSORED) <= start
    if same and len(excess) <= max(1, int(_ALONE * len(ordered))):
        # All others have the same score: what goes beyond is unlike anything seen.
        unit = max(float(np.ptp(ordered)), abs(start), 1e-12) * 1e-6
        return Tail(kept, start, unit, 0.0, 1.0 / len(ordered))
    scale, shape = _fit_pareto(excess, cut - start)
    return Tail(kept, start, scale, shape, len(excess) / len(ordered))


def check_tail(tail: Tail) -> Tail:
    """The distribution, when it is one.

    Raises
    ------
    DetectionError
        If it comes from a damaged file.
    """
    rises = tail.quantiles.ndim == 1 and len(tail.quantiles) > 1
    rises = rises and bool((np.diff(tail.quantiles) >= 0).all())
    numbers = np.isfinite([tail.start, tail.scale, tail.shape]).all() and tail.scale > 0
    numbers = numbers and tail.digits_from >= tail.start
    if not (rises and numbers and 0 < tail.beyond <= 1):
        raise DetectionError("The stored detector is damaged.")
    return tail


def _fit_pareto(excess: Scores, cut: float) -> tuple[float, float]:
    # Here, so that thresholds can be checked where no library is wanted.
    from scipy.optimize import minimize

    seen = excess[excess <= cut]
    hidden = len(excess) - len(seen)
    if len(seen) < 3 or cut <= 0:
        return float(np.median(excess) / np.log(2)), 0.0
    # So many rows are told as well by fewer quantiles, each of which stands for several.
    each = max(1.0, len(seen) / _POINTS)
    if each > 1:
        seen = _of_sorted(seen, (np.arange(_POINTS) + 0.5) / _POINTS)
    # An exponential tail, censored, to begin with.
    count, total = len(seen), float(seen.sum())
    first = (each * total + hidden * cut) / (each * count)

    def unlikely(point: Scores) -> float:
        scale, shape = math.exp(point[0]) * first, float(point[1])
        rate = shape / scale
        if not _SHAPES[0] <= shape <= _SHAPES[1] or 1 + rate * cut <= 1e-9:
            return math.inf
        # One pass over the rows: what they add to the tail and to its density are the same logs.
        logs = float(np.log1p(rate * seen).sum())
        straight = abs(shape) < _EXPONENTIAL
        tails = total / scale if straight else logs / shape
        far = cut / scale if straight else math.log1p(rate * cut) / shape
        prior = ((shape - _USUAL_SHAPE) / _SHAPE_SPREAD) ** 2 / 2
        return each * (count * math.log(scale) + tails + logs) + hidden * far + prior

    simplex = np.array([[0.0, 0.0], [0.2, 0.0], [0.0, 0.1]])
    options = {"initial_simplex": simplex, "xatol": 1e-4, "fatol": 1e-4, "maxiter": 400}
    found = minimize(unlikely, np.zeros(2), method="Nelder-Mead", options=options).x
    return float(np.exp(found[0]) * first), float(found[1])


def _of_sorted(ordered: Scores, shares: Scores | float) -> Scores:
    """As ``np.quantile``, which would sort in parts what is sorted already."""
    places = np.asarray(shares) * (len(ordered) - 1)
    found: Scores = np.interp(places, np.arange(len(ordered)), ordered)
    return found


def _natural_tail(excess: Scores, scale: float, shape: float) -> Scores:
    """−ln of the share that goes further."""
    if abs(shape) < _EXPONENTIAL:
        return excess / scale
    found: Scores = np.log1p(shape * excess / scale) / shape
    return found


def _log_tail(excess: Scores, scale: float, shape: float) -> Scores:
    found: Scores = _natural_tail(excess, scale, shape) / np.log(10)
    return found


def _excess_at(digits: float, scale: float, shape: float) -> float:
    natural = digits * np.log(10)
    if abs(shape) < _EXPONENTIAL:
        return float(scale * natural)
    return float(scale * np.expm1(shape * natural) / shape)
