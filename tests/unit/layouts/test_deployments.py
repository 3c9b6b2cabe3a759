import json
import runpy
import shlex
from io import BytesIO
from pathlib import Path
from urllib.request import Request

import numpy as np
import pytest
from dash import no_update
from plotly.utils import PlotlyJSONEncoder

from callbacks import deployments
from layouts.deployment_trying import answer
from models import Experiment
from services.actor import acting_as
from services.deployment.serving_service import ModelServingService
from services.deployment_service import DeploymentService
from services.errors import Conflict, Invalid
from services.job_service import JobService
from services.runtime import unit_of_work
from tests import exported, factories

UP = "1 1, 1;1\n1 1 1 1"


def text(component) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)


@pytest.fixture(autouse=True)
def told(monkeypatch):
    texts: list[str] = []
    monkeypatch.setattr(deployments, "tell", lambda text, *_: texts.append(text))
    return texts


@pytest.fixture
def experiment(analyst):
    with unit_of_work() as session:
        made = factories.experiment(session, owner_id=analyst.user_id, classifier="cnn1d")
        row = session.get_one(Experiment, made.id)
        row.checkpoint_key, row.checkpoint_hash = "models/none.pt", "weights"
        return row.id


@pytest.fixture
def variant(experiment, analyst):
    with unit_of_work() as session:
        return exported.variant(session, experiment, analyst.user_id)


def test_without_a_network_the_page_says_what_to_do(analyst):
    options, chosen, hidden, views_only = deployments.offer_networks("")
    assert not views_only
    assert (options, chosen, hidden) == ([], None, True)
    assert deployments.offer_kinds(None) == ([], None)
    assert "No trained classifier yet" in text(deployments.show_variants(None, 0, None, None))
    assert "Nothing is served yet" in text(deployments.show_models(0, None))
    assert deployments.show_kind("structured", None)[1:] == (False, False, True)


def test_the_experiment_of_the_address_is_shown_or_said_to_be_missing(experiment, told):
    with unit_of_work() as session:
        row = session.get_one(Experiment, experiment)
        newer = factories.experiment(
            session, classifier="cnn1d", checkpoint_key=row.checkpoint_key
        ).id
        row.archived_at = row.created_at
    assert deployments.offer_networks(str(experiment))[1] == experiment
    assert told == []
    assert deployments.offer_networks("999")[1] == newer
    assert "Experiment 999 has no classifier that could be served" in str(told)


def test_a_variant_is_asked_for_and_its_job_shown(experiment, viewer):
    _, chosen, hidden, *_ = deployments.offer_networks(str(experiment))
    assert (chosen, hidden) == (experiment, False)
    kinds, first = deployments.offer_kinds(experiment)
    assert (first, len(kinds)) == ("fp32", 7)
    with unit_of_work() as session:
        session.get_one(Experiment, experiment).classifier = "svm"
    assert [one["value"] for one in deployments.offer_kinds(experiment)[0]] == ["fp32"]
    with unit_of_work() as session:
        session.get_one(Experiment, experiment).classifier = "cnn1d"
    job_id = deployments.make(1, experiment, "structured", 40, 3)
    job = JobService.get_job(job_id)
    assert job["title"].startswith("Pruned, whole channels, 40 %")
    shown, drawn, *_ = deployments.show_variants(None, 0, experiment, None)
    assert job["title"] in text(shown)
    assert "No variant of this experiment yet" in text(drawn)
    with pytest.raises(Invalid, match="5 to 95"):
        deployments.make(1, experiment, "structured", None, 5)
    with acting_as(viewer):
        assert deployments.offer_networks("")[2]
        assert deployments.offer_networks("")[-1]


def test_a_faster_variant_that_is_undecided_is_not_recommended(experiment, variant, analyst):
    measured = dict(DeploymentService.list_variants(experiment)[0]["measured"])
    measured["timings"] = [{**one, "p50_ms": 0.1} for one in measured["timings"]]
    with unit_of_work() as session:
        exported.variant(session, experiment, analyst.user_id, kind="fp16", measured=measured)
    drawn = text(deployments.show_variants(None, 0, experiment, None)[1])
    assert "No variant was both faster here and shown to be not worse" in drawn
    assert "recommended" not in drawn


