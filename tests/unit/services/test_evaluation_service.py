import csv
import io

import numpy as np
import pytest
from sklearn import metrics as reference

from models import Experiment, Recording
from services import runtime
from services.actor import acting_as
from services.errors import Forbidden, Invalid, NotFound
from services.evaluation_service import EvaluationService
from services.experiment_service import ExperimentService
from tests.trained import planned_experiment, tiny_version, with_result

pytestmark = pytest.mark.database


def test_predictions_come_as_the_reference_says(analyst):
    found = EvaluationService.load_experiment_predictions(with_result(planned_experiment()))
    assert found["predictions"].tolist() == [0, 1, 1, 0]
    assert found["probabilities"].shape == (4, 2)
    assert found["targets"].tolist() == [0, 0, 1, 1]
    assert found["class_names"] == ["healthy", "worn"]


def test_without_a_result_there_is_none_and_the_sentence_says_so(analyst):
    made = planned_experiment()
    assert EvaluationService.get_report(made) is None
    assert EvaluationService.get_result(made) is None
    for ask in ("load_experiment_predictions", "export_predictions", "export_report"):
        with pytest.raises(NotFound, match="no test result yet"):
            getattr(EvaluationService, ask)(made)
    with pytest.raises(NotFound, match="not trained yet"):
        EvaluationService.export_checkpoint(made)
    with pytest.raises(NotFound, match="no experiment 999"):
        EvaluationService.get_report(999)


def test_roc_data_agrees_with_scikit_learn(analyst):
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 3, 60)
    scores = rng.random((60, 4))
    scores /= scores.sum(axis=1, keepdims=True)
    found = EvaluationService.generate_roc_data(scores, targets, ["a", "b", "c", "absent"])
    assert list(found["classes"]) == ["a", "b", "c"]
    assert found["classes"]["b"]["auc"] == pytest.approx(
        reference.roc_auc_score(targets == 1, scores[:, 1])
    )
    aucs = [curve["auc"] for curve in found["classes"].values()]
    assert found["macro"]["auc"] == pytest.approx(np.mean(aucs))


@pytest.mark.parametrize(
    ("probabilities", "targets", "told"),
    [
        ([[0.5, 0.5]], [0, 1], "for each of 2 targets"),
        ([[0.2, 0.3, 0.5]], [0], "probabilities of 2 classes"),
        (np.zeros((0, 2)), [], "one or more"),
        ([[0.5, 0.5], [np.nan, 1.0]], [0, 1], "not numbers from 0 to 1"),
        ([[0.5, 0.5], [-3.0, 4.0]], [0, 1], "not numbers from 0 to 1"),
        ([[0.5, 0.5], [0.1, 0.9]], [0, 2], "Class numbers must be 0 to 1, got 0 to 2"),
    ],
)
def test_nothing_is_said_of_arrays_that_contradict_each_other(
    analyst, probabilities, targets, told
):
    scores, truth = np.array(probabilities), np.array(targets, dtype=int)
    with pytest.raises(Invalid, match=told):
        EvaluationService.generate_roc_data(scores, truth, ["in", "out"])
    with pytest.raises(Invalid, match=told):
        EvaluationService.analyze_errors(np.zeros(len(truth), int), scores, truth, ["in", "out"])


def test_the_view_says_how_the_sides_differ(analyst):
    report, view = EvaluationService.get_result(with_result(planned_experiment()))
    sides = {side["side"]: side for side in view["split"]["sides"]}
    assert {name: side["groups"] for name, side in sides.items()} == {
        "train": ["0"],
        "validation": ["1"],
        "test": ["2"],
    }
    assert sides["test"]["classes"] == {"healthy": 1, "worn": 1}
    # Every recording is of a bearing of its own.
    assert (view["split"]["test_bearings"], view["split"]["shared_bearings"]) == (2, [])
    assert set(view["recording_names"].values()) == {"healthy 2", "worn 2"}
    assert view["provenance"]["version"] == 1
    assert not view["can_be_explained"]
    assert report.no_interval is not None


