"""An installation with rows in every table and the files that they name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, func, select, update
from sqlalchemy.orm import Session

from models import (
    AccountLink,
    Alarm,
    AlarmState,
    AnalysisKind,
    APIKey,
    APIRequest,
    BackupCode,
    Base,
    CampaignRun,
    Channel,
    DatasetExport,
    Detection,
    DetectionBatch,
    DetectionBatchItem,
    DetectionComparison,
    DetectionExplanation,
    Ensemble,
    EnsembleMember,
    Evaluation,
    Event,
    Experiment,
    ExperimentCounterpart,
    ExperimentEpoch,
    ExperimentFeatureSet,
    ExperimentTag,
    Explanation,
    FeatureAnalysis,
    ImportPreviewFile,
    ImportProfile,
    JobKind,
    JobLogLine,
    JobStatus,
    KeptAnswer,
    KeyEnvironment,
    Lease,
    LinkPurpose,
    LoginAttempt,
    MailAttempt,
    MailChoice,
    MetricSample,
    ModelVariant,
    Notice,
    NotificationPreference,
    Point,
    RecordingChannel,
    Role,
    RowLabel,
    SavedSearch,
    SecondStep,
    ServedAlias,
    ServedModel,
    ServedVersion,
    Severity,
    Source,
    SourceKind,
    SourceVersion,
    StreamCheckpoint,
    StreamShard,
    Tag,
    TwoFactor,
    TwoFactorRole,
    Upload,
    UserSession,
    WebhookAttempt,
)
from models.base import now
from services.api_requests.log import Noted
from services.api_requests.writing import write
from services.runtime import artefacts
from tests import exported, factories

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

CHOSEN = {"toast": True, "in_app": False, "email": MailChoice.WEEKLY, "webhooks": True}


def fill(session: Session) -> None:
    """Add rows to every table; more than one where a table has an order."""
    anna = factories.user(session, name="änna", role=Role.ADMIN, password_hash="x")
    bert = factories.user(session, name="bert", disabled_at=now())
    _people(session, anna.id)
    _programs(session, anna.id)
    experiment = factories.experiment(session, owner_id=anna.id)
    _machines(session, experiment, anna.id)
    _results(session, experiment, anna.id)
    _served(session, experiment, anna.id)
    _data(session, experiment, bert.id)
    _features(session, experiment, anna.id)
    _jobs(session, anna.id)
    _tags(session, experiment, anna.id)
    _alarms(session, anna.id)
    _webhooks(session, anna.id)
    _sources(session, anna.id)
    _streams(session, anna.id)
    repeated = factories.repeated(session, owner_id=anna.id, version_id=experiment.version_id)
    repeated.summary = {"of": [], "pooled": None}
    campaign = factories.campaign(session, owner_id=anna.id, version_id=experiment.version_id)
    campaign.artefact_key = artefacts().put("campaigns", ".zip", b"archive")
    trial = factories.trial(session, campaign, reason="größer")
    session.add(CampaignRun(experiment_id=experiment.id, trial_id=trial.id, fold=0))
    session.flush()
    # On its way up, r0015 takes all that happened before as told.
    session.execute(update(Event).values(routed_at=now()))


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
            TwoFactor(user_id=owner_id, secret="sealed", last_step=59_000_000),
            BackupCode(user_id=owner_id, code_hash="c"),
            SecondStep(user_id=owner_id, token_hash="d", expires_at=later, remembered=False),
            TwoFactorRole(role=Role.ADMIN),
            Lease(name="collector", holder="host:1", fence=2, until=later),
            Notice(user_id=owner_id, type="job.done", level="info", text="Done.", link="/jobs"),
            Event(type="user.added", actor="cli", object=f"user:{owner_id}", payload=ODD),
        ]
    )
    _mail(session, owner_id)


def _mail(session: Session, owner_id: int) -> None:
    to = {"user_id": owner_id}
    session.add(NotificationPreference(**to, event_type="job.done", **CHOSEN))
    digest = factories.digest(session, **to)
    mail = factories.mail(session, **to, event_id=7, subject="Größe")
    session.add_all(
        [
            factories.mail(session, **to, digest_id=digest.id, type="digest.daily"),
            factories.digest_entry(session, **to, event_id=8, digest_id=digest.id),
            factories.digest_entry(session, **to, event_id=9),
            MailAttempt(
                mail_id=mail.id, number=1, provider="smtp", ok=False, seconds=0.5, answer="451"
            ),
        ]
    )


def _programs(session: Session, owner_id: int) -> None:
    given = {"user_id": owner_id, "environment": KeyEnvironment.TEST, "rate_limit": 1000}
    given |= {"key_hash": "x", "scopes": ["jobs:read"], "name": "Größe"}
    new, old = APIKey(prefix="sk_test_new", **given), APIKey(prefix="sk_test_old", **given)
    session.add(new)
    session.flush()
    old.replaced_by_id = new.id
    session.add(old)
    session.flush()
    asked = {"endpoint": "/jobs", "method": "GET", "status_code": 200, "duration_us": 2**30}
    write(session, [Noted(**asked, api_key_id=old.id, user_id=owner_id, user_agent="é")], lost=2)
    session.scalars(select(APIRequest)).one().request_sample = ODD
    session.add(KeptAnswer(sender="key:1", key="½", fingerprint="f", status=201, body='{"a": 1}'))


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
    session.add(Ensemble(experiment_id=experiment.id, voting="soft", weighting="equal"))
    session.flush()
    # Nothing votes in itself, but rows of databases may.
    session.add(
        EnsembleMember(
            experiment_id=experiment.id, member_id=experiment.id, position=0, weight=1 / 3
        )
    )
    session.add(ExperimentCounterpart(experiment_id=experiment.id, other_id=experiment.id))


def _served(session: Session, experiment: Experiment, owner_id: int) -> None:
    variant = ModelVariant(
        experiment_id=experiment.id,
        owner_id=owner_id,
        kind="structured",
        amount=1 / 3,
        artefact_key=artefacts().put("deployments", ".onnx", b"model"),
        sha256="é",
        size_bytes=SAMPLES,
        checkpoint_hash="½",
        manifest=ODD,
        agreement={},
        measured=ODD,
    )
    model = ServedModel(name="pump", owner_id=owner_id)
    session.add_all([variant, model])
    session.flush()
    made = {"model_id": model.id, "variant_id": variant.id, "created_by": owner_id}
    session.add_all([ServedVersion(number=number, **made) for number in (2, 1)])
    session.flush()
    session.add(
        ServedAlias(
            model_id=model.id, alias="staging", number=2, previous=None, changed_by=owner_id
        )
    )
    exported.batch(session, experiment.version_id, variant.id, owner_id)


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
    session.add(
        ExperimentFeatureSet(
            experiment_id=experiment.id,
            feature_set_id=parent.id,
            **{
                name: getattr(parent, name)
                for name in ("name", "number", "config", "features", "artefact_key", "content_hash")
            },
            unknown=ODD,
            selection={"methods": ["mrmr"], "groups": ["größe 1"]},
        )
    )
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


def _alarms(session: Session, owner_id: int) -> None:
    what = {"kind": "health", "object": "health:disk", "message": "Nearly full: ½.", "details": ODD}
    over = {"state": AlarmState.CLEARED, "cleared_at": now(), "severity": Severity.CRITICAL}
    shelved = {"state": AlarmState.SHELVED, "shelved_until": now() + timedelta(days=1)}
    session.add_all(
        [
            Alarm(**what, **over, changed_by=owner_id, changed_at=now(), confirmed_fault="none"),
            Alarm(**what, **shelved, severity=Severity.WARNING, count=2**20, note="é"),
            MetricSample(at=now(), seconds=60, host="host", measured=ODD),
            MetricSample(at=now(), seconds=3_600, host="host", measured={"cpu": [1 / 3, 0.0, 1.0]}),
        ]
    )


def _streams(session: Session, owner_id: int) -> None:
    about = {"owner_id": owner_id, "name": "Größe ½", "columns": ["g", "°C"], "config": ODD}
    told = {"count": 2**40, "mean": 0.1, "std": 1 / 3, "min": -1e300, "max": None}
    told |= {"anomaly_count": 3, "anomaly_rate": 0.0}
    counted = {"total_points": 2**40, "total_alerts": 3, "statistics": {"°C": told}}
    made = factories.stream(session, **about, **counted, started_at=now(), told_at=now())
    done = {"acknowledged_at": now(), "acknowledged_by": owner_id, "data_point": {"°C": None}}
    factories.stream_alert(session, session_id=made.id, sequence=2**40, **done)
    session.add_all(
        [
            StreamCheckpoint(session_id=made.id, state="UlNTMQ=="),
            StreamShard(shard=made.shard, last_id="1700000000000-3", fence=4),
        ]
    )


def _webhooks(session: Session, owner_id: int) -> None:
    webhook = factories.webhook(
        session, owner_id=owner_id, name="Größe 軸受", settings=ODD, old_secret_until=now()
    )
    event = session.scalars(select(Event).limit(1)).one()
    given = {"webhook_id": webhook.id, "event_id": event.id, "data": ODD}
    delivery = factories.delivery(session, **given, last_status=500, attempts=1)
    session.add(
        WebhookAttempt(
            delivery_id=delivery.id, status=500, latency_ms=1 / 3, answer_start="<b>½</b>"
        )
    )


def _sources(session: Session, owner_id: int) -> None:
    """A source with two versions; what was detected, compared, explained and said of it."""
    source = Source(
        name="Größe", kind=SourceKind.TABLE, config=ODD, missing_codes=["-200"], owner_id=owner_id
    )
    session.add(source)
    session.flush()
    key = artefacts().put("sources", ".json", b"{}")
    about = {"name": "½", "type": "number", "unit": "", "role": "feature", "empty": False}
    given = {
        "source_id": source.id,
        "parquet_key": key,
        "profile_key": key,
        "row_count": 10,
        "columns": [about],
        "missing_codes": [],
        "notes": ["é"],
        "content_hash": "a",
    }
    versions = [SourceVersion(number=number, **given) for number in (1, 2)]
    session.add_all(versions)
    session.flush()
    of = {"source_id": source.id, "source_version_id": versions[1].id, "owner_id": owner_id}
    file = artefacts().put("detections", ".npz", b"scores")
    scores = {"scores_key": file, "detector_key": file, "threshold": 1 / 3, "duration_ms": 0.1}
    ended = {"completed_at": now(), "total_rows": 10, "anomaly_count": 1, "result": {}}
    detection = Detection(**of, algorithm="lof", config=ODD, asked={}, **scores, **ended)
    batch = DetectionBatch(name="é", algorithm="lof", config={}, owner_id=owner_id)
    compared = DetectionComparison(**of, asked={"configs": {"lof": {}, "knn": {}}})
    explained = {
        "row_index": 3,
        "anomaly_score": 1 / 3,
        "raw_score": 2.5,
        "base_value": 1.0,
        "total_shap": 1.5,
        "residual": 0.0,
        "method": "exact_shap",
        "fidelity": 1.0,
        "feature_contributions": [],
        "summary": "Größe",
    }
    session.add_all([detection, batch, compared])
    session.flush()
    item = {"batch_id": batch.id, "source_id": source.id, "source_name": "Größe"}
    session.add_all(
        [
            DetectionBatchItem(**item, position=0, detection_id=detection.id),
            DetectionBatchItem(**item, position=1, outcome={"status": "error"}),
            DetectionExplanation(
                detection_id=detection.id,
                row_index=3,
                method="shap",
                max_features=10,
                background=100,
                content=explained,
            ),
            RowLabel(
                source_version_id=versions[1].id, row_index=3, is_anomaly=True, owner_id=owner_id
            ),
        ]
    )
