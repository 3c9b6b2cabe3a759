import pytest

from diagnostics.evaluation.predictions import Predictions
from diagnostics.progress import silent
from diagnostics.training.leakage import Check, Finding
from models import Experiment
from services import runtime
from services.actor import acting_as
from services.comparison_service import ComparisonService
from services.ensemble_service import EnsembleService
from services.errors import Conflict, Forbidden, Invalid, NotFound
from services.evaluation_service import EvaluationService
from services.experiment_collection_service import ExperimentCollectionService
from services.experiment_service import ExperimentService
from services.leakage_service import LeakageService
from services.prediction_service import PredictionService
from services.repeated_service import RepeatedExperimentService
from services.search_service import SearchService
from tasks.ensembles import vote_together
from tests.compared import answered, wide_version
from tests.trained import FOREST, NETWORK, planned_experiment, trained_experiment

pytestmark = pytest.mark.database


@pytest.fixture
def version(analyst):
    return wide_version()


@pytest.fixture
def three(version):
    """Each is wrong about another recording, or two."""
    return [
        answered(version, "First", ["worn 2"]),
        answered(version, "Second", ["worn 3"], seed=7),
        answered(version, "Third", ["worn 4", "healthy 5"], **FOREST),
    ]


def voted(ids, name="Vote", **how):
    made = EnsembleService.create_ensemble(name, ids, **how)["id"]
    vote_together(silent, made)
    return made


def test_members_that_err_apart_outvote_each_other(three):
    made = voted(three)
    experiment = ExperimentService.get_experiment(made)
    assert experiment["classifier"] == "voting_ensemble"
    assert experiment["summary"]["recordings"]["accuracy"]["value"] == 1.0
    assert experiment["summary"]["n"] == {"windows": 36, "recordings": 12, "groups": 6}
    assert experiment["summary"]["recordings"]["accuracy"]["low"] is not None
    ensemble = EnsembleService.find_ensemble(made)
    assert (ensemble["voting"], ensemble["weighting"], ensemble["by_window"]) == (
        *("soft", "equal"),
        True,
    )
    members = ensemble["members"]
    assert [one["name"] for one in members] == ["First", "Second", "Third"]
    assert [one["weight"] for one in members] == pytest.approx([1 / 3] * 3)
    assert [one["scores"]["accuracy"] for one in members] == pytest.approx(
        [11 / 12] * 2 + [10 / 12]
    )
    assert ensemble["changed"] == []
    assert EnsembleService.list_uses(three[0]) == [{"experiment_id": made, "name": "Vote"}]
    assert EnsembleService.find_ensemble(three[0]) is None


def test_it_is_an_experiment_like_any_other(three, analyst):
    made = voted(three, voting="hard")
    assert EvaluationService.get_report(made).recordings.score("accuracy").value == 1.0
    data = ComparisonService.get_comparison_data([made, three[2]])
    assert data["experiments"][0]["classifier_title"] == "Voting ensemble"
    assert data["test_set"]["identical"]
    differing = {row["name"]: row["values"] for row in data["config_differences"]}
    assert differing["window"] == [None, 1024]
    assert made not in SearchService.find_ids("window:1024", 10)
    assert made in SearchService.find_ids("model:voting_ensemble", 10)
    (row, _) = EvaluationService.compare_architectures([made, three[0]])["experiments"]
    assert (row["title"], row["latency_ms"]) == ("Voting ensemble", None)
    with pytest.raises(Invalid, match="is a vote and has no weights of its own"):
        EvaluationService.request_evaluation(made, "robustness")


def test_the_split_says_what_any_member_knows(version):
    wide = answered(version, "Wide")
    narrow = answered(version, "Narrow", tested=("2", "3"))
    split = ExperimentService.get_experiment(voted([wide, narrow]))["split"]
    sides = sorted(split["sides"].values())
    assert (sides.count("test"), sides.count("validation"), sides.count("train")) == (4, 2, 10)
    assert any("12 and 4 recordings" in note for note in split["warnings"])


def test_a_hard_vote_has_recordings_only_and_says_so(three):
    made = voted(three, voting="hard")
    assert ExperimentService.get_experiment(made)["summary"]["n"]["windows"] == 12
    assert EnsembleService.find_ensemble(made)["by_window"] is False
    warnings = ExperimentService.get_experiment(made)["split"]["warnings"]
    assert any("no figures for single windows" in note for note in warnings)


