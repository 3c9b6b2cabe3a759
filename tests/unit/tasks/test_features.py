from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import func, select

from models import FeatureSet, Job, JobStatus
from services.dataset_service import DatasetService
from services.feature_analysis_service import FeatureAnalysisService
from services.feature_service import FeatureService
from services.feature_set_service import FeatureSetService
from services.files.staging import staging_folder
from services.job_service import JobService
from services.jobs import job_runs
from services.runtime import artefacts, unit_of_work
from tasks.features import analyse_features, extract_features
from tasks.runner import run_job
from tests import factories

CONFIG = {"window": 1024}


@pytest.fixture
def dataset_id(analyst) -> int:
    with unit_of_work() as session:
        return factories.trainable_version(session, analyst.user_id).dataset_id


@pytest.fixture
def feature_set_id(dataset_id) -> int:
    job_id = FeatureService.submit_extraction(dataset_id, "levels", ["time", "envelope"], CONFIG)
    run_job(job_id, extract_features)
    job = JobService.get_job(job_id)
    assert (job["status"], job["error"]) == (JobStatus.DONE, None)
    return job["result"]["feature_set_id"]


def test_the_job_leaves_a_set_that_says_what_its_rows_are(feature_set_id, dataset_id):
    made = FeatureSetService.get_feature_set(feature_set_id)
    assert (made["name"], made["number"], made["row_count"]) == ("levels", 1, 48)
    assert made["dataset_id"] == dataset_id
    assert made["config"] == {**CONFIG, "channel": 0, "overlap": 0.0, "group_by": "bearing"} | {
        "band_hz": None
    }
    assert made["summary"]["labels"] == {"inner": 24, "outer": 24}
    assert (made["summary"]["groups"], made["summary"]["recordings"]) == (6, 12)
    first = made["features"][0]
    assert (first["name"], first["title"], first["unit"]) == ("RMS@1", "RMS", "g")
    assert made["job_id"] is not None
    assert list(staging_folder().iterdir()) == []


def test_the_numbers_are_those_of_the_domain(feature_set_id, dataset_id):
    kept = FeatureSetService.list_rows(feature_set_id, limit=48)
    found = FeatureService.extract_features(dataset_id, "time", CONFIG)
    assert kept["total"] == len(found["features"]) == 48
    values = np.array([row["values"][:7] for row in kept["rows"]])
    assert values == pytest.approx(found["features"])
    assert [row["label"] for row in kept["rows"]] == found["labels"]
    assert [row["group"] for row in kept["rows"]] == found["groups"]
    assert kept["rows"][1]["start_s"] == pytest.approx(1024 / 2000)
    assert kept["rows"][1]["stop_s"] == pytest.approx(2048 / 2000)


def test_a_second_attempt_makes_no_second_set(feature_set_id):
    with unit_of_work() as session:
        job = session.scalars(select(Job)).one()
        job.status, job_id = JobStatus.WAITING, job.id
    run_job(job_id, extract_features)
    assert JobService.get_job(job_id)["status"] is JobStatus.DONE
    assert FeatureSetService.count_feature_sets() == 1


def test_a_cancelled_job_leaves_nothing(dataset_id, monkeypatch):
    def cancelled(*_given):
        raise job_runs.JobCancelled

    job_id = FeatureService.submit_extraction(dataset_id, "levels", ["time"], CONFIG)
    monkeypatch.setattr(job_runs.JobRunService, "report", staticmethod(cancelled))
    run_job(job_id, extract_features)
    assert JobService.get_job(job_id)["status"] is JobStatus.CANCELLED
    assert FeatureSetService.count_feature_sets() == 0
    assert list(staging_folder().iterdir()) == []


def test_the_same_name_makes_the_next_version(feature_set_id, dataset_id):
    made = FeatureService.make_feature_set(dataset_id, "levels", ["time"], CONFIG)
    assert (made["name"], made["number"]) == ("levels", 2)


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        ("projection", "pca"),
        ("projection", "tsne"),
        ("correlation", "pearson"),
        ("importance", "permutation"),
    ],
)
def test_an_analysis_is_there_after_its_job(feature_set_id, kind, method):
    job_id = FeatureAnalysisService.request_analysis(feature_set_id, kind, method)
    run_job(job_id, analyse_features)
    job = JobService.get_job(job_id)
    assert (job["status"], job["error"]) == (JobStatus.DONE, None)
    found = FeatureAnalysisService.find_analysis(feature_set_id, kind)
    assert found["method"] == method
    seen = found["result"]
    if kind == "projection":
        assert len(seen["x"]) == len(seen["starts_s"]) == 48
    elif kind == "correlation":
        assert np.array(seen["matrix"]).shape == (len(seen["names"]),) * 2
    else:
        assert 0 <= seen["held_out_recall"] <= 1
        assert seen["classes"] == 2


def test_a_selection_is_the_next_version_of_the_set(feature_set_id):
    asked = {"num_features": 3, "threshold": 0}
    job_id = FeatureAnalysisService.request_analysis(feature_set_id, "selection", "mrmr", asked)
    run_job(job_id, analyse_features)
    result = JobService.get_job(job_id)["result"]
    made = FeatureSetService.get_feature_set(result["feature_set_id"])
    assert (made["name"], made["number"], made["parent_id"]) == ("levels", 2, feature_set_id)
    assert made["feature_count"] == 3
    seen = FeatureAnalysisService.find_analysis(feature_set_id, "selection")["result"]
    assert [one["name"] for one in made["features"]] == seen["names"]
    assert set(seen["held_out_groups"]) & set(seen["training_groups"]) == set()
    whole = FeatureSetService.list_rows(feature_set_id, 48)
    names = [one["name"] for one in FeatureSetService.get_feature_set(feature_set_id)["features"]]
    part = FeatureSetService.list_rows(made["id"], 48)
    column = names.index(seen["names"][0])
    assert [row["values"][0] for row in part["rows"]] == [
        row["values"][column] for row in whole["rows"]
    ]


def test_a_newer_analysis_takes_the_place_of_an_older_one(feature_set_id):
    for number in (2, 3):
        FeatureAnalysisService.analyse(
            feature_set_id, "selection", "variance", {"num_features": number, "threshold": 0}
        )
    found = FeatureAnalysisService.list_analyses(feature_set_id)
    assert [one["parameters"]["num_features"] for one in found] == [3]


def test_a_data_set_goes_with_its_feature_sets_and_their_files(feature_set_id, dataset_id):
    FeatureAnalysisService.analyse(feature_set_id, "correlation", "pearson")
    key = FeatureSetService.get_feature_set(feature_set_id)["artefact_key"]
    assert artefacts().exists(key)
    assert DatasetService.delete_dataset(dataset_id, delete_file=True)
    assert not artefacts().exists(key)
    with unit_of_work(writing=False) as session:
        assert session.scalar(select(func.count()).select_from(FeatureSet)) == 0
