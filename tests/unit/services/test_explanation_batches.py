"""Several recordings in one job, and the class that is explained when none is named."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from diagnostics.progress import silent
from models import Event, JobKind
from services.actor import acting_as
from services.errors import Forbidden, Invalid, NotFound
from services.evaluation_service import EvaluationService
from services.explanation_cache import ExplanationCache
from services.explanation_view_service import ExplanationViewService
from services.explanations.batches import ExplanationBatchService
from services.explanations.overview import summed_up, wilson
from services.job_service import JobService
from services.jobs.notices import message_of_job
from services.runtime import unit_of_work
from services.xai_service import XAIService
from tasks.explanations import explain_recording, explain_recordings
from tasks.runner import run_job
from tests.trained import FOREST, trained_experiment


@pytest.fixture
def made(analyst):
    """An experiment, and its recordings, the held-out ones first."""
    number = trained_experiment(epochs=1)
    return number, [row["recording_id"] for row in XAIService.list_recordings(number)]


def named_in_test(experiment_id):
    """What the test of the experiment says of each recording, counted here once more."""
    given = EvaluationService.load_experiment_predictions(experiment_id)
    names, sums = given["class_names"], {}
    for number, row in zip(given["recording_ids"], given["probabilities"], strict=True):
        sums[int(number)] = sums.get(int(number), 0) + row
    return {number: names[int(total.argmax())] for number, total in sums.items()}


def test_what_the_test_named_is_explained_without_a_class(made, sent):
    experiment, recordings = made
    known = named_in_test(experiment)
    assert set(known) == set(recordings[:2])
    for number, name in known.items():
        assert XAIService.predicted_class(experiment, number) == name
        job_id = XAIService.request_explanation(experiment, number)
        assert JobService.get_job(job_id)["title"].endswith(f"for “{name}”")
        explain_recording(silent, experiment, number)
        assert ExplanationCache.get_recent_explanations(experiment)[0]["target_class"] == name
        assert XAIService.request_explanation(experiment, number) is None
        assert ExplanationViewService.show(experiment, number)["target_class"] == name


def test_what_nobody_tested_is_named_by_its_explanation(made):
    experiment, recordings = made
    other = recordings[-1]
    assert XAIService.predicted_class(experiment, other) is None
    assert ExplanationViewService.show(experiment, other) is None
    job_id = XAIService.request_explanation(experiment, other)
    assert "the class that it names" in JobService.get_job(job_id)["title"]
    assert XAIService.request_explanation(experiment, other) == job_id
    explain_recording(silent, experiment, other)
    view = ExplanationViewService.show(experiment, other)
    winner = max(zip(view["probabilities"], view["class_names"], strict=True))[1]
    assert XAIService.predicted_class(experiment, other) == view["target_class"] == winner
    with pytest.raises(NotFound, match="no experiment 999"):
        XAIService.predicted_class(999, other)


def test_a_batch_explains_what_is_missing_and_nothing_twice(made, sent):
    experiment, recordings = made
    methods = ["gradcam", "occlusion"]
    explain_recording(silent, experiment, recordings[0])
    before = ExplanationBatchService.estimate_batch(experiment, recordings[:2], methods)
    assert len(before) == 3
    job_id = ExplanationBatchService.request_batch(experiment, recordings[:2], methods)
    assert (JobKind.EXPLAIN_RECORDINGS, job_id) in sent
    assert ExplanationBatchService.find_job(experiment)["id"] == job_id
    said = []
    found = explain_recordings(said.append, experiment, recordings[:2], methods)
    assert found == {"experiment_id": experiment, "explained": 3, "failed": []}
    shares = [one.fraction for one in said]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert said[-1].message.startswith("4 of 4")
    assert ExplanationCache.get_cache_statistics()["total"] == 4
    assert ExplanationBatchService.request_batch(experiment, recordings[:2], methods) is None
    assert ExplanationBatchService.estimate_batch(experiment, recordings[:2], methods) == []
    other = ExplanationBatchService.request_batch(
        experiment, recordings[:2], methods, parameters={"num_segments": 8}
    )
    assert other is not None


def test_who_asked_is_told_where_it_is(made, sent):
    experiment, recordings = made
    job_id = ExplanationBatchService.request_batch(experiment, recordings[:2], ["gradcam"], "worn")
    run_job(job_id, explain_recordings)
    with unit_of_work(writing=False) as session:
        ended = select(Event).where(Event.type == "job.done", Event.object == f"job:{job_id}")
        told = message_of_job(session, session.scalars(ended).one())
    first, second = recordings[:2]
    assert told.link == (
        f"/explain?experiment={experiment}&recording={first}&class=worn&methods=gradcam"
        f"&more={first}%2C{second}"
    )


def test_the_overview_has_a_row_for_each_explained_recording(made):
    experiment, recordings = made
    explain_recordings(silent, experiment, recordings[:2], ["occlusion"], "worn")
    found = ExplanationBatchService.get_overview(experiment, recordings[:3], "occlusion", "worn")
    assert [row["recording_id"] for row in found["rows"]] == recordings[:2]
    assert found["missing"] == recordings[2:3]
    row = found["rows"][0]
    assert (row["side"], row["target_class"], row["answer"]) == ("test", "worn", "unknown")
    card = ExplanationViewService.export_facts(row["explanation_id"])["summary"]["card"]
    assert row["card"] == card
    assert row["strongest"].endswith("\u00a0%)")
    assert found["told"].startswith("Of none of 2 recordings")


def test_one_that_fails_does_not_stop_the_others(made):
    experiment, recordings = made
    found = explain_recordings(silent, experiment, [recordings[0], 999], ["gradcam"], "worn")
    assert found["explained"] == 1
    (failed,) = found["failed"]
    assert (failed["recording_id"], failed["error"]) == (999, "There is no recording 999.")
    with pytest.raises(Invalid, match="no recording 999"):
        explain_recordings(silent, experiment, [999], ["gradcam"], "worn")


def test_cancelling_a_batch_keeps_what_is_done(made):
    class Cancelled(Exception):
        pass

    def until_second(progress):
        if progress.message.startswith("2 of"):
            raise Cancelled

    experiment, recordings = made
    with pytest.raises(Cancelled):
        explain_recordings(until_second, experiment, recordings[:2], ["gradcam"], "worn")
    assert ExplanationBatchService.is_explained(experiment, recordings[0], "gradcam", "worn")
    assert not ExplanationBatchService.is_explained(experiment, recordings[1], "gradcam", "worn")


def test_batches_that_make_no_sense_get_a_sentence(made, viewer):
    experiment, recordings = made
    ask = ExplanationBatchService.request_batch
    for given, told in (
        ((experiment, []), "1 to 200 recordings"),
        ((experiment, recordings[:1] * 2), "each once"),
        ((experiment, recordings, []), "one or more methods"),
        ((experiment, recordings, ["tea"]), "one of the methods"),
        ((experiment, recordings, ["tree_shap"]), "needs a classifier on features"),
        ((experiment, recordings, ["lime"], "cracked"), "one of the classes"),
        (
            (experiment, recordings, ["lime"], None, {"steps": 5}),
            "None of these methods has a parameter “steps”",
        ),
        ((experiment, recordings, ["lime"], None, {"num_samples": 1}), "from 10 to 10000"),
    ):
        with pytest.raises(Invalid, match=told):
            ask(*given)
    with pytest.raises(NotFound, match="no recording 999"):
        ask(experiment, [999])
    with pytest.raises(NotFound, match="no experiment 999"):
        ask(999, recordings)
    with acting_as(viewer), pytest.raises(Forbidden):
        ask(experiment, recordings)


def test_a_forest_is_explained_for_what_it_names(analyst):
    experiment = trained_experiment(name="Forest", **FOREST)
    other = XAIService.list_recordings(experiment)[-1]["recording_id"]
    explain_recordings(silent, experiment, [other], ["tree_shap"])
    found = ExplanationBatchService.get_overview(experiment, [other], "tree_shap")
    (row,) = found["rows"]
    assert row["target_class"] == XAIService.predicted_class(experiment, other)
    assert row["probability"] > 0.5
    assert row["card"] == {}


def test_the_sum_over_recordings_says_how_sure_it_is():
    # Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, and 0 of 20.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    rows = [{"answer": answer} for answer in ("yes", "no", "no", "no", "unknown")]
    told = summed_up(rows)
    assert told.startswith("Relevance stands out at a fault frequency in 1 of 4 recordings")
    assert "5 to 70 %" in told
    assert "Of 1 more it cannot be told." in told
    assert summed_up([]) == ""