def test_typed_weights_count(three):
    made = voted(three, voting="hard", weighting="typed", weights=[5, 1, 1])
    assert [m["weight"] for m in EnsembleService.find_ensemble(made)["members"]] == pytest.approx(
        [5 / 7, 1 / 7, 1 / 7]
    )
    score = ExperimentService.get_experiment(made)["summary"]["recordings"]["accuracy"]["value"]
    assert score == pytest.approx(11 / 12)


def test_nothing_that_a_member_knows_is_tested(version):
    two = answered(version, "Two", tested=("2", "3"))
    other = answered(version, "Other", tested=("4", "5"))
    with pytest.raises(Invalid, match="“Two” has learned from 4 recordings that “Other” was test"):
        EnsembleService.preview_ensemble([two, other])


def test_no_member_knows_another_recording_of_a_tested_group(version):
    by_load = answered(version, "By load")
    apart = by_recording(version, ["worn 2", "healthy 3"])
    with pytest.raises(Invalid, match="“Single” has learned from recordings of load_hp “2”, which"):
        EnsembleService.preview_ensemble([by_load, apart])
    plan = EnsembleService.preview_ensemble(
        [by_load, by_recording(version, ["worn 2", "healthy 2"])]
    )
    assert (plan["recordings"], plan["groups"]) == (2, 1)
    assert any("keep different things together" in note for note in plan["notes"])


def by_recording(version, tested):
    """Each recording is a group: others of its load are learned from."""
    split = {"by": "groups", "validation": ["worn 1", "healthy 1"], "test": tested}
    return answered(version, "Single", split=split, group_by="recording")


@pytest.mark.parametrize(
    ("ids", "how", "sentence"),
    [
        (slice(0, 1), {}, "Choose 2 to 8 experiments to vote together, got 1"),
        (slice(0, 2), {"voting": "loud"}, "“voting” must be one of soft, hard"),
        (slice(0, 2), {"weighting": "test"}, "must be one of equal, typed, validation"),
        (slice(0, 2), {"weighting": "typed"}, "Type a weight for each of the 2"),
        (slice(0, 2), {"weighting": "typed", "weights": [1, 0]}, "must be above 0"),
    ],
)
def test_what_means_nothing_is_refused(three, ids, how, sentence):
    with pytest.raises(Invalid, match=sentence):
        EnsembleService.preview_ensemble(three[ids], **how)


def test_members_must_fit_each_other(three, version):
    with pytest.raises(Invalid, match="is a vote itself"):
        EnsembleService.preview_ensemble([three[0], voted(three)])
    with pytest.raises(Invalid, match="“Waits” has no test result yet"):
        EnsembleService.preview_ensemble([three[0], planned_experiment(version, "Waits")])
    with pytest.raises(NotFound):
        EnsembleService.preview_ensemble([three[0], 999])
    with runtime.unit_of_work() as session:
        row = session.get_one(Experiment, three[1])
        row.config = {**row.config, "channels": [1]}
    with pytest.raises(Invalid, match="looks at channel 1 and “First” at channel 0"):
        EnsembleService.preview_ensemble(three)


def test_other_classes_are_refused(three):
    with runtime.unit_of_work() as session:
        row = session.get_one(Experiment, three[1])
        store = runtime.artefacts()
        given = Predictions.from_npz(store.read(row.predictions_key))
        renamed = Predictions(
            given.probabilities,
            given.targets,
            given.recording_ids,
            given.starts_s,
            given.window_s,
            given.groups,
            ("healthy", "cracked"),
        )
        row.predictions_key = store.put("predictions", ".npz", renamed.to_npz())
    with pytest.raises(Invalid, match="“worn”, “cracked” are not in all"):
        EnsembleService.preview_ensemble(three[:2])


def test_a_second_click_makes_no_second_one(three):
    first = EnsembleService.create_ensemble("Vote", three)
    assert EnsembleService.create_ensemble("Vote", three)["id"] == first["id"]
    assert EnsembleService.create_ensemble("Vote", three[:2])["id"] != first["id"]


def ended(ids):
    """Their jobs wait for a worker that there is not."""
    for number in ids:
        ExperimentService.cancel_experiment(number)


