import csv
import io

import pytest

from diagnostics.progress import silent
from models import Experiment
from services import runtime
from services.actor import acting_as
from tasks.evaluations import evaluate_experiment
from tests.trained import FOREST, planned_experiment, trained_experiment, with_result

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


def test_parts_of_the_evaluation_are_tables(client, made):
    address = f"/api/v1/experiments/{made}/evaluation.csv"
    answer = client.get(address, query_string={"part": "curves", "level": "windows"})
    assert answer.content_type == "text/csv; charset=utf-8"
    assert f"experiment-{made}-curves-windows.csv" in answer.headers["Content-Disposition"]
    table = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert {row["class"] for row in table} == {"healthy", "worn", "Macro average"}
    assert client.get(address, query_string={"part": "magic"}).status_code == 422
    assert client.get(address, query_string={"part": "robustness"}).status_code == 404


def test_robustness_is_asked_for_and_read(client, analyst):
    made = trained_experiment(**FOREST)
    address = f"/api/v1/experiments/{made}"
    assert client.get(f"{address}/robustness").status_code == 404
    asked = {"evaluation_type": "robustness", "noise_levels": [0.1]}
    answer = client.post(f"{address}/evaluations", json=asked)
    assert (answer.status_code, answer.json["kind"]) == (202, "evaluate_experiment")
    assert client.post(f"{address}/evaluations", json={"evaluation_type": "x"}).status_code == 422
    with acting_as(analyst):
        evaluate_experiment(silent, made, "robustness", [0.1])
    found = client.get(f"{address}/robustness").json
    assert found["noise_levels"] == [0.1]
    assert found["conditions"][0]["snr_db"] == 20
