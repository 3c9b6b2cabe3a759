"""An installation with rows in every table and the files that they name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from models import (
    AccountLink,
    AnalysisKind,
    Base,
    Channel,
    DatasetExport,
    Evaluation,
    Event,
    Experiment,
    ExperimentCounterpart,
    ExperimentEpoch,
    ExperimentTag,
    Explanation,
    FeatureAnalysis,
    ImportPreviewFile,
    ImportProfile,
    JobKind,
    JobLogLine,
    JobStatus,
    LinkPurpose,
    LoginAttempt,
    Notice,
    Point,
    RecordingChannel,
    Role,
    SavedSearch,
    Tag,
    Upload,
    UserSession,
)
from models.base import now
from services.runtime import artefacts
from tests import factories

SAMPLES = 2**33  # more than fits into 32 bits
# What databases like to take differently: letters, quotes, emptiness, small and large numbers.
ODD: dict[str, Any] = {
    "Größe": "½ \"quoted\" 'and' \\ back",
    "empty": "",
    "nothing": None,
    "list": [1, 2.5, -0.0, 1e-300, True],
    "large": 2**60,
    "face": "🦀",
}


def fill(session: Session) -> None:
    """Add rows to every table; more than one where a table has an order."""
    anna = factories.user(session, name="änna", role=Role.ADMIN, password_hash="x")
    bert = factories.user(session, name="bert", disabled_at=now())
    _people(session, anna.id)
    experiment = factories.experiment(session, owner_id=anna.id)
    _machines(session, experiment, anna.id)
    _results(session, experiment, anna.id)
    _data(session, experiment, bert.id)
    _features(session, experiment, anna.id)
    _jobs(session, anna.id)
    _tags(session, experiment, anna.id)
    repeated = factories.repeated(session, owner_id=anna.id, version_id=experiment.version_id)
    repeated.summary = {"of": [], "pooled": None}
    session.flush()


def counts(connection: Connection) -> dict[str, int]:
    return {
        name: connection.scalar(select(func.count()).select_from(table))
        for name, table in Base.metadata.tables.items()
    }


def _people(session: Session, owner_id: int) -> None:
    later = now() + timedelta(days=1)
    session.add_all(
        [
            AccountLink(
                purpose=LinkPurpose.RESET, token_hash="a", user_id=owner_id, expires_at=later
            ),
            UserSession(user_id=owner_id, token_hash="b", expires_at=later, remembered=True),
            LoginAttempt(user_id=None, success=False, login_method="password", user_agent="é"),
            Notice(user_id=owner_id, type="job.done", level="info", text="Done.", link="/jobs"),
            Event(type="user.added", actor="cli", object=f"user:{owner_id}", payload=ODD),
        ]
    )


def _machines(session: Session, experiment: Experiment, owner_id: int) -> None:
    machine = factories.machine(session, name="Pumpe „Süd“", owner_id=owner_id)
    point = Point(machine_id=machine.id, name="drive end")
    session.add(point)
    session.flush()
    channel = Channel(point_id=point.id, name="x", unit=factories.Unit.VELOCITY, direction="radial")
    session.add(channel)
    factories.bearing(
        session, machine_id=machine.id, point_id=point.id, roller_count=9, pitch_diameter_mm=39.04
    )
    session.flush()
    session.scalars(select(RecordingChannel).limit(1)).one().channel_id = channel.id


def _results(session: Session, experiment: Experiment, owner_id: int) -> None:
    recording = factories.recording(
        session, speed_rpm=-0.0, load="½", attributes=ODD, warnings=[{"code": "clipped"}]
    )
    store = artefacts()
    experiment.checkpoint_key = store.put("models", ".pt", b"weights")
    experiment.checkpoint_hash = "weights"
    experiment.report_key = store.put("reports", ".json", b"{}")
    experiment.predictions_key = store.put("predictions", ".npz", b"predictions")
    experiment.summary = {"accuracy": 0.1 + 0.2}
    session.add_all(
        [
            ExperimentEpoch(
                experiment_id=experiment.id,
                epoch=number,
                train_loss=1 / 3,
                train_accuracy=None,
                learning_rate=1e-3,
                windows_per_s=1e6,
                seconds=0.25,
            )
            for number in (2, 1)
        ]
    )
    session.add(
        Explanation(
            experiment_id=experiment.id,
            recording_id=recording.id,
            method="gradcam",
            target_class="inner",
            checkpoint_hash="weights",
            data_hash=recording.content_hash,
            artefact_key=store.put("explanations", ".npz", b"arrays"),
            owner_id=owner_id,
        )
    )
    session.add(
        Evaluation(
            experiment_id=experiment.id,
            evaluation_type="robustness",
            parameters=ODD,
            fingerprint="weights",
            artefact_key=store.put("evaluations", ".json", b"{}"),
            owner_id=owner_id,
        )
    )
    session.add(ExperimentCounterpart(experiment_id=experiment.id, other_id=experiment.id))


def _data(session: Session, experiment: Experiment, owner_id: int) -> None:
    session.add_all(
        [
            ImportProfile(name="rig", choices={"rate": 12_000.0}, owner_id=owner_id),
            DatasetExport(
                version_id=experiment.version_id,
                format="csv",
                file_name="größe.csv",
                size=SAMPLES,
                artefact_key=artefacts().put("exports", ".csv", b"1,2\n"),
                owner_id=owner_id,
            ),
            # Their order is another one when case and accents are looked at differently.
            Upload(id="_b", owner_id=owner_id, file_name="b.csv", size=SAMPLES, received=1),
            Upload(id="B", owner_id=owner_id, file_name="B.csv", size=9, received=9),
            Upload(id="a", owner_id=owner_id, file_name="a.csv", size=9, completed_at=now()),
            Upload(id="-a", owner_id=owner_id, file_name="-a.csv", size=9),
        ]
    )
    factories.dataset(session, name="generated", provenance={"seed": 7, "config": ODD})


def _features(session: Session, experiment: Experiment, owner_id: int) -> None:
    given = {"owner_id": owner_id, "dataset_version_id": experiment.version_id}
    parent = factories.feature_set(session, **given, job_id=experiment.job_id)
    factories.feature_set(session, **given, parent_id=parent.id)
    session.add(
        FeatureAnalysis(
            feature_set_id=parent.id,
            kind=AnalysisKind.IMPORTANCE,
            method="mutual_info",
            parameters=ODD,
            artefact_key=artefacts().put("features", ".json", b"{}"),
            owner_id=owner_id,
        )
    )


def _jobs(session: Session, owner_id: int) -> None:
    for status in (JobStatus.DONE, JobStatus.FAILED, JobStatus.PAUSED):
        job = factories.job(session, owner_id=owner_id, status=status, result={"n": 1})
        session.add(JobLogLine(job_id=job.id, attempt=1, message="read"))
    importing = {"kind": JobKind.IMPORT_RECORDINGS, "arguments": {"upload_ids": ["a"]}}
    job = factories.job(session, owner_id=owner_id, **importing)
    session.add(
        ImportPreviewFile(
            job_id=job.id,
            position=0,
            key="a",
            file_name="a.csv",
            rank=1,
            recording_count=1,
            lacks_rate=True,
            lacks_unit=False,
            view=ODD,
        )
    )


def _tags(session: Session, experiment: Experiment, owner_id: int) -> None:
    tag = Tag(
        name="Größe 軸受", slug="größe-軸受", color="#336699", usage_count=1, owner_id=owner_id
    )
    session.add(tag)
    session.flush()
    session.add(ExperimentTag(experiment_id=experiment.id, tag_id=tag.id, added_by=owner_id))
    experiment.notes = "Tried “again”: ½ of it.\nq 🦀"
    for name, query in (("best", "accuracy:>0.9 -tag:“½”"), ("alt", '"größe 1" sort:-created')):
        session.add(SavedSearch(owner_id=owner_id, name=name, query=query, is_pinned=True))