def test_a_member_stays_while_it_votes(three):
    made = voted(three)
    ended(three)
    with pytest.raises(Conflict, match=r"“First” votes in the ensemble “Vote”\. Delete the"):
        ExperimentCollectionService.delete_experiments(three[:1])
    with pytest.raises(Conflict, match="votes in the ensemble"):
        ExperimentCollectionService.preview_deletion(three[:1])
    ExperimentCollectionService.archive_experiments(three[:1])
    assert EnsembleService.find_ensemble(made)["members"][0]["archived"]
    with runtime.unit_of_work() as session:
        session.get_one(Experiment, three[1]).predictions_key = "another"
    assert EnsembleService.find_ensemble(made)["changed"] == ["Second"]


def test_an_ensemble_goes_with_its_members_or_alone(three):
    made, other = voted(three), voted(three, "Another")
    ended([*three, made, other])
    assert ExperimentCollectionService.delete_experiments([other]) == 1
    assert ExperimentCollectionService.delete_experiments([*three, made]) == 4


def test_an_archived_member_does_not_stop_a_vote_that_waits(three):
    made = EnsembleService.create_ensemble("Vote", three)["id"]
    ExperimentCollectionService.archive_experiments(three[:1])
    vote_together(silent, made)
    assert ExperimentService.get_experiment(made)["summary"] is not None
    again = vote_together(silent, made)  # an attempt that was lost after its end
    assert again["summary"]["n"]["recordings"] == 12


def test_it_is_not_trained(three, version):
    config = ExperimentService.get_experiment(voted(three))["config"]
    with pytest.raises(Invalid, match="is not trained: it is made from finished experiments"):
        ExperimentService.create_experiment("again", version, config)
    with pytest.raises(Invalid, match="is not trained: it is made from finished experiments"):
        RepeatedExperimentService.plan_runs(version, config, [0, 1])


def test_viewers_start_none(three, viewer):
    with acting_as(viewer):
        assert EnsembleService.preview_ensemble(three)["by_window"]
        with pytest.raises(Forbidden):
            EnsembleService.create_ensemble("Vote", three)


def test_a_network_and_a_forest_vote_with_weights_from_validation(analyst):
    first = trained_experiment(name="Network", **NETWORK)
    version = ExperimentService.get_experiment(first)["version_id"]
    second = trained_experiment(version, name="Forest", **{**FOREST, "window": 2048, "hop": 2048})
    made = voted([first, second], weighting="validation")
    ensemble = EnsembleService.find_ensemble(made)
    assert ensemble["by_window"] is False
    worth = [one["validation"]["balanced_accuracy"] for one in ensemble["members"]]
    assert [one["validation"]["recordings"] for one in ensemble["members"]] == [2.0, 2.0]
    assert [one["weight"] for one in ensemble["members"]] == pytest.approx(
        [one / sum(worth) for one in worth]
    )
    asked(made, [first, second])


def asked(made, members):
    """A recording that was held out is named by both."""
    from tasks.predictions import predict_recording

    sides = ExperimentService.get_experiment(made)["split"]["sides"]
    held = next(int(number) for number, side in sides.items() if side == "test")
    assert made in [one["experiment_id"] for one in PredictionService.list_classifiers()]
    PredictionService.request_prediction(made, held)
    found = predict_recording(silent, made, held)
    assert found["side"] == "test"
    assert [one["experiment_id"] for one in found["members"]] == members
    given = EvaluationService.load_experiment_predictions(made)
    row = given["recording_ids"].tolist().index(held)
    shares = [one["probability"] for one in found["classes"]]
    assert shares == pytest.approx(given["probabilities"][row].tolist(), abs=1e-5)


def known_leak(experiment_id):
    told = Check("near_copies", Finding.LEAK, "Two signals are nearly the same.")
    LeakageService.keep_checks(experiment_id, [told])


def test_a_known_leak_is_refused_and_a_later_one_carried_on(three):
    made = voted(three)
    assert ExperimentService.get_experiment(made)["leak"] == "open"  # no signal was looked at
    known_leak(three[1])
    experiment = ExperimentService.get_experiment(made)
    assert experiment["leak"] == "known"
    assert "“Second”: Two signals are nearly the same." in experiment["leakage"]["sentence"]
    with pytest.raises(Invalid, match="“Second” has a known leak"):
        EnsembleService.preview_ensemble(three)
    with pytest.raises(Invalid, match="follows from its members"):
        LeakageService.request_check(made)