def test_groups_that_are_numbers_are_in_their_order(analyst):
    made = with_result(planned_experiment())
    with runtime.unit_of_work() as session:
        row = session.get_one(Experiment, made)
        names = ["28", "7", "normal", "2", "2", "2"]
        groups = dict(zip(row.split["groups"], names, strict=True))
        sides = dict.fromkeys(groups, "train")
        row.split = {**row.split, "groups": groups, "sides": sides}
    _, view = EvaluationService.get_result(made)
    assert view["split"]["sides"][0]["groups"] == ["2", "7", "28", "normal"]


def test_bearings_on_both_sides_are_found(analyst):
    version_id = tiny_version()
    with runtime.unit_of_work() as session:
        rows = {row.name: row for row in session.query(Recording)}
        rows["worn 2"].bearing_id = rows["worn 0"].bearing_id
        rows["healthy 2"].bearing_id = rows["healthy 0"].bearing_id = None
    _, view = EvaluationService.get_result(with_result(planned_experiment(version_id)))
    assert len(view["split"]["shared_bearings"]) == 1
    assert view["split"]["test_bearings"] == 1
    assert (view["split"]["unknown_bearings"], view["split"]["unknown_trained"]) == (1, 1)


def test_other_tests_on_the_same_version_are_beside_it(analyst):
    version_id = tiny_version()
    first = with_result(planned_experiment(version_id, "First"))
    untested = planned_experiment(version_id, "Untested")
    second = with_result(planned_experiment(version_id, "Second"))
    _, view = EvaluationService.get_result(first)
    assert [other["experiment_id"] for other in view["others"]] == [second]
    assert untested not in [other["experiment_id"] for other in view["others"]]
    assert view["others"][0]["held_out"] == ["2"]
    assert view["others"][0]["recordings"] == 2


def test_the_csv_has_every_window_and_nothing_that_a_spreadsheet_would_run(analyst):
    version_id = tiny_version()
    with runtime.unit_of_work() as session:
        row = next(r for r in session.query(Recording) if r.name == "worn 2")
        row.name = "=cmd()"
    made = with_result(planned_experiment(version_id))
    rows = list(csv.DictReader(io.StringIO(EvaluationService.export_predictions(made))))
    assert len(rows) == 4
    assert {row["recording"] for row in rows} == {"healthy 2", "'=cmd()"}
    assert rows[1]["predicted"] == "worn"
    assert float(rows[1]["p(worn)"]) == pytest.approx(0.6)
    assert (rows[1]["start_s"], rows[1]["stop_s"]) == ("0.100000", "0.200000")


def test_report_and_config_can_be_taken_along(analyst):
    made = with_result(planned_experiment())
    assert EvaluationService.export_report(made)["counts"]["recordings"] == 2
    config = EvaluationService.export_config(made)
    again = ExperimentService.preview_split(tiny_version(), config)
    assert again["class_names"] == ["healthy", "worn"]


def test_results_are_kept_until_the_weights_change(analyst):
    made = planned_experiment()
    EvaluationService.cache_evaluation_results(made, "robustness", {"snr": 3})
    assert EvaluationService.get_cached_evaluation(made, "robustness") == {"snr": 3}
    assert EvaluationService.get_cached_evaluation(made, "errors") is None
    assert EvaluationService.get_cached_evaluation(999, "robustness") is None
    with runtime.unit_of_work() as session:
        session.get_one(Experiment, made).checkpoint_hash = "f" * 64
    assert EvaluationService.get_cached_evaluation(made, "robustness") is None


def test_a_viewer_reads_but_keeps_nothing(analyst, viewer):
    made = with_result(planned_experiment())
    with acting_as(viewer):
        assert EvaluationService.get_report(made) is not None
        with pytest.raises(Forbidden):
            EvaluationService.cache_evaluation_results(made, "robustness", {})
