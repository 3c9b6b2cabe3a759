"""Batches, comparisons and explanations."""

from __future__ import annotations

import numpy as np
import pytest

from models import Detection, Event, Job, JobStatus
from services.actor import acting_as
from services.alarm_service import AlarmService
from services.anomalies.batches import AnomalyBatchService
from services.anomalies.comparisons import AnomalyComparisonService
from services.anomalies.curves import curves_of
from services.anomalies.explaining import AnomalyExplainingService
from services.anomalies.explanations import AnomalyExplanationService
from services.anomalies.labels import AnomalyLabelService, average_precision, roc_auc
from services.anomalies.running import AnomalyRunService
from services.anomaly_service import AnomalyService
from services.errors import Conflict, Forbidden, InvalidField, NotFound
from services.notifications.sources import message_of
from services.runtime import unit_of_work
from services.source_service import SourceService
from tests.anomalous import ODD, comparison, detection, source, table_csv, uploaded

pytestmark = pytest.mark.database
FOUND = ("detection.found", "detection_batch.found")
TEXTS = b"a,n\nx,\ny,\nz,1\n"


def end(detection_id: str, status: JobStatus, error: str | None = None) -> None:
    with unit_of_work() as session:
        job = session.get_one(Job, session.get_one(Detection, detection_id).job_id)
        job.status, job.error = status, error


def test_a_batch_tells_how_far_it_is_and_keeps_what_is_done(analyst, viewer):
    sources = [source(table_csv(120, seed), f"{seed}.csv") for seed in range(3)]
    batch_id = AnomalyBatchService.create_batch(sources, "night", "statistical")
    begun = AnomalyBatchService.get_batch(batch_id)
    assert (begun["status"], begun["progress_percent"], begun["total_sources"]) == ("pending", 0, 3)
    first, second, third = (one["detection_id"] for one in begun["results"])
    AnomalyRunService.detect(first)
    end(first, JobStatus.DONE)
    end(second, JobStatus.RUNNING)
    live = AnomalyBatchService.get_batch(batch_id)
    assert (live["status"], live["completed_sources"]) == ("running", 1)
    assert live["progress_percent"] == pytest.approx(100 / 3)
    with pytest.raises(Conflict):
        AnomalyBatchService.delete_batch(batch_id)
    with acting_as(viewer), pytest.raises(Forbidden):
        AnomalyBatchService.cancel_batch(batch_id)
    AnomalyBatchService.cancel_batch(batch_id)
    end(second, JobStatus.CANCELLED)
    over = AnomalyBatchService.cancel_batch(batch_id)  # a finished one is answered unchanged
    assert [one["status"] for one in over["results"]] == ["success", "cancelled", "cancelled"]
    assert (over["status"], over["total_rows_analyzed"]) == ("cancelled", 120)
    assert over["completed_at"] is not None
    SourceService.delete_source(sources[0])
    kept = AnomalyBatchService.get_batch(batch_id)["results"][0]
    assert (kept["status"], kept["detection_id"], kept["total_rows"]) == ("success", None, 120)
    AnomalyBatchService.delete_batch(batch_id)
    with pytest.raises(NotFound):
        AnomalyBatchService.get_batch(batch_id)
    assert third


def test_a_batch_raises_the_alarm_of_each_source_that_has_enough(analyst):
    def asked(alarm_from):
        given = {"config": {"threshold": 4}, "alarm_from": alarm_from}
        return AnomalyBatchService.create_batch(sources, "night", "statistical", **given)

    calm = b"flow\n" + b"".join(b"%d\n" % (row % 5) for row in range(300))
    sources = [source(), source(calm, "calm.csv")]
    batch_id = asked(3)
    assert asked(3) == batch_id
    assert asked(4) != batch_id
    for one in AnomalyBatchService.get_batch(batch_id)["results"]:
        AnomalyRunService.detect(one["detection_id"])
    (alarm,) = AlarmService.list_alarms()
    assert (alarm["object"], alarm["cleared_at"]) == (f"source:{sources[0]}", None)
    with pytest.raises(InvalidField, match="at least 1"):
        asked(0)


def test_a_batch_is_told_of_once(analyst):
    sources = [source(table_csv(120, seed), f"{seed}.csv") for seed in range(2)]
    batch_id = AnomalyBatchService.create_batch(sources, "night", "statistical")
    for one in AnomalyBatchService.get_batch(batch_id)["results"]:
        AnomalyRunService.detect(one["detection_id"])
        end(one["detection_id"], JobStatus.DONE)
    with unit_of_work() as session:
        (event,) = session.query(Event).filter(Event.type.in_(FOUND)).all()
        told = message_of(session, event)
    assert told.link == f"/anomaly-batches/{batch_id}"
    assert "rows in 2 sources" in told.text


def test_a_source_that_cannot_be_asked_fails_alone(analyst):
    good = source()
    empty = SourceService.create_source("table", {"upload_id": uploaded(TEXTS)})
    batch_id = AnomalyBatchService.create_batch([good, empty], "", "statistical")
    batch = AnomalyBatchService.get_batch(batch_id)
    assert [one["status"] for one in batch["results"]] == ["pending", "error"]
    AnomalyRunService.detect(batch["results"][0]["detection_id"])
    end(batch["results"][0]["detection_id"], JobStatus.DONE)
    over = AnomalyBatchService.get_batch(batch_id)
    assert (over["status"], over["failed_sources"]) == ("partial", 1)
    assert over["error_message"] == "1 of 2 sources failed."
    with pytest.raises(InvalidField, match="NOBODY"):
        AnomalyBatchService.create_batch([good, "NOBODY"])


