"""Ask a trained classifier about a recording."""

from __future__ import annotations

from typing import Any, TypedDict

from sqlalchemy import or_, select

from diagnostics.training.classifiers import VOTING_ENSEMBLE
from diagnostics.training.heads import SEVERITY, SPEED, severity_of, speed_of
from models import Experiment, JobKind, JobStatus, Recording
from services import actor
from services.experiments.classifier_sources import PanelSource, Source, find_panel, find_source
from services.job_service import JobService, JobView
from services.paging import paged
from services.runtime import unit_of_work


class ClassifierChoice(TypedDict):
    """A trained experiment that can be asked."""

    experiment_id: int
    name: str
    classifier: str
    class_names: list[str]


class ClassShare(TypedDict):
    name: str
    probability: float


class MemberAnswer(TypedDict):
    """What one member of an ensemble named, with its probability there."""

    experiment_id: int
    name: str
    predicted: str
    probability: float
    windows: int


class EstimateAnswer(TypedDict):
    """A quantity that was estimated beside the class, in its unit.

    The mean over the windows, with the lowest and the highest of them; None with ``off`` saying
    why its head was not trained. ``recorded`` is what the recording itself says, or None.
    """

    name: str
    off: str
    value: float | None
    low: float | None
    high: float | None
    recorded: float | None


class PredictionView(TypedDict):
    """``classes`` is empty until the job is done; ``side`` says where the recording was used.

    ``agreement`` is the share of the windows that name the same class as their vote. For an
    ensemble, ``members`` says what each of them named and how surely, and ``agreement`` is the
    share of those that name the same class. ``estimates`` is empty for classifiers that name
    faults only.
    """

    job_id: int
    status: JobStatus
    fraction: float
    error: str | None
    predicted: str | None
    classes: list[ClassShare]
    windows: int
    agreement: float | None
    members: list[MemberAnswer]
    side: str | None
    estimates: list[EstimateAnswer]


class PredictionService:
    """Have recordings named by trained classifiers."""

    @staticmethod
    def list_classifiers(limit: int = 100) -> list[ClassifierChoice]:
        """Trained experiments and votes of them, newest first."""
        actor.reader()
        votes = Experiment.classifier == VOTING_ENSEMBLE.name
        can_be_asked = or_(
            Experiment.checkpoint_key.is_not(None), votes & Experiment.summary.is_not(None)
        )
        trained = paged(
            select(Experiment)
            .where(can_be_asked, Experiment.archived_at.is_(None))
            .order_by(Experiment.id.desc()),
            limit,
        )
        with unit_of_work(writing=False) as session:
            return [
                {
                    "experiment_id": row.id,
                    "name": row.name,
                    "classifier": row.classifier,
                    "class_names": list(row.class_names),
                }
                for row in session.scalars(trained)
            ]

    @staticmethod
    def request_prediction(experiment_id: int, recording_id: int) -> int:
        """The id of the job that asks; one that runs already is not doubled.

        Raises
        ------
        NotFound, Invalid
            As :meth:`get_source`.
        """
        actor.user_id()
        panel = find_panel(experiment_id, recording_id)
        source = panel.members[0] if panel else find_source(experiment_id, recording_id)
        return JobService.submit_once(
            JobKind.PREDICT_RECORDING,
            {"experiment_id": experiment_id, "recording_id": recording_id},
            title=f"Prediction for {source.recording.name}",
            subject=_subject(experiment_id, recording_id),
            of_anybody=True,
        )

    @staticmethod
    def find_panel(experiment_id: int, recording_id: int) -> PanelSource | None:
        """The files of all members of an ensemble; None for any other experiment.

        Raises
        ------
        NotFound, Invalid
            As :meth:`get_source`.
        """
        actor.reader()
        return find_panel(experiment_id, recording_id)

    @staticmethod
    def find_prediction(experiment_id: int, recording_id: int) -> PredictionView | None:
        """The newest prediction, or how far it is; None when nobody asked."""
        actor.reader()
        job = _job(experiment_id, recording_id)
        if job is None:
            return None
        result = job["result"] or {}
        return {
            "job_id": job["id"],
            "status": job["status"],
            "fraction": job["fraction"],
            "error": job["error"],
            "predicted": result.get("predicted"),
            "classes": result.get("classes", []),
            "windows": result.get("windows", 0),
            "agreement": result.get("agreement"),
            "members": _with_names(result.get("members", [])),
            "side": result.get("side"),
            "estimates": _with_recorded(result.get("estimates", []), recording_id),
        }

    @staticmethod
    def get_source(experiment_id: int, recording_id: int) -> Source:
        """The files that a worker needs.

        Raises
        ------
        NotFound
            If experiment or recording do not exist, or a file is missing.
        Invalid
            If the experiment is not trained yet, or the recording lacks a channel.
        """
        actor.reader()
        return find_source(experiment_id, recording_id)


def _with_names(members: list[dict[str, Any]]) -> list[MemberAnswer]:
    ids = [one["experiment_id"] for one in members]
    named = select(Experiment.id, Experiment.name).where(Experiment.id.in_(ids))
    with unit_of_work(writing=False) as session:
        names = {row.id: row.name for row in session.execute(named)} if ids else {}
    return [
        {
            "experiment_id": one["experiment_id"],
            "name": names.get(one["experiment_id"], f"Experiment {one['experiment_id']}"),
            "predicted": one["predicted"],
            "probability": one["probability"],
            "windows": one["windows"],
        }
        for one in members
    ]


def _with_recorded(estimates: list[dict[str, Any]], recording_id: int) -> list[EstimateAnswer]:
    """What is known of the recording by now stands beside."""
    if not estimates:
        return []
    with unit_of_work(writing=False) as session:
        recording = session.get(Recording, recording_id)
        known: dict[str, float | None] = {}
        if recording is not None:
            known = {
                SEVERITY.name: severity_of(recording.attributes.get(SEVERITY.name)),
                SPEED.name: speed_of(recording.speed_rpm),
            }
    return [
        {
            "name": one["name"],
            "off": one["off"],
            "value": one["value"],
            "low": one["low"],
            "high": one["high"],
            "recorded": known.get(one["name"]),
        }
        for one in estimates
    ]


def _subject(experiment_id: int, recording_id: int) -> str:
    return f"prediction:{experiment_id}:{recording_id}"


def _job(experiment_id: int, recording_id: int) -> JobView | None:
    return JobService.find_latest(_subject(experiment_id, recording_id), JobKind.PREDICT_RECORDING)
