"""Which classifiers no other one beats in both cost and score."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagnostics.evaluation.errors import EvaluationError


def pareto_front(costs: NDArray[np.float64], scores: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Items for which none is at least as cheap and at least as good, and better in one.

    It looks at the values alone: two scores whose intervals overlap may well be equal, and
    with other test data another item may be on the front.

    Parameters
    ----------
    costs : array of shape (n,)
        Lower is better; in any unit, such as parameters.
    scores : array of shape (n,)
        Higher is better.

    Returns
    -------
    array of bool of shape (n,)

    Raises
    ------
    EvaluationError
        If the two differ in length or a value is not finite.

    Examples
    --------
    >>> pareto_front(np.array([1.0, 2.0, 3.0]), np.array([0.8, 0.9, 0.85]))
    array([ True,  True, False])
    """
    if costs.shape != scores.shape or costs.ndim != 1:
        raise EvaluationError(
            f"Expected one score for each cost, got {scores.shape} for {costs.shape}."
        )
    if not (np.isfinite(costs).all() and np.isfinite(scores).all()):
        raise EvaluationError("Some costs or scores are not finite numbers.")
    cheaper = costs[:, None] <= costs[None, :]
    better = scores[:, None] >= scores[None, :]
    strictly = (costs[:, None] < costs[None, :]) | (scores[:, None] > scores[None, :])
    beaten = np.logical_or.reduce(cheaper & better & strictly, axis=0)
    return np.asarray(~beaten, dtype=np.bool_)
