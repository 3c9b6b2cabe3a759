"""What jobs compute about an experiment: kept, found again, forgotten when it no longer fits."""

import pytest

from diagnostics.progress import silent
from models import DatasetVersion, Evaluation, Experiment, JobKind, JobStatus
from services import runtime
from services.actor import acting_as
from services.errors import Forbidden, Invalid, NotFound
from services.evaluation_service import NOISE_LEVELS, EvaluationService
from services.evaluation_view_service import EvaluationViewService
from services.job_service import JobService
from tasks.evaluations import evaluate_experiment
from tasks.runner import run_job
from tests.trained import FOREST, planned_experiment, trained_experiment, with_result


@pytest.fixture
def made(analyst):
    return trained_experiment(**FOREST)


def counting(monkeypatch):
    """How often the classifier is asked."""
    from services.evaluation import computing

    calls, original = [], computing.robustness_of

    def counted(*given):
        calls.append(given)
        return original(*given)

    monkeypatch.setattr(computing, "robustness_of", counted)
    return calls


def test_results_are_keyed_by_the_given_numbers(made):
    found = EvaluationService.test_robustness(made, [0.05, 0.2])
    assert list(found["noise"]) == [0.05, 0.2]
    assert found["noise"][0.2]["snr_db"] == pytest.approx(13.979, abs=1e-3)
    assert set(found) >= {"clean", "noise", "gain", "offset", "dropout", "rate"}
    assert found["clean"]["n"] == 2
    assert found["clean"]["windows"]["n"] == 12
    assert found["clean"]["low"] is None
    assert "no interval can be given" in found["no_interval"]
    stored = EvaluationService.load_experiment_predictions(made)
    right = (stored["predictions"] == stored["targets"]).mean()
    assert found["clean"]["windows"]["accuracy"] == pytest.approx(right)
    # Each window is brought to mean 0 and deviation 1 before the forest sees it.
    assert all(one["windows"] == found["clean"]["windows"] for one in found["gain"].values())
    assert any("gain and offset cannot change" in note for note in found["notes"])


def test_the_levels_of_the_contract_are_the_default(made):
    assert NOISE_LEVELS == [0.01, 0.05, 0.1, 0.2]
    assert list(EvaluationService.test_robustness(made)["noise"]) == NOISE_LEVELS


def test_what_was_computed_is_not_computed_again(made, monkeypatch):
    calls = counting(monkeypatch)
    first = EvaluationService.test_robustness(made, [0.1])
    assert EvaluationService.test_robustness(made, [0.1]) == first
    assert len(calls) == 1
    assert list(EvaluationService.test_robustness(made, [0.3])["noise"]) == [0.3]
    assert len(calls) == 2
    with runtime.unit_of_work(writing=False) as session:
        assert session.query(Evaluation).count() == 1


@pytest.mark.parametrize("changed", ["checkpoint", "data"])
def test_it_is_forgotten_when_weights_or_data_change(made, changed):
    EvaluationService.test_robustness(made, [0.1])
    EvaluationService.fit_temperature(made)
    with runtime.unit_of_work() as session:
        row = session.get_one(Experiment, made)
        if changed == "checkpoint":
            row.checkpoint_hash = "f" * 64
        else:
            session.get_one(DatasetVersion, row.version_id).content_hash = "f" * 64
    assert EvaluationViewService.get_robustness(made) is None
    assert EvaluationService.get_cached_evaluation(made, "temperature") is None


def test_a_result_of_weights_that_were_replaced_meanwhile_does_not_fit(made, monkeypatch):
    from services.evaluation import computing

    original = computing.robustness_of

    def retrained(*given):
        found = original(*given)
        with runtime.unit_of_work() as session:
            session.get_one(Experiment, made).checkpoint_hash = "f" * 64
        return found

    monkeypatch.setattr(computing, "robustness_of", retrained)
    EvaluationService.test_robustness(made, [0.1])
    assert EvaluationViewService.get_robustness(made) is None


def test_a_lost_file_is_as_if_nothing_had_been_computed(made):
    EvaluationService.test_robustness(made, [0.1])
    with runtime.unit_of_work(writing=False) as session:
        key = session.query(Evaluation).one().artefact_key
    runtime.artefacts().delete(key)
    assert EvaluationViewService.get_robustness(made) is None


