from __future__ import annotations

import json
import re

import pytest
from dash import no_update
from plotly.utils import PlotlyJSONEncoder

from callbacks.campaigns import all_campaigns, campaign
from layouts.campaigns.campaign import Ids
from models import CampaignAim, CampaignRun, TrialState
from services.actor import acting_as
from services.campaigns.campaign_service import CampaignService
from services.campaigns.running import CampaignRunService
from services.errors import Invalid
from services.runtime import unit_of_work
from tests import factories
from tests.unit.callbacks.pages import clicked


def text(component) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)


@pytest.fixture
def told(monkeypatch):
    said = []
    monkeypatch.setattr(campaign, "tell", lambda words, level="success": said.append(words))
    return said


@pytest.fixture
def made(analyst):
    """Six trials, one of which ended early and one failed; the best is the fifth."""
    with unit_of_work() as session:
        row = factories.campaign(session, owner_id=analyst.user_id, name="<b>Bold</b>")
        for value in (0.5, 0.6, 0.7, 0.8, 0.9):
            factories.trial(session, row, value=value)
        ended = {"state": TrialState.PRUNED, "value": 0.99, "reason": "Ended early."}
        factories.trial(session, row, **ended)
        failed = {"state": TrialState.FAILED, "value": None, "reason": "The loss is no number."}
        factories.trial(session, row, **failed)
        return row.id


def test_page_shows_state_best_settings_and_what_can_be_done(made):
    head, summary, importance, settings, *hidden, shown = campaign.show_campaign({}, made, None)
    drawn = text([head, summary, importance, settings])
    for words in ("paused", "Go on", "Delete …", "Evaluate on the test part …", "<b>Bold</b>"):
        assert words in drawn
    assert "7 of 6: 1 ended early, 1 failed" in drawn
    assert "is the best. Learning rate" in drawn
    assert "Not measured yet" in drawn
    assert re.search(r"for the test: \d+ recordings, untouched", drawn)
    assert hidden == [False, False, False]
    again = campaign.show_campaign({}, made, shown)
    assert again[0] is no_update
    assert again[3] is no_update


def test_others_see_it_and_change_nothing(made, viewer):
    with acting_as(viewer):
        head, _, importance, _, *hidden, _ = campaign.show_campaign({}, made, None)
    assert "Go on" not in text(head)
    assert hidden[2] is True
    assert '"display": "none"' in text(importance)


def test_no_campaign_has_a_page_of_its_own(analyst):
    assert "No such campaign" in text(campaign.show_campaign({}, None, None)[0])
    assert "There is no campaign 999" in text(campaign.show_campaign({}, 999, None)[0])
    assert campaign.show_figures({}, 999) == (no_update,) * 11


def test_figures_have_units_and_every_trial(made):
    figures = campaign.show_figures({}, made)
    history, _, no_curves, timeline, _, no_front, parallel, slices, no_points, note, drawn = figures
    assert campaign.show_figures({}, made, drawn) == (no_update,) * 11
    assert no_front is True
    assert no_curves is True
    assert no_points is False
    assert note == ""
    complete, early, best = history.data
    assert list(complete.x) == [1, 2, 3, 4, 5]
    assert list(early.x) == [6]
    # What ended early is never the best, whatever its last score was.
    assert list(best.y) == [0.5, 0.6, 0.7, 0.8, 0.9]
    assert history.layout.yaxis.title.text == "Validation accuracy,<br>share of windows"
    assert sum(len(bar.y) for bar in timeline.data) == 7
    assert parallel.layout.xaxis.ticktext == ("Learning rate", "Width", "Validation accuracy")
    # Of equal scores plotly would draw one more each way, and no accuracy is 1.5.
    bounds = {one.layout.yaxis.autorangeoptions.clipmax for one in (history, slices)}
    assert bounds == {1.03}
    lines = [trace for trace in parallel.data if trace.text is not None]
    told = {words for trace in lines for words in trace.text}
    assert told == {f"trial {number}, 0.{number + 4}" for number in range(1, 6)}
    assert all(0 <= y <= 1 for trace in parallel.data for y in trace.y if y is not None and y == y)
    assert len(slices.data) == 2
    assert slices.layout.xaxis.type == "log"


def test_front_is_of_trials_that_none_beats_in_score_and_cost(made):
    with unit_of_work() as session:
        row = session.get_one(factories.Campaign, made)
        row.metrics, row.directions = ["val_accuracy", "parameters"], ["maximize", "minimize"]
        for cost, value in ((50, 0.7), (100, 0.95), (200, 0.94)):
            measured = {"val_accuracy": value, "parameters": cost}
            factories.trial(session, row, value=value, measured=measured)
    front = campaign.show_figures({}, made, [])[4]
    others, best = front.data
    assert list(best.x) == [50, 100]
    assert 200 in others.x
    assert front.layout.xaxis.title.text == "Learned numbers"


