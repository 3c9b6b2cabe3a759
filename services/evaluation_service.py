"""The test result of an experiment: predictions, report, curves, files to download."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.metrics import check_probabilities
from diagnostics.evaluation.mistakes import find_mistakes
from diagnostics.evaluation.predictions import Predictions
from diagnostics.evaluation.report import EvaluationReport
from diagnostics.evaluation.roc import RocCurve, macro_average, roc_curve
from diagnostics.progress import Report, silent
from diagnostics.spreadsheets import harmless
from models import JobKind, Recording
from services import actor
from services.classifier_cost_service import ClassifierCostService
from services.errors import Invalid, NotFound
from services.evaluation import computing, kept
from services.evaluation.architectures import ArchitecturesView, compared, unmeasured
from services.evaluation.kept import find_experiment as _experiment
from services.evaluation.tables import with_leak
from services.evaluation.views import ResultView, result_view
from services.experiments.views import refuse_locked, untrained
from services.job_service import JobService, JobView
from services.runtime import artefacts, unit_of_work

NOISE_LEVELS = [0.01, 0.05, 0.1, 0.2]
# What a job computes, and how its job is called.
COMPUTED = {"robustness": "Robustness of", "temperature": "Temperature scaling of"}


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


class ErrorsView(TypedDict):
    """``confident_mistakes`` and ``close_calls`` name items by their row in what was given.

    The lists hold at most 20, the strongest first; a mean is None where there is no item.
    """

    count: int
    errors: int
    error_rate: float
    most_confused: list[dict[str, Any]]
    confident_mistakes: list[dict[str, Any]]
    close_calls: list[dict[str, Any]]
    classes: list[dict[str, Any]]
    confidence_right: float | None
    confidence_wrong: float | None


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

        Raises
        ------
        Invalid
            If the arrays contradict each other, are empty, or hold what is no probability.
        """
        actor.reader()
        scores, truth = np.asarray(probabilities), np.asarray(targets)
        try:
            check_probabilities(scores, truth, len(class_names))
        except EvaluationError as error:
            raise Invalid(str(error)) from error
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
        """Keep a JSON result in the place of an older one of its type; NaN becomes null.

        It is forgotten when the weights or the data change.

        Raises
        ------
        NotFound
            If there is no such experiment.
        Invalid
            If the type has no name, or a long one, or JSON has no word for a value.
        """
        actor.writer()
        kept.keep(experiment_id, evaluation_type, results)

    @staticmethod
    def get_cached_evaluation(experiment_id: int, evaluation_type: str) -> dict[str, Any] | None:
        """A kept result of these weights and these data; None also without an experiment."""
        actor.reader()
        found = kept.find(experiment_id, evaluation_type)
        return None if found is None else found[0]

    @staticmethod
    def analyze_errors(
        predictions: NDArray[np.int64],
        probabilities: NDArray[np.float64],
        targets: NDArray[np.int64],
        class_names: list[str],
    ) -> ErrorsView:
        """Most confused pairs of classes, confident mistakes, close calls, errors by class.

        Raises
        ------
        Invalid
            If the arrays contradict each other, are empty, or hold what is no probability.
        """
        actor.reader()
        try:
            found = find_mistakes(
                np.asarray(predictions),
                np.asarray(probabilities),
                np.asarray(targets),
                tuple(class_names),
            )
        except EvaluationError as error:
            raise Invalid(str(error)) from error
        return {
            "count": found.count,
            "errors": found.errors,
            "error_rate": found.errors / found.count,
            "most_confused": [asdict(pair) for pair in found.pairs],
            "confident_mistakes": [asdict(one) for one in found.confident],
            "close_calls": [asdict(one) for one in found.close],
            "classes": [asdict(row) for row in found.classes],
            "confidence_right": found.confidence_right,
            "confidence_wrong": found.confidence_wrong,
        }

    @staticmethod
    def compare_architectures(experiment_ids: Sequence[int]) -> ArchitecturesView:
        """Accuracy of recordings with its interval, against what a window costs.

        Operations and latency are None until :meth:`request_costs` had them measured.

        Raises
        ------
        NotFound
            If one of the experiments does not exist.
        Invalid
            If there are none or too many, or one has no test result yet.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            return compared(session, experiment_ids, ClassifierCostService.find_cost)

    @staticmethod
    def request_costs(experiment_ids: Sequence[int]) -> list[int]:
        """Have operations and latency measured where they are not known yet.

        Returns the ids of the jobs; those that run already are not doubled.

        Raises
        ------
        NotFound, Invalid
            As :meth:`compare_architectures`.
        """
        actor.writer()
        with unit_of_work(writing=False) as session:
            asked = unmeasured(session, experiment_ids, ClassifierCostService.find_cost)
        return [ClassifierCostService.request_cost(question) for question in asked]

    @staticmethod
    def test_robustness(
        experiment_id: int, noise_levels: Sequence[float] = NOISE_LEVELS, report: Report = silent
    ) -> dict[str, Any]:
        """How the accuracy of recordings holds under white noise and other disturbances.

        ``noise_levels`` are standard deviations of the noise as fractions of the signal's; the
        ratio in dB stands beside them. Computed here and now, unless it is kept already: what
        a job does.

        The answer has ``clean``, then ``noise``, ``gain``, ``offset``, ``dropout`` and ``rate``
        with scores by the number of the level, ``no_interval`` and ``notes``.

        Raises
        ------
        NotFound
            If there is no such experiment.
        Invalid
            If it is not trained yet, or a level is out of its range.
        """
        actor.writer()
        levels = computing.checked_levels(noise_levels)
        found = kept.find(experiment_id, "robustness")
        if found is None or found[1].get("noise_levels") != levels:
            result, belongs_to = computing.robustness_of(experiment_id, levels, report)
            kept.keep(experiment_id, "robustness", result, {"noise_levels": levels}, belongs_to)
        else:
            result = found[0]
        return computing.by_level(result)

    @staticmethod
    def fit_temperature(experiment_id: int, report: Report = silent) -> dict[str, Any]:
        """The temperature that fits the validation part, kept; what a job does.

        Raises
        ------
        NotFound
            If there is no such experiment.
        Invalid
            If it is not trained yet, or has no validation part.
        """
        actor.writer()
        found = kept.find(experiment_id, "temperature")
        if found is not None:
            return found[0]
        result, belongs_to = computing.temperature_of(experiment_id, report)
        kept.keep(experiment_id, "temperature", result, computed_for=belongs_to)
        return result

    @staticmethod
    def score_validation(experiment_id: int, report: Report = silent) -> dict[str, float]:
        """Balanced accuracy over the recordings of the validation part; computed here and now.

        Raises
        ------
        NotFound
            If there is no such experiment.
        Invalid
            If it is not trained yet, or has no validation part.
        """
        actor.writer()
        return computing.validation_score_of(experiment_id, report)

    @staticmethod
    def request_evaluation(
        experiment_id: int, evaluation_type: str, noise_levels: Sequence[float] = NOISE_LEVELS
    ) -> int:
        """Submit the job of ``robustness`` or ``temperature``; one that runs is not doubled.

        Raises
        ------
        NotFound
            If there is no such experiment.
        Invalid
            If there is no such evaluation, the experiment is not trained yet, or a level is out
            of its range.
        """
        actor.writer()
        if evaluation_type not in COMPUTED:
            raise Invalid(f"Expected one of {', '.join(COMPUTED)}, got “{evaluation_type!s:.40}”.")
        arguments: dict[str, Any] = {
            "experiment_id": experiment_id,
            "evaluation_type": evaluation_type,
        }
        if evaluation_type == "robustness":
            arguments["noise_levels"] = computing.checked_levels(noise_levels)
        with unit_of_work(writing=False) as session:
            experiment = _experiment(session, experiment_id)
            if experiment.checkpoint_key is None:
                raise untrained(experiment)
            refuse_locked(session, experiment)
            title = f"{COMPUTED[evaluation_type]} “{experiment.name}”"
        return JobService.submit_once(
            JobKind.EVALUATE_EXPERIMENT,
            arguments,
            title,
            _subject(experiment_id, evaluation_type),
            of_anybody=True,
        )

    @staticmethod
    def find_job(experiment_id: int, evaluation_type: str) -> JobView | None:
        """The newest job of an evaluation of an experiment."""
        actor.reader()
        subject = _subject(experiment_id, evaluation_type)
        return JobService.find_latest(subject, JobKind.EVALUATE_EXPERIMENT)

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
            leak = _experiment(session, experiment_id).leak
        return with_leak(_csv(given, names), leak)

    @staticmethod
    def export_report(experiment_id: int) -> dict[str, Any]:
        """The report as plain values, with what the leakage guard says of its split.

        Raises
        ------
        NotFound
            If there is no such experiment, or it has no test result yet.
        """
        report = EvaluationService.get_report(experiment_id)
        if report is None:
            raise NotFound("This experiment has no test result yet.")
        with unit_of_work(writing=False) as session:
            leakage = _experiment(session, experiment_id).leakage
        return {"leakage": leakage, **report.to_dict()}

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


def _predictions(experiment_id: int) -> Predictions:
    actor.reader()
    with unit_of_work(writing=False) as session:
        key = _experiment(session, experiment_id).predictions_key
    if key is None:
        raise NotFound("This experiment has no test result yet.")
    return Predictions.from_npz(_read(key))


def _read(key: str) -> bytes:
    return artefacts().read(key)


def _subject(experiment_id: int, evaluation_type: str) -> str:
    return f"evaluation:{experiment_id}:{evaluation_type}"


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
    writer.writerow([*head, *(harmless(f"p({name})") for name in given.class_names)])
    predicted = given.predicted
    for row, number in enumerate(given.recording_ids.tolist()):
        start = float(given.starts_s[row])
        writer.writerow(
            [
                number,
                harmless(names.get(number, "")),
                harmless(given.groups[number]),
                f"{start:.6f}",
                f"{start + given.window_s:.6f}",
                harmless(given.class_names[given.targets[row]]),
                harmless(given.class_names[predicted[row]]),
                *(f"{share:.6f}" for share in given.probabilities[row]),
            ]
        )
    return buffer.getvalue()
