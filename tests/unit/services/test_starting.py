"""Two tabs, or two clicks: whatever starts a job starts one."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from flask import current_app

from callbacks.shell import page_of
from layouts.jobs import PLACES
from models import CampaignRun, JobKind, Role
from services import actor
from services.actor import acting_as
from services.anomalies.batches import AnomalyBatchService
from services.anomalies.comparisons import AnomalyComparisonService
from services.anomalies.explanations import AnomalyExplanationService
from services.anomaly_service import AnomalyService
from services.campaigns.campaign_service import CampaignService
from services.classifier_cost_service import ClassifierCostService
from services.continuing_service import ContinuedTrainingService
from services.deployment.batch_service import BatchPredictionService
from services.deployment.serving_service import ModelServingService
from services.deployment_service import DeploymentService
from services.ensemble_service import EnsembleService
from services.errors import Conflict
from services.evaluation_service import EvaluationService
from services.experiment_service import ExperimentService
from services.explanations.batches import ExplanationBatchService
from services.export_service import ExportService
from services.feature_analysis_service import FeatureAnalysisService
from services.feature_service import FeatureService
from services.hpo_service import HPOService
from services.import_service import ImportService
from services.job_service import JobService
from services.leakage_service import LeakageService
from services.prediction_service import PredictionService
from services.repeated_service import RepeatedExperimentService
from services.runtime import unit_of_work
from services.source_service import SourceService
from services.streaming.replay_service import StreamReplayService
from services.synthesis_service import SynthesisService
from services.testing_service import TestingService
from services.upload_service import UploadService
from services.waveform_service import WaveformService
from services.xai_service import XAIService
from tests import anomalous, exported, factories
from tests.compared import answered, wide_version
from tests.searched import dataset_of
from tests.trained import LABELS, tiny_version, trained_experiment

pytestmark = pytest.mark.database
CONTENT = b"1\n2\n3\n" * 20
COST = {"classifier": "svm", "parameters": {}, "window": 1024, "channels": 1, "classes": 2}
Start = Callable[[], object]


def uploaded() -> str:
    upload = UploadService.begin("pump.csv", len(CONTENT))
    UploadService.append(upload["id"], 0, CONTENT, hashlib.sha256(CONTENT).hexdigest())
    return upload["id"]


def preview() -> Start:
    upload_id = uploaded()
    return lambda: ImportService.start_preview([upload_id])


def imported() -> Start:
    upload_id = uploaded()
    return lambda: ImportService.start_import([upload_id], None, new_dataset="pumps")


def version() -> tuple[int, int]:
    with unit_of_work() as session:
        made = factories.trainable_version(session, actor.user_id())
        return made.dataset_id, made.id


def training() -> Start:
    _, version_id = version()
    config = factories.SMALL_TRAINING
    return lambda: ExperimentService.create_experiment("a try", version_id, config)["job"]["id"]


def asked() -> tuple[int, int]:
    experiment_id = trained_experiment()
    sides = ExperimentService.get_experiment(experiment_id)["split"]["sides"]
    return experiment_id, int(next(iter(sides)))


def prediction() -> Start:
    about = asked()
    return lambda: PredictionService.request_prediction(*about)


def explanation() -> Start:
    about = asked()
    return lambda: XAIService.request_explanation(*about, LABELS[0])


def explanations() -> Start:
    experiment_id, recording_id = asked()
    about = experiment_id, [recording_id], ["gradcam", "lime"]
    return lambda: ExplanationBatchService.request_batch(*about)


def demo() -> Start:
    return SynthesisService.request_demo_dataset


def generation() -> Start:
    return lambda: SynthesisService.request_dataset("made", {})


def export() -> Start:
    dataset_id, _ = version()
    return lambda: ExportService.submit_export(dataset_id)


def check() -> Start:
    return lambda: SynthesisService.request_check({"classes": {"wear": 1}})


def measurement() -> Start:
    dataset_id, _ = version()
    return lambda: WaveformService.request_measurement(dataset_id)


def extraction() -> Start:
    dataset_id, _ = version()
    return lambda: FeatureService.submit_extraction(dataset_id, "of a bearing", ["time"])


def analysis() -> Start:
    with unit_of_work() as session:
        feature_set_id = factories.feature_set(session).id
    return lambda: FeatureAnalysisService.request_analysis(feature_set_id, "projection", "pca")


def replay() -> Start:
    dataset_id, _ = version()
    with unit_of_work() as session:
        session_id = factories.stream(session, owner_id=actor.user_id()).id
    return lambda: StreamReplayService.request_replay(session_id, dataset_id)


def cost() -> Start:
    return lambda: ClassifierCostService.request_cost(COST)


def evaluation() -> Start:
    experiment_id, _ = asked()
    return lambda: EvaluationService.request_evaluation(experiment_id, "robustness")


def leakage() -> Start:
    experiment_id, _ = asked()
    return lambda: LeakageService.request_check(experiment_id)


def variant() -> Start:
    experiment_id, _ = asked()
    return lambda: DeploymentService.request_variant(experiment_id, "structured", 0.5)


def served_batch() -> Start:
    experiment_id = trained_experiment()
    _, version_id = version()
    with unit_of_work() as session:
        variant_id = exported.variant(session, experiment_id, actor.user_id())
    number = ModelServingService.publish("pump", variant_id)
    return lambda: BatchPredictionService.request_batch("pump", version_id, str(number))


def times() -> Start:
    experiment_id = trained_experiment()
    with unit_of_work() as session:
        variant_id = exported.variant(session, experiment_id, actor.user_id())
    return lambda: DeploymentService.request_timing(variant_id)


def vote() -> Start:
    version_id = wide_version()
    both = [answered(version_id, "one"), answered(version_id, "other")]
    return lambda: EnsembleService.create_ensemble("both", both)["job"]["id"]


def project_check() -> Start:
    current_app.config["QUALITY_CHECKS"] = True
    developer = replace(actor.reader(), role=Role.ADMIN)

    def ask() -> int:
        with acting_as(developer):
            return TestingService.request_check("quality", {"path": "models"})

    return ask


def source_import() -> Start:
    upload_id = anomalous.uploaded(anomalous.table_csv(20))
    return lambda: started_by(SourceService.create_source("table", {"upload_id": upload_id}))


def detection() -> Start:
    source_id = anomalous.source()
    return lambda: started_by(AnomalyService.detect(source_id, "statistical"))


def batch() -> Start:
    source_id = anomalous.source()
    return lambda: started_by(AnomalyBatchService.create_batch([source_id], "all"))


def comparison() -> Start:
    source_id, both = anomalous.source(), ["statistical", "ecod"]
    return lambda: started_by(AnomalyComparisonService.create_comparison(source_id, both))


def explained_row() -> Start:
    detection_id = anomalous.detection(anomalous.source())
    return lambda: AnomalyExplanationService.explain(detection_id, [1], wait=0)["job_id"]


def scored_campaign() -> int:
    owner_id = actor.user_id()
    with unit_of_work() as session:
        campaign = factories.campaign(session, owner_id=owner_id)
        trial = factories.trial(session, campaign)
        experiment = factories.experiment(session, owner_id=owner_id)
        session.add(CampaignRun(experiment_id=experiment.id, trial_id=trial.id, fold=0))
        return campaign.id


def campaign() -> Start:
    given = ("twice", "random", "cnn1d", dataset_of(tiny_version()), factories.SMALL_SPACE, 3)
    config = {"group_by": "load_hp", "window": 1024, "hop": 1024}
    return lambda: HPOService.create_campaign(*given, config=config)["id"]


def final_look() -> Start:
    campaign_id = scored_campaign()
    return lambda: CampaignService.evaluate_best(campaign_id)["final_job_id"]


def importance() -> Start:
    campaign_id = scored_campaign()
    return lambda: CampaignService.request_importance(campaign_id)


def started_by(made: str) -> int:
    """A number for what was made, which has letters."""
    return int(made, 36)


# How each kind of job is asked for; nobody asks for the daily cleaning, and only admins for
# digests: see test_email_digest_service.py.
STARTS: dict[JobKind, Callable[[], Start]] = {
    JobKind.PREVIEW_IMPORT: preview,
    JobKind.IMPORT_RECORDINGS: imported,
    JobKind.TRAIN_EXPERIMENT: training,
    JobKind.PREDICT_RECORDING: prediction,
    JobKind.EXPLAIN_RECORDING: explanation,
    JobKind.EXPLAIN_RECORDINGS: explanations,
    JobKind.GENERATE_DEMO: demo,
    JobKind.GENERATE_DATASET: generation,
    JobKind.CHECK_SIGNATURES: check,
    JobKind.EXPORT_DATASET: export,
    JobKind.MEASURE_RECORDINGS: measurement,
    JobKind.EXTRACT_FEATURES: extraction,
    JobKind.ANALYSE_FEATURES: analysis,
    JobKind.MEASURE_CLASSIFIER: cost,
    JobKind.EVALUATE_EXPERIMENT: evaluation,
    JobKind.CHECK_LEAKAGE: leakage,
    JobKind.VOTE_TOGETHER: vote,
    JobKind.RUN_CHECK: project_check,
    JobKind.IMPORT_SOURCE: source_import,
    JobKind.DETECT_ANOMALIES: detection,
    JobKind.DETECT_IN_BATCH: batch,
    JobKind.COMPARE_DETECTORS: comparison,
    JobKind.EXPLAIN_ANOMALIES: explained_row,
    JobKind.REPLAY_STREAM: replay,
    JobKind.RUN_TRIAL: campaign,
    JobKind.EVALUATE_CAMPAIGN: final_look,
    JobKind.MEASURE_IMPORTANCE: importance,
    JobKind.MAKE_VARIANT: variant,
    JobKind.PREDICT_BATCH: served_batch,
    JobKind.TIME_VARIANT: times,
}


# What they make is known at their end, or shown by the page that waits for it and by no other.
UNPLACED = {
    JobKind.PREVIEW_IMPORT,
    JobKind.GENERATE_DEMO,
    JobKind.GENERATE_DATASET,
    JobKind.CHECK_SIGNATURES,
    JobKind.EXTRACT_FEATURES,
    JobKind.MEASURE_CLASSIFIER,
}


def test_every_kind_is_tried(server):
    assert set(STARTS) == set(JobKind) - {JobKind.CLEAN_UP, JobKind.SEND_DIGESTS}


@pytest.mark.parametrize("kind", STARTS)
def test_two_tabs_start_one_job(analyst, server, kind):
    start = STARTS[kind]()
    before = JobService.count_jobs(kind=kind)
    answers = at_the_same_time(start, server, analyst)
    numbers = {answer for answer in answers if isinstance(answer, int)}
    assert len(numbers) == 1, answers
    assert all(isinstance(answer, int | Conflict) for answer in answers)
    assert JobService.count_jobs(kind=kind) == before + 1
    check_place(kind)


def check_place(kind: JobKind) -> None:
    """There is a page that shows what the job makes, or the job leaves its result to one."""
    place = JobService.list_jobs(1, kind=kind)[0]["place"]
    assert (place is None) == (kind in UNPLACED)
    if place is not None:
        path = urlsplit(place).path
        assert page_of(path) is not None
        assert path.split("/")[1] in PLACES


def test_two_tabs_repeat_an_experiment_once(analyst, server):
    _, version_id = version()
    given = ("again", version_id, factories.SMALL_TRAINING, [0, 1])
    made = at_the_same_time(
        lambda: RepeatedExperimentService.create_repeated(*given)["id"], server, analyst
    )
    assert len(set(made)) == 1, made
    assert JobService.count_jobs(kind=JobKind.TRAIN_EXPERIMENT) == 2


def test_two_tabs_go_on_with_a_training_once(analyst, server):
    source = trained_experiment()
    before = JobService.count_jobs(kind=JobKind.TRAIN_EXPERIMENT)
    made = at_the_same_time(
        lambda: ContinuedTrainingService.continue_experiment(source, 2)["id"], server, analyst
    )
    assert len(set(made)) == 1, made
    assert JobService.count_jobs(kind=JobKind.TRAIN_EXPERIMENT) == before + 1


def at_the_same_time(start, server, who, tabs=4):
    """What each tab got: the number of the job, or the error that it was told."""
    answers, together = [], threading.Barrier(tabs)

    def click():
        with server.app_context(), acting_as(who):
            together.wait()
            try:
                answers.append(start())
            except Exception as error:  # noqa: BLE001 - the test looks at it
                answers.append(error)

    threads = [threading.Thread(target=click) for _ in range(tabs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
