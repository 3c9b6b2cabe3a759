from __future__ import annotations

import pytest

from diagnostics.synthesis.demo import generate_demo
from models import Job, JobKind, JobStatus, Origin
from services.actor import acting_as
from services.dataset_service import DatasetService
from services.errors import Conflict, Forbidden
from services.job_service import JobService
from services.recording_service import RecordingService
from services.runtime import unit_of_work
from services.synthesis_service import DEMO_NAME, SynthesisService


@pytest.fixture
def stored(analyst):
    recordings = generate_demo(1, duration_s=0.1)
    return [SynthesisService.store_generated(*next(recordings)) for _ in range(4)]


def test_one_demo_at_a_time(analyst, sent):
    job_id = SynthesisService.request_demo_dataset()
    assert sent == [(JobKind.GENERATE_DEMO, job_id)]
    with pytest.raises(Conflict, match="already"):
        SynthesisService.request_demo_dataset()
    JobService.cancel(job_id)
    again = SynthesisService.request_demo_dataset()
    assert JobService.get_job(again)["status"] is JobStatus.WAITING


def test_a_viewer_may_not_ask(viewer):
    with acting_as(viewer), pytest.raises(Forbidden):
        SynthesisService.request_demo_dataset()


def test_a_second_demo_has_a_name_and_samples_of_its_own(analyst, stored):
    first = SynthesisService.request_demo_dataset()
    JobService.cancel(first)
    SynthesisService.save_generated(DEMO_NAME, stored)
    second = SynthesisService.request_demo_dataset()
    with unit_of_work(writing=False) as session:
        asked = [session.get_one(Job, job_id).arguments for job_id in (first, second)]
    assert [one["name"] for one in asked] == [DEMO_NAME, f"{DEMO_NAME} 2"]
    assert asked[0]["seed"] != asked[1]["seed"]


def test_generated_recordings_are_marked_and_have_their_bearing(stored):
    dataset_id = SynthesisService.save_generated("demo", stored)
    details = DatasetService.get_dataset_details(dataset_id)
    assert (details["origin"], details["recording_count"]) == (Origin.GENERATED, 4)
    known = RecordingService.list_recordings(dataset_id)[0]
    assert known["origin"] is Origin.GENERATED
    assert (known["label"], known["bearing"]) == ("healthy", "healthy-01")
    assert (known["load"], known["speed_source"]) == ("25 %", "generated")
    assert known["attributes"] == {"severity": 0.0, "severity_level": "none"}


def test_saving_again_changes_nothing(stored):
    first = SynthesisService.save_generated("demo", stored)
    assert SynthesisService.save_generated("demo", stored) == first
    details = DatasetService.get_dataset_details(first)
    assert (details["version"], details["recording_count"]) == (1, 4)
