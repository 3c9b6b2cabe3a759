"""Where errors gather: the error rate against speed, load, severity or anything else known."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.evaluation.bootstrap import CONFIDENCE, MIN_GROUPS, expanded_tails
from diagnostics.evaluation.items import Items

MOST_BINS = 5
# Fewer numbers than this are values of their own, such as four loads.
MOST_VALUES = 8
MOST_NAMES = 20
_RESAMPLES = 2000


@dataclass(frozen=True)
class RateBin:
    """Items with like values. ``low`` and ``high`` are None with ``reason`` saying why.

    ``start`` and ``stop`` are the ends of the bin for numbers, else None.
    """

    name: str
    start: float | None
    stop: float | None
    items: int
    recordings: int
    groups: int
    errors: int
    rate: float
    low: float | None
    high: float | None
    reason: str | None


@dataclass(frozen=True)
class Rates:
    """``numeric`` when the bins lie on a scale; ``missing`` items have no value."""

    numeric: bool
    bins: tuple[RateBin, ...]
    missing: int


def error_rates(items: Items, values: Mapping[int, float | str | None], seed: int) -> Rates | None:
    """The error rate in bins of what is known of the recordings.

    Parameters
    ----------
    items : Items
    values : mapping of recording id to value
        None, or no entry, where it is not known.
    seed : int
        Of the draws of groups.

    Returns
    -------
    Rates or None
        Numbers of more than 8 different values are put into at most 5 bins of about as many
        recordings each; otherwise each value is a bin. None when all recordings have one
        value, or every one a name of its own: there is nothing to compare.

        The interval of a bin draws the groups that reach it (expanded percentiles); with fewer
        than five there is none. Where all its items are right, or all wrong, the draws have no
        spread, and the far end is the share of groups that could go unseen: 1 − 0.05^(1/groups).

    Notes
    -----
    Bins differ in more than the value: when high loads were measured on one bearing only, the
    rate at high load is the rate of that bearing.

    Examples
    --------
    >>> from diagnostics.evaluation.items import Level, items_of
    >>> from diagnostics.evaluation.predictions import Predictions
    >>> given = Predictions(np.array([[0.9, 0.1], [0.3, 0.7]]), np.array([0, 0]),
    ...     np.array([1, 2]), np.zeros(2), 0.1, {1: "A", 2: "B"}, ("healthy", "worn"))
    >>> found = error_rates(items_of(given, Level.RECORDINGS, 0), {1: 0, 2: 3}, seed=0)
    >>> [(one.name, one.rate) for one in found.bins]
    [('0', 0.0), ('3', 1.0)]
    """
    own = [values.get(int(number)) for number in items.recording_ids]
    known = np.array([value is not None for value in own], dtype=bool)
    distinct = {value for value in own if value is not None}
    if len(distinct) < 2:
        return None
    numeric = all(isinstance(value, int | float) for value in distinct)
    if numeric:
        members = _numeric_members(items, own, known)
    else:
        if len(distinct) > MOST_NAMES or len(distinct) == len(np.unique(items.recording_ids)):
            return None
        names = np.array([str(value) for value in own])
        members = [(name, None, None, known & (names == name)) for name in _ordered(names[known])]
    generator = np.random.default_rng(seed)
    bins = tuple(_bin(items, *member, generator) for member in members)
    return Rates(numeric, bins, int((~known).sum()))


Member = tuple[str, float | None, float | None, NDArray[np.bool_]]


def _numeric_members(
    items: Items, own: Sequence[float | str | None], known: NDArray[np.bool_]
) -> list[Member]:
    numbers = np.array([value if value is not None else np.nan for value in own], dtype=float)
    distinct = np.unique(numbers[known])
    if len(distinct) <= MOST_VALUES:
        return [(f"{v:g}", float(v), float(v), known & (numbers == v)) for v in distinct]
    _, first = np.unique(items.recording_ids, return_index=True)
    of_recordings = numbers[first][known[first]]
    edges = np.unique(np.quantile(of_recordings, np.linspace(0, 1, MOST_BINS + 1)))
    members: list[Member] = []
    for place, (start, stop) in enumerate(itertools.pairwise(edges)):
        last = place == len(edges) - 2
        inside = known & (numbers >= start) & ((numbers <= stop) if last else (numbers < stop))
        if inside.any():
            members.append((f"{start:.4g} to {stop:.4g}", float(start), float(stop), inside))
    return members


def _ordered(names: NDArray[np.str_]) -> list[str]:
    """Numbers by size, then names."""

    def key(name: str) -> tuple[float, str]:
        try:
            return float(name), name
        except ValueError:
            return float("inf"), name

    return sorted({str(name) for name in names}, key=key)


def _bin(
    items: Items,
    name: str,
    start: float | None,
    stop: float | None,
    inside: NDArray[np.bool_],
    generator: np.random.Generator,
) -> RateBin:
    wrong = items.wrong[inside]
    _, group_of = np.unique(items.group_of[inside], return_inverse=True)
    counts = np.bincount(group_of).astype(np.float64)
    errors = np.bincount(group_of, weights=wrong).astype(np.float64)
    low, high = _interval(counts, errors, generator)
    reason = None
    if low is None:
        unit = "group" if len(counts) == 1 else "groups"
        reason = f"{len(counts)} {unit}; an interval needs {MIN_GROUPS}."
    return RateBin(
        name=name,
        start=start,
        stop=stop,
        items=int(inside.sum()),
        recordings=len(np.unique(items.recording_ids[inside])),
        groups=len(counts),
        errors=int(wrong.sum()),
        rate=float(wrong.mean()),
        low=low,
        high=high,
        reason=reason,
    )


def _interval(
    counts: NDArray[np.float64], errors: NDArray[np.float64], generator: np.random.Generator
) -> tuple[float | None, float | None]:
    groups = len(counts)
    if groups < MIN_GROUPS:
        return None, None
    total = errors.sum()
    unseen = 1 - (1 - CONFIDENCE) ** (1 / groups)
    if total == 0:
        return 0.0, unseen
    if total == counts.sum():
        return 1 - unseen, 1.0
    weights = generator.multinomial(groups, np.full(groups, 1 / groups), size=_RESAMPLES)
    tail = expanded_tails([np.arange(groups)], CONFIDENCE)
    low, high = np.quantile((weights @ errors) / (weights @ counts), [tail, 1 - tail])
    return float(low), float(high)
