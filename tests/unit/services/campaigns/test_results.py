"""What a campaign gives to be taken along."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml
from flask import current_app

from services import runtime
from services.campaigns.campaign_service import CampaignService
from services.campaigns.results import as_csv
from services.errors import Conflict, Invalid
from services.hpo_service import HPOService
from tests import factories
from tests.searched import begun_forest, run_sent

ROOT = Path(__file__).parents[4]


def test_the_script_trains_the_best_trial_again(analyst, sent, tmp_path):
    campaign = begun_forest(name='Quoted """ \\ name', trials=2)
    run_sent(sent)
    script = tmp_path / "best_trial.py"
    script.write_text(HPOService.export_results(campaign["id"], "python"))
    best = CampaignService.get_campaign(campaign["id"])["best"]
    store = Path(current_app.config["DATA_FOLDER"]) / "artefacts"
    done = subprocess.run(
        [sys.executable, str(script), str(store)],
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert done.stdout == f"val_accuracy: {best['value']!r}; the campaign kept {best['value']!r}\n"
    assert '"side": "test"' not in script.read_text()


def test_json_and_yaml_say_the_same(analyst, sent):
    campaign = begun_forest(trials=2)
    assert HPOService.export_results(campaign["id"]) is not None
    with pytest.raises(Conflict, match="No trial has come to its end"):
        HPOService.export_results(campaign["id"], "python")
    run_sent(sent)
    found = json.loads(HPOService.export_results(campaign["id"]))
    assert found == yaml.safe_load(HPOService.export_results(campaign["id"], "yaml"))
    assert found["asked"]["space"] == {
        "parameters.trees": {"type": "categorical", "choices": [10, 20]}
    }
    assert [trial["number"] for trial in found["trials"]] == [1, 2]
    assert found["best_config"]["parameters"]["trees"] in (10, 20)
    assert HPOService.export_results(999) is None
    with pytest.raises(Invalid, match="json, yaml, python"):
        HPOService.export_results(campaign["id"], "pickle")


def test_table_of_trials(analyst, sent):
    campaign = begun_forest(trials=2)
    run_sent(sent)
    table = HPOService.get_trials_dataframe(campaign["id"])
    assert {len(column) for column in table.values()} == {2}
    assert table["number"] == [1, 2]
    assert set(table["params.parameters.trees"]) <= {10, 20}


def test_no_cell_of_the_table_is_run_by_a_spreadsheet():
    table = {"=number": [1, -2], "params.kind": ["=1+1", "\t=1+1"], "value": ["-3", None]}
    assert as_csv(table) == "'=number,params.kind,value\n1,'=1+1,-3\n-2,'\t=1+1,\n"


def test_artefact_is_kept_and_named_by_the_campaign(analyst, sent):
    campaign = begun_forest(trials=1)
    run_sent(sent)
    key = HPOService.save_research_artifact(campaign["id"])
    assert HPOService.save_research_artifact(campaign["id"]) is not None
    assert HPOService.save_research_artifact(999) is None
    with zipfile.ZipFile(runtime.artefacts().local_path(key)) as packed:
        assert set(packed.namelist()) == {
            "campaign.json",
            "campaign.yaml",
            "trials.csv",
            "best_trial.py",
        }


def test_importance_finds_what_decides_and_says_of_how_many(analyst, sent):
    with runtime.unit_of_work() as session:
        campaign = factories.campaign(session, owner_id=analyst.user_id)
        campaign_id = campaign.id
        for number in range(4):
            factories.trial(session, campaign, value=float(number))
    assert HPOService.get_parameter_importance(campaign_id) == {
        "n": 4,
        "importances": [],
        "note": "It takes 5 finished trials or more.",
        "surfaces": [],
        "r2": None,
    }
    with runtime.unit_of_work() as session:
        campaign = session.get_one(type(campaign), campaign_id)
        for number in range(30):
            rate, width = 0.0001 * (number + 1), 4 + number % 5
            params = {"learning_rate": rate, "parameters.width": width}
            factories.trial(session, campaign, params=params, value=float(width))
    CampaignService.request_importance(campaign_id)
    run_sent(sent)
    found = CampaignService.get_campaign(campaign_id)["importance"]
    assert found["n"] == 34
    assert found["importances"][0]["name"] == "parameters.width"
    assert found["importances"][0]["share"] > 0.5
    (surface,) = found["surfaces"]
    assert {surface["x"], surface["y"]} == {"learning_rate", "parameters.width"}
    assert found["r2"] > 0
