from __future__ import annotations

import base64
import json

import pytest
from dash import no_update

from callbacks import generate
from callbacks.generate import FIELDS
from diagnostics.progress import silent
from diagnostics.synthesis.faults import FAULTS, Kind
from layouts.generate import Ids
from models import Job, JobKind, JobStatus
from services.actor import acting_as
from services.errors import Conflict, Forbidden, Invalid
from services.job_service import JobService
from services.runtime import unit_of_work
from services.synthesis_service import SynthesisService
from tasks.runner import run_job
from tasks.synthesis import check_generated, generate_dataset


@pytest.fixture(autouse=True)
def told(monkeypatch):
    """What the page says in toasts; there is no page here to put them into."""
    texts = []
    monkeypatch.setattr(generate, "tell", lambda text, *_: texts.append(text))
    return texts


def filled(given=None):
    """The fields as the page has them after they were filled."""
    kind, children, _, *values = generate.fill(given)
    controls = [child.children.children[1] for child in children]
    counts, ids = [one.value for one in controls], [one.id for one in controls]
    return kind, values, counts, ids


def collected(given=None, **changed):
    kind, values, counts, ids = filled(given)
    for name, value in changed.items():
        values[FIELDS.index(getattr(Ids, name))] = value
    values = [None if value is no_update else value for value in values]
    return generate.collect(kind, *values, counts, ids)


@pytest.mark.parametrize("kind", Kind)
def test_what_fills_the_fields_is_collected_again(analyst, kind):
    given = SynthesisService.complete_config({"kind": kind.value, "seed": 5})
    assert SynthesisService.complete_config(collected(given)) == given


def test_all_entries_come_back(analyst):
    document = {
        "kind": "rolling",
        "classes": {"cage": 2},
        "severities": ["mild"],
        "evolving_share": 0.125,
        "speed_rpm": [900.0, 1_000.0],
        "speed_profile": "random walk",
        "slip_percent": [0.5, 0.75],
        "noise": {"sensor_snr_db": None, "aliasing_g": 0.5, "mains_hz": 60.0},
        "geometry": {
            "rolling_elements": 8,
            "element_diameter_mm": 6.0,
            "pitch_diameter_mm": 32.0,
            "contact_angle_deg": 10.0,
        },
    }
    given = SynthesisService.complete_config(document)
    assert SynthesisService.complete_config(collected(given)) == given


def test_nothing_is_collected_before_the_fields_are_filled(analyst):
    assert generate.collect("journal", *[None] * len(FIELDS), [], []) is no_update


def test_a_layer_that_is_off_is_none(analyst):
    document = collected(layers=["pink_g"], pink=0.5)
    noise = document["noise"]
    assert (noise["pink_g"], noise["sensor_snr_db"], noise["adc_bits"]) == (0.5, None, None)
    assert noise["mains_hz"] == 50.0


def test_another_kind_brings_its_usual_numbers_and_filling_does_not(analyst):
    chosen = generate.choose_kind("rolling", None)
    assert list(chosen["classes"]) == [fault.value for fault in FAULTS[Kind.ROLLING]]
    assert generate.choose_kind("rolling", chosen) is no_update
    assert generate.choose_kind("journal", None) is no_update


def test_size_and_examples_or_a_sentence(analyst):
    size, blocked = generate.show_size(collected())
    assert "198" in str(size)
    assert not blocked
    assert len(generate.show_examples(collected()).children) == 11
    wrong = collected(duration=None)
    size, blocked = generate.show_size(wrong)
    assert "duration_s” must be a number" in str(size)
    assert (generate.show_examples(wrong), blocked) == (no_update, True)
    assert generate.show_size(None) == (no_update, True)


def test_a_configuration_is_saved_and_loaded(analyst, told):
    saved = generate.save(1, collected(seed=77), "my set: one")
    assert saved["filename"] == "my-set--one.json"
    assert generate.save(None, None, None) is no_update
    contents = (
        "data:application/json;base64," + base64.b64encode(saved["content"].encode()).decode()
    )
    assert generate.load(contents)["seed"] == 77
    assert told == ["The configuration was loaded."]


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"\xff\xfe", "no JSON"),
        (b"{", "no JSON"),
        (b"[" * 50_000, "no JSON"),
        (b'{"seed": -1}', "seed must be"),
        (b"[]", "must be an object"),
        (b" " * 300_000, "too large"),
    ],
)
def test_what_anybody_may_upload_is_refused(analyst, raw, sentence):
    contents = "data:;base64," + base64.b64encode(raw).decode()
    with pytest.raises(Invalid, match=sentence):
        generate.load(contents)
    with pytest.raises(Invalid, match="no JSON"):
        generate.load("data:;base64,***")
    assert generate.load(None) is no_update


