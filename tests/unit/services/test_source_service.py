from __future__ import annotations

import pytest

from models import Job, JobKind, JobStatus, Source, SourceVersion
from services.actor import acting_as
from services.errors import Conflict, Forbidden, Invalid, NotFound
from services.job_service import JobService
from services.runtime import unit_of_work
from services.source_service import SourceService
from services.sources.making import SourceMakingService
from services.upload_service import UploadService
from tests import anomalous, factories
from tests.anomalous import imported, source, table_csv, uploaded


def test_a_file_becomes_a_source_and_a_version(analyst, sent):
    content = b"when,t\n2024-01-01,1\n2024-01-02,-200\n2024-01-03,3\n"
    upload_id = uploaded(content)
    source_id = SourceService.create_source(
        "table", {"upload_id": upload_id}, missing_codes=["-200"]
    )
    waiting = SourceService.get_source(source_id)
    assert (waiting["status"], waiting["version"]) == ("pending", None)
    assert sent[-1][0] is JobKind.IMPORT_SOURCE
    with pytest.raises(Conflict):
        SourceService.get_profile(source_id)
    SourceMakingService.make_version(source_id)
    found = SourceService.get_source(source_id)
    assert (found["name"], found["row_count"], found["time_column"]) == ("pump.csv", 3, "when")
    assert [one["role"] for one in found["columns"]] == ["time", "feature"]
    assert "upload_id" not in found["config"]
    with pytest.raises(NotFound):
        UploadService.get(upload_id)
    profile = SourceService.get_profile(source_id)
    assert profile["columns"][1]["missing"] == 1
    assert SourceService.test_source(source_id)["ok"]


def test_other_codes_make_a_version_and_the_same_make_none(analyst):
    source_id = imported(b"t,u\n1,2\n-200,3\n5,6\n")
    end_jobs()
    SourceService.update_source(source_id, missing_codes=["-200"], name="oven")
    SourceMakingService.make_version(source_id)
    end_jobs()
    versions = SourceService.list_versions(source_id)
    assert SourceService.list_versions(source_id, -1) == []
    assert [(one["number"], one["missing_codes"]) for one in versions] == [(2, ["-200"]), (1, [])]
    SourceMakingService.make_version(source_id)
    assert len(SourceService.list_versions(source_id)) == 2
    assert SourceService.get_source(source_id)["name"] == "oven"
    newer = uploaded(b"t,u\n1,2\n")
    SourceService.update_source(source_id, upload_id=newer)
    SourceMakingService.make_version(source_id)
    assert SourceService.get_source(source_id)["row_count"] == 1


def test_columns_that_say_what_is_unusual_are_not_measurements(analyst):
    source_id = imported(b"when,flow,anomaly,changepoint\n2026-01-01,1.5,0,0\n2026-01-02,2.5,1,1\n")
    roles = {one["name"]: one["role"] for one in SourceService.get_source(source_id)["columns"]}
    assert roles == {"when": "time", "flow": "feature", "anomaly": "label", "changepoint": "label"}


def end_jobs() -> None:
    with unit_of_work() as session:
        for job in JobService.list_jobs():
            session.get_one(Job, job["id"]).status = JobStatus.DONE


def test_a_feature_set_and_a_data_set_are_sources(analyst):
    with unit_of_work() as session:
        made = factories.feature_set(session, owner_id=analyst.user_id)
        dataset_id = factories.trainable_version(session, analyst.user_id).dataset_id
        number = made.id
    of_set = SourceService.create_source("feature_set", {"feature_set_id": number})
    SourceMakingService.make_version(of_set)
    found = SourceService.get_source(of_set)
    roles = {one["name"]: one["role"] for one in found["columns"]}
    assert (roles["recording_id"], roles["label"], roles["RMS@1"]) == ("key", "label", "feature")
    asked = {"dataset_id": dataset_id, "window": 1024}
    of_data = SourceService.create_source("dataset", asked)
    SourceMakingService.make_version(of_data)
    assert SourceService.get_source(of_data)["row_count"] > 10


@pytest.mark.parametrize(
    ("kind", "config", "error"),
    [
        ("view", {}, Invalid),
        ("table", {}, Invalid),
        ("table", {"upload_id": "x"}, NotFound),
        ("table", {"upload_id": "x", "path": "/etc"}, Invalid),
        ("feature_set", {"feature_set_id": 99}, NotFound),
        ("feature_set", {"feature_set_id": "1"}, Invalid),
        ("dataset", {"dataset_id": 99}, NotFound),
        ("recording", {"recording_id": 99}, NotFound),
    ],
)
def test_what_cannot_be_a_source_is_refused(analyst, kind, config, error):
    with pytest.raises(error):
        SourceService.create_source(kind, config)


def test_a_file_that_is_no_table_ends_with_a_sentence(analyst):
    source_id = SourceService.create_source("table", {"upload_id": uploaded(b"\x00\x01\x02")})
    with unit_of_work() as session:
        job = session.get_one(Job, session.get_one(Source, source_id).job_id)
        job.status, job.error = JobStatus.FAILED, "This is not a text file."
    found = SourceService.get_source(source_id)
    assert (found["status"], found["error_message"]) == ("error", "This is not a text file.")
    assert not SourceService.test_source(source_id)["ok"]
    with pytest.raises(Conflict, match=r"could not be read: This is not a text file\.$"):
        SourceService.get_profile(source_id)


def test_only_the_owner_changes_and_deletes(analyst, viewer):
    source_id = source()
    assert SourceService.count_sources("PUMP") == 1
    assert SourceService.list_sources(text="oven") == []
    SourceService.update_source(source_id, name="Öfen_1 %")
    for text, number in (("ÖFEN", 1), ("_", 1), ("%", 1), ("n%1", 0), ("x" * 60_000, 0)):
        assert SourceService.count_sources(text) == number
    with acting_as(viewer), pytest.raises(Forbidden):
        SourceService.delete_source(source_id)
    anomalous.detection(source_id)
    with pytest.raises(Conflict, match="judged"):
        SourceService.delete_source(source_id)
    end_jobs()
    SourceService.delete_source(source_id)
    with pytest.raises(NotFound):
        SourceService.get_source(source_id)


def test_the_same_content_is_kept_once(analyst):
    keys = set()
    for _ in range(2):
        with unit_of_work() as session:
            made = imported(table_csv(20))
            versions = SourceVersion
            keys |= {one.parquet_key for one in session.query(versions).filter_by(source_id=made)}
        end_jobs()
    assert len(keys) == 1
