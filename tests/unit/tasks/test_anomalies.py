from __future__ import annotations

import pytest

from models import Job, JobKind, JobStatus
from services.anomalies.batches import AnomalyBatchService
from services.anomalies.comparisons import AnomalyComparisonService
from services.anomalies.explanations import AnomalyExplanationService
from services.anomaly_service import AnomalyService
from services.job_service import JobService
from services.runtime import unit_of_work
from services.source_service import SourceService
from tasks.registry import JOBS
from tasks.runner import run_job
from tests.anomalous import ODD, source, table_csv, uploaded


@pytest.fixture
def work(sent):
    """Do all jobs that wait, as a worker does them."""

    def do() -> None:
        while sent:
            kind, job_id = sent.pop(0)
            run_job(job_id, JOBS[kind])

    return do


def test_from_a_file_to_an_explained_anomaly(analyst, work):
    source_id = SourceService.create_source("table", {"upload_id": uploaded(table_csv())})
    work()
    assert SourceService.get_source(source_id)["status"] == "ready"
    detection_id = AnomalyService.detect(source_id, "statistical")
    work()
    found = AnomalyService.get_detection(detection_id)
    assert {one["row_index"] for one in found["anomalies"][:3]} == set(ODD)
    AnomalyExplanationService.explain(detection_id, [ODD[0]], wait=0)
    work()
    assert AnomalyExplanationService.explain(detection_id, [ODD[0]], wait=0)["explanations"]
    comparison_id = AnomalyComparisonService.create_comparison(source_id, ["statistical", "ecod"])
    work()
    assert AnomalyComparisonService.get_comparison(comparison_id)["status"] == "success"


def test_a_file_that_is_no_table_ends_with_a_sentence(analyst, work):
    source_id = SourceService.create_source("table", {"upload_id": uploaded(b"\x00\x01\x02\x03")})
    work()
    found = SourceService.get_source(source_id)
    assert (found["status"], found["version"]) == ("error", None)
    assert "not a text file" in found["error_message"]


def test_a_table_that_is_too_short_ends_its_detection_with_a_sentence(analyst, work):
    detection_id = AnomalyService.detect(source(table_csv(5)), "statistical")
    work()
    found = AnomalyService.get_detection(detection_id)
    assert found["status"] == "error"
    assert "rows to learn from" in found["error_message"]
    assert found["completed_at"] is not None


def test_a_cancelled_batch_keeps_what_is_done(analyst, sent, work):
    made = [source(table_csv(120, seed), f"{seed}.csv") for seed in range(3)]
    batch_id = AnomalyBatchService.create_batch(made, "night", "statistical")
    kind, job_id = sent.pop(0)
    assert kind is JobKind.DETECT_IN_BATCH
    run_job(job_id, JOBS[kind])
    AnomalyBatchService.cancel_batch(batch_id)
    work()
    batch = AnomalyBatchService.get_batch(batch_id)
    assert [one["status"] for one in batch["results"]] == ["success", "cancelled", "cancelled"]


def test_a_lost_worker_costs_one_run(analyst, sent):
    detection_id = AnomalyService.detect(source(), "statistical")
    kind, job_id = sent.pop(0)
    run_job(job_id, JOBS[kind])
    first = AnomalyService.get_detection(detection_id)
    with unit_of_work() as session:  # the worker was lost before it could say that it is done
        job = session.get_one(Job, job_id)
        job.status, job.finished_at = JobStatus.WAITING, None
    run_job(job_id, JOBS[kind])
    assert JobService.get_job(job_id)["status"] == JobStatus.DONE
    assert AnomalyService.get_detection(detection_id)["completed_at"] == first["completed_at"]
