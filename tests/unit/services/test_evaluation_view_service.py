import csv
import io

import numpy as np
import pytest
from sklearn import metrics as reference

from diagnostics.evaluation.items import Level, items_of
from diagnostics.evaluation.predictions import Predictions
from models import Experiment, Job, JobStatus, Recording
from services import runtime
from services.errors import Invalid, NotFound
from services.evaluation.architectures import COSTS
from services.evaluation.error_views import rates_by_attribute
from services.evaluation_service import EvaluationService
from services.evaluation_view_service import PARTS, EvaluationViewService
from tests.trained import planned_experiment, tiny_version, with_result

pytestmark = pytest.mark.database


@pytest.fixture
def made(analyst):
    """Tested: healthy 2 is right in one of two windows, so is worn 2."""
    return with_result(planned_experiment())


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_experiments_with_a_result_can_be_chosen(made):
    planned_experiment(name="Waiting")
    (choice,) = EvaluationViewService.list_choices()
    assert (choice["experiment_id"], choice["name"], choice["version"]) == (made, "Tested", 1)
    assert choice["classifier"] == "1-D CNN"


@pytest.mark.parametrize(("level", "count"), [("windows", 4), ("recordings", 2)])
def test_curves_are_those_of_the_level(made, level, count):
    found = EvaluationViewService.get_curves(made, level)
    assert (found["n"], found["groups"]) == (count, 1)
    assert "no interval can be given" in found["no_interval"]
    stored = EvaluationService.load_experiment_predictions(made)
    if level == "windows":
        worn = next(line for line in found["precision_recall"] if line["name"] == "worn")
        wanted = reference.average_precision_score(
            stored["targets"] == 1, stored["probabilities"][:, 1]
        )
        assert worn["area"] == pytest.approx(wanted)


def test_before_a_temperature_there_is_only_what_the_classifier_says(made):
    found = EvaluationViewService.get_calibration(made, "windows")
    assert (found["after"], found["temperature"]) == (None, None)
    assert not EvaluationViewService.can_fit_temperature(made)  # there are no weights
    assert found["before"]["brier"]["value"] == pytest.approx(np.mean([0.08, 0.72, 0.18, 0.98]))


def test_risk_falls_with_coverage_where_errors_are_unsure(made):
    found = EvaluationViewService.get_risk(made, "windows")
    assert found["y"][-1] == found["error_rate"] == 0.5
    assert found["x"][-1] == 1


def test_errors_have_their_place_and_a_picture(analyst):
    version_id = tiny_version()
    with runtime.unit_of_work() as session:
        for row in session.query(Recording):
            row.speed_rpm = 1000.0 if row.name.startswith("worn") else 1500.0
    made = with_result(planned_experiment(version_id))
    found = EvaluationViewService.get_errors(made, "windows")
    assert (found["count"], found["errors"], found["error_rate"]) == (4, 2, 0.5)
    speed = next(one for one in found["attributes"] if one["name"] == "speed_rpm")
    assert [(one["name"], one["rate"]) for one in speed["bins"]] == [("1000", 0.5), ("1500", 0.5)]
    assert speed["bins"][0]["reason"] == "1 group; an interval needs 5."
    # All test recordings have the load 2: nothing is said about it.
    assert "load_hp" not in {one["name"] for one in found["attributes"]}
    hard = found["hardest"][0]
    assert hard["name"] == "worn 2"
    assert len(hard["minimum"]) == len(hard["maximum"]) == 120
    assert hard["unit"] == "g"
    assert max(hard["maximum"]) > 2  # the ticks are in the picture


def test_a_lost_file_leaves_the_rest_of_the_errors(made):
    with runtime.unit_of_work(writing=False) as session:
        key = next(r for r in session.query(Recording) if r.name == "worn 2").artefact_key
    runtime.artefacts().delete(key)
    found = {
        one["name"]: one for one in EvaluationViewService.get_errors(made, "windows")["hardest"]
    }
    assert found["worn 2"]["minimum"] == []
    assert found["healthy 2"]["minimum"]


def test_without_a_result_it_says_so(analyst):
    made = planned_experiment()
    for ask in ("get_curves", "get_calibration", "get_risk", "get_errors", "get_estimates"):
        with pytest.raises(NotFound, match="no test result yet"):
            getattr(EvaluationViewService, ask)(made, "windows")
        with pytest.raises(Invalid, match="Expected recordings or windows"):
            getattr(EvaluationViewService, ask)(made, "bearings")
        with pytest.raises(NotFound, match="no experiment 999"):
            getattr(EvaluationViewService, ask)(999, "windows")
    assert EvaluationViewService.get_robustness(made) is None


@pytest.mark.parametrize("part", [p for p in PARTS if p not in ("robustness", "estimates")])
@pytest.mark.parametrize("level", ["windows", "recordings"])
def test_every_part_is_a_table(made, part, level):
    assert rows(EvaluationViewService.export_part(made, part, level))


def test_the_table_of_a_classifier_of_faults_has_no_estimates(made):
    table = EvaluationViewService.export_part(made, "estimates", "recordings")
    assert rows(table) == []
    assert table.startswith("quantity,recording_id,recording,group,class,true,estimated")


