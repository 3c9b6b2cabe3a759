"""Searches over networks, with trials that are really trained."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from diagnostics.architectures.architecture import read_architecture
from diagnostics.architectures.drawing import sample
from diagnostics.architectures.space import SearchSpace
from diagnostics.training.fitted import load_classifier
from models import Campaign, Experiment, TrialState
from services import runtime
from services.campaigns import studies
from services.campaigns.campaign_service import CampaignService
from services.campaigns.nas import ArchitectureSearch
from services.errors import Conflict, Invalid, NotFound
from services.hpo_service import HPOService
from services.nas_service import NASService
from tests.searched import dataset_of, run_sent
from tests.trained import tiny_version

pytestmark = pytest.mark.usefixtures("analyst")
CONFIG = {
    "split": {"by": "groups", "validation": ["1"], "test": ["2"]},
    "group_by": "load_hp",
    "window": 1024,
    "hop": 1024,
    "batch_size": 8,
}
SPACE = {
    "depth": [3, 4],
    "kernels": [3, 5],
    "widths": [8, 16],
    "stem_kernels": [7],
    "stem_strides": [8],
    "stem_widths": [8],
    "dropout": 0.1,
}


@pytest.fixture
def dataset_id(analyst):
    return dataset_of(tiny_version())


def create(dataset_id, algorithm="random", trials=3, epochs=1, space=None, name="Search", **more):
    space, more = {**SPACE, **(space or {})}, {"config": CONFIG, **more}
    return NASService.create_nas_campaign(
        name, dataset_id, space, algorithm, trials, epochs, **more
    )


def searched(sent, dataset_id, *args, **more):
    made = create(dataset_id, *args, **more)
    run_sent(sent)
    return NASService.get_campaign_details(made["id"]), CampaignService.list_trials(made["id"])


@pytest.mark.parametrize("algorithm", ["random", "bayesian", "evolution"])
def test_every_algorithm_trains_what_it_chooses_and_measures_it(sent, dataset_id, algorithm):
    campaign, trials = searched(sent, dataset_id, algorithm, 2)
    assert campaign["trials"]["complete"] == 2
    assert campaign["method"] == algorithm
    for trial in trials:
        architecture = read_architecture(trial["params"]["architecture"])
        assert trial["fingerprint"] == architecture.hash
        measured = trial["measured"]
        assert trial["value"] == measured["val_accuracy"]
        assert measured["parameters"] > 100
        assert measured["flops"] > 1000
        assert measured["latency_ms"] > 0
        assert measured["size_bytes"] > 4 * measured["parameters"]
        with runtime.unit_of_work(writing=False) as session:
            row = session.get_one(Experiment, trial["experiment_ids"][0])
            assert row.classifier == "searched"
            assert row.config["parameters"] == {
                "architecture": architecture.text,
                "dropout": 0.1,
            }
            assert row.parameter_count == measured["parameters"]
    best = NASService.get_best_architecture(campaign["id"])
    assert best == campaign["best_architecture"]
    assert best["value"] == max(trial["value"] for trial in trials)
    assert NASService.compute_architecture_hash(best["architecture"]) == best["hash"]


def test_a_seed_decides_the_networks(sent, dataset_id):
    _, first = searched(sent, dataset_id, trials=2, seed=3, name="A")
    _, again = searched(sent, dataset_id, trials=2, seed=3, name="B")
    _, other = searched(sent, dataset_id, trials=1, seed=4, name="C")
    assert [t["params"] for t in first] == [t["params"] for t in again]
    assert first[0]["params"] != other[0]["params"]


def test_evolution_names_the_parent_of_each_child(sent, dataset_id):
    space = {"evolution": {"population": 2, "sample": 2}}
    campaign, trials = searched(sent, dataset_id, "evolution", 4, space=space)
    assert campaign["plan"]["evolution"] == {"population": 2, "sample": 2}
    assert ["parent" in trial["params"] for trial in trials] == [False, False, True, True]
    for trial in trials[2:]:
        parent = trial["params"]["parent"]
        assert 1 <= parent < trial["number"]
        assert trial["fingerprint"] != trials[parent - 1]["fingerprint"]


def test_the_same_network_is_trained_once(sent, dataset_id):
    """A space of two networks: the third trial can only be one that was trained."""
    space = {
        **SPACE,
        "depth": [3, 3],
        "operations": ["conv"],
        "kernels": [3],
        "widths": [8],
        "pools": [],
        "skip": False,
        "squeeze_excite": False,
        "branches": 1,
        "stem_widths": [8, 16],
    }
    campaign, trials = searched(sent, dataset_id, "random", 3, space=space)
    assert campaign["trials"]["complete"] == 3
    assert [trial["same_as"] for trial in trials[:2]] == [None, None]
    same = trials[trials[2]["same_as"] - 1]
    assert trials[2]["experiment_ids"] == []
    assert trials[2]["value"] == same["value"]
    assert trials[2]["measured"] == same["measured"]


def test_limits_on_size_are_kept(sent, dataset_id):
    for algorithm in ("random", "bayesian"):
        space = {"max_parameters": 2500}
        _, trials = searched(sent, dataset_id, algorithm, 2, space=space, name=algorithm)
        assert all(trial["measured"]["parameters"] <= 2500 for trial in trials)


@pytest.mark.parametrize("algorithm", ["random", "bayesian"])
def test_limits_that_nothing_keeps_fail_the_trial_with_a_reason(sent, dataset_id, algorithm):
    _, trials = searched(sent, dataset_id, algorithm, 1, space={"max_parameters": 50})
    assert trials[0]["state"] is TrialState.FAILED
    assert trials[0]["value"] is None
    assert "limit" in trials[0]["reason"]


def test_a_limit_on_time_is_measured(sent, dataset_id):
    _, trials = searched(sent, dataset_id, "random", 1, space={"max_latency_ms": 0.001})
    assert "took longer than 0.001 ms" in trials[0]["reason"]
    _, trials = searched(
        sent, dataset_id, "random", 1, space={"max_latency_ms": 60_000}, name="Patient"
    )
    assert trials[0]["state"] is TrialState.COMPLETE


def test_a_cost_can_be_kept_low_beside_the_score(sent, dataset_id):
    campaign, trials = searched(sent, dataset_id, "bayesian", 3, also=["latency_ms"])
    assert campaign["metrics"] == ["val_accuracy", "latency_ms"]
    assert campaign["trials"]["complete"] == 3
    assert all(trial["measured"]["latency_ms"] > 0 for trial in trials)
    with pytest.raises(Invalid, match="no trial can end early"):
        create(dataset_id, epochs=4, also=["latency_ms"], pruner="median", name="Both")


def test_a_memory_that_was_lost_is_made_anew_from_the_rows(sent, dataset_id):
    """As after a restore: the rows come out of a backup, what the sampler remembers does not."""
    made = create(dataset_id, "bayesian", 4)
    run_sent(sent, most=2)
    with runtime.unit_of_work(writing=False) as session:
        campaign = session.get_one(Campaign, made["id"])
        session.expunge(campaign)
    studies.storage().delete_study(
        studies.storage().get_study_id_from_name(studies.study_name(campaign))
    )
    run_sent(sent)
    states = [trial.state.name for trial in ArchitectureSearch().study(campaign).trials()]
    assert states == ["COMPLETE"] * 4


def test_a_search_goes_on_where_it_was(sent, dataset_id):
    """As if it had not been interrupted: what comes next follows from the stored trials."""
    space = {"evolution": {"population": 2, "sample": 1}}
    _, whole = searched(sent, dataset_id, "evolution", 4, space=space, name="Whole")
    made = create(dataset_id, "evolution", 4, space=space, name="Parted")
    run_sent(sent, most=2)
    CampaignService.pause_campaign(made["id"])
    run_sent(sent)
    CampaignService.resume_campaign(made["id"])
    run_sent(sent)
    parted = CampaignService.list_trials(made["id"])
    assert [t["params"] for t in parted] == [t["params"] for t in whole]


def test_the_exported_file_answers_as_the_experiment_does(sent, dataset_id, tmp_path):
    _, trials = searched(sent, dataset_id, "random", 1, epochs=2)
    with runtime.unit_of_work(writing=False) as session:
        row = session.get_one(Experiment, trials[0]["experiment_ids"][0])
        path = runtime.artefacts().local_path(row.checkpoint_key)
        (tmp_path / "model.pt").write_bytes(path.read_bytes())
    source = NASService.export_architecture(trials[0]["id"])
    (tmp_path / "network.py").write_text(source)
    windows = np.random.default_rng(0).normal(size=(3, 1, 1024)).astype(np.float32)
    np.save(tmp_path / "windows.npy", windows)
    ask = (
        "import numpy as np, torch, network\n"
        "found = network.load('model.pt').predict(torch.from_numpy(np.load('windows.npy')))\n"
        "np.save('answer.npy', found.numpy())\n"
        "assert network.CLASS_NAMES == ['healthy', 'worn']\n"
    )
    subprocess.run([sys.executable, "-c", ask], cwd=tmp_path, check=True)
    expected = load_classifier(tmp_path / "model.pt").probabilities(windows)
    np.testing.assert_allclose(np.load(tmp_path / "answer.npy"), expected, atol=1e-6)
    plain = json.loads(NASService.export_architecture(trials[0]["id"], "json"))
    assert plain["hash"] == trials[0]["fingerprint"]
    assert read_architecture(plain["architecture"]).hash == plain["hash"]
    with pytest.raises(Invalid, match="pytorch, json"):
        NASService.export_architecture(trials[0]["id"], "onnx")


def test_the_best_network_is_trained_anew_once_and_ends_the_search(sent, dataset_id):
    made = create(dataset_id, trials=2)
    with pytest.raises(Conflict, match="at work"):
        NASService.retrain_best(made["id"])
    run_sent(sent)
    with pytest.raises(Invalid, match="number of epochs"):
        NASService.retrain_best(made["id"], 0)
    number = NASService.retrain_best(made["id"], 2)
    run_sent(sent)
    best = NASService.get_best_architecture(made["id"])
    with runtime.unit_of_work(writing=False) as session:
        row = session.get_one(Experiment, number)
        assert row.config["parameters"]["architecture"] == best["text"]
        assert row.config["epochs"] == 2
        assert row.summary["recordings"]["accuracy"]
    with pytest.raises(Conflict, match=f"anew already: experiment {number}"):
        NASService.retrain_best(made["id"])
    with pytest.raises(Conflict, match="looked at on the test part"):
        CampaignService.change_limits(made["id"], 5)


def test_what_is_no_search_over_networks_is_none(sent, dataset_id):
    other = HPOService.create_campaign(
        "Other", "random", "cnn1d", dataset_id, None, 1, config={**CONFIG, "epochs": 1}
    )
    assert NASService.get_campaign_details(other["id"]) is None
    assert NASService.get_best_architecture(other["id"]) is None
    assert NASService.get_campaign_details(99) is None
    assert NASService.export_architecture(99) is None
    assert NASService.list_campaigns() == []
    made = create(dataset_id)
    assert [one["id"] for one in NASService.list_campaigns()] == [made["id"]]
    assert NASService.count_campaigns() == 1
    assert NASService.get_best_architecture(made["id"]) is None
    with pytest.raises(NotFound):
        NASService.retrain_best(other["id"])


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"algorithm": "magic"}, "one of random, bayesian, evolution, got 'magic'"),
        ({"trials": 0}, "number of trials must be a whole number from 1"),
        ({"epochs": 0}, "number of epochs must be from 1"),
        ({"metric": "luck"}, "no metric 'luck'"),
        ({"space": {"operations": []}}, "“operations” is empty"),
        ({"space": {"depth": [5, 4]}}, "lowest depth of 5 is above"),
        ({"space": {"evolution": {"population": 2, "sample": 1}}}, "has no population"),
        ({"algorithm": "evolution", "space": {"evolution": 3}}, "an object with a “population”"),
        (
            {"algorithm": "evolution", "space": {"evolution": {"population": 1, "sample": 1}}},
            "2 to 1000 networks",
        ),
        ({"config": {**CONFIG, "epochs": 3}}, "“epochs” is not said with"),
        ({"pruner": "median"}, "takes 3 epochs or more, got 1"),
    ],
)
def test_a_search_that_makes_no_sense_is_refused_with_a_sentence(dataset_id, changes, sentence):
    with pytest.raises(Invalid, match=sentence):
        create(dataset_id, **changes)


def test_names_are_taken_once_and_data_sets_must_be_there(dataset_id):
    create(dataset_id)
    with pytest.raises(Conflict, match="already"):
        create(dataset_id)
    assert create(dataset_id + 7, name="No data") is None


def test_sampling_and_hashing_need_no_campaign():
    drawn = NASService.sample_architecture(SPACE, seed=5)
    assert drawn == NASService.sample_architecture(SPACE, seed=5)
    assert len({str(NASService.sample_architecture(SPACE)) for _ in range(20)}) > 10
    turned = json.loads(json.dumps(drawn))
    for stage in turned["stages"]:
        stage["branches"].reverse()
    first, second = map(NASService.compute_architecture_hash, (drawn, turned))
    assert first == second == sample(SearchSpace.from_dict(SPACE), 5).hash
    for wrong in ({"layers": 3}, "stem"):
        with pytest.raises(Invalid):
            NASService.compute_architecture_hash(wrong)
    assert NASService.check_search_space({})["kernels"] == [3, 5, 7, 15]
    assert NASService.get_default_search_space() == NASService.check_search_space({})


def test_poor_networks_are_ended_early(sent, dataset_id):
    """By the loss: of so few windows many networks tell the same number."""
    by_loss = {"metric": "val_loss", "direction": "minimize"}
    campaign, trials = searched(sent, dataset_id, "random", 9, epochs=4, **by_loss)
    assert campaign["pruner"] == "median"
    pruned = [trial for trial in trials if trial["state"] is TrialState.PRUNED]
    assert pruned
    assert all(2 <= trial["epochs"] < 4 for trial in pruned)
    assert campaign["trials"]["failed"] == 0