def test_variants_stand_side_by_side(experiment, variant, analyst):
    judged = {
        **DeploymentService.list_variants(experiment)[0]["measured"]["judged"],
        "verdict": "non-inferior",
        "low": -0.01,
        "high": 0.01,
        "accuracy": 0.9,
    }
    timing = {"batch": 1, "threads": 1, "p50_ms": 0.5, "p95_ms": 0.6, "p99_ms": 0.7}
    measured = {"numbers": 2, "sparsity": 0.5, "machine": "a test", "judged": judged}
    measured["timings"] = [{**timing, "throughput": 2_000.0}]
    measured["memory_bytes"] = {"1": 10 << 20, "32": 40 << 20}
    with unit_of_work() as session:
        exported.variant(
            session, experiment, analyst.user_id, kind="fp16", measured=measured, amount=None
        )
    _, drawn, options, value, hidden = deployments.show_variants(None, 0, experiment, None)
    shown = text(drawn)
    assert (len(options), value, hidden) == (2, options[-1]["value"], False)
    assert "0.50 / 0.60 / 0.70 ms" in shown
    assert "recommended" in shown
    assert "10.5 MB / 41.9 MB" in shown
    assert "the line joins those that no other one beats" in shown
    assert "was faster here than full precision, and is not worse" in shown
    with unit_of_work() as session:
        session.get_one(Experiment, experiment).checkpoint_hash = "others"
    outdated = text(deployments.show_variants(None, 0, experiment, None))
    assert "of an earlier training" in outdated
    assert "was faster here" not in outdated


def test_a_model_is_published_moved_and_tried(web, variant, told):
    with web.test_request_context():
        assert deployments.publish(1, str(variant), " pump ", 0) == (1, "pump", "1")
        assert deployments.publish(1, str(variant), "pump", 1) == (2, "pump", "2")
        listed, *_, chosen, hidden = deployments.show_models(2, None)
        assert (chosen, hidden) == ("pump", False)
        (made,) = {one["experiment"] for one in ModelServingService.get_model("pump")["versions"]}
        assert text(listed).count(made) == 2
        versions, version, snippet = deployments.show_versions("pump", 2, None)
        assert ([one["value"] for one in versions], version) == (["2", "1"], "2")
        assert "http://localhost/api/v1/models/pump/predict?sample_rate_hz=100&unit=g" in text(
            snippet
        )
        deployments.make_production(1, "pump", "1", 2)
        deployments.make_production(1, "pump", "2", 3)
        deployments.roll_back(1, "pump", 4)
        deployments.make_staging(1, "pump", "2", 5)
    assert ModelServingService.get_model("pump")["aliases"] == {"production": 1, "staging": 2}
    assert told[0].startswith("Version 1 of pump is published.")
    said = text(deployments.try_it(1, "pump", "1", UP))
    assert "above" in said
    assert "1 window, 100 % of them agree" in said
    with pytest.raises(Invalid, match="Samples are numbers"):
        deployments.try_it(1, "pump", "1", "one two")
    with pytest.raises(Invalid, match="windows of 8 samples, got 0"):
        deployments.try_it(1, "pump", "1", None)


@pytest.mark.parametrize("in_production", [False, True])
def test_what_is_pasted_gets_an_answer(
    client, web, variant, tmp_path, monkeypatch, capsys, in_production
):
    deployments.publish(1, str(variant), "pump", 0)
    if in_production:
        deployments.make_production(1, "pump", "1", 1)
    with web.test_request_context():
        *_, parts = deployments.show_versions("pump", 1, None)
    curl, python = (part.children for part in parts[1:])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ROTORSCOPE_KEY", "sk_live_1")
    np.save("samples.npy", np.ones(16))
    asked = []

    def opened(request: Request) -> BytesIO:
        asked.append((request.full_url, dict(request.header_items()), request.data))
        kind = request.get_header("Content-type")
        answer = client.post(request.full_url, data=request.data, content_type=kind)
        return BytesIO(answer.data)

    monkeypatch.setattr("urllib.request.urlopen", opened)
    Path("ask.py").write_text(python)
    runpy.run_path("ask.py")
    assert json.loads(capsys.readouterr().out)["predicted"] == "above"
    ((url, headers, body),) = asked
    assert headers["Authorization"] == "Bearer sk_live_1"
    assert body == Path("samples.npy").read_bytes()
    words = shlex.split(curl.replace("\\\n", " "))
    assert words[-1] == url
    assert "Content-Type: application/x-npy" in words
    assert "@samples.npy" in words