def test_tables_have_the_numbers_of_the_page(made):
    errors = rows(EvaluationViewService.export_part(made, "errors", "windows"))
    assert [row["value"] for row in errors if row["table"] == "confused"] == ["worn", "healthy"]
    curves = rows(EvaluationViewService.export_part(made, "curves", "windows"))
    area = next(r for r in curves if (r["curve"], r["class"]) == ("roc_area", "worn"))
    found = EvaluationViewService.get_curves(made, "windows")["roc"]
    assert float(area["y"]) == next(line["area"] for line in found if line["name"] == "worn")
    with pytest.raises(NotFound, match="not tried yet"):
        EvaluationViewService.export_part(made, "robustness", "windows")
    with pytest.raises(Invalid, match="one of the parts"):
        EvaluationViewService.export_part(made, "magic", "windows")


def test_architectures_are_compared_by_recordings(analyst):
    version_id = tiny_version()
    small = with_result(planned_experiment(version_id, "Small"))
    large = with_result(planned_experiment(version_id, "Large"))
    forest = with_result(
        planned_experiment(version_id, "Forest", classifier="random_forest", parameters={})
    )
    with runtime.unit_of_work() as session:
        session.get_one(Experiment, small).parameter_count = 1_000
        session.get_one(Experiment, large).parameter_count = 9_000
    found = EvaluationService.compare_architectures([large, small, forest, small])
    assert [row["name"] for row in found["experiments"]] == ["Large", "Small", "Forest"]
    assert found["same_test"]
    fronts = [row["on_front"]["parameter_count"] for row in found["experiments"]]
    assert fronts == [False, True, None]
    assert any("only in the table: “Forest”" in note for note in found["notes"])
    other = with_result(planned_experiment(tiny_version(), "Elsewhere"))
    mixed = EvaluationService.compare_architectures([small, other])
    assert not mixed["same_test"]
    assert [row["on_front"] for row in mixed["experiments"]] == [dict.fromkeys(COSTS)] * 2
    assert "not tested on the same recordings" in mixed["notes"][0]


def test_costs_are_measured_once_and_stand_beside_the_accuracy(analyst):
    version_id = tiny_version()
    first = with_result(planned_experiment(version_id, "First"))
    twin = with_result(planned_experiment(version_id, "Twin"))
    unknown = EvaluationService.compare_architectures([first, twin])
    assert [row["latency_ms"] for row in unknown["experiments"]] == [None, None]
    (job_id,) = EvaluationService.request_costs([first, twin])
    assert EvaluationService.request_costs([first]) == [job_id]
    (row,) = EvaluationService.compare_architectures([twin])["experiments"]
    assert row["measuring"]
    cost = {"numbers": 7, "operations": 5_000, "counted": "all"}
    latency = {"median_ms": 0.25, "runs": 50, "machine": "a processor"}
    with runtime.unit_of_work() as session:
        job = session.get_one(Job, job_id)
        job.status, job.result = JobStatus.DONE, {"cost": {**cost, "latency": latency}}
    assert EvaluationService.request_costs([first, twin]) == []
    found = EvaluationService.compare_architectures([first, twin])
    for row in found["experiments"]:
        assert (row["operations"], row["latency_ms"]) == (5_000, 0.25)
        assert row["on_front"]["operations"]
    assert any("one thread of a processor" in note for note in found["notes"])


def test_what_cannot_be_compared_is_refused(analyst):
    waiting = planned_experiment(name="Waiting")
    with pytest.raises(Invalid, match="“Waiting” has no test result"):
        EvaluationService.compare_architectures([waiting])
    with pytest.raises(NotFound, match="no experiment 999"):
        EvaluationService.compare_architectures([999])
    with pytest.raises(Invalid, match="Choose 1 to 20"):
        EvaluationService.compare_architectures([])


def test_errors_are_analysed_as_the_contract_says(analyst):
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    targets = np.array([0, 0, 1])
    found = EvaluationService.analyze_errors(
        probabilities.argmax(axis=1), probabilities, targets, ["healthy", "worn"]
    )
    assert (found["errors"], found["count"]) == (2, 3)
    assert found["confident_mistakes"][0]["index"] == 1
    assert found["most_confused"][0]["true_class"] == "worn"
    assert [row["errors"] for row in found["classes"]] == [1, 1]
    with pytest.raises(Invalid, match="got the shape"):
        EvaluationService.analyze_errors(targets, probabilities, targets, ["healthy"])


@pytest.mark.parametrize(
    ("loads", "titles"),
    [
        (("0 hp", "3 hp"), ["Load [hp]"]),
        ((0.0, 3.0), ["Load [hp]"]),
        (("low", "high"), ["Load", "Load [hp]"]),
        (("3 hp", "0 hp"), ["Load", "Load [hp]"]),
    ],
)
def test_a_load_that_is_there_as_text_and_number_is_drawn_once(loads, titles):
    scores = np.array([[0.9, 0.1], [0.3, 0.7], [0.2, 0.8], [0.4, 0.6]])
    numbers = np.arange(4)
    groups = {number: str(number) for number in range(4)}
    given = Predictions(
        scores, np.array([0, 0, 1, 1]), numbers, np.zeros(4), 0.1, groups, ("healthy", "worn")
    )
    known = {
        "load": {number: loads[number % 2] for number in range(4)},
        "load_hp": {number: 3.0 * (number % 2) for number in range(4)},
    }
    found = rates_by_attribute(items_of(given, Level.RECORDINGS, 0), known, 0)
    assert [one["title"] for one in found] == titles
