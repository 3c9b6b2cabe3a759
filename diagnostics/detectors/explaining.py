"""Why a row has its score: Shapley values that add up to it, or LIME.

Everything is said about the fitted model itself and its raw score.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from diagnostics.detectors.detector import FittedDetector
from diagnostics.detectors.series import SeriesModel
from diagnostics.detectors.shapley import Shapley, is_exact, shapley
from diagnostics.detectors.table import Rows, Table
from diagnostics.errors import ConfigError, DetectionError
from diagnostics.progress import Progress, Report, silent

Values = NDArray[np.float64]
METHODS = ("shap", "lime")
MOST_ROWS = 100
SPARE = 2
"""So many times as many rows are drawn as are needed, since some of them are flagged."""
LEAST_ORDINARY = 10
EVALUATIONS = 120_000
"""Of the score for one row; those that look for neighbours are slow and get a sixth."""
_SLOW = {"lof", "knn", "dbscan", "ensemble", "one_class_svm", "cblof"}
_LIME_SAMPLES = 2000


class _HasTerms(Protocol):
    def terms(self, values: Values) -> Values: ...


@dataclass(frozen=True, eq=False)
class Explained:
    """Rows and what each column adds to their raw scores.

    Attributes
    ----------
    columns : tuple of str
    rows : array of shape (rows,)
    base : array of shape (rows,)
        The score that the explanation starts from: the mean of rows that are not flagged (SHAP),
        of the rows that the trees were grown on (TreeSHAP), or where the local model begins
        (LIME).
    scores : array of shape (rows,)
        Raw scores.
    values : array of shape (rows, columns)
        More is more unusual, below 0 speaks for ordinary; 0 where LIME left a column out.
    error : array of shape (rows, columns)
        Standard error of each value; 0 where exact, NaN where not known.
    method : str
        ``tree_shap``, ``additive_shap``, ``exact_shap``, ``permutation_shap`` or ``lime``.
    fidelity : array of shape (rows,)
        1 for SHAP; for LIME the share of variance (R²) that the local model explains.
    evaluations : int
        Rows the score was asked for.
    """

    columns: tuple[str, ...]
    rows: Rows
    base: Values
    scores: Values
    values: Values
    error: Values
    method: str
    fidelity: Values
    evaluations: int

    @property
    def residual(self) -> Values:
        """What the explanation does not account for: score − base − sum, shape (rows,)."""
        found: Values = self.scores - self.base - self.values.sum(axis=1)
        return found

    def ranked(self, row: int, max_features: int = 10) -> NDArray[np.intp]:
        """Columns of one explained row, those that matter most first."""
        order = np.argsort(-np.abs(self.values[row]), kind="stable")
        return order[:max_features]


def explain(
    detector: FittedDetector,
    table: Table,
    rows: Rows,
    *,
    method: str = "shap",
    max_features: int = 10,
    background: int = 100,
    seed: int = 42,
    report: Report = silent,
) -> Explained:
    """Explain the raw scores of some rows.

    SHAP takes the way that is exact for the algorithm: TreeSHAP for an isolation forest
    (averages by the rows in each branch), the differences of the terms to their background mean
    where a score is a sum over columns (ECOD, COPOD, HBOS), all coalitions of columns where
    120 000 evaluations suffice (20 000 where one is slow), and pairs of opposite permutations
    otherwise, with the standard error. LIME is fitted by the package ``lime`` on rows in which
    columns were replaced by those of background rows.

    Parameters
    ----------
    detector : FittedDetector
    table : Table
        With the columns the detector was fitted on; the background is drawn from those of its
        rows that are not flagged.
    rows : array of shape (rows,)
        Places in the table, 1–100 of them.
    method : str
        ``shap`` or ``lime``.
    max_features : int
        Columns that LIME may use, 1–50; SHAP values are of all columns.
    background : int
        Rows drawn, 10–500.
    seed : int
    report : callable
        Called after each row; what it raises ends the work.

    Raises
    ------
    ConfigError
        If a number is out of its range; ``field`` names it.
    DetectionError
        If a row lies outside the table, or the columns are others.
    """
    _check(method, max_features, background, rows)
    rng = np.random.default_rng(seed)
    others = _ordinary(detector, table, min(background, table.rows), rng)
    values = detector.numbers(table, rows)
    if isinstance(detector.model, SeriesModel):
        return _series(detector, table, rows, method, others)
    around = detector.numbers(table, others)
    if method == "lime":
        return _lime(detector, rows, values, around, max_features, seed, report)
    quick = _closed_form(detector, values, around)
    if quick is not None:
        report(Progress("explain", len(values), len(values)))
        return _told(detector, rows, values, *quick)
    return _asked(detector, rows, values, around, rng, report)


def _ordinary(detector: FittedDetector, table: Table, count: int, rng: np.random.Generator) -> Rows:
    """Rows that the detector does not flag; where it flags nearly all, the least unusual ones.

    A single row far outside would shift the base of an explanation, and with it all its parts.
    """
    drawn = rng.choice(table.rows, min(table.rows, SPARE * count), replace=False)
    raw = detector.of_rows(detector.score_values, table, drawn)
    ordinary = drawn[~detector.flags(raw)][:count]
    if len(ordinary) < min(LEAST_ORDINARY, count):
        ordinary = drawn[np.argsort(raw, kind="stable")[:count]]
    return np.sort(ordinary)


def _check(method: str, max_features: int, background: int, rows: Rows) -> None:
    if method not in METHODS:
        raise ConfigError("method", f"method is {' or '.join(METHODS)}, got {method!r:.40}.")
    if not 1 <= max_features <= 50:
        raise ConfigError("max_features", f"max_features goes from 1 to 50, got {max_features}.")
    if not 10 <= background <= 500:
        raise ConfigError("sample_background", f"It goes from 10 to 500, got {background}.")
    if not 1 <= len(rows) <= MOST_ROWS:
        raise DetectionError(f"1 to {MOST_ROWS} rows are explained at once, got {len(rows)}.")


def _closed_form(
    detector: FittedDetector, values: Values, around: Values
) -> tuple[str, float, Values] | None:
    """Method, base and Shapley values, where there is a formula for them."""
    if detector.algorithm == "isolation_forest":
        from diagnostics.detectors.algorithms.isolation_forest import Forest
        from diagnostics.detectors.tree_shap import score_shap

        return ("tree_shap", *score_shap(cast("Forest", detector.model), values))
    if hasattr(detector.model, "terms"):
        model = cast("_HasTerms", detector.model)
        usual = model.terms(around).mean(axis=0)
        return "additive_shap", float(usual.sum()), model.terms(values) - usual
    return None


def _series(
    detector: FittedDetector, table: Table, rows: Rows, method: str, others: Rows
) -> Explained:
    """Scores of series are sums over columns, each with its own past."""
    if method == "lime":
        raise ConfigError("method", "LIME is for rows without order; series have SHAP values.")
    model = cast("_HasTerms", detector.model)
    usual = detector.of_rows(model.terms, table, others).mean(axis=0)
    terms = detector.of_rows(model.terms, table, rows)
    count = len(terms)
    return Explained(
        columns=detector.columns,
        rows=rows,
        base=np.full(count, float(usual.sum())),
        scores=terms.sum(axis=1),
        values=terms - usual,
        error=np.zeros(terms.shape),
        method="additive_shap",
        fidelity=np.ones(count),
        evaluations=count + len(others),
    )


def _told(
    detector: FittedDetector, rows: Rows, values: Values, method: str, base: float, shap: Values
) -> Explained:
    count = len(values)
    return Explained(
        columns=detector.columns,
        rows=rows,
        base=np.full(count, base),
        scores=detector.score_values(values),
        values=shap,
        error=np.zeros(shap.shape),
        method=method,
        fidelity=np.ones(count),
        evaluations=count,
    )


def _asked(
    detector: FittedDetector,
    rows: Rows,
    values: Values,
    around: Values,
    rng: np.random.Generator,
    report: Report,
) -> Explained:
    allowed = EVALUATIONS // 6 if detector.algorithm in _SLOW else EVALUATIONS
    found: list[Shapley] = []
    for row in values:
        found.append(shapley(detector.score_values, row, around, allowed, rng))
        report(Progress("explain", len(found), len(values), f"row {len(found)}"))
    exact = is_exact(values.shape[1], len(around), allowed)
    return Explained(
        columns=detector.columns,
        rows=rows,
        base=np.array([each.base for each in found]),
        scores=detector.score_values(values),
        values=np.array([each.values for each in found]),
        error=np.array([each.error for each in found]),
        method="exact_shap" if exact else "permutation_shap",
        fidelity=np.ones(len(values)),
        evaluations=sum(each.evaluations for each in found),
    )


def _lime(
    detector: FittedDetector,
    rows: Rows,
    values: Values,
    around: Values,
    max_features: int,
    seed: int,
    report: Report,
) -> Explained:
    found = np.zeros(values.shape)
    base, fidelity = np.empty(len(values)), np.empty(len(values))
    for number, row in enumerate(values):
        base[number], fidelity[number], weights = _local_model(
            detector.score_values, row, around, max_features, seed
        )
        for column, weight in weights:
            found[number, column] = weight
        report(Progress("explain", number + 1, len(values), f"row {number + 1}"))
    return Explained(
        columns=detector.columns,
        rows=rows,
        base=base,
        scores=detector.score_values(values),
        values=found,
        error=np.full(found.shape, np.nan),
        method="lime",
        fidelity=fidelity,
        evaluations=_LIME_SAMPLES * len(values),
    )


def _local_model(
    score: Callable[[Values], Values], row: Values, around: Values, max_features: int, seed: int
) -> tuple[float, float, list[tuple[int, float]]]:
    """Intercept, R² and weights of a linear model of the score, by which columns are the row's.

    Rows that keep more of the columns count more. Columns are replaced by those of a background
    row: small disturbances around a row far outside would never reach ordinary rows.
    """
    from lime.lime_base import LimeBase

    rng = np.random.default_rng(seed)
    columns = len(row)
    width = 0.75 * np.sqrt(columns)

    def closeness(distances: Values) -> Values:
        found: Values = np.sqrt(np.exp(-(distances**2) / width**2))
        return found

    kept = rng.random((_LIME_SAMPLES, columns)) < rng.random((_LIME_SAMPLES, 1))
    kept[0] = True
    others = around[rng.integers(len(around), size=_LIME_SAMPLES)]
    labels = score(np.where(kept, row, others))
    distances = np.sqrt((~kept).sum(axis=1))
    model: Any = LimeBase(closeness, random_state=np.random.RandomState(seed))
    intercept, weights, fidelity, _ = model.explain_instance_with_data(
        kept.astype(np.float64),
        labels[:, None],
        distances,
        0,
        min(max_features, columns),
        feature_selection="highest_weights" if max_features < columns else "none",
    )
    return float(intercept), float(fidelity), [(int(c), float(w)) for c, w in weights]
