"""Classifiers on features: how much each feature moved the probability of a class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from diagnostics.explain.attribution import Floats
from diagnostics.explain.errors import ExplanationError
from diagnostics.explain.shap_library import shap_library

TREE, PERMUTATION = "tree_shap", "permutation"
BACKGROUND, ORDERS = 50, 10
"""Rows that stand for “not known” in permutation, and orders that are walked forth and back."""


@dataclass(frozen=True)
class FeatureAttribution:
    """What was added to the probability of a class, feature by feature.

    Parameters
    ----------
    values : array of shape (windows, features)
        They add up to ``probability`` less ``expected``.
    probability : array of shape (windows,)
    expected : float
        Without knowing any feature.
    completeness : array of shape (windows,)
        What is missing in the sum, as a part of the scale that the method explains.
    unit : str
        ``probability``, or ``score`` where trees add up scores.
    """

    values: Floats
    probability: Floats
    expected: float
    completeness: Floats
    unit: str


def tree_shap(estimator: Any, rows: Floats, target_class: int) -> FeatureAttribution:
    """Exact Shapley values of a model of trees, from the paths of the trees themselves [1]_.

    Features that say the same share their weight. What is explained is the model: a feature
    with a high value need not have to do with the damage.

    Parameters
    ----------
    estimator : estimator of scikit-learn
        A forest or boosted trees.
    rows : array of shape (windows, features)
        As the estimator takes them.
    target_class : int

    Returns
    -------
    FeatureAttribution

    Raises
    ------
    ExplanationError
        If the estimator has no trees, or no such class.

    References
    ----------
    .. [1] S. Lundberg et al., "From local explanations to global understanding with explainable
       AI for trees", Nature Machine Intelligence 2, 2020, arXiv:1905.04610.
    """
    _check(rows, estimator, target_class)
    if not _has_trees(estimator):
        raise ExplanationError(
            "TreeSHAP needs a classifier made of trees (random forest or gradient boosting). "
            "Use permutation for this one."
        )
    shap = shap_library()
    explainer = shap.TreeExplainer(estimator)
    given = np.asarray(explainer.shap_values(rows, check_additivity=False), dtype=np.float64)
    expected = np.atleast_1d(explainer.expected_value).astype(np.float64)
    is_boosted = not hasattr(estimator, "estimators_")
    values, base = _of_class(given, expected, target_class)
    probability = estimator.predict_proba(rows)[:, target_class]
    explained = _scores(estimator, rows, target_class) if is_boosted else probability
    missing = np.abs(values.sum(axis=1) + base - explained)
    return FeatureAttribution(
        values, probability, base, missing, "score" if is_boosted else "probability"
    )


def permutation(
    estimator: Any, rows: Floats, target_class: int, background: Floats, seed: int = 0
) -> FeatureAttribution:
    """Shapley values by orders drawn at random, each walked forth and back [1]_.

    For any classifier: it is only asked. Unknown features take the values of ``background``
    rows, so the answer depends on which those are.

    Parameters
    ----------
    background : array of shape (rows, features)
        Of recordings that were trained with, say.
    seed : int

    Returns
    -------
    FeatureAttribution
        In probabilities.

    Raises
    ------
    ExplanationError
        If there is no such class, or no background.

    References
    ----------
    .. [1] E. Štrumbelj, I. Kononenko, "Explaining prediction models and individual predictions
       with feature contributions", Knowledge and Information Systems 41, 2014.
    """
    _check(rows, estimator, target_class)
    if background.ndim != 2 or not len(background):
        raise ExplanationError("Permutation needs at least one background window, got none.")

    def ask(given: Floats) -> Floats:
        found: Floats = estimator.predict_proba(given)[:, target_class]
        return found

    rng = np.random.default_rng(seed)
    if len(background) > BACKGROUND:
        background = background[rng.choice(len(background), BACKGROUND, replace=False)]
    values = np.stack([_walked(ask, row, background, rng) for row in rows])
    expected = float(ask(background).mean())
    probability = ask(rows)
    missing = np.abs(values.sum(axis=1) + expected - probability)
    return FeatureAttribution(values, probability, expected, missing, "probability")


def _walked(
    ask: Callable[[Floats], Floats], row: Floats, background: Floats, rng: np.random.Generator
) -> Floats:
    """What each feature adds when it becomes known, over orders and their reverses."""
    count, rest = len(row), len(background)
    total = np.zeros(count)
    for _ in range(ORDERS):
        order = rng.permutation(count)
        for walk in (order, order[::-1]):
            known = np.zeros((count + 1, count), dtype=bool)
            for step, feature in enumerate(walk, start=1):
                known[step:, feature] = True
            given = np.where(known[:, None], row, background[None]).reshape(-1, count)
            total[walk] += np.diff(ask(given).reshape(count + 1, rest).mean(axis=1))
    return total / (2 * ORDERS)


def _has_trees(estimator: Any) -> bool:
    return hasattr(estimator, "estimators_") or hasattr(estimator, "_predictors")


def _check(rows: Floats, estimator: Any, target_class: int) -> None:
    classes = len(estimator.classes_)
    if not 0 <= target_class < classes:
        raise ExplanationError(f"Expected a class from 0 to {classes - 1}, got {target_class}.")
    if rows.ndim != 2 or not rows.size:
        raise ExplanationError(f"Expected rows of features, got the shape {rows.shape}.")


def _of_class(values: Floats, expected: Floats, target_class: int) -> tuple[Floats, float]:
    """Boosted trees of two classes have one score, which speaks for the second."""
    if values.ndim == 3:
        return values[..., target_class], float(expected[target_class])
    sign = 1.0 if target_class == 1 else -1.0
    return sign * values, sign * float(expected[0])


def _scores(estimator: Any, rows: Floats, target_class: int) -> Floats:
    scores: Floats = np.asarray(estimator.decision_function(rows), dtype=np.float64)
    if scores.ndim == 1:
        return scores if target_class == 1 else -scores
    return scores[:, target_class]
