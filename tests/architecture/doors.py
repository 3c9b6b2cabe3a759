"""How to knock at every door: arguments for one call of each public method.

``DOORS[method](world)`` makes what the call is about, acting as its owner.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.synthesis.demo import demo_config
from diagnostics.synthesis.recordings import generate, plan
from diagnostics.training.history import EpochRecord
from models import (
    Campaign,
    CampaignAim,
    CampaignRun,
    CampaignTrial,
    DatasetVersion,
    Experiment,
    Explanation,
    Job,
    JobKind,
    JobStatus,
    RepeatedRun,
    Role,
    SourceVersion,
    TrialState,
)
from models.base import now
from services.actor import Actor
from services.anomalies.batches import AnomalyBatchService
from services.anomalies.comparisons import AnomalyComparisonService
from services.anomalies.labels import AnomalyLabelService
from services.anomaly_service import AnomalyService
from services.api_key_service import APIKeyService
from services.audit_service import EventFilter
from services.authentication_service import AuthenticationService
from services.campaigns.campaign_service import CampaignService
from services.campaigns.running import TrialModel, TrialPlan
from services.dataset_service import DatasetService
from services.datasets.recording_store import About, store_samples
from services.datasets.selection import Selection
from services.deployment.serving_service import ModelServingService
from services.ensembles.runs import Elected
from services.experiments.runs import Outcome
from services.export_service import ExportService
from services.import_profile_service import ImportProfileService
from services.job_service import JobService
from services.jobs.job_runs import Run
from services.machine_service import MachineService
from services.repeated_service import RepeatedExperimentService
from services.search_service import SearchService
from services.signal_export_service import Stretch
from services.synthesis_service import SynthesisService
from services.tag_service import TagService
from services.upload_service import UploadService
from tests import anomalous, exported, factories

Arguments = Callable[["World"], tuple[Any, ...]]
ARCHITECTURE = "stem k7 s8 w8 > conv3 w8 > conv5 w8 > conv7 w8"
KEPT_ANSWER = {"status": 200, "content_type": None, "location": None, "body": ""}
GOOD_PASSWORD = "purple gasket meadow 41"
_KEPT = Path("deployments/of-a-test")
NOISE = np.sin(np.arange(2_048) / 7)


class World:
    """Objects of the owner's, each made when a call first asks for it."""

    def __init__(self, session: Session, people: dict[str, Actor]) -> None:
        self.session = session
        self.owner_id: int = people["owner"].user_id or 0

    @cached_property
    def job(self) -> int:
        return JobService.submit(JobKind.CLEAN_UP, {}, "Clean up")

    @cached_property
    def training_job(self) -> int:
        return int(self.session.get_one(Experiment, self.experiment).job_id)

    @cached_property
    def failed_job(self) -> int:
        made = factories.job(self.session, owner_id=self.owner_id, status=JobStatus.FAILED)
        return int(made.id)

    @cached_property
    def dataset(self) -> int:
        return int(factories.dataset(self.session, owner_id=self.owner_id).id)

    @cached_property
    def recording(self) -> int:
        given = {"dataset_id": self.dataset, "owner_id": self.owner_id}
        made = factories.recording(self.session, **given)
        factories.version(self.session, {made.id: "inner"}, self.dataset)
        return int(made.id)

    @cached_property
    def version(self) -> int:
        return int(factories.trainable_version(self.session, self.owner_id).id)

    @cached_property
    def experiment(self) -> int:
        return int(factories.experiment(self.session, owner_id=self.owner_id).id)

    @cached_property
    def architecture_search(self) -> int:
        """It has ended, with one network that has a score."""
        ended = {"aim": CampaignAim.STOP, "ended_at": now()}
        made = factories.architecture_search(self.session, owner_id=self.owner_id)
        for name, value in ended.items():
            setattr(made, name, value)
        factories.architecture_trial(self.session, made)
        return int(made.id)

    @cached_property
    def architecture_trial(self) -> int:
        wanted = select(CampaignTrial.id).where(
            CampaignTrial.campaign_id == self.architecture_search
        )
        return int(self.session.scalars(wanted).one())

    @cached_property
    def other_experiment(self) -> int:
        return int(factories.experiment(self.session, owner_id=self.owner_id).id)

    @cached_property
    def other_repeated(self) -> int:
        return int(factories.repeated(self.session, owner_id=self.owner_id).id)

    @cached_property
    def tagged_experiment(self) -> tuple[int, int]:
        """An experiment and a tag that it has."""
        changed = TagService.add_tag_to_experiment(self.session, self.experiment, "best")
        return self.experiment, changed["tags"][0]["id"]

    @cached_property
    def saved_search(self) -> int:
        return SearchService.save_search(self.session, self.owner_id, "best", "tag:best").id

    @cached_property
    def webhook(self) -> int:
        return int(factories.webhook(self.session, owner_id=self.owner_id).id)

    @cached_property
    def delivery(self) -> int:
        return int(factories.delivery(self.session, webhook_id=self.webhook).id)

    @cached_property
    def trained(self) -> int:
        row = self.session.get_one(Experiment, self.experiment)
        row.checkpoint_key, row.summary = "models/none.pt", {}
        self.session.flush()
        return self.experiment

    @cached_property
    def variant(self) -> int:
        return exported.variant(self.session, self.experiment, self.owner_id)

    @cached_property
    def served(self) -> str:
        """The name of a model with two versions; production was moved."""
        for number in (1, 2):
            ModelServingService.publish("pump", self.variant)
            ModelServingService.set_alias("pump", "production", number)
        return "pump"

    @cached_property
    def served_batch(self) -> int:
        """One that has ended."""
        return exported.batch(self.session, self.version, self.variant, self.owner_id)

    @cached_property
    def network(self) -> Any:
        from torch import nn

        return nn.Linear(4, 2)

    @cached_property
    def ended_experiment(self) -> int:
        job_id = self.session.get_one(Experiment, self.experiment).job_id
        self.session.get_one(Job, job_id).status = JobStatus.DONE
        self.session.flush()
        return self.experiment

    @cached_property
    def repeated(self) -> int:
        return int(factories.repeated(self.session, owner_id=self.owner_id).id)

    @cached_property
    def campaign(self) -> int:
        return int(factories.campaign(self.session, owner_id=self.owner_id).id)

    @cached_property
    def working_campaign(self) -> int:
        CampaignService.resume_campaign(self.campaign)
        return self.campaign

    @cached_property
    def version_dataset(self) -> int:
        return int(self.session.get_one(DatasetVersion, self.version).dataset_id)

    @cached_property
    def trial(self) -> int:
        """One that came to its end, with an experiment."""
        of = self.session.get_one(Campaign, self.campaign)
        made = factories.trial(self.session, of)
        self.session.add(CampaignRun(experiment_id=self.experiment, trial_id=made.id, fold=0))
        self.session.flush()
        return int(made.id)

    @cached_property
    def trial_experiment(self) -> int:
        return (self.trial, self.experiment)[1]

    @cached_property
    def scored_campaign(self) -> int:
        return (self.trial, self.campaign)[1]

    @cached_property
    def trial_plan(self) -> TrialPlan:
        """As a worker has it; chosen without a study."""
        of = self.session.get_one(Campaign, self.campaign)
        given = {"state": TrialState.RUNNING, "value": None, "measured": None, "finished_at": None}
        made = factories.trial(self.session, of, **given)
        return TrialPlan(of, made.id, made.number, {}, None, ())

    @cached_property
    def trial_model(self) -> TrialModel:
        path = Path(tempfile.mkdtemp()) / "model.pt"
        path.write_bytes(b"weights")
        return TrialModel(path, 1, 10, 0.5, None)

    @cached_property
    def run(self) -> int:
        of = select(RepeatedRun.experiment_id).where(RepeatedRun.repeated_id == self.repeated)
        return int(self.session.scalars(of.limit(1)).one())

    @cached_property
    def ended_repeated(self) -> int:
        RepeatedExperimentService.cancel_repeated(self.repeated)
        return self.repeated

    @cached_property
    def notice(self) -> int:
        return int(factories.notice(self.session, user_id=self.owner_id).id)

    @cached_property
    def mail(self) -> int:
        return int(factories.mail(self.session, user_id=self.owner_id).id)

    @cached_property
    def upload(self) -> str:
        return UploadService.begin("pump.csv", 3)["id"]

    @cached_property
    def complete_upload(self) -> str:
        UploadService.append(self.upload, 0, b"1\n2", _sha(b"1\n2"))
        return self.upload

    @cached_property
    def preview(self) -> int:
        given = {"owner_id": self.owner_id, "kind": JobKind.PREVIEW_IMPORT}
        asked = {"upload_ids": [], "folder": "", "names": [], "profile": ""}
        return int(factories.job(self.session, **given, arguments=asked).id)

    @cached_property
    def profile(self) -> int:
        return ImportProfileService.create_profile("rig", {"unit": "g"})

    @cached_property
    def other_user(self) -> int:
        return int(factories.user(self.session, role=Role.VIEWER).id)

    @cached_property
    def login_session(self) -> int:
        started = AuthenticationService.create_session(self.owner_id)
        assert started is not None
        return started["id"]

    @cached_property
    def api_key(self) -> int:
        return APIKeyService.generate_key(self.owner_id, "press line")["api_key_id"]

    @cached_property
    def filled_dataset(self) -> int:
        return (self.recording, self.dataset)[1]

    @cached_property
    def changed_dataset(self) -> int:
        DatasetService.relabel(self.filled_dataset, {self.recording: "outer"}, "")
        return self.dataset

    @cached_property
    def source(self) -> str:
        return anomalous.source()

    @cached_property
    def source_version(self) -> int:
        wanted = select(SourceVersion.id).where(SourceVersion.source_id == self.source)
        return int(self.session.scalars(wanted).one())

    @cached_property
    def detection(self) -> str:
        return anomalous.detection(self.source)

    @cached_property
    def asked_detection(self) -> str:
        return AnomalyService.detect(self.source, "statistical")

    @cached_property
    def labelled_detection(self) -> str:
        AnomalyLabelService.set_labels(self.detection, [{"row_index": 1, "is_anomaly": True}])
        return self.detection

    @cached_property
    def detection_batch(self) -> str:
        return AnomalyBatchService.create_batch([self.source], algorithm="statistical")

    @cached_property
    def ended_batch(self) -> str:
        return AnomalyBatchService.cancel_batch(self.detection_batch)["id"]

    @cached_property
    def detection_comparison(self) -> str:
        return anomalous.comparison(self.source)

    @cached_property
    def asked_comparison(self) -> str:
        return AnomalyComparisonService.create_comparison(self.source, ["statistical", "ecod"])

    @cached_property
    def machine(self) -> int:
        return int(factories.machine(self.session, owner_id=self.owner_id).id)

    @cached_property
    def point(self) -> int:
        return MachineService.add_point(self.machine, "drive end")

    @cached_property
    def bearing(self) -> int:
        return MachineService.save_bearing(self.machine, "drive end")

    @cached_property
    def explanation(self) -> int:
        row = Explanation(
            experiment_id=self.experiment,
            recording_id=self.recording,
            method="gradcam",
            target_class="inner",
            checkpoint_hash="",
            data_hash="",
            artefact_key="explanations/none.npz",
            owner_id=self.owner_id,
        )
        self.session.add(row)
        self.session.flush()
        return row.id

    @cached_property
    def export(self) -> int:
        return ExportService.make_export(self.filled_dataset)["id"]

    @cached_property
    def feature_set(self) -> int:
        return int(factories.feature_set(self.session, owner_id=self.owner_id).id)

    @cached_property
    def long_dataset(self) -> int:
        """Recordings that hold windows for features."""
        return int(factories.trainable_version(self.session, self.owner_id).dataset_id)

    @cached_property
    def folder(self) -> Path:
        return Path(tempfile.mkdtemp())

    @cached_property
    def generated(self) -> int:
        return SynthesisService.begin_generated("in the making", {}, "token")["dataset_id"]

    @cached_property
    def alarm(self) -> int:
        return int(factories.alarm(self.session).id)

    @cached_property
    def stream(self) -> str:
        return str(factories.stream(self.session, owner_id=self.owner_id).id)

    @cached_property
    def stream_alert(self) -> tuple[str, str]:
        made = factories.stream_alert(self.session, session_id=self.stream)
        return self.stream, str(made.id)

    def stored(self) -> list[Any]:
        about = About("pump", factories.Origin.IMPORTED)
        return [store_samples(factories.sine(), about)]


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def network() -> Any:
    """The smallest that has an explained layer; torch is only loaded for it."""
    from torch import nn

    return nn.Sequential(nn.Conv1d(1, 2, 3), nn.AdaptiveAvgPool1d(1), nn.Flatten())


