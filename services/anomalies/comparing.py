"""Run several algorithms on the same rows; what a worker does."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from diagnostics.detectors.registry import description
from diagnostics.errors import DiagnosticsError
from diagnostics.progress import Progress, Report, silent
from models.base import now
from services import actor, events
from services.anomalies.asking import Asked, columns_for
from services.anomalies.comparisons import find_comparison
from services.anomalies.curves import curves_of
from services.anomalies.labels import (
    average_precision,
    labelled,
    labels_of,
    metrics_of,
    roc_auc,
)
from services.anomalies.running import fit_table, open_version
from services.files import kept_files
from services.jobs.job_runs import keep_result, kept_result
from services.runtime import artefacts, unit_of_work
from services.sources.views import newest_version

if TYPE_CHECKING:
    from diagnostics.detectors.detector import Detected
    from diagnostics.detectors.table import Table
    from diagnostics.tables.agreement import Agreement
    from diagnostics.tables.stored import StoredTable

FOLDER = "detections"
MOST_INDICES = 10_000


class AnomalyComparingService:
    """Run comparisons."""

    @staticmethod
    def compare(comparison_id: str, report: Report = silent) -> dict[str, Any]:
        """Run each algorithm; one that fails says why and does not stop the others.

        Raises
        ------
        NotFound
            If there is no such comparison.
        """
        actor.writer()
        done = kept_result()
        if done is not None:
            return done
        began = time.perf_counter()
        stored, columns, places, configs, learnt = _question(comparison_id)
        from diagnostics.tables.for_detectors import rows_for_detector

        runs = _Runs(rows_for_detector(stored, columns, places), places, learnt)
        for number, (algorithm, config) in enumerate(configs.items()):
            shown = description(algorithm).display_name
            report(Progress("Comparing", number, len(configs), shown))
            runs.run(algorithm, config, report)
        agreement, result = runs.outcome(stored, columns)
        result |= runs.measured(_labels(comparison_id))
        key = artefacts().put(FOLDER, ".npz", agreement.to_bytes())
        return _keep(comparison_id, key, runs.rows, result, began)


def _question(comparison_id: str) -> tuple[StoredTable, list[str], Any, dict[str, Any], Any]:
    """The table, its columns, the places of a sample, the config of each algorithm, and the rows
    to learn from, if others than the judged ones are named."""
    from diagnostics.tables.for_detectors import sampled_rows

    with unit_of_work() as session:
        row = find_comparison(session, comparison_id)
        actor.owner_or_admin(row.owner_id)
        version = newest_version(session, row.source_id)
        row.source_version_id = version.id
        asked = {name: value for name, value in row.asked.items() if name != "configs"}
        question, configs = Asked(**asked), dict(row.asked["configs"])
        columns = columns_for(version, question.columns)
        stored, learnt = open_version(version), fit_table(session, version, question, columns)
    places = sampled_rows(stored.row_count, question.sample_size)
    return stored, columns, places, configs, learnt


def _labels(comparison_id: str) -> dict[int, bool]:
    with unit_of_work(writing=False) as session:
        return labels_of(session, find_comparison(session, comparison_id).source_version_id)


class _Runs:
    """What came of each algorithm."""

    def __init__(self, table: Table, places: Any, learnt: Table | None) -> None:
        self._table, self._places, self._learnt = table, places, learnt
        self.flags: dict[str, Any] = {}
        self.calibrated: dict[str, Any] = {}
        self.raw: dict[str, Any] = {}
        self.results: list[dict[str, Any]] = []

    @property
    def rows(self) -> int:
        return self._table.rows

    def run(self, algorithm: str, config: dict[str, Any], report: Report) -> None:
        from diagnostics.detectors.detector import detect

        began = time.perf_counter()
        about: dict[str, Any] = {
            "algorithm": algorithm,
            "display_name": description(algorithm).display_name,
            "status": "error",
            "anomaly_count": None,
            "anomaly_rate": None,
            "error_message": None,
            "anomaly_indices": [],
        }
        try:
            found = detect(algorithm, config, self._table, fit_on=self._learnt, report=report)
        except DiagnosticsError as error:
            about["error_message"] = str(error)
        else:
            about |= self._told(algorithm, found)
        about["duration_ms"] = 1e3 * (time.perf_counter() - began)
        self.results.append(about)

    def outcome(self, stored: StoredTable, columns: list[str]) -> tuple[Agreement, dict[str, Any]]:
        """Where the algorithms agree, and what is told of them."""
        from diagnostics.tables.agreement import MOST_VALUED, agree, rank_correlations

        agreement = agree(self.flags, self.calibrated, self._places)
        values = stored.cells(agreement.rows[:MOST_VALUED], columns)
        ranks = rank_correlations(self.raw)
        return replace(agreement, values=values), {
            "columns_analyzed": columns,
            "algorithm_results": self.results,
            "agreement_summary": {**agreement.summary(), "rank_correlation_matrix": ranks},
        }

    def measured(self, said: dict[int, bool]) -> dict[str, Any]:
        """How well each agrees with the labels; None where no judged row has one."""
        import numpy as np

        rows = np.arange(self.rows) if self._places is None else self._places
        places, truth = labelled(said, rows)
        if not len(places):
            return {"label_metrics": None, "label_curves": None}
        raw = {name: self.raw[name][places] for name in self.flags}
        # Flags are what counts, whatever unit the scores have: above one half is above the line.
        metrics = {
            name: {
                **metrics_of(truth, flags[places].astype(np.float64), 0.5),
                "roc_auc": roc_auc(truth, raw[name]),
                "average_precision": average_precision(truth, raw[name]),
            }
            for name, flags in self.flags.items()
        }
        curves = {name: curves_of(truth, scores) for name, scores in raw.items()}
        return {"label_metrics": metrics, "label_curves": curves}

    def _told(self, algorithm: str, found: Detected) -> dict[str, Any]:
        import numpy as np

        flags = found.flags
        rows = np.flatnonzero(flags)
        rows = rows if self._places is None else self._places[rows]
        self.flags[algorithm], self.raw[algorithm] = flags, found.raw
        self.calibrated[algorithm] = found.calibrated
        return {
            "status": "success",
            "anomaly_count": len(rows),
            "anomaly_rate": len(rows) / len(flags),
            "anomaly_indices": [int(one) for one in np.sort(rows)[:MOST_INDICES]],
        }


def _keep(
    comparison_id: str, key: str, rows: int, result: dict[str, Any], began: float
) -> dict[str, Any]:
    with unit_of_work() as session:
        kept_files.hold(session, key)
        row = find_comparison(session, comparison_id)
        row.records_key, row.total_rows, row.result = key, rows, result
        row.duration_ms = 1e3 * (time.perf_counter() - began)
        row.completed_at = now()
        unique = result["agreement_summary"]["total_unique_anomalies"]
        made = {"comparison_id": comparison_id, "unique_anomalies": unique}
        events.record(session, "comparison.ended", f"comparison:{comparison_id}", rows=unique)
        keep_result(session, made)
        return made
