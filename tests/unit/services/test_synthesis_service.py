from __future__ import annotations

import pytest

from diagnostics.progress import silent
from diagnostics.synthesis.config import SynthesisConfig, usual_config
from diagnostics.synthesis.faults import Kind
from diagnostics.synthesis.recordings import generate, plan
from models import Dataset, Job, JobKind, JobStatus, Origin
from services.actor import acting_as
from services.dataset_service import DatasetService
from services.errors import Conflict, Forbidden, Invalid, Unavailable
from services.files.room import measure_with
from services.job_service import JobService
from services.recording_service import RecordingService
from services.runtime import unit_of_work
from services.synthesis_service import DEMO_NAME, KEEP_UNFINISHED, SynthesisService
from tasks.synthesis import generate_dataset

SMALL = {"classes": {"cavitation": 1}, "bearings": 1, "duration_s": 0.5}


def test_one_demo_at_a_time(analyst, sent):
    job_id = SynthesisService.request_demo_dataset()
    assert sent == [(JobKind.GENERATE_DEMO, job_id)]
    with pytest.raises(Conflict, match="already"):
        SynthesisService.request_demo_dataset()
    JobService.cancel(job_id)
    again = SynthesisService.request_demo_dataset()
    assert JobService.get_job(again)["status"] is JobStatus.WAITING


def test_a_second_demo_has_a_name_and_samples_of_its_own(analyst):
    first = SynthesisService.request_demo_dataset()
    JobService.cancel(first)
    DatasetService.create(DEMO_NAME)
    second = SynthesisService.request_demo_dataset()
    with unit_of_work(writing=False) as session:
        asked = [session.get_one(Job, job_id).arguments for job_id in (first, second)]
    assert [one["name"] for one in asked] == [DEMO_NAME, f"{DEMO_NAME} 2"]
    assert asked[0]["seed"] != asked[1]["seed"]


def test_a_viewer_may_look_but_not_ask(viewer):
    with acting_as(viewer):
        assert SynthesisService.estimate(SMALL)["recordings"] == 1
        for ask in (
            SynthesisService.request_demo_dataset,
            lambda: SynthesisService.request_dataset("mine", SMALL),
        ):
            with pytest.raises(Forbidden):
                ask()


def test_the_same_click_twice_is_one_job(analyst, sent):
    first = SynthesisService.request_dataset(" my  set ", SMALL)
    assert SynthesisService.request_dataset("my set", SMALL) == first
    assert sent == [(JobKind.GENERATE_DATASET, first)]
    with pytest.raises(Conflict, match="being generated already"):
        SynthesisService.request_dataset("my set", {**SMALL, "seed": 1})
    found = SynthesisService.find_job()
    assert (found["id"], found["title"]) == (first, "Generate “my set”")


def test_a_taken_name_a_bad_name_and_a_bad_config_are_refused(analyst):
    DatasetService.create("taken")
    with pytest.raises(Conflict, match="taken"):
        SynthesisService.request_dataset("taken", SMALL)
    for name in ("", "x" * 121, "a\x00b"):
        with pytest.raises(Invalid, match="name of 1 to 120"):
            SynthesisService.request_dataset(name, SMALL)
    with pytest.raises(Invalid, match="no class “rust”"):
        SynthesisService.request_dataset("mine", {"classes": {"rust": 1}})


def test_a_full_disk_is_told_before(analyst, server, sent):
    measure_with(server, lambda _path: (10**12, 10**12 - 3 * 10**9, 3 * 10**9))
    with pytest.raises(Unavailable, match="no room for “mine”"):
        SynthesisService.request_dataset("mine", {"bearings": 500})
    assert sent == []


def test_the_estimate_is_near_what_it_takes(analyst, server):
    estimate = SynthesisService.estimate({"classes": {"wear": 2, "healthy": 2}, "bearings": 1})
    assert (estimate["recordings"], estimate["samples"]) == (4, 409_600)
    made = generate_dataset(silent, "x", {"classes": {"wear": 2, "healthy": 2}, "bearings": 1}, "t")
    from services.runtime import artefacts

    folder = artefacts().local_folder
    used = sum(file.stat().st_size for file in folder.rglob("*.h5"))
    assert made["recordings"] == 4
    assert used < estimate["bytes"] < 2.5 * used


def test_a_recording_knows_everything_about_itself(analyst):
    made = generate_dataset(silent, "x", SMALL, "t")
    (known,) = RecordingService.list_recordings(made["dataset_id"])
    assert (known["origin"], known["importer"]) == (Origin.GENERATED, "synthesis")
    assert (known["label"], known["bearing"]) == ("cavitation", "bearing-01")
    assert (known["load"], known["speed_source"]) == ("30 %", "generated")
    told = known["attributes"]
    assert told["severity_level"] == "incipient"
    assert told["burst_count"] == len(told["burst_times_s"].split())
    assert told["stream"] == "0/journal/cavitation/1/1"
    details = DatasetService.get_dataset_details(made["dataset_id"])
    given = details["provenance"]
    assert (given["generator"], given["seed"], given["complete"]) == (
        "rotorscope.synthesis",
        0,
        True,
    )
    assert given["config"] == SynthesisService.complete_config(SMALL)
    assert all(check["passed"] for check in given["self_test"])


def test_what_is_complete_is_not_discarded_and_the_name_is_its_own(analyst):
    made = generate_dataset(silent, "x", SMALL, "t")
    with pytest.raises(Conflict, match="not being generated"):
        SynthesisService.discard_generated(made["dataset_id"])
    assert not SynthesisService.discard_generated(99)
    with pytest.raises(Conflict, match="already"):
        SynthesisService.begin_generated("x", SMALL, "another")


def test_what_was_given_up_is_deleted_after_a_day(admin, sent):
    for name, token in (("given up", "a"), ("young", "b"), ("at work", "c")):
        SynthesisService.begin_generated(name, SMALL, token)
    complete = generate_dataset(silent, "complete", SMALL, "d")["dataset_id"]
    DatasetService.archive_dataset(complete)
    JobService.submit(JobKind.GENERATE_DATASET, {"name": "at work"}, "Generate", "")
    assert SynthesisService.delete_unfinished() == 0
    with unit_of_work() as session:
        for dataset in session.query(Dataset).where(Dataset.name != "young"):
            dataset.archived_at -= 2 * KEEP_UNFINISHED
    assert SynthesisService.delete_unfinished() == 1
    left = {one["name"] for one in DatasetService.list_datasets(archived=True)}
    assert left == {"young", "at work", "complete"}


def test_rolling_bearings_have_a_bearing_for_each_damage(analyst):
    config: SynthesisConfig = usual_config(Kind.ROLLING, classes={"cage": 1}, duration_s=0.5)
    stored = SynthesisService.store_generated(generate(config, next(plan(config))))
    assert (stored.about.label, stored.about.bearing) == ("cage", "cage-01")
    assert stored.about.speed_rpm == pytest.approx(1_800, abs=100)