def test_an_older_file_is_deleted_with_its_row(made):
    EvaluationService.cache_evaluation_results(made, "note", {"a": 1})
    with runtime.unit_of_work(writing=False) as session:
        key = session.query(Evaluation).one().artefact_key
    EvaluationService.cache_evaluation_results(made, "note", {"a": 2})
    assert not runtime.artefacts().exists(key)
    assert EvaluationService.get_cached_evaluation(made, "note") == {"a": 2}
    with pytest.raises(Invalid, match="1 to 40 characters"):
        EvaluationService.cache_evaluation_results(made, "", {})
    with pytest.raises(Invalid, match="no word for a part"):
        EvaluationService.cache_evaluation_results(made, "note", {"a": object()})


@pytest.mark.parametrize(
    "levels", [[], [-1], [float("nan")], ["x"], [101], [0.1 + n for n in range(21)]]
)
def test_levels_that_make_no_sense_are_refused(made, levels):
    with pytest.raises(Invalid, match=r"[Nn]oise level"):
        EvaluationService.test_robustness(made, levels)
    with pytest.raises(Invalid):
        EvaluationService.request_evaluation(made, "robustness", levels)


def test_the_temperature_is_fitted_on_the_validation_part_alone(made):
    assert EvaluationViewService.can_fit_temperature(made)
    found = EvaluationService.fit_temperature(made)
    assert not EvaluationViewService.can_fit_temperature(made)
    assert (found["recordings"], found["windows"]) == (2, 12)
    assert found["loss_after"] <= found["loss_before"]
    view = EvaluationViewService.get_calibration(made, "windows")
    assert view["temperature"] == found
    assert view["after"]["count"] == view["before"]["count"] == 12
    assert view["after"]["accuracy"] == view["before"]["accuracy"]


def test_without_a_validation_part_no_temperature_is_fitted(analyst):
    split = {"by": "groups", "validation": [], "test": ["2"]}
    made = trained_experiment(**FOREST, split=split)
    with pytest.raises(Invalid, match="no validation part"):
        EvaluationService.fit_temperature(made)
    assert not EvaluationViewService.can_fit_temperature(made)


def test_the_job_brings_the_result_and_is_not_doubled(made, sent):
    job_id = EvaluationService.request_evaluation(made, "robustness", [0.1])
    assert EvaluationService.request_evaluation(made, "robustness", [0.1]) == job_id
    assert sent[-1] == (JobKind.EVALUATE_EXPERIMENT, job_id)
    assert EvaluationService.find_job(made, "robustness")["title"] == "Robustness of “Tiny”"
    run_job(job_id, evaluate_experiment)
    job = JobService.get_job(job_id)
    assert (job["status"], job["result"]["experiment_id"]) == (JobStatus.DONE, made)
    assert EvaluationViewService.get_robustness(made)["noise_levels"] == [0.1]
    run_job(EvaluationService.request_evaluation(made, "temperature"), evaluate_experiment)
    assert EvaluationService.get_cached_evaluation(made, "temperature")["windows"] == 12


def test_a_network_is_asked_as_a_forest_is(analyst):
    made = trained_experiment(epochs=1)
    evaluate_experiment(silent, made, "robustness", [0.1])
    assert EvaluationViewService.get_robustness(made)["clean"]["counts"]["windows"] == 12


def test_what_cannot_be_asked_is_refused(analyst, viewer, made):
    untrained = with_result(planned_experiment(name="Waiting"))
    with pytest.raises(Invalid, match="not trained yet"):
        EvaluationService.request_evaluation(untrained, "robustness")
    with pytest.raises(Invalid, match="not trained yet"):
        EvaluationService.test_robustness(untrained)
    with pytest.raises(Invalid, match="Expected one of robustness, temperature"):
        EvaluationService.request_evaluation(made, "magic")
    with pytest.raises(NotFound, match="no experiment 999"):
        EvaluationService.request_evaluation(999, "robustness")
    with acting_as(viewer), pytest.raises(Forbidden):
        EvaluationService.request_evaluation(made, "robustness")
