from __future__ import annotations

import threading

import numpy as np
import pytest

from models import ModelVariant, ServedAlias
from services.actor import acting_as
from services.deployment import loaded, resolved, serving_service
from services.deployment.serving_service import ModelServingService
from services.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    ServiceError,
    Unavailable,
)
from services.notice_service import NoticeService
from services.runtime import artefacts, unit_of_work
from tests import exported, factories

UP = [1.0] * 8


@pytest.fixture
def variants(analyst):
    """Two that name the opposite of each other."""
    loaded._open.clear()
    with unit_of_work() as session:
        experiment = factories.experiment(session, owner_id=analyst.user_id).id
        return [exported.variant(session, experiment, analyst.user_id, g) for g in (10.0, -10.0)]


@pytest.fixture
def served(variants):
    for number, variant in enumerate(variants, start=1):
        assert ModelServingService.publish("pump", variant) == number
    ModelServingService.set_alias("pump", "production", 1)
    return "pump"


def named(*asked, **given):
    return ModelServingService.predict(*asked, **given)["predicted"]


def test_windows_vote_and_versions_are_asked_by_number_or_alias(served):
    found = ModelServingService.predict(served, UP * 2 + [-3.0] * 8 + [9.0] * 3, 100.0, "g")
    assert (found["windows"], found["predicted"], found["version"]) == (3, "above", 1)
    assert found["agreement"] == pytest.approx(2 / 3)
    assert sum(one["probability"] for one in found["classes"]) == pytest.approx(1)
    assert named(served, UP, version="2") == "below"
    for wrong in ("staging", "3", "nothing", "9" * 40):
        with pytest.raises(NotFound):
            named(served, UP, version=wrong)


def test_an_alias_moves_and_rolls_back(served):
    with pytest.raises(Conflict, match="meant no other version"):
        ModelServingService.roll_back(served)
    ModelServingService.set_alias(served, "production", 2)
    assert named(served, UP) == "below"
    assert ModelServingService.roll_back(served) == 1
    assert named(served, UP) == "above"
    ModelServingService.set_alias(served, "production", 1)  # it is already
    news = [one for one in NoticeService.list_notices() if one["type"] == "model.deployed"]
    assert [one["text"] for one in news] == [
        f"“pump” was deployed. Version {number} is in production now." for number in (1, 2, 1)
    ]
    with pytest.raises(Invalid, match="There is no alias"):
        ModelServingService.set_alias(served, "latest", 1)
    with pytest.raises(NotFound):
        ModelServingService.set_alias(served, "staging", 7)


@pytest.mark.parametrize(
    ("samples", "given", "sentence"),
    [
        (UP, {"sample_rate_hz": 200.0}, "at 100 Hz, got 200 Hz"),
        (UP, {"unit": "m/s²"}, "samples in g, got “m/s²”"),
        (UP[:-1], {}, "windows of 8 samples, got 7"),
        ([*UP[:-1], float("nan")], {}, "Sample 7 of channel 0"),
        ([*UP[:-1], 1e300], {}, "Sample 7 of channel 0"),
        ([UP, UP], {}, "takes 1 channels"),
        (["a"] * 8, {}, "not an array of numbers"),
        ([UP, UP[:3]], {}, "not an array of numbers"),
    ],
)
def test_a_sentence_about_samples_that_do_not_fit(served, samples, given, sentence):
    with pytest.raises(Invalid, match=sentence):
        ModelServingService.predict(served, samples, **given)


