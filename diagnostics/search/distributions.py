"""Dimensions of a space in the words of Optuna."""

from __future__ import annotations

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from diagnostics.search.space import Choices, Dimension, Interval


def distribution(dimension: Dimension) -> BaseDistribution:
    """The distribution that a dimension is drawn from."""
    if isinstance(dimension, Choices):
        return CategoricalDistribution(dimension.choices)
    assert isinstance(dimension, Interval)
    if dimension.whole:
        low, high, step = int(dimension.low), int(dimension.high), int(dimension.step or 1)
        return IntDistribution(low, high, log=dimension.log, step=step)
    return FloatDistribution(dimension.low, dimension.high, log=dimension.log, step=dimension.step)
