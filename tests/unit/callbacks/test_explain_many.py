import json

import pytest
from dash import no_update
from plotly.utils import PlotlyJSONEncoder

from callbacks import explain_many
from diagnostics.progress import silent
from models import JobStatus
from services.actor import acting_as
from services.explanations.batches import ExplanationBatchService
from services.xai_service import XAIService
from tasks.explanations import explain_recordings
from tasks.runner import run_job
from tests.trained import FOREST, trained_experiment

NOTHING = {"experiment": None, "recording": None, "class": None, "window": None, "more": []}


def text(component) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)


@pytest.fixture
def made(analyst):
    """An experiment, its first recording, and the numbers of all."""
    number = trained_experiment(epochs=1)
    rows = XAIService.list_recordings(number)
    return str(number), str(rows[0]["recording_id"]), [row["recording_id"] for row in rows]


def shown(made, more, before=None, methods=("gradcam",), target="*", asked=None):
    return explain_many.show_many(
        {}, asked, more, target, list(methods), {}, None, *made[:2], before
    )


def test_recordings_of_the_address_and_all_held_out_ones_can_be_chosen(made):
    options, more = explain_many.list_more(made[0], {**NOTHING, "more": [made[2][3], 999]})
    assert [option["value"] for option in options] == made[2]
    assert options[0]["label"] == "healthy 2 · healthy"
    assert more == [made[2][3]]
    assert explain_many.list_more(None, NOTHING) == ([], [])
    assert explain_many.choose_held_out(1, *made[:2]) == [made[2][1]]
    assert explain_many.choose_held_out(None, *made[:2]) is no_update


def test_several_are_explained_in_one_job_and_summed_up(made, viewer):
    more = made[2][1:3]
    state, drawn, disabled, now = shown(made, more)
    assert "passes through the classifier" in text(state)
    assert "Not explained yet: healthy 2, worn 2, healthy 1." in text(drawn)
    assert not disabled
    with acting_as(viewer):
        assert shown(made, more)[2]
    given = (more, *made[:2], "*", ["gradcam"], {})
    assert explain_many.ask_many(1, *given) == 1
    assert explain_many.ask_many(None, *given) is no_update
    state, _, disabled, running = shown(made, more, now, asked=1)
    assert "progressbar" in text(state)
    assert "/jobs?id=" in text(state)
    assert disabled
    # The next pulse brings the progress and leaves the table alone.
    assert shown(made, more, running, asked=1)[1:] == (no_update,) * 3
    job = ExplanationBatchService.find_job(int(made[0]))
    assert run_job(job["id"], explain_recordings) is None
    assert ExplanationBatchService.find_job(int(made[0]))["status"] is JobStatus.DONE
    state, drawn, disabled, done = shown(made, more, running, asked=1)
    assert (state, disabled) == ([], True)
    told = text(drawn)
    for part in ("Of none of 3 recordings", "held\u00a0out", "validation", "worn 2", "more="):
        assert part in told, part
    assert "Not explained yet" not in told
    assert shown(made, more, done, asked=1)[:2] == (no_update, no_update)


def test_what_could_not_be_explained_is_said_with_its_reason(made, monkeypatch):
    monkeypatch.setattr(explain_many, "tell", lambda *_: None)
    number, first, everything = made
    parameters = {"baseline": "own", "baseline_recording_id": 999}
    given = (everything[1:2], number, first, "*", ["gradcam", "occlusion"], parameters)
    assert explain_many.ask_many(1, *given) == 1
    job = ExplanationBatchService.find_job(int(number))
    run_job(job["id"], explain_recordings)
    views = explain_many.show_many(
        {}, 1, everything[1:2], "*", ["gradcam", "occlusion"], parameters, None, number, first, None
    )
    assert "4 could not" not in text(views)
    assert "2 could not be explained:" in text(views)
    assert "There is no recording 999." in text(views)
    assert not views[2]  # it can be tried again


def test_without_more_recordings_nothing_is_shown(made):
    assert shown(made, []) == ([], [], True, None)
    assert explain_many.ask_many(1, [], *made[:2], "*", ["gradcam"], {}) is no_update


def test_forests_are_summed_up_by_their_features(analyst):
    number = trained_experiment(name="Forest", **FOREST)
    numbers = [row["recording_id"] for row in XAIService.list_recordings(number)[:2]]
    explain_recordings(silent, number, numbers, ["tree_shap"])
    made = (str(number), str(numbers[0]))
    drawn = shown(made, numbers[1:], methods=("tree_shap",))[1]
    assert "Most moved by" in text(drawn)
