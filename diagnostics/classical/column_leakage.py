"""Whether a stored feature set has met the test part before the classifier did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diagnostics.classical.columns import Columns, StoredColumns, Values, fit_columns
from diagnostics.features.selection import SelectionMethod
from diagnostics.training.leakage import MOST_PLACES, STATISTICS_TOLERANCE, Check, Finding
from diagnostics.training.split import Candidate
from diagnostics.training.windows import WindowSet

# Windows that are computed again, and how far they may be from what is stored, as parts of the
# deviation of a column: recordings are read in single precision.
LOOKED_AT = 8
SAME = 1e-2
# Looks at the numbers alone; all others also at what they should tell apart.
WITHOUT_CLASSES = SelectionMethod.VARIANCE


@dataclass(frozen=True)
class Selected:
    """How the columns of a set were chosen.

    ``looked_at`` are the ids of the recordings that had a say; None where nobody kept them.
    """

    methods: tuple[str, ...]
    looked_at: frozenset[int] | None


def check_selection(selected: Selected | None, test: Sequence[Candidate]) -> Check:
    """Whether the columns were chosen with the help of recordings of the test part.

    Parameters
    ----------
    selected : Selected or None
        None for a set with all columns that were extracted.
    test : sequence of Candidate

    Returns
    -------
    Check
        Its value is the number of such recordings.

    Examples
    --------
    >>> test = [Candidate(7, "pump", "worn", "b1", 5000, 1000.0)]
    >>> check_selection(Selected(("mrmr",), frozenset({7})), test).finding
    <Finding.LEAK: 'leak'>
    """
    if selected is None:
        told = "The feature set has all columns that were extracted: none was chosen by results."
        return Check("selection", Finding.CLEAR, told)
    by = ", ".join(selected.methods)
    if selected.looked_at is None:
        told = (
            f"Columns of the feature set were selected ({by}), and on which recordings was not"
            " kept: the test part may have helped to choose them."
        )
        return Check("selection", Finding.SUSPECT, told)
    met = [one.name for one in test if one.recording_id in selected.looked_at]
    if not met:
        told = f"Columns were selected ({by}) on recordings of which none is in the test part."
        return Check("selection", Finding.CLEAR, told, 0.0, 0.0)
    told = (
        f"The columns of the feature set were selected ({by}) with the help of {len(met):,} of"
        f" {len(test):,} tested recordings."
    )
    places = tuple(sorted(met)[:MOST_PLACES])
    if set(selected.methods) == {WITHOUT_CLASSES}:
        told += " Their classes were not looked at."
        return Check("selection", Finding.SUSPECT, told, float(len(met)), 0.0, places)
    return Check("selection", Finding.LEAK, told, float(len(met)), 0.0, places)


def check_columns(columns: Columns, stored: StoredColumns, training: WindowSet) -> Check:
    """Whether columns are scaled by the training part alone, and were not scaled before.

    Parameters
    ----------
    columns : Columns
        As they are kept with the trained classifier.
    stored : StoredColumns
        The set that it learned from.
    training : WindowSet
        Of the training side only.

    Returns
    -------
    Check
        Named as :func:`diagnostics.training.leakage.check_statistics`, whose place it takes.
    """
    values = stored.values(training)
    off = _apart(columns, fit_columns(columns.recipe, values))
    if off > STATISTICS_TOLERANCE:
        told = (
            "Median, mean and deviation of the columns are not those of the training windows: they"
            f" were fitted on other data as well (relative difference {off:.2g})."
        )
        return Check("statistics", Finding.LEAK, told, off, STATISTICS_TOLERANCE)
    changed = _changed(columns, values, training)
    if changed:
        told = (
            f"The stored numbers of {', '.join(changed[:3])} are not what is computed of the"
            " windows now. If the set was scaled as a whole, the test part had its share in it; or"
            " the speed or bearing of recordings was changed after the extraction."
        )
        return Check("statistics", Finding.SUSPECT, told, float(len(changed)), 0.0)
    told = (
        "The feature set holds numbers as they are computed. Median, mean and deviation of its"
        " columns are those of the training windows alone."
    )
    return Check("statistics", Finding.CLEAR, told, off, STATISTICS_TOLERANCE)


def _apart(kept: Columns, again: Columns) -> float:
    """The greatest difference, as a part of the deviation of its column."""
    scale = np.array(again.deviation)
    pairs = [(kept.median, again.median), (kept.mean, again.mean)]
    pairs.append((kept.deviation, again.deviation))
    return max(float((np.abs(np.array(a) - np.array(b)) / scale).max()) for a, b in pairs)


def _changed(columns: Columns, values: Values, training: WindowSet) -> list[str]:
    """The columns of which a few windows, computed again, are not what is stored."""
    picked = np.unique(np.linspace(0, len(training) - 1, LOOKED_AT).astype(np.int64))
    rate_hz, recordings = training.sample_rate_hz, training.recordings_of(picked)
    again = columns.recipe.compute(training.read(picked), rate_hz, recordings)
    differ = np.abs(columns.scaled(again) - columns.scaled(values[picked])) > SAME
    wrong = np.flatnonzero(differ.any(axis=0))
    return [columns.recipe.keys[place] for place in wrong]
