"""The test result of an experiment: predictions, report, curves, files to download."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.evaluation.predictions import Predictions
from diagnostics.evaluation.report import EvaluationReport
from diagnostics.evaluation.roc import RocCurve, macro_average, roc_curve
from models import Experiment, Recording
from services import actor
from services.cache_service import CACHE_TTL_DAY, CacheService
from services.errors import NotFound
from services.evaluation.views import ResultView, result_view
from services.runtime import artefacts, unit_of_work

# A spreadsheet runs what begins with these.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class PredictionsView(TypedDict):
    """One row for each window of the test side; the arrays share their order."""

    predictions: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    targets: NDArray[np.int64]
    class_names: list[str]
    recording_ids: NDArray[np.int64]
    starts_s: NDArray[np.float64]


class CurveView(TypedDict):
    fpr: list[float]
    tpr: list[float]
    auc: float


class RocView(TypedDict):
    """``macro`` is None when no class has a curve."""

    classes: dict[str, CurveView]
    macro: CurveView | None


class CheckpointView(TypedDict):
    path: Path
    file_name: str


class EvaluationService:
    """Read and judge what experiments predicted."""

    @staticmethod
    def load_experiment_predictions(experiment_id: int) -> PredictionsView:
        """What the classifier said about every window of the test side.

        Raises
        ------
        NotFound
            If there is no such experiment, or it has no test result yet.
        """
        given = _predictions(experiment_id)
        return {
            "predictions": given.predicted,
            "probabilities": given.probabilities,
            "targets": given.targets,
            "class_names": list(given.class_names),
            "recording_ids": given.recording_ids,
            "starts_s": given.starts_s,
        }

    @staticmethod
    def generate_roc_data(
        probabilities: NDArray[np.float64], targets: NDArray[np.int64], class_names: list[str]
    ) -> RocView:
        """Each class against the rest, and their mean; full curves, not thinned.

        A class that does not occur, or has nothing beside it, has no curve.
        """
        actor.reader()
        scores, truth = np.asarray(probabilities), np.asarray(targets)
        support = np.bincount(truth, minlength=len(class_names))
        curves = {
            name: roc_curve(scores[:, number], truth == number)
            for number, name in enumerate(class_names)
            if 0 < support[number] < truth.size
        }
        macro = _curve(macro_average(list(curves.values()))) if curves else None
        return {"classes": {name: _curve(c) for name, c in curves.items()}, "macro": macro}

    @staticmethod
    def cache_evaluation_results(
        experiment_id: int, evaluation_type: str, results: dict[str, Any]
    ) -> None:
        """Keep a JSON result for a day; it is forgotten when the weights change.

        Raises
        ------
        NotFound
            If there is no such experiment.
        """
        actor.writer()
        CacheService.set(_cache_key(experiment_id, evaluation_type), results, CACHE_TTL_DAY)

    @staticmethod
    def get_cached_evaluation(experiment_id: int, evaluation_type: str) -> dict[str, Any] | None:
        """A kept result of these weights, or None.

        Raises
        ------
        NotFound
            If there is no such experiment.
        """
        actor.reader()
        kept: dict[str, Any] | None = CacheService.get(_cache_key(experiment_id, evaluation_type))
        return kept

    @staticmethod
    def get_report(experiment_id: int) -> EvaluationReport | None:
        """The report on the test, or None while there is none.

        Raises
        ------
        NotFound
            If there is no such experiment.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            key = _experiment(session, experiment_id).report_key
        return None if key is None else EvaluationReport.from_dict(json.loads(_read(key)))

    @staticmethod
    def get_result(experiment_id: int) -> tuple[EvaluationReport, ResultView] | None:
        """Report and everything that is shown beside it, or None while there is none.

        Raises
        ------
        NotFound
            If there is no such experiment.
        """
        report = EvaluationService.get_report(experiment_id)
        if report is None:
            return None
        named = [row.recording_id for row in report.worst]
        with unit_of_work(writing=False) as session:
            return report, result_view(session, _experiment(session, experiment_id), named)

    @staticmethod
    def export_predictions(experiment_id: int) -> str:
        """Every window of the test side as CSV, one column for each class.

        Raises
        ------
        NotFound
            If there is no such experiment, or it has no test result yet.
        """
        given = _predictions(experiment_id)
        numbers = np.unique(given.recording_ids).tolist()
        named = select(Recording.id, Recording.name).where(Recording.id.in_(numbers))
        with unit_of_work(writing=False) as session:
            names = {row.id: row.name for row in session.execute(named)}
        return _csv(given, names)

    @staticmethod
    def export_report(experiment_id: int) -> dict[str, Any]:
        """The report as plain values.

        Raises
        ------
        NotFound
            If there is no such experiment, or it has no test result yet.
        """
        report = EvaluationService.get_report(experiment_id)
        if report is None:
            raise NotFound("This experiment has no test result yet.")
        return report.to_dict()

    @staticmethod
    def export_config(experiment_id: int) -> dict[str, Any]:
        """What was asked for; the command line takes it to train the same again.

        Raises
        ------
        NotFound
            If there is no such experiment.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            return dict(_experiment(session, experiment_id).config)

    @staticmethod
    def export_checkpoint(experiment_id: int) -> CheckpointView:
        """The file of the trained classifier on this machine.

        Raises
        ------
        NotFound
            If there is no such experiment, or it is not trained yet.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            key = _experiment(session, experiment_id).checkpoint_key
        if key is None:
            raise NotFound("This experiment is not trained yet.")
        path = artefacts().local_path(key)
        return {"path": path, "file_name": f"experiment-{experiment_id}{path.suffix}"}


def _experiment(session: Session, experiment_id: int) -> Experiment:
    found = session.get(Experiment, experiment_id)
    if found is None:
        raise NotFound(f"There is no experiment {experiment_id}.")
    return found


def _predictions(experiment_id: int) -> Predictions:
    actor.reader()
    with unit_of_work(writing=False) as session:
        key = _experiment(session, experiment_id).predictions_key
    if key is None:
        raise NotFound("This experiment has no test result yet.")
    return Predictions.from_npz(_read(key))


def _read(key: str) -> bytes:
    return artefacts().read(key)


def _cache_key(experiment_id: int, evaluation_type: str) -> str:
    with unit_of_work(writing=False) as session:
        weights = _experiment(session, experiment_id).checkpoint_hash or "untrained"
    return f"evaluation:{experiment_id}:{weights[:16]}:{evaluation_type}"


def _curve(curve: RocCurve) -> CurveView:
    return {
        "fpr": curve.false_positive_rate.tolist(),
        "tpr": curve.true_positive_rate.tolist(),
        "auc": curve.area,
    }


def _csv(given: Predictions, names: dict[int, str]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    head = ["recording_id", "recording", "group", "start_s", "stop_s", "true", "predicted"]
    writer.writerow([*head, *(_harmless(f"p({name})") for name in given.class_names)])
    predicted = given.predicted
    for row, number in enumerate(given.recording_ids.tolist()):
        start = float(given.starts_s[row])
        writer.writerow(
            [
                number,
                _harmless(names.get(number, "")),
                _harmless(given.groups[number]),
                f"{start:.6f}",
                f"{start + given.window_s:.6f}",
                _harmless(given.class_names[given.targets[row]]),
                _harmless(given.class_names[predicted[row]]),
                *(f"{share:.6f}" for share in given.probabilities[row]),
            ]
        )
    return buffer.getvalue()


def _harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
