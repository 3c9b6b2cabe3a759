"""What all methods on a table of features need: columns that say something, rows, groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import FeatureError

Values = NDArray[np.float64]
Rows = NDArray[np.intp]
MOST_FOLDS = 5
_SAME = 1e-12


@dataclass(frozen=True, eq=False)
class Prepared:
    """The part of a table that a method can use.

    ``values`` (rows, columns) may still hold NaN; ``rows`` are their places in the table that
    was given, ``left_out`` says why a column is missing.
    """

    values: Values
    names: tuple[str, ...]
    rows: Rows
    left_out: dict[str, str] = field(default_factory=dict)


def prepare(features: NDArray[np.floating], names: Sequence[str]) -> Prepared:
    """Leave out windows without any number, and columns that say nothing.

    Parameters
    ----------
    features : array of shape (windows, features)
        NaN or infinite where a number is unknown.
    names : sequence of str
        One for each column.

    Returns
    -------
    Prepared

    Raises
    ------
    FeatureError
        If the names do not fit the columns, or nothing is left.

    Examples
    --------
    >>> table = np.array([[1.0, 5.0, np.nan], [2.0, 5.0, np.nan], [np.nan] * 3])
    >>> found = prepare(table, ["RMS", "Mean", "Harmonic2X1X"])
    >>> found.names, found.rows.tolist(), sorted(found.left_out)
    (('RMS',), [0, 1], ['Harmonic2X1X', 'Mean'])
    """
    if features.ndim != 2 or features.shape[1] != len(names):
        raise FeatureError(
            f"A table needs one name for each column, got {len(names)} names for the shape "
            f"{features.shape}."
        )
    values = np.array(features, dtype=np.float64)
    values[~np.isfinite(values)] = np.nan
    known = np.isfinite(values)
    rows = np.flatnonzero(known.any(axis=1))
    left_out: dict[str, str] = {}
    kept: list[int] = []
    for column, name in enumerate(names):
        given = values[known[:, column], column]
        if not given.size:
            left_out[name] = "No window has a number."
        elif np.ptp(given) <= _SAME * np.abs(given).max():
            left_out[name] = "All windows have the same number."
        else:
            kept.append(column)
    if not kept:
        raise FeatureError(
            "No feature differs between the windows, so there is nothing to compare."
        )
    return Prepared(values[rows][:, kept], tuple(names[c] for c in kept), rows, left_out)


def fill(values: Values, by: Values) -> Values:
    """Medians of the columns of ``by`` in the place of NaN; 0 for a column without any number.

    Parameters
    ----------
    values, by : arrays of shape (rows, columns)
        ``by`` are the rows that may be learned from.

    Examples
    --------
    >>> fill(np.array([[np.nan], [9.0]]), np.array([[1.0], [2.0], [6.0]])).tolist()
    [[2.0], [9.0]]
    """
    missing = np.isnan(values)
    if not missing.any():
        return values
    known = np.isfinite(by).any(axis=0)
    medians = np.zeros(by.shape[1])
    medians[known] = np.nanmedian(by[:, known], axis=0)
    return np.where(missing, medians, values)


def standardised(values: Values) -> Values:
    """Columns with mean 0 and standard deviation 1, medians in the place of NaN.

    Examples
    --------
    >>> standardised(np.array([[1.0], [3.0]])).tolist()
    [[-1.0], [1.0]]
    """
    filled = fill(values, values)
    spread = filled.std(axis=0)
    found: Values = (filled - filled.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return found


@dataclass(frozen=True, eq=False)
class Labelled:
    """A prepared table with the class (as a number) and the group of each row."""

    table: Prepared
    classes: tuple[str, ...]
    targets: NDArray[np.intp]
    groups: NDArray[np.str_]


def label(
    features: NDArray[np.floating],
    names: Sequence[str],
    labels: Sequence[str],
    groups: Sequence[str],
) -> Labelled:
    """A prepared table with its labels and groups; windows without a label are left out.

    Parameters
    ----------
    features : array of shape (windows, features)
    names : sequence of str
    labels : sequence of str
        Class of each window; empty where unknown.
    groups : sequence of str
        What may not lie on two sides: the bearing, the machine, at least the recording.

    Raises
    ------
    FeatureError
        If the lengths differ, or there are fewer than two classes.
    """
    if not len(features) == len(labels) == len(groups):
        raise FeatureError(
            f"Each of {len(features)} windows needs a label and a group, got {len(labels)} labels "
            f"and {len(groups)} groups."
        )
    given = np.flatnonzero([bool(name) for name in labels])
    if not given.size:
        raise FeatureError("No window has a class, so features cannot be rated by classes.")
    table = prepare(np.asarray(features)[given], names)
    kept = given[table.rows]
    classes, targets = np.unique([str(labels[row]) for row in kept], return_inverse=True)
    if len(classes) < 2:
        raise FeatureError(
            f"Features are rated by how they tell classes apart; got {len(classes)} of them."
        )
    own = Prepared(table.values, table.names, kept, table.left_out)
    by_row = np.array([str(groups[row]) for row in kept])
    return Labelled(own, tuple(str(name) for name in classes), targets, by_row)


def folds(
    targets: NDArray[np.intp],
    groups: NDArray[np.str_],
    classes: Sequence[str],
    seed: int,
    most: int = MOST_FOLDS,
) -> tuple[list[tuple[Rows, Rows]], list[str]]:
    """Rows to learn from and rows held out, several times, no group on both sides.

    A class with only one group cannot be learned and held out; its rows are in no fold, and
    a note says so.

    Parameters
    ----------
    targets, groups : arrays of shape (rows,)
        Class of each row as a number, and its group.
    classes : sequence of str
        What the numbers stand for.
    seed : int
    most : int
        Folds at most; there are no more than the groups of the class with the fewest.

    Returns
    -------
    folds : list of pairs of arrays of rows
        Empty when fewer than two classes have two groups.
    notes : list of str
    """
    from sklearn.model_selection import StratifiedGroupKFold

    counts = {number: len(np.unique(groups[targets == number])) for number in range(len(classes))}
    several = [number for number, count in counts.items() if count > 1]
    notes = [
        f"“{classes[number]}” has only one group, so nothing of it can be held out; it does "
        "not count."
        for number, count in counts.items()
        if count < 2
    ]
    if len(several) < 2:
        return [], notes
    rows = np.flatnonzero(np.isin(targets, several))
    count = min(most, *(counts[number] for number in several))
    splitter = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    parts = splitter.split(rows, targets[rows], groups[rows])
    return [(rows[learned], rows[held]) for learned, held in parts if len(held)], notes


def mean_recall(truth: NDArray[np.intp], told: NDArray[np.intp]) -> float:
    """Part of each class that was told right, averaged over the classes that are there.

    Examples
    --------
    >>> mean_recall(np.array([0, 0, 0, 1]), np.array([0, 0, 0, 0]))
    0.5
    """
    return float(np.mean([(told[truth == number] == number).mean() for number in np.unique(truth)]))
