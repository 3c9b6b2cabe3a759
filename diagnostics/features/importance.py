"""How much each feature says about the class."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import FeatureError
from diagnostics.features.table import Labelled, Rows, Values, fill, folds, label, mean_recall
from diagnostics.progress import Progress, Report, silent

TREES = 200
REPEATS = 5


class ImportanceMethod(enum.StrEnum):
    """How the importance of a feature is measured."""

    MUTUAL_INFO = "mutual_info"
    RANDOM_FOREST = "random_forest"
    PERMUTATION = "permutation"


@dataclass(frozen=True)
class Importance:
    """Scores by feature, the highest first.

    ``spread`` is the standard deviation between folds, empty when there was only one run.
    ``held_out_recall`` is the mean recall of the forests on groups that they had not seen:
    when it is no better than guessing, importances of the forest mean nothing. ``left_out``
    and ``notes`` are sentences for people.
    """

    method: ImportanceMethod
    scores: dict[str, float]
    spread: dict[str, float]
    folds: int
    held_out_recall: float | None = None
    left_out: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def feature_importance(
    features: NDArray[np.floating],
    labels: Sequence[str],
    names: Sequence[str],
    method: str = ImportanceMethod.MUTUAL_INFO,
    *,
    groups: Sequence[str],
    seed: int = 0,
    report: Report = silent,
) -> Importance:
    """Rate each feature, always on groups apart.

    ``mutual_info`` (nats, at least 0) sees one feature at a time and any relation, but not
    what two features say only together; as many as ln(classes) is all there is to know.
    ``random_forest`` (mean decrease of impurity, together 1) prefers features with many
    values and shares the credit among features that say the same. ``permutation`` (mean
    recall lost when the numbers of one feature are shuffled) is measured only on groups that
    the forest has not seen; of two features that say the same neither loses much.

    Windows of one bearing are alike, and a feature that tells bearings apart tells their
    faults apart as well, until a new bearing comes. Only ``permutation`` sees that, since it
    is measured on the groups held out; the others are rated on the training side of each
    fold and praise such a feature all the same. Their spread between folds, and the recall
    on the groups held out, say how far to trust them.

    Parameters
    ----------
    features : array of shape (windows, features)
    labels : sequence of str
        Class of each window, empty where unknown.
    names : sequence of str
    method : str
    groups : sequence of str
        The bearing, the machine or at least the recording of each window.
    seed : int
        Of the folds and forests.
    report : function
        Called for each fold; what it raises ends the work.

    Returns
    -------
    Importance

    Raises
    ------
    FeatureError
        If the method does not exist, the lengths differ, there are fewer than two classes,
        or for ``permutation`` fewer than two classes with two groups.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> classes = np.repeat(["healthy", "worn"], 60)
    >>> table = np.stack([(classes == "worn") + 0.1 * rng.normal(size=120), rng.normal(size=120)])
    >>> found = feature_importance(
    ...     table.T, classes, ["RMS", "Skewness"], groups=np.tile(["A", "B", "C"], 40))
    >>> list(found.scores), found.folds
    (['RMS', 'Skewness'], 3)
    """
    if method not in set(ImportanceMethod):
        raise FeatureError(
            f"There is no importance “{method}”; choose among {', '.join(ImportanceMethod)}."
        )
    method = ImportanceMethod(method)
    given = label(features, names, labels, groups)
    parts, notes = folds(given.targets, given.groups, given.classes, seed)
    if not parts:
        if method is ImportanceMethod.PERMUTATION:
            raise FeatureError(
                "Permutation importance is measured on groups held out, and fewer than two "
                "classes have two groups or more. Choose another grouping or another method."
            )
        everything = np.arange(len(given.targets))
        parts = [(everything, everything[:0])]
        notes = ["Too few groups to hold any out: rated once, on all windows."]
    rows, recalls = [], []
    for number, (learned, held) in enumerate(parts):
        report(Progress("Rating features", number, len(parts)))
        row, recall = _rated(given, method, learned, held, seed + number)
        rows.append(row)
        recalls.append(recall)
    report(Progress("Rating features", len(parts), len(parts)))
    return _result(given, method, np.array(rows), recalls, tuple(notes))


def _rated(
    given: Labelled, method: ImportanceMethod, learned: Rows, held: Rows, seed: int
) -> tuple[Values, float | None]:
    """Importance of each column in one fold, and the recall on what was held out."""
    values = given.table.values
    training = fill(values[learned], values[learned])
    if method is ImportanceMethod.MUTUAL_INFO:
        return mutual_information(training, given.targets[learned], seed), None
    forest = grown(training, given.targets[learned], seed)
    if not len(held):
        return forest.feature_importances_, None
    testing, truth = fill(values[held], values[learned]), given.targets[held]
    recall = mean_recall(truth, forest.predict(testing))
    if method is ImportanceMethod.RANDOM_FOREST:
        return forest.feature_importances_, recall
    return _lost(forest, testing, truth, recall, seed), recall


def mutual_information(values: Values, targets: NDArray[np.intp], seed: int) -> Values:
    """Between each column and the class, in nats, by distances to nearest neighbours [1]_.

    Parameters
    ----------
    values : array of shape (rows, columns)
        Without NaN.
    targets : array of shape (rows,)
    seed : int
        Of the tiny noise that tells equal values apart.

    References
    ----------
    .. [1] As implemented and documented by ``sklearn.feature_selection.mutual_info_classif``.
    """
    from sklearn.feature_selection import mutual_info_classif

    fewest = int(np.bincount(targets)[np.unique(targets)].min())
    if fewest < 2:
        raise FeatureError("Each class needs two windows or more.")
    found: Values = mutual_info_classif(
        values, targets, discrete_features=False, n_neighbors=min(3, fewest - 1), random_state=seed
    )
    return found


def grown(values: Values, targets: NDArray[np.intp], seed: int, trees: int = TREES) -> Any:
    """A random forest that weighs classes alike, however many windows each has."""
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(
        trees, class_weight="balanced", min_samples_leaf=2, random_state=seed, n_jobs=1
    )
    return forest.fit(values, targets)


def _lost(forest: Any, values: Values, truth: NDArray[np.intp], recall: float, seed: int) -> Values:
    """Recall that is lost when one column is shuffled, for each."""
    rng = np.random.default_rng(seed)
    lost = np.zeros(values.shape[1])
    # All repetitions in one call, since each call costs the forest some milliseconds.
    shuffled = np.tile(values, (REPEATS, 1))
    for column, given in enumerate(values.T):
        shuffled[:, column] = np.concatenate([rng.permutation(given) for _ in range(REPEATS)])
        told = forest.predict(shuffled).reshape(REPEATS, -1)
        lost[column] = recall - np.mean([mean_recall(truth, row) for row in told])
        shuffled[:, column] = np.tile(given, REPEATS)
    return lost


def _result(
    given: Labelled,
    method: ImportanceMethod,
    rows: Values,
    recalls: list[float | None],
    notes: tuple[str, ...],
) -> Importance:
    means, spread = rows.mean(axis=0), rows.std(axis=0)
    order = np.argsort(-means, kind="stable")
    names = given.table.names
    known = [recall for recall in recalls if recall is not None]
    return Importance(
        method,
        {names[column]: float(means[column]) for column in order},
        {names[c]: float(spread[c]) for c in order} if len(rows) > 1 else {},
        len(rows),
        float(np.mean(known)) if known else None,
        given.table.left_out,
        notes,
    )