def test_a_model_is_deleted_and_then_its_variant_can_be(experiment, variant, told):
    deployments.publish(1, str(variant), "pump", 0)
    with pytest.raises(Conflict, match="Delete the model first"):
        deployments.delete(1, str(variant), 1)
    question, asked = deployments.ask_about_model(1, "pump")
    assert (asked, question.startswith("Delete the model pump")) == (True, True)
    assert deployments.ask_about_model(1, None)[1] is False
    assert deployments.delete_model(None, "pump", 1) is no_update
    assert deployments.delete_model(1, "pump", 1) == 2
    assert told[-1] == "The model pump is deleted."
    assert ModelServingService.list_models() == []
    assert deployments.delete(1, str(variant), 2) == 3
    assert DeploymentService.list_variants(experiment) == []


def test_a_variant_is_deleted(experiment, variant):
    question, asked = deployments.ask_first(1, str(variant))
    assert (asked, f"no. {variant}" in question) == (True, True)
    assert deployments.delete(None, str(variant), 4) is no_update
    assert len(DeploymentService.list_variants(experiment)) == 1
    assert deployments.delete(1, str(variant), 4) == 5
    assert DeploymentService.list_variants(experiment) == []


def test_full_precision_alone_is_compared_with_nothing(experiment, variant):
    _, drawn, *_ = deployments.show_variants(None, 0, experiment, None)
    assert "Only full precision is there" in text(drawn)


def test_what_is_estimated_beside_the_class_is_shown(experiment, analyst):
    head = {"name": "speed_rpm", "unit": "rpm", "mean": 1800.0, "deviation": 50.0}
    manifest = {**exported.MANIFEST.to_dict(), "heads": [{**head, "low": 0.0, "high": None}]}
    agreement = {"max_difference": 1e-6, "estimate_difference": 2e-5, "frozen": [], "trials": []}
    with unit_of_work() as session:
        exported.variant(
            session, experiment, analyst.user_id, manifest=manifest, agreement=agreement
        )
        exported.variant(session, experiment, analyst.user_id, kind="l1_unstructured", amount=0.3)
    drawn = text(deployments.show_variants(None, 0, experiment, None)[1])
    assert "1e-06; speed: 2e-05" in drawn
    assert drawn.count("names the class only") == 1
    assert "in deviations of the training part" in drawn
    said = {
        "model": "pump",
        "version": 1,
        "predicted": "above",
        "classes": [{"name": "above", "probability": 1.0}],
        "windows": 1,
        "agreement": 1.0,
        "calibrated": False,
        "estimates": [{"name": "speed_rpm", "unit": "rpm", "value": 1796.6}],
    }
    assert "797 rpm, estimated" in text(answer(said))
    assert "estimated" not in text(answer({**said, "estimates": []}))


def test_variants_of_different_temperatures_are_told_apart(experiment, analyst):
    with unit_of_work() as session:
        exported.variant(session, experiment, analyst.user_id)
    told = "not all made with the same temperature"
    assert told not in text(deployments.show_variants(None, 0, experiment, None)[1])
    manifest = {**exported.MANIFEST.to_dict(), "temperature": 0.25}
    with unit_of_work() as session:
        exported.variant(
            session,
            experiment,
            analyst.user_id,
            kind="l1_unstructured",
            amount=0.3,
            manifest=manifest,
        )
    assert told in text(deployments.show_variants(None, 0, experiment, None)[1])


def test_times_of_a_classifier_on_features_say_that_these_are_in(experiment, analyst):
    manifest = {**exported.MANIFEST.to_dict(), "features": {"keys": ["rms@1"]}}
    with unit_of_work() as session:
        exported.variant(session, experiment, analyst.user_id, manifest=manifest)
    drawn = text(deployments.show_variants(None, 0, experiment, None)[1])
    assert "Times include the features, memory does not." in drawn
    assert "there is nothing to choose" in drawn