def test_two_settings_against_each_other(made):
    names, first, _, second = campaign.show_choices(made)
    assert [one["value"] for one in names] == ["learning_rate", "parameters.width"]
    assert [one["label"] for one in names] == ["Learning rate", "Width"]
    drawn, told = campaign.show_pair({}, first, second, made)
    assert [type(trace).__name__ for trace in drawn.data] == ["Scatter"]
    assert drawn.layout.xaxis.type == "log"
    assert "Once importance is measured" in told
    assert campaign.show_pair({}, "other", second, made) == (no_update, no_update)


def test_a_model_between_the_trials_is_called_one(made):
    surface = {
        "x": "parameters.width",
        "y": "learning_rate",
        "x_values": [4, 8],
        "y_values": [0.001, 0.01, 0.1],
        "scores": [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]],
    }
    found = {"n": 30, "importances": [], "note": "", "surfaces": [surface], "r2": 0.42}
    CampaignRunService.save_importance(made, found)
    drawn, told = campaign.show_pair({}, "learning_rate", "parameters.width", made)
    model, trials = drawn.data
    assert (model.type, trials.type) == ("heatmap", "scatter")
    assert [list(row) for row in model.z] == [[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]]
    assert list(model.x) == [0.001, 0.01, 0.1]
    assert "fitted to n = 30 finished trials" in told
    _, first, _, second = campaign.show_choices(made)
    assert (first, second) == ("parameters.width", "learning_rate")
    assert "is 0.42." in told
    turned, _ = campaign.show_pair({}, "parameters.width", "learning_rate", made)
    assert [list(row) for row in turned.data[0].z] == surface["scores"]


def test_table_is_sorted_and_filtered_by_the_database(made):
    table, pages = campaign.show_trials({}, "all", "best", 1, made)
    drawn = text(table)
    assert pages == 1
    # What ended early comes behind, whatever its last score was.
    assert drawn.index('0.9"') < drawn.index('0.5"') < drawn.index('0.99"')
    failed, _ = campaign.show_trials({}, "failed", "newest", 1, made)
    assert "The loss is no number." in text(failed)
    assert "complete" not in text(failed)


def test_limits_are_shown_and_changed(made, told):
    assert campaign.show_limits(made) == (6, 1, None, None)
    campaign.change_limits(1, 40, 2, 1.5, 9, made)
    assert campaign.show_limits(made) == (40, 2, 1.5, 9)
    assert told == ["“<b>Bold</b>” may do 40 trials now."]
    with pytest.raises(Invalid):
        campaign.change_limits(1, None, 1, None, None, made)


def test_buttons_do_what_they_say(made, told):
    CampaignService.change_limits(made, 20)
    for verb, state in (("resume", "waiting"), ("pause", "paused"), ("stop", "stopped")):
        with clicked({"type": Ids.act, "verb": verb}):
            campaign.act([1], made)
        assert CampaignService.get_campaign(made)["state"] == state
    assert len(told) == 3


def test_deleting_and_evaluating_are_asked_about_first(made, told):
    with clicked({"type": Ids.ask, "verb": "delete"}):
        assert campaign.ask([1, None]) == (True, False)
    with clicked({"type": Ids.ask, "verb": "evaluate"}):
        assert campaign.ask([None, 1]) == (False, True)
    with clicked("campaign-delete-not"):
        assert campaign.ask([1, 1], 1) == (False, False)
    campaign.evaluate(1, made)
    assert CampaignService.get_campaign(made)["final_job_id"] is not None
    assert campaign.delete(None, made) is no_update
    assert campaign.delete(1, made) == "/campaigns"
    assert CampaignService.count_campaigns() == 0


def test_final_look_says_n_interval_and_optimism(made, analyst):
    def side(value, low, high, recordings):
        score = {"value": value, "low": low, "high": high}
        scores = {"accuracy": score}
        n = {"recordings": recordings, "windows": 1200}
        return {"recordings": scores, "windows": scores, "n": n}

    with unit_of_work() as session:
        experiment = factories.experiment(session, owner_id=analyst.user_id)
        row = session.get_one(factories.Campaign, made)
        session.add(CampaignRun(experiment_id=experiment.id, trial_id=5, fold=0))
        row.aim, row.final_job_id = CampaignAim.END, 1
        row.final = {
            "experiment_id": experiment.id,
            "trial": 5,
            "trials": 7,
            "at": "2026-01-01",
            "validation": side(0.95, None, None, 20),
            "test": side(0.85, 0.7, 0.95, 20),
        }
    drawn = text(campaign.show_campaign({}, made, None)[1])
    assert "0.85 of 20 recordings" in drawn
    assert "95 %: 0.70–0.95" in drawn
    assert "no interval" in drawn
    assert "+10.0 percentage points" in drawn
    assert "after 7 trials" in drawn


def test_list_says_what_to_do_first_and_then_has_a_row_each(made, analyst):
    rows, pages, alone = all_campaigns.show_list({}, 1)
    assert (pages, alone) == (1, True)
    assert "<b>Bold</b>" in text(rows)
    CampaignService.delete_campaign(made)
    assert "No campaigns yet" in text(all_campaigns.show_list({}, 1)[0])
