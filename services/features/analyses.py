"""What can be seen in a table of features, as plain values that JSON takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import FeatureError
from diagnostics.features.correlation import CorrelationMethod, feature_correlation
from diagnostics.features.importance import ImportanceMethod, feature_importance
from diagnostics.features.projection import (
    MOST_POINTS,
    Projection,
    neighbour_map,
    principal_components,
)
from diagnostics.features.selection import SelectionMethod, hold_out_groups, select_features
from diagnostics.features.table_file import TableFile
from diagnostics.progress import Progress, Report
from models import AnalysisKind
from services.errors import Invalid

# Of larger tables so many windows are looked at, evenly chosen.
MOST_WINDOWS = 50_000
MOST_SELECTED = 1_000
METHODS: dict[AnalysisKind, tuple[str, ...]] = {
    AnalysisKind.PROJECTION: ("pca", "tsne"),
    AnalysisKind.CORRELATION: tuple(CorrelationMethod),
    AnalysisKind.IMPORTANCE: tuple(ImportanceMethod),
    AnalysisKind.SELECTION: tuple(SelectionMethod),
}


@dataclass(frozen=True, eq=False)
class Table:
    """What is looked at; ``places`` are the rows in the whole table."""

    values: NDArray[np.float64]
    names: tuple[str, ...]
    labels: list[str]
    groups: list[str]
    recording_ids: NDArray[np.int64]
    starts_s: NDArray[np.float64]
    stops_s: NDArray[np.float64]
    notes: tuple[str, ...]


def checked(kind: str, method: str, given: Mapping[str, Any] | None) -> dict[str, Any]:
    """The parameters of a method, complete.

    Raises
    ------
    Invalid
        If there is no such analysis or method, or a parameter is out of its range.
    """
    if kind not in set(AnalysisKind):
        raise Invalid(f"There is no analysis “{kind!s:.40}”; choose among {_told(AnalysisKind)}.")
    methods = METHODS[AnalysisKind(kind)]
    if method not in methods:
        raise Invalid(f"There is no {kind} “{method!s:.40}”; choose among {_told(methods)}.")
    if kind != AnalysisKind.SELECTION:
        return {}
    asked = dict(given or {})
    try:
        most = int(asked.get("num_features", 15))
        threshold = float(asked.get("threshold", 0.01))
    except (TypeError, ValueError, OverflowError) as error:
        told = f"Say how many features to keep, 1 to {MOST_SELECTED}, and a threshold, 0 or more."
        raise Invalid(told) from error
    if not 1 <= most <= MOST_SELECTED or not 0 <= threshold < np.inf:
        raise Invalid(
            f"Keep 1 to {MOST_SELECTED} features that reach 0 or more, got {most} and "
            f"{threshold:g}."
        )
    return {"num_features": most, "threshold": threshold}


def read_table(table: TableFile) -> Table:
    """The windows of a table, or some of them evenly where there are many."""
    places = np.arange(table.row_count)
    notes: tuple[str, ...] = ()
    if len(places) > MOST_WINDOWS:
        places = np.linspace(0, len(places) - 1, MOST_WINDOWS).round().astype(np.intp)
        notes = (f"{MOST_WINDOWS:,} of {table.row_count:,} windows are looked at, evenly chosen.",)
    rows = table.rows(places)
    return Table(
        rows.values,
        table.columns,
        list(rows.labels),
        list(rows.groups),
        rows.recording_ids,
        rows.starts_s,
        rows.stops_s,
        notes,
    )


def analysed(
    table: Table, kind: AnalysisKind, method: str, parameters: Mapping[str, Any], report: Report
) -> dict[str, Any]:
    """The answer of a method, with sentences about what it could not use.

    Raises
    ------
    Invalid
        If the table cannot be taken by the method.
    """
    works: dict[AnalysisKind, Callable[..., dict[str, Any]]] = {
        AnalysisKind.PROJECTION: _projection,
        AnalysisKind.CORRELATION: _correlation,
        AnalysisKind.IMPORTANCE: _importance,
        AnalysisKind.SELECTION: _selection,
    }
    report(Progress("Looking at the features", 0, 1))
    try:
        found = works[kind](table, method, parameters, report)
    except FeatureError as error:
        raise Invalid(str(error)) from error
    found["notes"] = [*table.notes, *found["notes"]]
    return found


def _projection(table: Table, method: str, _parameters: object, _report: Report) -> dict[str, Any]:
    if method == "pca":
        found = principal_components(table.values, table.names)
    else:
        found = neighbour_map(table.values, table.names)
    kept = np.arange(len(found.rows))
    notes = list(found.notes)
    if len(kept) > MOST_POINTS:
        kept = np.linspace(0, len(kept) - 1, MOST_POINTS).round().astype(np.intp)
        notes.append(f"{MOST_POINTS:,} of {len(found.rows):,} windows are drawn, evenly chosen.")
    rows = found.rows[kept]
    return {
        "x": found.coordinates[kept, 0].tolist(),
        "y": found.coordinates[kept, 1].tolist(),
        "labels": [table.labels[row] for row in rows],
        "groups": [table.groups[row] for row in rows],
        "recording_ids": table.recording_ids[rows].tolist(),
        "starts_s": table.starts_s[rows].tolist(),
        "stops_s": table.stops_s[rows].tolist(),
        "explained": None if found.explained is None else found.explained.tolist(),
        "loadings": _loadings(found),
        "left_out": found.left_out,
        "notes": notes,
    }


def _loadings(found: Projection) -> list[dict[str, float]]:
    """Of each axis the features that count most in it."""
    if found.loadings is None:
        return []
    strongest = [np.argsort(-np.abs(row), kind="stable")[:5] for row in found.loadings]
    return [
        {found.names[column]: float(row[column]) for column in columns}
        for row, columns in zip(found.loadings, strongest, strict=True)
    ]


def _correlation(table: Table, method: str, _parameters: object, _report: Report) -> dict[str, Any]:
    found = feature_correlation(table.values, table.names, method)
    return {
        "names": list(found.names),
        "matrix": found.matrix.tolist(),
        "alike": [list(pair) for pair in found.alike],
        "left_out": found.left_out,
        "notes": [],
    }


def _importance(table: Table, method: str, _parameters: object, report: Report) -> dict[str, Any]:
    found = feature_importance(
        table.values, table.labels, table.names, method, groups=table.groups, report=report
    )
    return {
        "scores": found.scores,
        "spread": found.spread,
        "folds": found.folds,
        "held_out_recall": found.held_out_recall,
        "classes": _held_out_classes(table),
        "left_out": found.left_out,
        "notes": list(found.notes),
    }


def _held_out_classes(table: Table) -> int:
    """How many classes a recall is the mean of: those of one group alone are not held out."""
    groups: dict[str, set[str]] = {}
    for label, group in zip(table.labels, table.groups, strict=True):
        groups.setdefault(label, set()).add(group)
    return sum(bool(label) and len(several) > 1 for label, several in groups.items())


def _selection(
    table: Table, method: str, parameters: Mapping[str, Any], report: Report
) -> dict[str, Any]:
    training, _ = hold_out_groups(table.labels, table.groups)
    found = select_features(
        table.values,
        table.labels,
        table.names,
        method,
        groups=table.groups,
        training_groups=training,
        num_features=parameters["num_features"],
        threshold=parameters["threshold"],
        report=report,
    )
    return {
        "names": list(found.names),
        "scores": found.scores,
        "training_groups": list(found.training_groups),
        "held_out_groups": list(found.held_out_groups),
        "recall_chosen": found.recall_chosen,
        "recall_all": found.recall_all,
        "left_out": found.left_out,
        "notes": list(found.notes),
    }


def _told(names: Any) -> str:
    return ", ".join(str(name) for name in names)