def test_a_comparison_partitions_the_rows_and_is_kept(analyst):
    source_id = source()
    share = {"contamination": 0.02}
    comparison_id = comparison(
        source_id, ["statistical", "knn", "hbos"], config={"knn": share, "hbos": share}
    )
    found = AnomalyComparisonService.get_comparison(comparison_id)
    summary = found["agreement_summary"]
    parts = ("all_agree", "majority_agree", "some_agree", "one_only")
    assert sum(summary[f"{name}_count"] for name in parts) == summary["total_unique_anomalies"]
    everybody = [one for one in found["agreement_records"] if one["agreement_level"] == "all"]
    assert set(ODD) <= {one["row_index"] for one in everybody}
    for one in found["algorithm_results"]:
        assert one["anomaly_indices"] == sorted(one["anomaly_indices"])
        own = summary["agreement_matrix"][one["algorithm"]][one["algorithm"]]
        assert own == one["anomaly_count"]
    records = AnomalyComparisonService.list_records(comparison_id, 2, 1)
    assert (len(records["records"]), records["total"]) == (2, summary["total_unique_anomalies"])
    assert AnomalyComparisonService.count_comparisons(source_id) == 1


def test_labels_measure_each_algorithm(analyst):
    source_id = source()
    said = [{"row_index": 7, "is_anomaly": True}, {"row_index": 1, "is_anomaly": False}]
    AnomalyLabelService.set_labels(detection(source_id), said)
    told = AnomalyComparisonService.get_comparison(comparison(source_id))
    found, curves = told["label_metrics"], told["label_curves"]
    assert found["statistical"]["recall"] == 1.0
    assert found["ecod"]["roc_auc"] == 1.0
    assert (curves["ecod"]["anomalies"], curves["ecod"]["ordinary"]) == (1, 1)
    assert curves["ecod"]["roc"] == {"x": [0.0, 0.0, 1.0], "y": [0.0, 1.0, 1.0]}
    (listed,) = AnomalyComparisonService.list_comparisons(source_id)
    assert listed["label_curves"] is None


def test_curves_have_the_areas_that_are_told():
    rng = np.random.default_rng(1)
    truth = rng.random(4_000) < 0.1
    scores = np.round(rng.normal(size=4_000) + 1.5 * truth, 2)  # with ties
    found = curves_of(truth, scores)
    roc, precision = found["roc"], found["precision_recall"]
    assert max(len(roc["x"]), len(precision["x"])) <= 202
    assert np.trapezoid(roc["y"], roc["x"]) == pytest.approx(roc_auc(truth, scores), abs=2e-3)
    steps = np.diff(precision["x"], prepend=0.0) * precision["y"]
    assert steps.sum() == pytest.approx(average_precision(truth, scores), abs=1e-2)
    assert curves_of(truth[truth], scores[truth])["roc"] is None


def test_a_comparison_learns_from_the_rows_that_are_named(analyst):
    source_id = source()
    rows = {"fit_on": {"rows": [0, 100]}}
    names = ("statistical", "ecod")
    found = AnomalyComparisonService.get_comparison(comparison(source_id, names, **rows))
    assert found["fit_on"] == rows["fit_on"]
    counted = {one["algorithm"]: one["anomaly_count"] for one in found["algorithm_results"]}
    for name in names:  # as a detection with the same rows finds it
        alone = AnomalyService.get_detection(detection(source_id, name, **rows))
        assert alone["anomaly_count"] == counted[name]
    wrong = {"fit_on": {"rows": [0, 10**6]}}
    with pytest.raises(InvalidField, match="from 0 to"):
        AnomalyComparisonService.create_comparison(source_id, names, **wrong)


def test_an_algorithm_that_fails_does_not_stop_the_others(analyst):
    comparison_id = comparison(source(), ["statistical", "lof"], columns=["state"])
    found = AnomalyComparisonService.get_comparison(comparison_id)
    assert found["status"] in ("success", "error")
    with pytest.raises(InvalidField):
        AnomalyComparisonService.create_comparison(source(), ["lof"])
    with pytest.raises(InvalidField):
        AnomalyComparisonService.create_comparison(source(), ["lof", "ecod"], config={"knn": {}})


def test_rows_are_explained_once_by_the_stored_detector(analyst):
    detection_id = detection(source(), "isolation_forest", config={"n_estimators": 20})
    asked = AnomalyExplanationService.explain(detection_id, [7, 1], wait=0)
    assert (asked["status"], asked["explanations"]) == ("pending", [])
    AnomalyExplainingService.explain(detection_id, [7, 1], "shap", 10, 100)
    found = AnomalyExplanationService.explain(detection_id, [7, 1], wait=0)
    assert (found["status"], found["job_id"]) == ("success", None)
    first = found["explanations"][0]
    assert first["feature_contributions"][0]["feature"] == "flow"
    assert first["feature_contributions"][0]["side"] == "high"
    assert "flow" in first["summary"]
    assert first["base_value"] + first["total_shap"] == pytest.approx(first["raw_score"], abs=1e-6)
    kept = AnomalyExplanationService.list_explanations(detection_id, [7])
    assert (kept["total"], kept["explanations"][0]["row_index"]) == (1, 7)
    assert AnomalyExplanationService.find_explanation(detection_id, 2) is None
    for rows in ([300], [], [1, 1]):
        with pytest.raises(InvalidField):
            AnomalyExplanationService.explain(detection_id, rows, wait=0)


def test_without_a_stored_detector_nothing_is_explained(analyst):
    detection_id = detection(source(), store_model=False)
    with pytest.raises(Conflict, match="not stored"):
        AnomalyExplanationService.explain(detection_id, [1], wait=0)