def test_a_double_click_is_one_job(analyst, sent, told):
    document = collected()
    assert generate.start(None, document, "x") is no_update
    with pytest.raises(Invalid, match="name"):
        generate.start(1, document, " ")
    first, second = (generate.start(clicks, document, "x") for clicks in (1, 2))
    assert first == second
    assert sent == [(JobKind.GENERATE_DATASET, first)]
    with pytest.raises(Conflict, match="being generated"):
        generate.start(3, {**document, "seed": 9}, "x")


def test_the_job_is_followed_also_after_a_reload(analyst, sent):
    assert generate.follow(None, None) is None
    small = {"classes": {"wear": 1}, "bearings": 1, "duration_s": 0.5}
    job_id = SynthesisService.request_dataset("x", small)
    assert "progressbar" in str(generate.follow(None, None))
    with unit_of_work() as session:
        arguments = session.get_one(Job, job_id).arguments
    result = generate_dataset(silent, **arguments)
    with unit_of_work() as session:
        job = session.get_one(Job, job_id)
        job.status, job.result = JobStatus.DONE, result
        job.finished_at = job.created_at
    shown = str(generate.follow(None, job_id))
    assert f"/datasets/{result['dataset_id']}" in shown
    assert "generated" in shown
    with unit_of_work() as session:
        session.get_one(Job, job_id).finished_at -= 2 * generate.SHOWN_FOR
    assert generate.follow(None, None) is None


def test_signatures_are_checked_by_a_job_on_demand(analyst, sent):
    small = {"classes": {"imbalance": 1}, "bearings": 1}
    assert generate.check(None, small) is no_update
    job_id = generate.check(1, small)
    assert generate.check(2, small) == job_id
    assert sent == [(JobKind.CHECK_SIGNATURES, job_id)]
    waiting, shown = generate.follow_check(None, job_id, None)
    assert ("progressbar" in str(waiting), shown) == (True, None)
    run_job(job_id, check_generated)
    told, shown = generate.follow_check(None, job_id, None)
    assert shown == job_id
    assert "numbers are as the formulas say" in str(told)
    assert "amplitude of 1 ×" in str(told)
    assert generate.follow_check(None, job_id, shown) == (no_update, shown)
    drowned = generate.check(1, {**small, "noise": {"pink_g": 5.0}})
    run_job(drowned, check_generated)
    assert "not seen" in str(generate.follow_check(None, drowned, shown)[0])
    assert generate.forget_check(small) is None
    assert generate.follow_check(None, None, shown) == ([], None)


def test_what_cannot_be_generated_is_not_checked(analyst, sent):
    fast = {"kind": "rolling", "speed_rpm": [1_800, 45_000]}
    with pytest.raises(Invalid, match="can be generated up to"):
        generate.check(1, fast)
    assert not sent


def test_a_viewer_computes_nothing_in_the_web(viewer, analyst, sent):
    document = json.loads(json.dumps(collected()))
    with acting_as(viewer):
        assert generate.show_examples(document) is no_update
        for begin in (SynthesisService.preview, SynthesisService.check_signatures):
            with pytest.raises(Forbidden):
                begin(document)
        with pytest.raises(Forbidden):
            generate.check(1, document)
    assert not sent


def test_a_failed_job_says_why(analyst, sent):
    job_id = SynthesisService.request_dataset("x", {"bearings": 1})
    with unit_of_work() as session:
        job = session.get_one(Job, job_id)
        job.status, job.error = JobStatus.FAILED, "It is full."
        job.finished_at = job.created_at
    assert "It is full." in str(generate.follow(None, job_id))
    assert JobService.get_job(job_id)["status"] is JobStatus.FAILED


def test_a_viewer_cannot_start(viewer, analyst):
    document = json.loads(json.dumps(collected()))
    with acting_as(viewer), pytest.raises(Forbidden):
        generate.start(1, document, "x")
