"""Searches over networks on the pages: begun, looked at, their best trained fully."""

from __future__ import annotations

import json

import pytest
from dash import no_update
from dash.exceptions import PreventUpdate
from plotly.utils import PlotlyJSONEncoder

from callbacks.campaigns import campaign_network as page
from callbacks.campaigns import new_architecture_search as wizard
from layouts.campaigns.campaign import head, settings
from layouts.campaigns.campaign_parts import trials_table
from models import Campaign, CampaignAim, Experiment
from models.base import now
from services.campaigns.campaign_service import CampaignService
from services.errors import Invalid
from services.nas_service import NASService
from services.runtime import unit_of_work
from tests import factories
from tests.trained import tiny_version

LINE = "stem k7 s8 w8 > conv3+skip w8 max > conv5 w8 se > conv7 w16"


def text(component) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)


def search(analyst, **given):
    """A search with one network that has a score."""
    with unit_of_work() as session:
        campaign = factories.architecture_search(session, owner_id=analyst.user_id)
        factories.architecture_trial(session, campaign)
        for name, value in given.items():
            setattr(campaign, name, value)
        return campaign.id


def asked(**changes):
    given = {
        "name": "Found",
        "version": tiny_version(),
        "group_by": "load_hp",
        "validation_share": 0.33,
        "test_share": 0.33,
        "folds": None,
        "window": 1024,
        "more": "{}",
        "space": wizard.write_space(None),
        "most_parameters": None,
        "most_ms": None,
        "algorithm": "evolution",
        "pruner": "median",
        "metric": "val_accuracy",
        "also": "none",
        "trials": 9,
        "epochs": 4,
        "parallel": 1,
        "seed": 3,
        "hours": None,
        "patience": None,
    }
    return [{**given, **changes}[name] for name in wizard.FIELDS]


def test_a_search_is_begun_from_the_fields(analyst, sent):
    assert wizard.start(None, *asked()) is no_update
    address = wizard.start(1, *asked())
    made = NASService.get_campaign_details(int(address.rpartition("/")[2]))
    assert made["method"] == "evolution"
    assert made["config"]["epochs"] == 4
    assert made["config"]["batch_size"] == 64
    assert made["plan"]["search_space"] == NASService.get_default_search_space()
    assert len(made["folds"]) == 1
    limited = wizard.start(1, *asked(name="Limited", most_parameters=20_000.0, most_ms=2.5))
    made = NASService.get_campaign_details(int(limited.rpartition("/")[2]))
    space = made["plan"]["search_space"]
    assert (space["max_parameters"], space["max_latency_ms"]) == (20_000, 2.5)
    folded = wizard.start(1, *asked(name="Folds", folds=3, more='{"batch_size": 8}'))
    made = NASService.get_campaign_details(int(folded.rpartition("/")[2]))
    assert len(made["folds"]) == 2
    assert made["config"]["batch_size"] == 8
    small = wizard.start(1, *asked(name="Small", also="parameters", algorithm="bayesian"))
    made = NASService.get_campaign_details(int(small.rpartition("/")[2]))
    assert made["metrics"] == ["val_accuracy", "parameters"]
    assert made["pruner"] == "none"
    with pytest.raises(Invalid, match="is no JSON"):
        wizard.start(1, *asked(space="{"))


def test_a_space_is_checked_as_it_is_written(analyst):
    assert "understood" in text(wizard.check_space(wizard.write_space(None)))
    evolution = '{"evolution": {"population": 4, "sample": 2}}'
    assert "understood" in text(wizard.check_space(evolution))
    assert "“operations” is empty" in text(wizard.check_space('{"operations": []}'))
    assert "is no JSON" in text(wizard.check_space("{"))


def test_a_network_of_the_space_is_drawn_to_look_at(analyst):
    with pytest.raises(PreventUpdate):
        wizard.draw(None, "{}", None, None)
    shown = text(wizard.draw(1, '{"depth": [3, 3], "operations": ["dilated"]}', None, None))
    assert shown.count("Stage ") == 3
    assert "Dilated" in shown
    assert "limits" in text(wizard.draw(1, '{"max_parameters": 5}', None, None))
    assert "limits" in text(wizard.draw(1, "{}", 5, None))


def test_the_best_network_is_shown_with_its_files(analyst, sent):
    chosen = search(analyst)
    hidden, shown, again, not_offered, drawn = page.show_network({}, None, chosen, None)
    assert (hidden, again, not_offered) == (False, None, True)
    for part in (LINE, "56 kFLOP", "7.89 kB", "/export?format=pytorch", "Convolution 3"):
        assert part in text(shown)
    assert page.show_network({}, None, chosen, drawn)[1] is no_update
    assert "Trial 7 is not there" in text(page.show_network({}, 7, chosen, drawn)[1])
    assert LINE in text(page.show_network({}, 1, chosen, None)[1])


def test_where_settings_are_searched_there_is_no_network(analyst, sent):
    with unit_of_work() as session:
        chosen = factories.campaign(session, owner_id=analyst.user_id).id
    assert page.show_network({}, None, chosen, None)[0] is True
    assert page.show_network({}, None, None, None)[0] is True


def test_before_the_first_score_it_says_so(analyst, sent):
    with unit_of_work() as session:
        chosen = factories.architecture_search(session, owner_id=analyst.user_id).id
    assert "No trial has a score yet" in text(page.show_network({}, None, chosen, None)[1])


def test_the_best_is_trained_fully_once(analyst, sent):
    chosen = search(analyst, aim=CampaignAim.STOP, ended_at=now())
    assert page.show_network({}, None, chosen, None)[3] is False
    with pytest.raises(PreventUpdate):
        page.retrain(None, 20, chosen)
    address = page.retrain(1, 20, chosen)
    with unit_of_work(writing=False) as session:
        made = session.get_one(Experiment, int(address.rpartition("/")[2]))
        assert made.config["epochs"] == 20
    _, _, again, not_offered, _ = page.show_network({}, None, chosen, None)
    assert address in text(again)
    assert not_offered


def test_the_table_of_trials_has_what_was_measured(analyst, sent):
    chosen = search(analyst)
    with unit_of_work() as session:
        same = {"same_as": 1, "measured": None, "params": None}
        factories.architecture_trial(session, session.get_one(Campaign, chosen), **same)
    shown = text(
        trials_table(CampaignService.get_campaign(chosen), CampaignService.list_trials(chosen))
    )
    for part in ("Time for a window", "1,234", "56 kFLOP", "7.89 kB", "500 µs", LINE):
        assert part in shown
    assert "stem_kernel" not in shown


def test_head_and_settings_speak_of_networks(analyst, sent):
    campaign = CampaignService.get_campaign(search(analyst))
    assert "search over " in text(head(campaign, can_change=True))
    assert '"networks"' in text(head(campaign, can_change=True))
    assert "stem_kernels: [7, 15, 31, 63]" in text(settings(campaign))