def test_a_file_that_was_changed_does_not_answer(served, variants):
    with unit_of_work(writing=False) as session:
        key = session.get_one(ModelVariant, variants[1]).artefact_key
    whole = bytearray(artefacts().read(key))
    whole[len(whole) // 2] ^= 1
    artefacts().local_path(key).write_bytes(whole)
    loaded._open.clear()
    with pytest.raises(Conflict, match="has changed since it was exported"):
        ModelServingService.set_alias(served, "production", 2)
    assert named(served, UP) == "above"  # the alias stayed


def test_too_many_at_once_are_refused_and_it_recovers(served):
    with (
        loaded.admitted(),
        loaded.admitted(),
        loaded.admitted(),
        loaded.admitted(),
        loaded.admitted(),
        loaded.admitted(),
        loaded.admitted(),
        loaded.admitted(),
        pytest.raises(Unavailable, match="Send this one again"),
    ):
        named(served, UP)
    assert named(served, UP) == "above"


def test_no_request_is_lost_while_the_model_is_swapped(server, analyst, served):
    answers: list[str] = []
    errors: list[ServiceError] = []
    stop = threading.Event()

    def ask() -> None:
        with server.app_context(), acting_as(analyst):
            while not stop.is_set():
                try:
                    answers.append(named(served, UP))
                except ServiceError as error:
                    errors.append(error)

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for one in askers:
        one.start()
    for number in (2, 1) * 5:
        loaded._open.clear()  # so that each swap opens its file anew
        ModelServingService.set_alias(served, "production", number)
    stop.set()
    for one in askers:
        one.join()
    assert errors == []
    assert set(answers) <= {"above", "below"}
    assert len(answers) > 3


def test_a_process_remembers_who_answers_until_a_name_changes(served, real_valkey, monkeypatch):
    looked: list[str] = []
    look = serving_service._look

    def count(name, version):
        looked.append(version)
        return look(name, version)

    monkeypatch.setattr(serving_service, "_look", count)
    assert [named(served, UP) for _ in range(3)] == ["above"] * 3
    assert looked == ["production"]
    ModelServingService.set_alias(served, "production", 2)
    assert named(served, UP) == "below"
    ModelServingService.roll_back(served)
    assert named(served, UP) == "above"
    ModelServingService.delete_model(served)
    with pytest.raises(NotFound):
        named(served, UP)


def test_another_process_sees_a_change_at_once(server, served, real_valkey, monkeypatch):
    named(served, UP)
    mine = server.extensions.pop("served_models")
    ModelServingService.set_alias(served, "production", 2)
    server.extensions["served_models"] = mine  # it knows what was true before
    assert named(served, UP) == "below"


def test_what_is_remembered_is_looked_up_again_after_a_while(served, real_valkey, monkeypatch):
    monkeypatch.setattr(resolved, "LASTS_S", -1.0)
    named(served, UP)
    real_valkey.client.delete("served-models:changes")
    with unit_of_work() as session:
        session.query(ServedAlias).update({"number": 2})  # behind the back of the service
    assert named(served, UP) == "below"


def test_without_valkey_the_database_is_asked_each_time(served, monkeypatch):
    named(served, UP)
    with unit_of_work() as session:
        session.query(ServedAlias).update({"number": 2})
    assert named(served, UP) == "below"


def test_others_ask_and_do_not_change(served, viewer, server):
    with acting_as(viewer):
        assert named(served, UP) == "above"
        with pytest.raises(Forbidden):
            ModelServingService.set_alias(served, "production", 2)


def test_a_name_is_fit_for_an_address(variants):
    for wrong in ("", "Pump", "a b", "-x", "ä", "x" * 61, "a/b"):
        with pytest.raises(Invalid, match="stands in an address"):
            ModelServingService.publish(wrong, variants[0])


def test_bundle_answers_by_itself(served, tmp_path):
    import io
    import json
    import subprocess
    import sys
    import zipfile

    file_name, content = ModelServingService.export_bundle(served)
    assert file_name == "pump-1.zip"
    zipfile.ZipFile(io.BytesIO(content)).extractall(tmp_path)
    samples = np.array(UP * 2 + [-3.0] * 8, dtype=np.float32)
    np.save(tmp_path / "samples.npy", samples)
    command = [sys.executable, "-I", "predict.py", "samples.npy"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    served_answer = ModelServingService.predict(served, samples)
    assert (found["predicted"], found["windows"]) == ("above", 3)
    expected = {one["name"]: one["probability"] for one in served_answer["classes"]}
    assert found["classes"] == pytest.approx(expected)
    (tmp_path / "model.onnx").write_bytes(b"something else")
    refused = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "not the file that manifest.json belongs to" in refused.stderr
