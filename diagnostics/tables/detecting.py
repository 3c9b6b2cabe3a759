"""Run a detector over a stored table."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from diagnostics.detectors.detector import Detected, contributing, detect
from diagnostics.detectors.table import Table
from diagnostics.detectors.threshold import AUTO, Policy
from diagnostics.progress import Progress, Report, silent
from diagnostics.tables.for_detectors import rows_for_detector, sampled_rows
from diagnostics.tables.judged import Judged, details_of, plane, projected_rows
from diagnostics.tables.stored import StoredTable


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked of a table.

    Attributes
    ----------
    columns : sequence of str
    sample_size : int or None
    fit_on : Table or None
        Rows to learn from, if not the judged ones.
    time_column : str or None
    shown : sequence of str
        Columns that are shown beside: keys, labels, times.
    """

    algorithm: str
    config: Mapping[str, Any]
    columns: Sequence[str]
    sample_size: int | None = None
    fit_on: Table | None = None
    time_column: str | None = None
    shown: Sequence[str] = ()
    policy: Policy = AUTO


@dataclass(frozen=True, eq=False)
class Answer:
    """The fitted detector, its scores, and what is told of them."""

    detected: Detected
    judged: Judged
    about: list[dict[str, Any]]
    notes: list[str]
    fit_s: float


def detect_in(stored: StoredTable, question: Question, report: Report = silent) -> Answer:
    """Judge the rows of a stored table.

    Raises
    ------
    ConfigError, DetectionError
        As :func:`diagnostics.detectors.detector.detect`.
    """
    places = sampled_rows(stored.row_count, question.sample_size)
    table = rows_for_detector(stored, question.columns, places)
    began = time.perf_counter()
    detected = detect(
        question.algorithm,
        question.config,
        table,
        fit_on=question.fit_on,
        report=report,
        policy=question.policy,
    )
    fit_s = time.perf_counter() - began
    report(Progress("explain", 0, 1, "columns"))
    detector, raw = detected.detector, detected.raw
    detailed = details_of(raw, int(detected.flags.sum()))
    contributions = detector.contributions(table, detailed.astype(np.intp))
    projected = projected_rows(raw, detailed)
    judged = Judged(
        raw=raw,
        calibrated=detected.calibrated,
        places=places,
        columns=detector.columns,
        detailed=detailed,
        contributions=contributions,
        contributes=contributing(contributions),
        values=stored.cells(detailed if places is None else places[detailed], _shown(question)),
        times=_times(stored, question.time_column, places),
        projected=projected,
        projection=plane(detector.numbers(table, projected.astype(np.intp))),
    )
    about = _about(stored, detector.columns, places)
    return Answer(detected, judged, about, list(detector.preprocessing.notes), fit_s)


def _shown(question: Question) -> list[str]:
    times = [question.time_column] if question.time_column else []
    return list(dict.fromkeys([*times, *question.shown, *question.columns]))


def _times(stored: StoredTable, name: str | None, places: Any) -> Any:
    if name is None:
        return None
    types = {column.name: column.type for column in stored.columns}
    if types.get(name, "text") == "text":
        return None
    times = stored.numbers(name)
    return times if places is None else times[places]


def _about(stored: StoredTable, names: Sequence[str], places: Any) -> list[dict[str, Any]]:
    types = {column.name: column.type for column in stored.columns}
    found = []
    for name in names:
        low = high = None
        if types[name] != "text":
            values = stored.numbers(name)
            values = values if places is None else values[places]
            known = values[np.isfinite(values)]
            if len(known):
                low, high = float(known.min()), float(known.max())
        about = {"column": name, "dtype": types[name], "min_value": low, "max_value": high}
        found.append(about)
    return found
