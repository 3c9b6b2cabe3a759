from __future__ import annotations

import json

import pytest
from plotly.utils import PlotlyJSONEncoder

from callbacks.campaigns import new_campaign, search_form
from services.campaigns.campaign_service import CampaignService
from services.errors import Invalid
from tests.trained import tiny_version


def text(component) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)


def filled(**changes):
    """What a person filled in, in the order of the form."""
    given = {
        "name": "By hand",
        "version": changes.pop("version", 1),
        "group_by": "load_hp",
        "validation": "once",
        "validation_share": 0.34,
        "test_share": 0.34,
        "folds": 3,
        "classifier": "cnn1d",
        "epochs": 9,
        "window": 1024,
        "more": '{"batch_size": 8}',
        "space": '{"learning_rate": {"type": "float", "low": 0.001, "high": 0.1, "log": true}}',
        "method": "hyperband",
        "pruner": "none",
        "metric": "val_loss",
        "also": "",
        "trials": 12,
        "parallel": 2,
        "seed": 5,
        "hours": None,
        "patience": None,
    }
    given |= changes
    return [given[name] for name in new_campaign.FIELDS]


def test_form_begins_with_data_groups_and_the_usual_space(analyst):
    assert "No data to search on yet" in text(search_form.show_versions("/new-campaign")[2])
    version = tiny_version()
    options, chosen, none, hidden = search_form.show_versions("/new-campaign")
    assert (chosen, none, hidden) == (version, None, False)
    assert len(options) == 1
    groups, group = search_form.show_groups(version)
    assert group == "bearing"
    assert "label" not in [one["value"] for one in groups]
    space, no_epochs = new_campaign.write_space("svm")
    assert no_epochs is True
    assert list(json.loads(space)) == ["parameters.penalty", "parameters.gamma"]
    assert new_campaign.show_parts("folds") == (True, False)


def test_space_is_shown_as_it_is_understood_or_refused_with_a_sentence(analyst):
    space, _ = new_campaign.write_space("cnn1d")
    shown = text(new_campaign.check_space(space, "cnn1d", 9, 2048, "{}"))
    assert "0.0001 to 0.01, by its logarithm" in shown
    assert "loss is focal" in shown
    for wrong, sentence in (
        ("{", "is no JSON"),
        ("[]", "must be a JSON object"),
        ("{}", "The search space is empty"),
        ('{"window": {"type": "int", "low": 9, "high": 1}}', "goes from 9 down to 1"),
    ):
        assert sentence in text(new_campaign.check_space(wrong, "cnn1d", 9, 2048, "{}"))


def test_what_is_filled_in_is_what_is_searched(analyst):
    version = tiny_version()
    assert new_campaign.start(1, *filled(version=version)) == "/campaigns/1"
    made = CampaignService.get_campaign(1)
    assert (made["method"], made["pruner"], made["direction"]) == (
        *("hyperband", "hyperband", "minimize"),
    )
    assert (made["budget"], made["parallel"], made["seed"]) == (12, 2, 5)
    assert (made["config"]["epochs"], made["config"]["batch_size"]) == (9, 8)
    assert made["config"]["group_by"] == "load_hp"


def test_folds_and_classifiers_without_epochs(analyst):
    version = tiny_version(4)
    trees = '{"parameters.trees": {"type": "int", "low": 10, "high": 20}}'
    given = {"classifier": "random_forest", "space": trees, "method": "random", "more": "{}"}
    given |= {"validation": "folds", "folds": 4, "metric": "val_accuracy"}
    new_campaign.start(1, *filled(version=version, **given))
    assert len(CampaignService.get_campaign(1)["folds"]) == 3


def test_mistakes_begin_nothing(analyst):
    version = tiny_version()
    with pytest.raises(Invalid, match="other settings is no JSON"):
        new_campaign.start(1, *filled(version=version, more="{"))
    with pytest.raises(Invalid, match="Give the campaign a name"):
        new_campaign.start(1, *filled(version=version, name=None))
    with pytest.raises(Invalid, match="number of trials must be"):
        new_campaign.start(1, *filled(version=version, trials=None))
    assert CampaignService.count_campaigns() == 0
