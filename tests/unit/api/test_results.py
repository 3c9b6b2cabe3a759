import csv
import io

import pytest

from models import Experiment
from services import runtime
from tests.trained import planned_experiment, with_result

FILES = ("predictions.csv", "report.json", "config.json", "checkpoint")


@pytest.fixture
def made(analyst):
    return with_result(planned_experiment())


def test_predictions_are_a_table_for_spreadsheets(client, made):
    answer = client.get(f"/api/v1/experiments/{made}/predictions.csv")
    assert answer.status_code == 200
    assert answer.content_type == "text/csv; charset=utf-8"
    assert f'filename="experiment-{made}-predictions.csv"' in answer.headers["Content-Disposition"]
    text = answer.data.decode("utf-8-sig")
    assert len(list(csv.DictReader(io.StringIO(text)))) == 4


def test_report_and_config_are_json(client, made):
    report = client.get(f"/api/v1/experiments/{made}/report.json")
    assert report.json["counts"]["windows"] == 4
    config = client.get(f"/api/v1/experiments/{made}/config.json")
    assert config.json["split"]["test"] == ["2"]


def test_the_checkpoint_comes_as_it_was_kept(client, made):
    assert client.get(f"/api/v1/experiments/{made}/checkpoint").status_code == 404
    with runtime.unit_of_work() as session:
        key = runtime.artefacts().put("models", ".pt", b"weights")
        session.get_one(Experiment, made).checkpoint_key = key
    answer = client.get(f"/api/v1/experiments/{made}/checkpoint")
    assert answer.data == b"weights"
    assert f"experiment-{made}.pt" in answer.headers["Content-Disposition"]
    answer.close()


@pytest.mark.parametrize("name", FILES)
def test_who_is_not_signed_in_gets_nothing(web, made, name):
    assert web.test_client().get(f"/api/v1/experiments/{made}/{name}").status_code == 401


@pytest.mark.parametrize("name", FILES)
def test_an_experiment_that_is_not_there(client, name):
    answer = client.get(f"/api/v1/experiments/999/{name}")
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")
