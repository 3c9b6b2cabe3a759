"""Whether a probability of 0.9 is right nine times in ten, and how to make it so."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.evaluation.bands import Area
from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.items import Items
from diagnostics.evaluation.predictions import Floats, Ints

BINS = 10
# The coldest and hottest temperature that is looked at.
COLDEST, HOTTEST = 0.05, 20.0
# Forests say exactly 0; its logarithm would be without end.
_LEAST = 1e-6
_FLAT = 1e-6
# The scatter of the draws once, and about twice that of the data themselves.
_TOO_LARGE = 3


@dataclass(frozen=True)
class Bin:
    """Items whose confidence lies in ``low`` to ``high``; None where there are none."""

    low: float
    high: float
    count: int
    confidence: float | None
    accuracy: float | None
    accuracy_low: float | None
    accuracy_high: float | None


@dataclass(frozen=True)
class Calibration:
    """Reliability of the confidence, and its scores; lower is better for all three.

    ``ece`` is the expected calibration error, ``brier`` the Brier score summed over the
    classes (0 to 2), ``loss`` the mean negative log likelihood in nats.
    """

    count: int
    bins: tuple[Bin, ...]
    ece: Area
    brier: Area
    loss: Area
    confidence: float
    accuracy: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Temperature:
    """``value`` above 1 makes probabilities less sure. ``at_limit``: the best one lies beyond."""

    value: float
    windows: int
    recordings: int
    loss_before: float
    loss_after: float
    at_limit: bool

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def brier_score(probabilities: Floats, targets: Ints) -> Floats:
    """Squared distance of the probabilities from the truth, of each item.

    Parameters
    ----------
    probabilities : array of shape (n, classes)
    targets : array of shape (n,)

    Returns
    -------
    array of shape (n,)
        0 to 2, summed over the classes as by Brier [1]_; half of that is usual for two classes.

    References
    ----------
    .. [1] G. W. Brier, "Verification of forecasts expressed in terms of probability", Monthly
       Weather Review 78(1), 1950.

    Examples
    --------
    >>> brier_score(np.array([[0.8, 0.2]]), np.array([0])).round(2)
    array([0.08])
    """
    truth = np.zeros_like(probabilities)
    truth[np.arange(len(targets)), targets] = 1
    return np.asarray(((probabilities - truth) ** 2).sum(axis=1))


def log_loss(probabilities: Floats, targets: Ints) -> Floats:
    """Negative log likelihood of the true class of each item, in nats.

    Probabilities below 1e-6 count as 1e-6, or one sure mistake would decide alone.

    Examples
    --------
    >>> log_loss(np.array([[0.5, 0.5]]), np.array([0])).round(4)
    array([0.6931])
    """
    of_true = probabilities[np.arange(len(targets)), targets]
    return np.asarray(-np.log(np.maximum(of_true, _LEAST)))


def calibration(items: Items, bins: int = BINS) -> Calibration:
    """Accuracy against confidence in bins of equal width, with three scores.

    Parameters
    ----------
    items : Items
    bins : int

    Returns
    -------
    Calibration
        Where groups were drawn, the accuracy of each bin and the scores have intervals. The
        calibration error of a draw is larger than that of the data, since every bin scatters
        anew; its interval is moved back by the mean of that. With few items the error itself
        is too large for the same reason, by about twice as much, and depends on the number of
        bins [1]_: the lower end allows for that, too. In simulations with a known error such
        intervals held it in 90 to 100 of 100 cases, and in 83 with six groups of each class.

    References
    ----------
    .. [1] C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, "On Calibration of Modern Neural
       Networks", ICML 2017.

    Examples
    --------
    >>> from diagnostics.evaluation.items import Level, items_of
    >>> from diagnostics.evaluation.predictions import Predictions
    >>> given = Predictions(np.array([[0.9, 0.1], [0.3, 0.7]]), np.array([0, 0]),
    ...     np.array([1, 2]), np.zeros(2), 0.1, {1: "A", 2: "B"}, ("healthy", "worn"))
    >>> round(calibration(items_of(given, Level.RECORDINGS, 0)).ece.value, 3)
    0.4
    """
    confidence, right = items.confidence, ~items.wrong
    place = np.minimum((confidence * bins).astype(np.intp), bins - 1)
    member = np.zeros((len(items), bins))
    member[np.arange(len(items)), place] = 1
    counts = items.sums(member)
    hits = items.sums(member * right[:, None])
    told = items.sums(member * confidence[:, None])
    return Calibration(
        count=len(items),
        bins=_bins(items, counts, hits, told),
        ece=_ece(items, counts, hits, told),
        brier=_mean(items, brier_score(items.probabilities, items.targets)),
        loss=_mean(items, log_loss(items.probabilities, items.targets)),
        confidence=float(confidence.mean()),
        accuracy=float(right.mean()),
    )


def fit_temperature(probabilities: Floats, targets: Ints, recording_ids: Ints) -> Temperature:
    """The temperature under which the probabilities of held-out windows fit best.

    One number divides the logarithms of all probabilities [1]_: the most probable class stays
    the same, only how sure the classifier sounds changes. It is to be found on data that were
    neither trained on nor are tested on.

    Parameters
    ----------
    probabilities : array of shape (windows, classes)
    targets, recording_ids : array of shape (windows,)

    Returns
    -------
    Temperature

    Raises
    ------
    EvaluationError
        If there is no window.

    References
    ----------
    .. [1] C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, "On Calibration of Modern Neural
       Networks", ICML 2017.

    Examples
    --------
    >>> sure = np.tile([[0.99, 0.01]], (10, 1))
    >>> truth = np.array([0] * 8 + [1] * 2)
    >>> found = fit_temperature(sure, truth, np.arange(10))
    >>> bool(np.allclose(with_temperature(sure[:1], found.value), [[0.8, 0.2]], atol=1e-3))
    True
    """
    from scipy.optimize import minimize_scalar

    if len(targets) == 0:
        raise EvaluationError("A temperature needs windows of the validation part; there are none.")

    def loss(logarithm: float) -> float:
        scaled = with_temperature(probabilities, float(np.exp(logarithm)))
        return float(log_loss(scaled, targets).mean())

    ends = np.log([COLDEST, HOTTEST])
    found = minimize_scalar(loss, bounds=tuple(ends), method="bounded", options={"xatol": 1e-5})
    best, least = float(found.x), float(found.fun)
    # Without a single error the loss falls on and on as the probabilities get surer.
    limit = min(ends, key=loss)
    at_limit = loss(limit) <= least + _FLAT
    if at_limit:
        best, least = limit, loss(limit)
    return Temperature(
        value=float(np.exp(best)),
        windows=len(targets),
        recordings=len(np.unique(recording_ids)),
        loss_before=loss(0.0),
        loss_after=least,
        at_limit=at_limit,
    )


def with_temperature(probabilities: Floats, temperature: float) -> Floats:
    """Probabilities after their logarithms were divided by a temperature.

    Parameters
    ----------
    probabilities : array of shape (n, classes)
    temperature : float
        Above 0.

    Returns
    -------
    array of shape (n, classes)
        Rows sum to 1.

    Examples
    --------
    >>> with_temperature(np.array([[0.8, 0.2]]), 2.0).round(3)
    array([[0.667, 0.333]])
    """
    logs = np.log(np.maximum(probabilities, _LEAST)) / temperature
    scaled = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(scaled / scaled.sum(axis=1, keepdims=True))


def _bins(items: Items, counts: Floats, hits: Floats, told: Floats) -> tuple[Bin, ...]:
    total, right, sure = counts.sum(axis=0), hits.sum(axis=0), told.sum(axis=0)
    low, high = _bin_intervals(items, counts, hits)
    width = 1 / len(total)
    return tuple(
        Bin(
            low=n * width,
            high=(n + 1) * width,
            count=int(total[n]),
            confidence=float(sure[n] / total[n]) if total[n] else None,
            accuracy=float(right[n] / total[n]) if total[n] else None,
            accuracy_low=_or_none(low[n]),
            accuracy_high=_or_none(high[n]),
        )
        for n in range(len(total))
    )


def _bin_intervals(items: Items, counts: Floats, hits: Floats) -> tuple[Floats, Floats]:
    """None are given for a bin that fewer than five groups reach: its draws say little."""
    nothing = np.full(counts.shape[1], np.nan)
    if items.draws is None:
        return nothing, nothing
    drawn = items.draws.weights @ counts
    shares = _ratio(items.draws.weights @ hits, drawn)
    reached = (counts > 0).sum(axis=0) >= 5
    low, high = nothing.copy(), nothing.copy()
    low[reached], high[reached] = items.draws.interval(shares[:, reached])
    return low, high


def _ece(items: Items, counts: Floats, hits: Floats, told: Floats) -> Area:
    def error(weights: Floats) -> Floats:
        gap = np.abs(weights @ hits - weights @ told).sum(axis=1)
        return np.asarray(gap / (weights @ counts).sum(axis=1))

    value = float(error(np.ones((1, len(items.groups))))[0])
    if items.draws is None:
        return Area(value)
    drawn = error(items.draws.weights)
    low, high = items.draws.interval(drawn)
    scatter = max(0.0, float(drawn.mean()) - value)
    return Area(value, max(0.0, float(low) - _TOO_LARGE * scatter), float(high) - scatter)


def _mean(items: Items, values: Floats) -> Area:
    mean = float(values.mean())
    if items.draws is None:
        return Area(mean)
    sums, counts = items.sums(values), items.sums(np.ones(len(items)))
    low, high = items.draws.interval(
        _ratio(items.draws.weights @ sums, items.draws.weights @ counts)
    )
    return Area(mean, float(low), float(high))


def _ratio(part: Floats, whole: Floats) -> Floats:
    out = np.full(part.shape, np.nan)
    np.divide(part, whole, out=out, where=whole > 0)
    return out


def _or_none(value: float | NDArray[np.float64]) -> float | None:
    return None if np.isnan(value) else float(value)