WINDOW = np.zeros((1, 1_024), dtype=np.float32)
EXPLAINED = {"target_class": "inner", "arrays": {}, "checkpoint_hash": ""}
DEMO = demo_config(0)
GENERATED = generate(DEMO, next(plan(DEMO)))
RUN = Run(1, JobKind.CLEAN_UP, "Clean up", 1, None, {})
EPOCH = EpochRecord(1, 1.0, 0.5, 1.0, 0.5, 1e-3, 10.0, 1.0)
OUTCOME = Outcome(Path(__file__), b"", b"{}", {}, 1, 1, 1.0)
TABLE = (np.array([[0.0, 1.0], [1.0, 0.5]] * 4), ["inner", "outer"] * 4, ["RMS", "Kurtosis"])
TIME: tuple[list[str], dict[str, int]] = (["time"], {"window": 1024})
COST = {"classifier": "cnn1d", "parameters": {}, "window": 1024, "channels": 1, "classes": 2}
MISTAKES = (np.array([0, 0]), np.array([[0.9, 0.1], [0.7, 0.3]]), np.array([0, 1]), ["in", "out"])
ROC = (np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0, 1]), ["inner", "outer"])

DOORS: dict[str, Arguments] = {
    "AnomalyBatchService.cancel_batch": lambda world: (world.detection_batch,),
    "AnomalyBatchService.count_batches": lambda world: (),
    "AnomalyBatchService.create_batch": lambda world: ([world.source],),
    "AnomalyBatchService.delete_batch": lambda world: (world.ended_batch,),
    "AnomalyBatchService.get_batch": lambda world: (world.detection_batch,),
    "AnomalyBatchService.list_batches": lambda world: (),
    "AnomalyComparingService.compare": lambda world: (world.asked_comparison,),
    "AnomalyComparisonService.count_comparisons": lambda world: (),
    "AnomalyComparisonService.create_comparison": lambda world: (
        world.source,
        ["statistical", "ecod"],
    ),
    "AnomalyComparisonService.delete_comparison": lambda world: (world.detection_comparison,),
    "AnomalyComparisonService.export_csv": lambda world: (world.asked_comparison,),
    "AnomalyComparisonService.get_comparison": lambda world: (world.asked_comparison,),
    "AnomalyComparisonService.list_comparisons": lambda world: (),
    "AnomalyComparisonService.list_records": lambda world: (world.asked_comparison,),
    "AnomalyComparisonService.wait": lambda world: (world.asked_comparison, 0),
    "AnomalyExplainingService.explain": lambda world: (world.detection, [1], "shap", 10, 100),
    "AnomalyExplanationService.explain": lambda world: (world.detection, [1], 10, 100, "shap", 0),
    "AnomalyExplanationService.find_explanation": lambda world: (world.detection, 1),
    "AnomalyExplanationService.list_explanations": lambda world: (world.detection,),
    "AnomalyLabelService.count_labels": lambda world: (world.detection,),
    "AnomalyLabelService.get_metrics": lambda world: (world.labelled_detection,),
    "AnomalyLabelService.list_labels": lambda world: (world.detection,),
    "AnomalyLabelService.set_labels": lambda world: (
        world.detection,
        [{"row_index": 1, "is_anomaly": True}],
    ),
    "AnomalyRowService.export_csv": lambda world: (world.detection,),
    "AnomalyRowService.export_parquet": lambda world: (world.detection,),
    "AnomalyRowService.get_scores": lambda world: (world.detection,),
    "AnomalyRowService.get_values": lambda world: (world.detection, 1),
    "AnomalyRowService.list_rows": lambda world: (world.detection,),
    "AnomalyRunService.detect": lambda world: (world.asked_detection,),
    "AnomalyService.count_detections": lambda world: (),
    "AnomalyService.delete_detection": lambda world: (world.detection,),
    "AnomalyService.detect": lambda world: (world.source, "statistical"),
    "AnomalyService.get_detection": lambda world: (world.asked_detection,),
    "AnomalyService.latest_detection": lambda world: ((world.asked_detection, world.source)[1],),
    "AnomalyService.list_algorithms": lambda world: (),
    "AnomalyService.list_briefs": lambda world: (),
    "AnomalyService.list_detections": lambda world: (),
    "AnomalyService.set_threshold": lambda world: (world.detection, "calibrated", 0.5),
    "AnomalyService.wait": lambda world: (world.asked_detection, 0),
    "SourceMakingService.make_version": lambda world: (world.source,),
    "SourceService.count_sources": lambda world: (),
    "SourceService.create_source": lambda world: (
        "table",
        {"upload_id": anomalous.uploaded(b"a,b\n1,2\n")},
    ),
    "SourceService.delete_source": lambda world: (world.source,),
    "SourceService.get_profile": lambda world: (world.source,),
    "SourceService.get_source": lambda world: (world.source,),
    "SourceService.list_sources": lambda world: (),
    "SourceService.list_types": lambda world: (),
    "SourceService.list_versions": lambda world: (world.source,),
    "SourceService.test_source": lambda world: (world.source,),
    "SourceService.wait": lambda world: (world.source, 0),
    "SourceService.update_source": lambda world: (world.source,),
    "AuditService.list_events": lambda world: (EventFilter(),),
    "AuditService.count_events": lambda world: (EventFilter(),),
    "AuditService.list_types": lambda world: (),
    "AuditService.export_events": lambda world: (EventFilter(),),
    "AlarmService.acknowledge": lambda world: (world.alarm, "seen"),
    "AlarmService.clear": lambda world: (world.alarm,),
    "AlarmService.confirm_fault": lambda world: (world.alarm, "inner"),
    "AlarmService.count_alarms": lambda world: (),
    "AlarmService.get_alarm": lambda world: (world.alarm,),
    "AlarmService.list_alarms": lambda world: (),
    "AlarmService.list_kinds": lambda world: (),
    "AlarmService.shelve": lambda world: (world.alarm, now() + timedelta(hours=1)),
    "AuthenticationService.sign_in": lambda world: ("nobody", "wrong"),
    "AuthenticationService.actor_of_session": lambda world: ("unknown",),
    "AuthenticationService.actor_of_user": lambda world: (world.other_user, "job"),
    "AuthenticationService.finish_sign_in": lambda world: ("unknown", "123456"),
    "AuthenticationService.is_code_owed": lambda world: ("unknown",),
    "AuthenticationService.generate_totp_secret": lambda world: (),
    "AuthenticationService.setup_2fa": lambda world: (world.owner_id,),
    "AuthenticationService.confirm_2fa": lambda world: (world.owner_id, "123456"),
    "AuthenticationService.verify_totp": lambda world: (world.owner_id, "123456"),
    "AuthenticationService.generate_backup_codes": lambda world: (world.owner_id,),
    "AuthenticationService.verify_backup_code": lambda world: (world.owner_id, "ABCD"),
    "AuthenticationService.disable_2fa": lambda world: (world.owner_id, "wrong", "123456"),
    "AuthenticationService.list_login_attempts": lambda world: (world.owner_id,),
    "AuthenticationService.count_login_attempts": lambda world: (world.owner_id,),
    "AuthenticationService.revoke_other_sessions": lambda world: (world.owner_id,),
    "AuthenticationService.record_login_attempt": lambda world: (None, False, "password"),
    "AuthenticationService.create_session": lambda world: (world.owner_id,),
    "APIKeyService.generate_key": lambda world: (world.owner_id, "press line"),
    "APIKeyService.get_key": lambda world: (world.api_key, world.owner_id),
    "APIKeyService.get_key_usage_stats": lambda world: (world.api_key,),
    "APIKeyService.list_usage": lambda world: (world.owner_id,),
    "APIKeyService.list_user_keys": lambda world: (world.owner_id,),
    "APIKeyService.log_usage": lambda world: (world.api_key, "/jobs", "GET", 200),
    "APIKeyService.revoke_key": lambda world: (world.api_key, world.owner_id),
    "APIKeyService.rotate_key": lambda world: (world.api_key, world.owner_id),
    "APIKeyService.verify_key": lambda world: ("sk_live_none",),
    "APIMonitoringService.delete_old": lambda world: (),
    "APIMonitoringService.get_endpoint_metrics": lambda world: (),
    "APIMonitoringService.get_error_logs": lambda world: (),
    "APIMonitoringService.get_latency_percentiles": lambda world: (),
    "APIMonitoringService.get_overview": lambda world: (),
    "APIMonitoringService.get_recent_requests": lambda world: (),
    "APIMonitoringService.get_request_stats": lambda world: (),
    "APIMonitoringService.get_request_timeline": lambda world: (),
    "APIMonitoringService.get_top_api_keys": lambda world: (),
    "APIMonitoringService.get_totals": lambda world: (),
    "APIMonitoringService.log_request": lambda world: ("/jobs", "GET", 200, 3),
    "StreamingService.acknowledge_alert": lambda world: world.stream_alert,
    "StreamingService.count_alerts": lambda world: (world.stream,),
    "StreamingService.count_sessions": lambda world: (),
    "StreamingService.delete_session": lambda world: (world.stream,),
    "StreamingService.get_data": lambda world: (world.stream,),
    "StreamingService.get_live": lambda world: (world.stream,),
    "StreamingService.get_session": lambda world: (world.stream,),
    "StreamingService.get_status": lambda world: (world.stream,),
    "StreamingService.list_alerts": lambda world: (world.stream,),
    "StreamingService.list_algorithms": lambda world: (),
    "StreamingService.list_sessions": lambda world: (),
    "StreamingService.pause_session": lambda world: (world.stream,),
    "StreamingService.push": lambda world: (world.stream, [{"data": {"g": 1.0}}], False),
    "StreamingService.resume_session": lambda world: (world.stream,),
    "StreamingService.start_session": lambda world: (),
    "StreamingService.stop_session": lambda world: (world.stream,),
    "StreamReplayService.read_rows": lambda world: (world.source_version, ["flow"]),
    "DeploymentService.benchmark_model": lambda world: (world.network, (1, 4), 2),
    "DeploymentService.convert_to_fp16": lambda world: (world.network,),
    "DeploymentService.delete_variant": lambda world: (world.variant,),
    "DeploymentService.export_to_onnx": lambda world: (world.network, _KEPT, (1, 1, 3)),
    "DeploymentService.find_jobs": lambda world: (world.experiment,),
    "DeploymentService.get_model_path": lambda world: (world.experiment,),
    "DeploymentService.get_model_size": lambda world: (_KEPT,),
    "DeploymentService.list_kinds": lambda world: (),
    "DeploymentService.list_networks": lambda world: (),
    "DeploymentService.list_variants": lambda world: (world.experiment,),
    "DeploymentService.load_model": lambda world: (world.experiment,),
    "DeploymentService.make_variant": lambda world: (world.experiment, "fp32"),
    "DeploymentService.prune_model": lambda world: (world.network,),
    "DeploymentService.quantize_model_dynamic": lambda world: (world.network,),
    "DeploymentService.quantize_model_static": lambda world: (world.network, []),
    "DeploymentService.recommend": lambda world: (world.experiment,),
    "DeploymentService.request_variant": lambda world: (world.experiment, "fp32"),
    "DeploymentService.find_timing": lambda world: (world.variant,),
    "DeploymentService.request_timing": lambda world: (world.variant,),
    "DeploymentService.time_variant": lambda world: (world.variant,),
    "DeploymentService.save_model": lambda world: (world.network, _KEPT, {}),
    "BatchPredictionService.count_batches": lambda world: (),
    "BatchPredictionService.count_rows": lambda world: (world.served_batch,),
    "BatchPredictionService.delete_batch": lambda world: (world.served_batch,),
    "BatchPredictionService.export_rows": lambda world: (world.served_batch,),
    "BatchPredictionService.get_batch": lambda world: (world.served_batch,),
    "BatchPredictionService.list_batches": lambda world: (),
    "BatchPredictionService.list_rows": lambda world: (world.served_batch,),
    "BatchPredictionService.request_batch": lambda world: (world.served, world.version),
    "BatchPredictionService.run_batch": lambda world: (world.served_batch,),
    "TryRecordingService.ask_recording": lambda world: (world.served, world.recording),
    "ModelServingService.delete_model": lambda world: (world.served,),
    "ModelServingService.export_bundle": lambda world: (world.served,),
    "ModelServingService.get_manifest": lambda world: (world.served,),
    "ModelServingService.get_model": lambda world: (world.served,),
    "ModelServingService.list_models": lambda world: (),
    "ModelServingService.predict": lambda world: (world.served, NOISE),
    "ModelServingService.publish": lambda world: (world.served, world.variant),
    "ModelServingService.roll_back": lambda world: (world.served,),
    "ModelServingService.set_alias": lambda world: (world.served, "staging", 1),
    "StreamReplayService.read_windows": lambda world: (world.recording, 256),
    "StreamReplayService.request_table_replay": lambda world: (world.stream, world.source),
    "StreamReplayService.request_replay": lambda world: (world.stream, world.filled_dataset),
    "IdempotencyService.begin": lambda world: ("one", "fingerprint"),
    "IdempotencyService.delete_old": lambda world: (),
    "IdempotencyService.give_up": lambda world: ("one",),
    "IdempotencyService.keep": lambda world: ("one", KEPT_ANSWER),
    "SignalViewService.samples": lambda world: (world.recording, 0),
    "TagService.list_tags": lambda world: (world.session,),
    "AuthenticationService.list_sessions": lambda world: (world.owner_id,),
    "AuthenticationService.revoke_session": lambda world: (world.login_session, world.owner_id),
    "BlockComparisonService.compare_repeated": lambda world: ([world.repeated, 999],),
    "CacheService.get": lambda world: ("a",),
    "CacheService.set": lambda world: ("a", 1),
    "CacheService.get_or_compute": lambda world: ("a", int),
    "CacheService.delete": lambda world: ("a",),
    "CacheService.invalidate_pattern": lambda world: ("a*",),
    "CacheService.get_stats": lambda world: (),
    "CampaignRunService.begin": lambda world: (world.campaign,),
    "CampaignRunService.cancel": lambda world: (world.trial_plan,),
    "CampaignRunService.complete": lambda world: (world.trial_plan, {"val_accuracy": 0.5}),
    "CampaignRunService.epochs_of": lambda world: (world.experiment,),
    "CampaignRunService.fail": lambda world: (world.trial_plan, "Because."),
    "CampaignRunService.final_training": lambda world: (world.scored_campaign,),
    "CampaignRunService.keep_model": lambda world: (world.experiment, world.trial_model),
    "CampaignRunService.prune": lambda world: (world.trial_plan, 1, {"val_accuracy": 0.5}),
    "CampaignRunService.report": lambda world: (world.trial_plan, EPOCH),
    "CampaignRunService.save_final": lambda world: (world.campaign, world.trial_experiment, {}),
    "CampaignRunService.save_importance": lambda world: (world.campaign, {"n": 0}),
    "CampaignRunService.tend": lambda world: (),
    "CampaignService.change_limits": lambda world: (world.campaign, 9),
    "CampaignService.count_campaigns": lambda world: (),
    "CampaignService.count_trials": lambda world: (world.campaign,),
    "CampaignService.delete_campaign": lambda world: (world.campaign,),
    "CampaignService.evaluate_best": lambda world: (world.scored_campaign,),
    "CampaignService.find_trial_of": lambda world: (world.experiment,),
    "CampaignService.get_campaign": lambda world: (world.campaign,),
    "CampaignService.get_history": lambda world: (world.campaign,),
    "CampaignService.get_importance": lambda world: (world.campaign,),
    "CampaignService.get_trial": lambda world: (world.trial,),
    "CampaignService.list_campaigns": lambda world: (),
    "CampaignService.list_curves": lambda world: (world.campaign,),
    "CampaignService.list_points": lambda world: (world.campaign,),
    "CampaignService.list_trials": lambda world: (world.campaign,),
    "CampaignService.pause_campaign": lambda world: (world.working_campaign,),
    "CampaignService.request_importance": lambda world: (world.campaign,),
    "CampaignService.resume_campaign": lambda world: (world.campaign,),
    "CampaignService.stop_campaign": lambda world: (world.campaign,),
    "HPOService.list_settings": lambda world: ("cnn1d",),
    "HPOService.suggest_dimension": lambda world: ("cnn1d", "optimiser"),
    "HPOService.check_search_space": lambda world: ("cnn1d", factories.SMALL_SPACE),
    "HPOService.create_campaign": lambda world: (
        "searched",
        "random",
        "cnn1d",
        world.version_dataset,
        factories.SMALL_SPACE,
        3,
    ),
    "HPOService.export_results": lambda world: (world.campaign,),
    "HPOService.get_all_campaigns": lambda world: (),
    "HPOService.get_campaign": lambda world: (world.campaign,),
    "HPOService.get_campaign_experiments": lambda world: (world.campaign,),
    "HPOService.get_default_search_space": lambda world: ("svm",),
    "HPOService.get_parameter_importance": lambda world: (world.campaign,),
    "HPOService.get_trials_dataframe": lambda world: (world.campaign,),
    "HPOService.pack_results": lambda world: (world.campaign,),
    "HPOService.resume_campaign": lambda world: (world.campaign,),
    "HPOService.save_research_artifact": lambda world: (world.campaign,),
    "HPOService.update_campaign_progress": lambda world: (world.campaign, 0, None, None),
    "HPOService.update_campaign_status": lambda world: (world.campaign, "running"),
    "ClassifierCostService.find_cost": lambda world: (COST,),
    "ClassifierCostService.request_cost": lambda world: (COST,),
    "DatasetService.create": lambda world: ("pumps",),
    "DatasetService.list_datasets": lambda world: (),
    "DatasetService.list_names": lambda world: (),
    "DatasetService.count_datasets": lambda world: (),
    "DatasetService.get_dataset_details": lambda world: (world.dataset,),
    "DatasetService.get_dataset_statistics": lambda world: (world.filled_dataset,),
    "DatasetService.add_recordings": lambda world: (world.dataset, world.stored(), "import"),
    "DatasetService.check_changeable": lambda world: (world.dataset,),
    "DatasetService.relabel": lambda world: (
        world.dataset,
        {world.recording: "outer"},
        "seen again",
    ),
    "DatasetService.remove_recordings": lambda world: (
        world.dataset,
        [world.recording],
        "broken sensor",
    ),
    "DatasetService.archive_dataset": lambda world: (world.dataset,),
    "DatasetService.edit_dataset": lambda world: (world.dataset,),
    "DatasetService.get_crossing": lambda world: (world.filled_dataset, "label", "origin"),
    "DatasetService.get_dataset_preview": lambda world: (world.filled_dataset,),
    "DatasetService.list_experiments": lambda world: (world.filled_dataset,),
    "DatasetService.list_warnings": lambda world: (world.filled_dataset,),
    "VersionService.diff_versions": lambda world: (world.filled_dataset, 1, 1),
    "VersionService.list_changes": lambda world: (world.filled_dataset, 1, 1),
    "VersionService.list_versions": lambda world: (world.filled_dataset,),
    "VersionService.preview_relabel": lambda world: (
        world.filled_dataset,
        Selection((world.recording,)),
        "outer",
    ),
    "VersionService.relabel_selected": lambda world: (
        world.filled_dataset,
        Selection((world.recording,)),
        "outer",
        "seen again",
    ),
    "VersionService.remove_selected": lambda world: (
        world.filled_dataset,
        Selection((world.recording,)),
        "broken sensor",
    ),
    "VersionService.restore_version": lambda world: (world.changed_dataset, 1),
    "WaveformService.forget_statistics": lambda world: (world.filled_dataset,),
    "WaveformService.get_statistics": lambda world: (world.filled_dataset,),
    "WaveformService.list_unmeasured": lambda world: (world.filled_dataset,),
    "WaveformService.measure": lambda world: (world.recording,),
    "WaveformService.request_measurement": lambda world: (world.filled_dataset,),
    "DatasetService.restore_dataset": lambda world: (world.dataset,),
    "DatasetService.export_dataset": lambda world: (world.filled_dataset,),
    "DatasetService.delete_dataset": lambda world: (world.dataset,),
    "ContinuedTrainingService.continue_experiment": lambda world: (world.trained, 3),
    "ContinuedTrainingService.find_offer": lambda world: (world.experiment,),
    "ContinuedTrainingService.find_source": lambda world: (world.experiment,),
    "ContinuedTrainingService.find_start": lambda world: (world.experiment,),
    "ComparisonService.export_comparison": lambda world: ([world.experiment, 999],),
    "ComparisonService.get_comparison_data": lambda world: ([world.experiment, 999],),
    "ComparisonService.identify_key_differences": lambda world: ({},),
    "ComparisonService.list_comparable": lambda world: (),
    "ComparisonService.validate_comparison_request": lambda world: (
        [world.experiment],
        world.owner_id,
    ),
    "EvaluationService.load_experiment_predictions": lambda world: (world.experiment,),
    "EvaluationService.generate_roc_data": lambda world: ROC,
    "EvaluationService.cache_evaluation_results": lambda world: (world.experiment, "roc", {}),
    "EvaluationService.get_cached_evaluation": lambda world: (world.experiment, "roc"),
    "EvaluationService.analyze_errors": lambda world: MISTAKES,
    "EvaluationService.compare_architectures": lambda world: ([world.experiment],),
    "EvaluationService.find_job": lambda world: (world.experiment, "robustness"),
    "EvaluationService.fit_temperature": lambda world: (world.experiment,),
    "EvaluationService.request_costs": lambda world: ([world.experiment],),
    "EvaluationService.request_evaluation": lambda world: (world.experiment, "robustness"),
    "EvaluationService.test_robustness": lambda world: (world.experiment,),
    "EvaluationViewService.can_fit_temperature": lambda world: (world.experiment,),
    "EvaluationViewService.export_part": lambda world: (world.experiment, "curves", "windows"),
    "EvaluationViewService.get_calibration": lambda world: (world.experiment, "windows"),
    "EvaluationViewService.get_curves": lambda world: (world.experiment, "windows"),
    "EvaluationViewService.get_errors": lambda world: (world.experiment, "windows"),
    "EvaluationViewService.get_estimates": lambda world: (world.experiment, "recordings"),
    "EvaluationViewService.get_risk": lambda world: (world.experiment, "windows"),
    "EvaluationViewService.get_robustness": lambda world: (world.experiment,),
    "EvaluationViewService.list_choices": lambda world: (),
    "EvaluationService.get_report": lambda world: (world.experiment,),
    "EvaluationService.get_result": lambda world: (world.experiment,),
    "EvaluationService.export_predictions": lambda world: (world.experiment,),
    "EvaluationService.export_report": lambda world: (world.experiment,),
    "EvaluationService.export_config": lambda world: (world.experiment,),
    "EvaluationService.export_checkpoint": lambda world: (world.experiment,),
    "ExperimentCollectionService.archive_experiments": lambda world: ([world.experiment],),
    "ExperimentCollectionService.restore_experiments": lambda world: ([world.experiment],),
    "ExperimentCollectionService.preview_deletion": lambda world: ([world.ended_experiment],),
    "ExperimentCollectionService.delete_experiments": lambda world: ([world.ended_experiment],),
    "ExperimentRunService.find_summary": lambda world: (world.experiment,),
    "EnsembleRunService.election": lambda world: (world.experiment,),
    "EnsembleRunService.find_summary": lambda world: (world.experiment,),
    "EnsembleRunService.save_outcome": lambda world: (
        world.experiment,
        Elected(b"", b"", {}, [], by_window=False, scores=[], validation=None, seconds=0.0),
    ),
    "EnsembleService.create_ensemble": lambda world: ("both", [world.experiment, 999]),
    "EnsembleService.find_ensemble": lambda world: (world.experiment,),
    "EnsembleService.list_uses": lambda world: (world.experiment,),
    "EnsembleService.preview_ensemble": lambda world: ([world.experiment, 999],),
    "EvaluationViewService.has_weights": lambda world: (world.experiment,),
    "EvaluationService.score_validation": lambda world: (world.experiment,),
    "PredictionService.find_panel": lambda world: (world.experiment, world.recording),
    "LeakageService.begin_checks": lambda world: (world.experiment,),
    "LeakageService.create_counterpart": lambda world: (world.experiment,),
    "LeakageService.find_job": lambda world: (world.experiment,),
    "LeakageService.get_gap": lambda world: (world.experiment,),
    "LeakageService.get_leakage": lambda world: (world.experiment,),
    "LeakageService.keep_checks": lambda world: (world.experiment, []),
    "LeakageService.request_check": lambda world: (world.experiment,),
    "ExperimentRunService.local_classifier": lambda world: (world.experiment,),
    "ExperimentRunService.plan": lambda world: (world.experiment,),
    "ExperimentRunService.save_epoch": lambda world: (world.experiment, EPOCH),
    "ExperimentRunService.tell_plateau": lambda world: (world.experiment, "No progress."),
    "ExperimentRunService.save_test": lambda world: (world.experiment, OUTCOME),
    "ExperimentRunService.save_outcome": lambda world: (world.experiment, OUTCOME),
    "ExperimentService.describe_version": lambda world: (world.version,),
    "ExperimentService.find_version": lambda world: ("pumps",),
    "ExperimentService.read_document": lambda world: ({},),
    "ExperimentService.preview_augmentation": lambda world: (
        world.version,
        {**factories.SMALL_TRAINING, "augmentation": {"shift": 0.1}},
    ),
    "ExperimentService.preview_split": lambda world: (world.version, factories.SMALL_TRAINING),
    "ExperimentService.create_experiment": lambda world: (
        "one",
        world.version,
        factories.SMALL_TRAINING,
    ),
    "ExperimentService.get_experiment": lambda world: (world.experiment,),
    "ExperimentService.list_experiments": lambda world: (),
    "ExperimentService.count_experiments": lambda world: (),
    "ExperimentService.list_epochs": lambda world: (world.experiment,),
    "ExperimentService.rename_experiment": lambda world: (world.experiment, "another"),
    "ExperimentService.write_notes": lambda world: (world.experiment, "tried again"),
    "ExperimentService.pause_experiment": lambda world: (world.experiment,),
    "ExperimentService.resume_experiment": lambda world: (world.experiment,),
    "ExperimentService.set_priority": lambda world: (world.experiment, "high"),
    "ExperimentService.cancel_experiment": lambda world: (world.experiment,),
    "ExportService.delete_export": lambda world: (world.export,),
    "ExportService.delete_old": lambda world: (),
    "ExportService.estimate_size": lambda world: (world.filled_dataset,),
    "ExportService.get_export": lambda world: (world.export,),
    "ExportService.list_exports": lambda world: (world.dataset,),
    "ExportService.list_formats": lambda world: (),
    "ExportService.make_export": lambda world: (world.filled_dataset,),
    "ExportService.open_export": lambda world: (world.export,),
    "ExportService.submit_export": lambda world: (world.filled_dataset,),
    "ExportService.write_file": lambda world: (world.filled_dataset, world.folder / "pumps.h5"),
    "FeatureAnalysisService.analyse": lambda world: (world.feature_set, "projection", "pca"),
    "FeatureAnalysisService.find_analysis": lambda world: (world.feature_set, "projection"),
    "FeatureAnalysisService.find_job": lambda world: (world.feature_set, "projection"),
    "FeatureAnalysisService.list_analyses": lambda world: (world.feature_set,),
    "FeatureAnalysisService.list_methods": lambda world: (),
    "FeatureAnalysisService.request_analysis": lambda world: (
        world.feature_set,
        "projection",
        "pca",
    ),
    "FeatureService.compute_feature_correlation": lambda world: (TABLE[0], TABLE[2]),
    "FeatureService.compute_feature_importance": lambda world: TABLE,
    "FeatureService.extract_features": lambda world: (world.long_dataset, "time", TIME[1]),
    "FeatureService.make_feature_set": lambda world: (world.long_dataset, "levels", *TIME),
    "FeatureService.save_feature_set": lambda world: (world.filled_dataset, *TABLE, "time"),
    "FeatureService.select_features": lambda world: (*TABLE, "variance"),
    "FeatureService.submit_extraction": lambda world: (world.long_dataset, "levels", *TIME),
    "FeatureSetService.count_feature_sets": lambda world: (),
    "FeatureSetService.delete_feature_set": lambda world: (world.feature_set,),
    "FeatureSetService.get_distribution": lambda world: (world.feature_set, "RMS@1"),
    "FeatureSetService.get_feature_set": lambda world: (world.feature_set,),
    "FeatureSetService.find_used": lambda world: ("",),
    "FeatureSetService.find_version": lambda world: (world.feature_set,),
    "FeatureSetService.list_feature_sets": lambda world: (),
    "FeatureSetService.list_rows": lambda world: (world.feature_set,),
    "FeatureSetService.list_trainable": lambda world: (world.version,),
    "FeatureSetService.open_feature_set": lambda world: (world.feature_set,),
    "GlobalSearchService.find": lambda world: ("pump",),
    "GuideService.find_topics": lambda world: ("leak",),
    "GuideService.list_topics": lambda world: (),
    "GuideService.read_topic": lambda world: ("leaks",),
    "GuideService.find_picture": lambda world: ("home-light-desk.png",),
    "HomeService.get_overview": lambda world: (),
    "HousekeepingService.clean_up": lambda world: (),
    "HousekeepingService.preview_cleaning": lambda world: (),
    "KeyService.reseal_all": lambda world: (),
    "ImportService.start_preview": lambda world: ([world.complete_upload],),
    "ImportService.start_import": lambda world: ([world.complete_upload], world.dataset),
    "ImportService.preview_files": lambda world: ([],),
    "ImportService.import_files": lambda world: ([], world.dataset),
    "ImportService.store_preview": lambda world: (world.preview, [], "", {}),
    "ImportService.get_preview": lambda world: (world.preview,),
    "ImportService.get_sources": lambda world: (world.preview,),
    "ImportService.is_preview_of": lambda world: (world.preview, [], "", "", []),
    "ImportService.list_preview": lambda world: (world.preview,),
    "ImportService.count_preview": lambda world: (world.preview,),
    "ImportService.find_lacking": lambda world: (world.preview, {}, {}),
    "ImportService.delete_old_previews": lambda world: (),
    "SourceDatabaseService.list_columns": lambda world: ("", "", ""),
    "SourceDatabaseService.list_databases": lambda world: (),
    "SourceDatabaseService.list_tables": lambda world: ("",),
    "ImportFolderService.list_folders": lambda world: (),
    "ImportFolderService.browse": lambda world: ("",),
    "ImportFolderService.check_names": lambda world: ("", []),
    "ImportFolderService.find_files": lambda world: ("", []),
    "ImportProfileService.create_profile": lambda world: ("rig 7", {"unit": "g"}),
    "ImportProfileService.list_profiles": lambda world: ((world.profile, 500)[1],),
    "ImportProfileService.get_profile": lambda world: (world.profile,),
    "ImportProfileService.find_profile": lambda world: ((world.profile, "rig")[1],),
    "ImportProfileService.export_profile": lambda world: (world.profile,),
    "ImportProfileService.load_profile": lambda world: ({},),
    "ImportProfileService.update_profile": lambda world: (world.profile, "rig 8"),
    "ImportProfileService.delete_profile": lambda world: (world.profile,),
    "ImportProfileService.resolve": lambda world: ("",),
    "ImportService.try_pattern": lambda world: ("{label}", ["inner"]),
    "JobRunService.claim": lambda world: (world.job,),
    "JobRunService.report": lambda world: (RUN, "read", 0.5, ""),
    "JobRunService.beat": lambda world: (RUN,),
    "JobRunService.give_back": lambda world: (RUN,),
    "JobRunService.log": lambda world: (RUN, "read"),
    "JobRunService.finish": lambda world: (RUN, JobStatus.DONE),
    "JobRunService.ensure_daily": lambda world: (JobKind.CLEAN_UP, "Daily cleaning"),
    "JobRunService.requeue_all": lambda world: (),
    "JobRunService.sweep": lambda world: (None,),
    "JobService.submit_once": lambda world: (JobKind.CLEAN_UP, {}, "Clean up"),
    "JobService.submit": lambda world: (JobKind.CLEAN_UP, {}, "Clean up"),
    "JobService.get_job": lambda world: (world.job,),
    "JobService.list_jobs": lambda world: (),
    "JobService.count_jobs": lambda world: (),
    "JobService.list_pulse": lambda world: (),
    "JobService.find_latest": lambda world: ("dataset:1",),
    "JobService.list_log": lambda world: (world.job,),
    "RepeatedExperimentService.cancel_repeated": lambda world: (world.repeated,),
    "RepeatedExperimentService.count_repeated": lambda world: (),
    "RepeatedExperimentService.create_repeated": lambda world: (
        "forests",
        world.version,
        factories.SMALL_TRAINING,
        [0, 1],
    ),
    "RepeatedExperimentService.delete_repeated": lambda world: (world.ended_repeated,),
    "RepeatedExperimentService.find_run": lambda world: (world.experiment,),
    "RepeatedExperimentService.get_repeated": lambda world: (world.repeated,),
    "RepeatedExperimentService.list_curves": lambda world: (world.repeated,),
    "RepeatedExperimentService.list_repeated": lambda world: (),
    "RepeatedExperimentService.pause_repeated": lambda world: (world.repeated,),
    "RepeatedExperimentService.plan_runs": lambda world: (
        world.version,
        factories.SMALL_TRAINING,
        [0, 1],
    ),
    "RepeatedExperimentService.resume_repeated": lambda world: (world.ended_repeated,),
    "RepeatedExperimentService.set_priority": lambda world: (world.repeated, "low"),
    "RepeatedRunService.pool": lambda world: (world.run,),
    "JobService.set_priority": lambda world: (world.training_job, "high"),
    "JobService.cancel": lambda world: (world.job,),
    "JobService.pause": lambda world: (world.job,),
    "JobService.resume": lambda world: (world.job,),
    "JobService.retry": lambda world: (world.failed_job,),
    "MonitoringService.collect": lambda world: (),
    "MonitoringService.get_current_metrics": lambda world: (),
    "MonitoringService.get_health_status": lambda world: (),
    "MonitoringService.get_history": lambda world: (),
    "MonitoringService.get_recent_alerts": lambda world: (),
    "MonitoringService.list_workers": lambda world: (),
    "MonitoringService.start_monitoring": lambda world: (1_800,),
    "MonitoringService.stop_monitoring": lambda world: (),
    "EmailDigestService.get_digest_history": lambda world: (),
    "EmailDigestService.get_pending_digests": lambda world: (),
    "EmailDigestService.get_queue_stats": lambda world: (),
    "EmailDigestService.get_users_with_digests": lambda world: (),
    "EmailDigestService.trigger_digest_processing": lambda world: (),
    "EmailDigestService.write_due": lambda world: (),
    "MailService.count_mails": lambda world: (),
    "MailService.get_mail": lambda world: (world.mail,),
    "MailService.get_state": lambda world: (),
    "MailService.list_attempts": lambda world: (world.mail,),
    "MailService.list_choices": lambda world: (),
    "MailService.list_mails": lambda world: (),
    "MailService.send_again": lambda world: (world.mail,),
    "MailService.send_test": lambda world: (),
    "NotificationPreferenceService.get_mail": lambda world: (),
    "NotificationPreferenceService.list_preferences": lambda world: (),
    "NotificationPreferenceService.reset_preferences": lambda world: (),
    "NotificationPreferenceService.set_preference": lambda world: ("job.done", "toast", True),
    "NotificationPreferenceService.set_preferences": lambda world: ([("job.done", "toast", True)],),
    "NotificationService.create_toast": lambda world: ("Done.",),
    "NotificationService.emit_event": lambda world: ("job.done", world.owner_id, {}),
    "NotificationService.error": lambda world: ("No.",),
    "NotificationService.info": lambda world: ("So.",),
    "NotificationService.success": lambda world: ("Done.",),
    "NotificationService.warning": lambda world: ("Nearly.",),
    "NASService.check_search_space": lambda world: ({},),
    "NASService.compute_architecture_hash": lambda world: (ARCHITECTURE,),
    "NASService.count_campaigns": lambda world: (),
    "NASService.create_nas_campaign": lambda world: ("Search", world.dataset, {}),
    "NASService.export_architecture": lambda world: (world.architecture_trial,),
    "NASService.get_architecture": lambda world: (world.architecture_search, 1),
    "NASService.get_best_architecture": lambda world: (world.architecture_search,),
    "NASService.get_campaign_details": lambda world: (world.architecture_search,),
    "NASService.get_default_search_space": lambda world: (),
    "NASService.list_campaigns": lambda world: (),
    "NASService.retrain_best": lambda world: (world.architecture_search,),
    "NASService.sample_architecture": lambda world: ({},),
    "NoticeService.count_notices": lambda world: (),
    "NoticeService.list_toasts": lambda world: (),
    "NoticeService.list_types": lambda world: (),
    "NoticeService.mark_read": lambda world: (world.notice,),
    "NoticeService.take_toast": lambda world: (world.notice,),
    "NoticeService.list_notices": lambda world: (),
    "NoticeService.count_unread": lambda world: (),
    "NoticeService.mark_all_read": lambda world: (),
    "SignalExportService.export_waveform": lambda world: (Stretch(world.recording, 0),),
    "SignalExportService.export_plot": lambda world: ("spectrum", Stretch(world.recording, 0)),
    "SignalOverlayService.list_bearings": lambda world: (world.recording,),
    "SignalOverlayService.overlay": lambda world: (world.recording, 0),
    "SignalOverlayService.peaks": lambda world: ("spectrum", world.recording, 0),
    "SignalOverlayService.values_at": lambda world: (
        "spectrum",
        world.recording,
        0,
        None,
        None,
        None,
        [10.0],
    ),
    "SignalOverlayService.verdict": lambda world: (world.recording, 0),
    "SignalOverviewService.compare": lambda world: (world.recording, 0),
    "SignalOverviewService.describe_audio": lambda world: (world.recording,),
    "SignalOverviewService.export_comparison": lambda world: (world.recording, 0),
    "SignalOverviewService.export_overview": lambda world: (world.recording, 0),
    "SignalOverviewService.get_audio": lambda world: (world.recording, 0),
    "SignalOverviewService.trend": lambda world: (world.recording, 0),
    "SignalOverviewService.waterfall": lambda world: (world.recording, 0),
    "SignalService.compute_fft": lambda world: (NOISE, 1_000.0),
    "SignalService.compute_spectrogram": lambda world: (NOISE, 1_000.0),
    "SignalQualityService.check": lambda world: (world.recording,),
    "SignalService.extract_basic_features": lambda world: (NOISE, 1_000.0),
    "SignalService.get_signal_with_features": lambda world: (world.dataset, world.recording),
    "SignalViewService.count_choices": lambda world: (world.dataset,),
    "SignalViewService.list_choices": lambda world: (world.dataset,),
    "SignalViewService.waveform": lambda world: (world.recording, 0),
    "SignalViewService.plot": lambda world: ("spectrum", world.recording, 0),
    "SignalViewService.overall": lambda world: (world.recording, 0),
    "SignalViewService.statistics": lambda world: (world.recording, 0),
    "TrainingEstimateService.estimate": lambda world: (
        factories.SMALL_TRAINING,
        2,
        {"seen": 9, "train": 9, "validation": 3, "test": 3},
    ),
    "TestingService.get_recent_test_history": lambda world: (),
    "TestingService.get_test_files": lambda world: (),
    "TestingService.is_enabled": lambda world: (),
    "TestingService.list_networks": lambda world: (),
    "TestingService.list_sources": lambda world: (),
    "TestingService.parse_pytest_output": lambda world: ("1 passed in 0.10s",),
    "TestingService.request_check": lambda world: ("tests", {}),
    "TestingService.run_benchmarks": lambda world: (),
    "TestingService.run_coverage": lambda world: (),
    "TestingService.run_pytest": lambda world: (),
    "TestingService.validate_code_quality": lambda world: (),
    "UploadService.begin": lambda world: ("pump.csv", 3),
    "UploadService.begin_many": lambda world: (
        [{"file_name": "pump.csv", "size": 3, "fingerprint": ""}],
    ),
    "UploadService.append": lambda world: (world.upload, 0, b"1\n2", _sha(b"1\n2")),
    "UploadService.get": lambda world: (world.upload,),
    "UploadService.list_own": lambda world: (),
    "UploadService.discard": lambda world: (world.upload,),
    "UploadService.discard_many": lambda world: ([world.upload],),
    "UploadService.locate": lambda world: (world.complete_upload,),
    "UploadService.locate_all": lambda world: ([world.complete_upload],),
    "ProfileService.get_profile": lambda world: (),
    "ProfileService.save_profile": lambda world: ("", "", "UTC"),
    "ProfileService.list_time_zones": lambda world: (),
    "TwoFactorService.get_state": lambda world: (world.owner_id,),
    "TwoFactorService.renew_backup_codes": lambda world: (world.owner_id, "ABCD"),
    "TwoFactorService.list_users_with": lambda world: (),
    "TwoFactorService.reset_2fa": lambda world: (world.other_user,),
    "TwoFactorService.list_required_roles": lambda world: (),
    "TwoFactorService.require_for_roles": lambda world: ([Role.ADMIN],),
    "UploadService.delete_old": lambda world: (),
    "UserService.create_setup_link": lambda world: (),
    "UserService.add_user": lambda world: ("anna", Role.VIEWER),
    "UserService.invite": lambda world: ("anna", Role.VIEWER),
    "UserService.reset_password": lambda world: (world.other_user,),
    "UserService.look_at_link": lambda world: ("unknown",),
    "UserService.accept_link": lambda world: ("unknown", "anna", GOOD_PASSWORD),
    "UserService.change_password": lambda world: ("", "short"),
    "UserService.list_users": lambda world: (),
    "UserService.find_user": lambda world: ("nobody",),
    "UserService.set_role": lambda world: (world.other_user, Role.ANALYST),
    "UserService.disable": lambda world: (world.other_user,),
    "UserService.enable": lambda world: (world.other_user,),
    "DataService.create_dataset": lambda world: ("pumps",),
    "DataService.delete_dataset": lambda world: (world.dataset,),
    "DataService.get_dataset": lambda world: (world.dataset,),
    "DataService.get_dataset_stats": lambda world: (world.filled_dataset,),
    "DataService.list_datasets": lambda world: (),
    "DataService.load_signal_data": lambda world: (world.dataset, world.recording),
    "DataService.load_signals": lambda world: (world.filled_dataset,),
    "ExperimentService.complete_config": lambda world: (factories.SMALL_TRAINING,),
    "ExperimentService.list_versions": lambda world: (),
    "ExplanationBatchService.estimate_batch": lambda world: (world.experiment, [world.recording]),
    "ExplanationBatchService.find_job": lambda world: (world.experiment,),
    "ExplanationBatchService.get_overview": lambda world: (world.experiment, [world.recording]),
    "ExplanationBatchService.is_explained": lambda world: (
        world.experiment,
        world.recording,
        "gradcam",
    ),
    "ExplanationBatchService.request_batch": lambda world: (world.experiment, [world.recording]),
    "ExplanationCache.cache_explanation": lambda world: (
        world.experiment,
        world.recording,
        "gradcam",
        EXPLAINED,
    ),
    "ExplanationCache.clear_old_explanations": lambda world: (),
    "ExplanationCache.delete_explanation": lambda world: (world.explanation,),
    "ExplanationCache.explanation_exists": lambda world: (
        world.experiment,
        world.recording,
        "gradcam",
    ),
    "ExplanationCache.find_explanation": lambda world: (world.explanation,),
    "ExplanationCache.get_cache_statistics": lambda world: (),
    "ExplanationCache.get_explanation": lambda world: (
        world.experiment,
        world.recording,
        "gradcam",
    ),
    "ExplanationCache.get_recent_explanations": lambda world: (world.experiment,),
    "ExplanationViewService.compare": lambda world: (
        world.experiment,
        world.recording,
        "inner",
        [("lime", None)],
        0.0,
    ),
    "ExplanationViewService.export_csv": lambda world: (world.explanation,),
    "ExplanationViewService.export_facts": lambda world: (world.explanation,),
    "ExplanationViewService.show_features": lambda world: (
        world.experiment,
        world.recording,
        "inner",
        "tree_shap",
    ),
    "ExplanationViewService.zoom": lambda world: (
        world.experiment,
        world.recording,
        "inner",
        [("lime", None)],
        0.0,
        (None, 1.0),
    ),
    "ExplanationViewService.show": lambda world: (world.experiment, world.recording, "inner"),
    "MachineService.add_channel": lambda world: (world.point, "radial", "g"),
    "MachineService.add_point": lambda world: (world.machine, "drive end"),
    "MachineService.compute_orders": lambda world: ({"roller_count": 9},),
    "MachineService.copy_geometry": lambda world: (world.machine, 1),
    "MachineService.count_machines": lambda world: (),
    "MachineService.delete_bearing": lambda world: (world.machine, world.bearing),
    "MachineService.get_machine": lambda world: (world.machine,),
    "MachineService.list_machines": lambda world: (),
    "MachineService.name_type": lambda world: (world.machine, "SKF 6205-2RS JEM"),
    "MachineService.save_bearing": lambda world: (world.machine, "drive end"),
    "MachineService.save_machine": lambda world: ("fan", "", world.machine),
    "PredictionService.find_prediction": lambda world: (world.experiment, world.recording),
    "PredictionService.get_source": lambda world: (world.experiment, world.recording),
    "PredictionService.list_classifiers": lambda world: (),
    "PredictionService.request_prediction": lambda world: (world.experiment, world.recording),
    "RecordingService.count_recordings": lambda world: (world.filled_dataset,),
    "RecordingService.export_recordings": lambda world: (world.filled_dataset,),
    "RecordingService.get_recording": lambda world: (world.recording,),
    "RecordingService.list_recordings": lambda world: (world.filled_dataset,),
    "RecordingService.page_of_recordings": lambda world: (world.filled_dataset,),
    "SearchService.search": lambda world: (world.session, "tag:best"),
    "SearchService.find_experiments": lambda world: ("tag:best",),
    "SearchService.find_ids": lambda world: ("tag:best",),
    "SearchService.export_experiments": lambda world: ("tag:best",),
    "SearchService.list_values": lambda world: (),
    "SearchService.complete": lambda world: ("tag:b", 5),
    "SearchService.save_search": lambda world: (
        world.session,
        world.owner_id,
        "best",
        "tag:best",
    ),
    "SearchService.get_saved_searches": lambda world: (world.session, world.owner_id),
    "SearchService.use_saved_search": lambda world: (
        world.session,
        world.saved_search,
        world.owner_id,
    ),
    "SearchService.delete_saved_search": lambda world: (
        world.session,
        world.saved_search,
        world.owner_id,
    ),
    "TagService.slugify": lambda world: ("Bearing wear",),
    "TagService.create_or_get_tag": lambda world: (world.session, "best"),
    "TagService.add_tag_to_experiment": lambda world: (world.session, world.experiment, "best"),
    "TagService.remove_tag_from_experiment": lambda world: (
        world.session,
        *world.tagged_experiment,
    ),
    "TagService.get_experiment_tags": lambda world: (world.session, world.experiment),
    "TagService.get_popular_tags": lambda world: (world.session,),
    "TagService.suggest_tags": lambda world: (world.session, "b"),
    "TagService.bulk_add_tags": lambda world: (world.session, [world.experiment], ["best"]),
    "TagService.bulk_remove_tags": lambda world: (
        world.session,
        *([number] for number in world.tagged_experiment),
    ),
    "TagService.get_tag_statistics": lambda world: (world.session,),
    "SynthesisService.request_demo_dataset": lambda world: (),
    "SynthesisService.add_generated": lambda world: (world.generated, world.stored()),
    "SynthesisService.begin_generated": lambda world: ("generated", {}, "token"),
    "SynthesisService.check_signatures": lambda world: ({"classes": {"wear": 1}},),
    "SynthesisService.complete_config": lambda world: ({},),
    "SynthesisService.delete_unfinished": lambda world: (),
    "SynthesisService.discard_generated": lambda world: (world.generated,),
    "SynthesisService.estimate": lambda world: ({},),
    "SynthesisService.find_job": lambda world: (),
    "SynthesisService.finish_generated": lambda world: (world.generated, {}, []),
    "SynthesisService.preview": lambda world: ({"classes": {"wear": 1}},),
    "SynthesisService.request_check": lambda world: ({"classes": {"wear": 1}},),
    "SynthesisService.request_dataset": lambda world: ("generated", {}),
    "SynthesisService.store_generated": lambda world: (GENERATED,),
    "WebhookOverviewService.count_deliveries": lambda world: (),
    "WebhookOverviewService.list_deliveries": lambda world: (),
    "WebhookOverviewService.list_hosts": lambda world: (),
    "WebhookService.count_deliveries": lambda world: (world.webhook, world.owner_id),
    "WebhookService.create_webhook": lambda world: (
        world.owner_id,
        "slack",
        "https://8.8.8.8/services/x",
        "plant",
        ["training.complete"],
    ),
    "WebhookService.delete_webhook": lambda world: (world.webhook, world.owner_id),
    "WebhookService.get_webhook": lambda world: (world.webhook, world.owner_id),
    "WebhookService.get_webhook_logs": lambda world: (world.webhook, world.owner_id, 10),
    "WebhookService.get_webhook_stats": lambda world: (world.webhook, world.owner_id),
    "WebhookService.list_attempts": lambda world: (world.delivery, world.owner_id),
    "WebhookService.list_event_types": lambda world: (),
    "WebhookService.list_user_webhooks": lambda world: (world.owner_id, True),
    "WebhookService.replay_delivery": lambda world: (world.delivery, world.owner_id),
    "WebhookService.rotate_secret": lambda world: (world.webhook, world.owner_id),
    "WebhookService.test_webhook": lambda world: (world.webhook, world.owner_id),
    "WebhookService.toggle_webhook": lambda world: (world.webhook, world.owner_id, False),
    "WebhookService.update_webhook": lambda world: (world.webhook, world.owner_id),
    "XAIService.estimate_explanation": lambda world: (world.experiment, world.recording),
    "XAIService.find_job": lambda world: (world.experiment, world.recording, "inner"),
    "XAIService.generate_gradcam": lambda world: (network(), WINDOW),
    "XAIService.generate_integrated_gradients": lambda world: (network(), WINDOW),
    "XAIService.generate_lime_explanation": lambda world: (network(), WINDOW),
    "XAIService.generate_shap_explanation": lambda world: (network(), WINDOW, None),
    "XAIService.get_device": lambda world: (),
    "XAIService.get_model_prediction": lambda world: (network(), WINDOW),
    "XAIService.get_source": lambda world: (world.experiment, world.recording),
    "XAIService.list_experiments": lambda world: (),
    "XAIService.list_networks": lambda world: (),
    "XAIService.list_recordings": lambda world: (world.experiment,),
    "XAIService.load_model": lambda world: (world.experiment,),
    "XAIService.predicted_class": lambda world: (world.experiment, world.recording),
    "XAIService.request_explanation": lambda world: (world.experiment, world.recording, "inner"),
}
