"""Something on every page: a generated data set, a trained classifier, an explanation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode

from layouts.page import Page
from layouts.registry import PAGES
from models import JobStatus
from services.anomalies.batches import AnomalyBatchService
from services.anomalies.comparisons import AnomalyComparisonService
from services.anomalies.labels import AnomalyLabelService
from services.anomaly_service import AnomalyService
from services.campaigns.campaign_service import CampaignService
from services.deployment.batch_service import BatchPredictionService
from services.deployment.serving_service import ModelServingService
from services.deployment_service import DeploymentService
from services.experiment_service import ExperimentService
from services.feature_analysis_service import FeatureAnalysisService
from services.feature_service import FeatureService
from services.hpo_service import HPOService
from services.job_service import ACTIVE, JobService
from services.machine_service import MachineService
from services.repeated_service import RepeatedExperimentService
from services.source_service import SourceService
from services.synthesis_service import SynthesisService
from services.webhook_service import WebhookService
from services.xai_service import XAIService
from tests.browser.site import Site
from tests.running import wait_for

# The webhook of the sample goes to this machine, where nobody listens.
ALLOWED = {"OUTGOING_ALLOWED": "127.0.0.1/32"}
# Small enough for a test; a network of this size learns something from the generated set.
TRAINING: dict[str, Any] = {
    "split": {"by": "fractions", "test": 0.34, "validation": 0.33, "seed": 1},
    "window": 2048,
    "hop": 2048,
    "parameters": {"width": 8, "blocks": 2, "kernel": 64},
    "epochs": 6,
    "patience": 0,
    "learning_rate": 3e-3,
}


class Anomalies(NamedTuple):
    """A source, and what was found in it."""

    source_id: str
    detection_id: str
    batch_id: str
    comparison_id: str


@dataclass(frozen=True)
class Sample:
    """What the pages can show."""

    dataset_id: int
    experiment_id: int
    forest_id: int
    recording_id: int
    true_class: str
    machine_id: int
    feature_set_id: int
    repeated_id: int
    webhook_id: int
    anomalies: Anomalies
    campaign_id: int
    model_batch_id: int

    def address(self, page: Page) -> str:
        """The page with something on it."""
        parts = {
            "experiment_id": self.experiment_id,
            "dataset_id": self.dataset_id,
            "machine_id": self.machine_id,
            "feature_set_id": self.feature_set_id,
            "repeated_id": self.repeated_id,
            "campaign_id": self.campaign_id,
            "model_batch_id": self.model_batch_id,
            "webhook_id": self.webhook_id,
            **self.anomalies._asdict(),
        }
        path = page.path
        for name, value in parts.items():
            path = path.replace(f"<{name}>", str(value))
        query = self._query().get(page.slug)
        return f"{path}?{urlencode(query)}" if query else path

    def _query(self) -> Mapping[str, Mapping[str, object]]:
        seen = {"dataset": self.dataset_id, "recording": self.recording_id}
        explained = {
            "experiment": self.experiment_id,
            "recording": self.recording_id,
            "class": self.true_class,
        }
        compared = {"experiments": f"{self.experiment_id},{self.forest_id}"}
        evaluated = {"experiment": self.experiment_id, "part": "errors"}
        return {
            "signals": seen,
            "explain": explained,
            "compare": compared,
            "vote": compared,
            "evaluation": evaluated,
            "deployments": {"experiment": self.experiment_id},
            "new_detection": {"source": self.anomalies.source_id},
        }


def prepare(site: Site, training: Mapping[str, Any] = TRAINING) -> Sample:
    """Generate, train and explain, as an analyst would, by the real workers."""
    with site.acting("analyst"):
        generated = done(SynthesisService.request_demo_dataset())
        dataset_id = int(generated["result"]["dataset_id"])
        version_id = ExperimentService.list_versions()[0]["version_id"]
        made = ExperimentService.create_experiment("Demo: 1-D CNN by bearing", version_id, training)
        forest = ExperimentService.create_experiment(
            "Demo: random forest by bearing",
            version_id,
            {**training, "classifier": "random_forest", "parameters": {"trees": 20}},
        )
        done(made["job"]["id"])
        done(forest["job"]["id"])
        held_out = XAIService.list_recordings(made["id"])[0]
        recording_id, true_class = held_out["recording_id"], held_out["true_class"]
        job_id = XAIService.request_explanation(made["id"], recording_id, true_class)
        if job_id is not None:
            done(job_id)
        machine_id = MachineService.save_machine("Pump 3", "Cooling water, hall 2")
        MachineService.add_point(machine_id, "drive end")
        feature_set_id = _features(dataset_id)
        repeated_id = _repeated(version_id, training)
        found = _anomalies(feature_set_id)
        campaign_id = _campaign(dataset_id, training)
        model_batch_id = _served(made["id"], version_id)
    shown = (dataset_id, made["id"], forest["id"], recording_id, true_class)
    others = (machine_id, feature_set_id, repeated_id, _webhook(site), found, campaign_id)
    return Sample(*shown, *others, model_batch_id)


def _served(experiment_id: int, version_id: int) -> int:
    """The network in full precision under a name, asked about all recordings."""
    variant_id = int(
        done(DeploymentService.request_variant(experiment_id, "fp32"))["result"]["variant_id"]
    )
    number = ModelServingService.publish("demo-bearings", variant_id)
    ModelServingService.set_alias("demo-bearings", "production", number)
    batch_id = BatchPredictionService.request_batch("demo-bearings", version_id)
    job_id = BatchPredictionService.get_batch(batch_id)["job_id"]
    assert job_id is not None
    done(job_id)
    return batch_id


def _webhook(site: Site) -> int:
    """One of the person who opens all pages, with something in its log."""
    with site.acting("admin") as owner:
        made = WebhookService.create_webhook(
            owner.user_id, "webhook", "https://127.0.0.1:9/hook", "Control room", ["job.failed"]
        )
        WebhookService.test_webhook(made["id"], owner.user_id)
        return int(made["id"])


def _repeated(version_id: int, training: Mapping[str, Any]) -> int:
    """Three folds of the forest, all trained."""
    folds = {"by": "folds", "folds": 3, "validation": 0.4}
    forest = {"classifier": "random_forest", "parameters": {"trees": 20}, "split": folds}
    made = RepeatedExperimentService.create_repeated(
        "Demo: random forest in folds", version_id, {**training, **forest}
    )

    def ended() -> bool:
        return RepeatedExperimentService.get_repeated(made["id"])["state"] == "finished"

    wait_for(ended, 240.0)
    return made["id"]


def _campaign(dataset_id: int, training: Mapping[str, Any]) -> int:
    """Six forests, with what each setting decides."""
    space = {
        "parameters.trees": {"type": "int", "low": 10, "high": 60, "log": True},
        "parameters.leaf": {"type": "int", "low": 1, "high": 20},
    }
    made = HPOService.create_campaign(
        "Demo: settings of a forest",
        "random",
        "random_forest",
        dataset_id,
        space,
        6,
        config={**training, "parameters": {}},
        parallel=2,
    )
    assert made is not None

    def ended() -> bool:
        return CampaignService.get_campaign(made["id"])["state"] == "finished"

    wait_for(ended, 240.0)
    done(CampaignService.request_importance(made["id"]))
    return made["id"]


def _features(dataset_id: int) -> int:
    """A feature set in which everything that can be asked was asked."""
    domains = ["time", "envelope"]
    job_id = FeatureService.submit_extraction(dataset_id, "Demo", domains, {"window": 4096})
    made = int(done(job_id)["result"]["feature_set_id"])
    asked = (
        ("projection", "pca"),
        ("correlation", "pearson"),
        ("importance", "random_forest"),
        ("selection", "variance"),
    )
    for kind, method in asked:
        done(FeatureAnalysisService.request_analysis(made, kind, method, {"num_features": 5}))
    return made


def _anomalies(feature_set_id: int) -> Anomalies:
    """Windows of the generated recordings, searched in all ways."""
    given = {"feature_set_id": feature_set_id}
    source_id = SourceService.create_source("feature_set", given, "Demo: windows")
    assert SourceService.wait(source_id, 60)["status"] == "ready"
    detection_id = AnomalyService.detect(source_id, "isolation_forest")
    found = AnomalyService.wait(detection_id, 60)
    assert found["status"] == "success", found["error_message"]
    labels = [
        {"row_index": one["row_index"], "is_anomaly": place < 3}
        for place, one in enumerate(found["anomalies"][:10])
    ]
    AnomalyLabelService.set_labels(detection_id, labels)
    batch_id = AnomalyBatchService.create_batch([source_id], "Demo: all sources", "ecod")
    algorithms = ["isolation_forest", "ecod", "knn"]
    comparison_id = AnomalyComparisonService.create_comparison(source_id, algorithms)
    assert AnomalyComparisonService.wait(comparison_id, 60)["status"] == "success"
    return Anomalies(source_id, detection_id, batch_id, comparison_id)


def done(job_id: int, seconds: float = 240.0) -> Any:
    """The job, once it has ended well."""

    def ended() -> Any:
        job = JobService.get_job(job_id)
        return None if job["status"] in ACTIVE else job

    job = wait_for(ended, seconds)
    assert job["status"] is JobStatus.DONE, job["error"]
    return job


def missing_parts(sample: Sample) -> list[str]:
    """Pages whose address still has a part in angle brackets: this file does not know them."""
    return [page.slug for page in PAGES if "<" in sample.address(page)]
