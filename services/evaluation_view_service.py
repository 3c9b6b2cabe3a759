"""What the evaluation page shows of an experiment, level by level, and the same as tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypedDict

from sqlalchemy import select

from diagnostics.evaluation.calibration import calibration, with_temperature
from diagnostics.evaluation.coverage import risk_report
from diagnostics.evaluation.curves import precision_recall_lines, roc_lines
from diagnostics.evaluation.items import Items, Level, items_of
from diagnostics.evaluation.predictions import Predictions
from diagnostics.training.classifiers import classifier
from models import Dataset, DatasetVersion, Experiment, Origin
from services import actor
from services.cache_service import CACHE_TTL_LONG, CacheService
from services.errors import Invalid, NotFound
from services.evaluation import kept, tables
from services.evaluation.error_views import hardest, known_of, rates_by_attribute
from services.evaluation.estimates import MOST_POINTS, EstimatesView, estimates_view
from services.evaluation.views import is_explainable
from services.evaluation_service import EvaluationService
from services.experiments.sides import recordings_on
from services.paging import paged
from services.runtime import artefacts, unit_of_work

# A release that changes what is shown does not read what an older one kept.
FORMAT = 1
PARTS = ("curves", "calibration", "risk", "errors", "robustness", "estimates")


class ChoiceView(TypedDict):
    """An experiment with a test result; ``generated`` when its data were never measured."""

    experiment_id: int
    name: str
    classifier: str
    dataset: str
    generated: bool
    version_id: int
    version: int
    leak: str | None


class EvaluationViewService:
    """Numbers for curves and tables of one experiment."""

    @staticmethod
    def list_choices(limit: int = 200) -> list[ChoiceView]:
        """Experiments with a test result, newest first."""
        actor.reader()
        tested = paged(
            select(Experiment, DatasetVersion, Dataset)
            .join(DatasetVersion, DatasetVersion.id == Experiment.version_id)
            .join(Dataset, Dataset.id == DatasetVersion.dataset_id)
            .where(Experiment.predictions_key.is_not(None), Experiment.archived_at.is_(None))
            .order_by(Experiment.id.desc()),
            limit,
        )
        with unit_of_work(writing=False) as session:
            return [
                {
                    "experiment_id": row.id,
                    "name": row.name,
                    "classifier": classifier(row.classifier).title,
                    "dataset": dataset.name,
                    "generated": dataset.origin is Origin.GENERATED,
                    "leak": row.leak,
                    "version_id": version.id,
                    "version": version.number,
                }
                for row, version, dataset in session.execute(tested)
            ]

    @staticmethod
    def get_curves(experiment_id: int, level: str) -> dict[str, Any]:
        """ROC and precision–recall curves of each class and their mean, with bands.

        Raises
        ------
        NotFound
            If there is no such experiment, or it has no test result yet.
        Invalid
            If there is no such level.
        """
        actor.reader()
        chosen = _level(level)

        def compute() -> dict[str, Any]:
            items = _items(experiment_id, chosen)
            return {
                **_about(items),
                "roc": [line.to_dict() for line in roc_lines(items)],
                "precision_recall": [line.to_dict() for line in precision_recall_lines(items)],
            }

        return _cached(experiment_id, f"curves:{chosen}", compute)

    @staticmethod
    def get_calibration(experiment_id: int, level: str) -> dict[str, Any]:
        """Reliability as it is, and with the temperature once a job has fitted one.

        ``temperature`` and ``after`` are None until then.

        Raises
        ------
        NotFound, Invalid
            As :meth:`get_curves`.
        """
        actor.reader()
        chosen = _level(level)
        temperature = EvaluationService.get_cached_evaluation(experiment_id, "temperature")
        given = _predictions(experiment_id)
        items = _items(experiment_id, chosen, given)
        found: dict[str, Any] = {
            **_about(items),
            "before": calibration(items).to_dict(),
            "after": None,
            "temperature": temperature,
        }
        if temperature is not None:
            scaled = _scaled(given, temperature["value"])
            found["after"] = calibration(_items(experiment_id, chosen, scaled)).to_dict()
        return found

    @staticmethod
    def has_weights(experiment_id: int) -> bool:
        """Whether there is a trained classifier that can be asked again; not so for a vote.

        Raises
        ------
        NotFound
            If there is no such experiment.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            return kept.find_experiment(session, experiment_id).checkpoint_key is not None

    @staticmethod
    def can_fit_temperature(experiment_id: int) -> bool:
        """Whether there are weights and a validation part, and no temperature yet.

        Raises
        ------
        NotFound
            If there is no such experiment.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            experiment = kept.find_experiment(session, experiment_id)
            trained = experiment.checkpoint_key is not None
            has_validation = bool(recordings_on(experiment.split, "validation"))
        if not (trained and has_validation):
            return False
        return EvaluationService.get_cached_evaluation(experiment_id, "temperature") is None

    @staticmethod
    def get_risk(experiment_id: int, level: str) -> dict[str, Any]:
        """Share of wrong answers when only the surest ones are given.

        Raises
        ------
        NotFound, Invalid
            As :meth:`get_curves`.
        """
        actor.reader()
        chosen = _level(level)

        def compute() -> dict[str, Any]:
            items = _items(experiment_id, chosen)
            return {**_about(items), **risk_report(items)}

        return _cached(experiment_id, f"risk:{chosen}", compute)

    @staticmethod
    def get_errors(experiment_id: int, level: str) -> dict[str, Any]:
        """Mistakes, error rates by what is known of the recordings, the hardest recordings.

        Raises
        ------
        NotFound, Invalid
            As :meth:`get_curves`.
        """
        actor.reader()
        items = _items(experiment_id, _level(level))
        report = EvaluationService.get_report(experiment_id)
        with unit_of_work(writing=False) as session:
            experiment = kept.find_experiment(session, experiment_id)
            seed, channel = _seed(experiment), int(experiment.config["channels"][0])
            known = known_of(session, {int(number) for number in items.recording_ids})
            return {
                **_about(items),
                **EvaluationService.analyze_errors(
                    items.predicted, items.probabilities, items.targets, list(items.class_names)
                ),
                "attributes": rates_by_attribute(items, known, seed),
                "hardest": hardest(session, report.worst if report else (), channel),
                "channel": channel,
                "can_be_explained": is_explainable(experiment),
            }

    @staticmethod
    def get_estimates(
        experiment_id: int, level: str, most: int | None = MOST_POINTS
    ) -> EstimatesView:
        """What was estimated beside the class against what is true, on the test side.

        At most ``most`` points of each quantity, taken evenly; None gives all.

        Raises
        ------
        NotFound, Invalid
            As :meth:`get_curves`.
        """
        actor.reader()
        chosen = _level(level)
        given = _predictions(experiment_id)
        with unit_of_work(writing=False) as session:
            seed = _seed(kept.find_experiment(session, experiment_id))
            return estimates_view(session, given, chosen, seed, most)

    @staticmethod
    def get_robustness(experiment_id: int) -> dict[str, Any] | None:
        """What a job found, as it is kept; None until there is one for these weights and data.

        Raises
        ------
        NotFound
            If there is no such experiment.
        """
        actor.reader()
        found = kept.find(experiment_id, "robustness")
        return None if found is None else {**found[0], "noise_levels": found[1]["noise_levels"]}

    @staticmethod
    def export_part(experiment_id: int, part: str, level: str) -> str:
        """A part of the page as CSV.

        Raises
        ------
        NotFound
            If there is no such experiment, or nothing was computed yet.
        Invalid
            If there is no such part or level.
        """
        actor.reader()
        if part not in PARTS:
            raise Invalid(f"Expected one of the parts {', '.join(PARTS)}, got “{part!s:.40}”.")
        with unit_of_work(writing=False) as session:
            leak = kept.find_experiment(session, experiment_id).leak
        return tables.with_leak(_part(experiment_id, part, level), leak)


def _part(experiment_id: int, part: str, level: str) -> str:
    if part == "curves":
        return tables.of_curves(EvaluationViewService.get_curves(experiment_id, level))
    if part == "calibration":
        found = EvaluationViewService.get_calibration(experiment_id, level)
        return tables.of_calibration(found)
    if part == "risk":
        return tables.of_risk(EvaluationViewService.get_risk(experiment_id, level))
    if part == "errors":
        return tables.of_errors(EvaluationViewService.get_errors(experiment_id, level))
    if part == "estimates":
        every = EvaluationViewService.get_estimates(experiment_id, level, most=None)
        return tables.of_estimates(every)
    robustness = EvaluationViewService.get_robustness(experiment_id)
    if robustness is None:
        raise NotFound("The robustness of this experiment was not tried yet.")
    return tables.of_robustness(robustness)


def _level(level: str) -> Level:
    if level not in set(Level):
        raise Invalid(f"Expected recordings or windows, got “{level!s:.40}”.")
    return Level(level)


def _predictions(experiment_id: int) -> Predictions:
    with unit_of_work(writing=False) as session:
        key = kept.find_experiment(session, experiment_id).predictions_key
    if key is None:
        raise NotFound("This experiment has no test result yet.")
    return Predictions.from_npz(artefacts().read(key))


def _items(experiment_id: int, level: Level, given: Predictions | None = None) -> Items:
    with unit_of_work(writing=False) as session:
        seed = _seed(kept.find_experiment(session, experiment_id))
    return items_of(_predictions(experiment_id) if given is None else given, level, seed)


def _seed(experiment: Experiment) -> int:
    return int(experiment.config["seed"])


def _scaled(given: Predictions, temperature: float) -> Predictions:
    """Each window's probabilities, before their vote."""
    scaled = with_temperature(given.probabilities, temperature)
    return replace(given, probabilities=scaled)


def _about(items: Items) -> dict[str, Any]:
    return {
        "level": items.level.value,
        "n": len(items),
        "groups": len(items.groups),
        "no_interval": items.no_interval,
    }


def _cached(experiment_id: int, what: str, compute: Any) -> dict[str, Any]:
    belongs_to = kept.fingerprint_of(experiment_id)
    key = f"evaluation:{FORMAT}:{experiment_id}:{belongs_to}:{what}"
    found: dict[str, Any] = CacheService.get_or_compute(key, compute, CACHE_TTL_LONG)
    return found
