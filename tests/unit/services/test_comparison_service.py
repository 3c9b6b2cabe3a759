import csv
import io
import json

import pytest

from models import Experiment, Recording
from services import runtime
from services.actor import acting_as
from services.comparison import reading
from services.comparison_service import ComparisonService
from services.errors import Forbidden, Invalid, NotFound, TooLarge
from tests.compared import answered, wide_version
from tests.trained import planned_experiment

pytestmark = pytest.mark.database
WORN = [f"worn {n}" for n in range(2, 8)]


@pytest.fixture
def version(analyst):
    return wide_version()


@pytest.fixture
def three(version):
    """All right; wrong about every worn one; wrong about one."""
    return [
        answered(version, "Sharp"),
        answered(version, "Blunt", WORN, seed=7),
        answered(version, "Almost", ["healthy 4"]),
    ]


def test_two_of_the_same_test_are_compared_with_the_keys_of_the_contract(three):
    data = ComparisonService.get_comparison_data(three[:2])
    assert {"experiments", "statistical_tests"} <= set(data)
    first, second = data["experiments"]
    assert {"metrics", "confusion_matrix", "config"} <= set(first)
    assert first["metrics"]["recordings"]["accuracy"]["value"] == 1.0
    assert second["metrics"]["windows"]["accuracy"]["value"] == 0.5
    assert second["confusion_matrix"] == [[6, 0], [6, 0]]
    assert data["test_set"]["identical"]
    assert data["test_set"]["notes"][0] == "All were tested on the same 12 recordings."
    (pair,) = data["statistical_tests"]["mcnemar"]
    assert (pair["n"], pair["only_first"], pair["only_second"]) == (12, 6, 0)
    assert pair["exact_p"] == pytest.approx(2 / 2**6)
    assert pair["group_test"]["groups"] == 6
    assert pair["decided_by"] == "groups"
    assert pair["windows"] is None
    json.dumps(data, allow_nan=False)


def test_three_also_get_q_friedman_and_ranks(three):
    data = ComparisonService.get_comparison_data(three)
    tests = data["statistical_tests"]
    assert len(tests["mcnemar"]) == 3
    assert tests["cochran_q"]["items"] == 12
    assert tests["friedman"]["blocks"] == 6
    pairs = [(p["first_id"], p["second_id"]) for p in tests["friedman"]["pairs"]]
    assert pairs == [(three[0], three[1]), (three[0], three[2]), (three[1], three[2])]
    json.dumps(data, allow_nan=False)


def test_windows_come_on_request(three):
    (pair,) = ComparisonService.get_comparison_data(three[:2], windows=True)["statistical_tests"][
        "mcnemar"
    ]
    assert (pair["windows"]["n"], pair["windows"]["only_first"]) == (36, 18)


def test_overlapping_tests_are_restricted_and_said_so(version):
    wide = answered(version, "Wide")
    narrow = answered(version, "Narrow", tested=("2", "3"))
    data = ComparisonService.get_comparison_data([wide, narrow])
    assert not data["test_set"]["identical"]
    assert (data["test_set"]["common"], data["test_set"]["sizes"]) == (4, [12, 4])
    notes = " ".join(data["test_set"]["notes"])
    assert "only the 4 recordings that all have in common" in notes
    assert "12 and 4" in notes
    assert "not trained on the same recordings" in notes
    assert "5 groups of each class" in data["statistical_tests"]["no_interval"]


def test_the_same_files_in_another_data_set_are_found_again(three):
    again = wide_version()  # the same samples: they come from a fixed seed
    other = answered(again, "Elsewhere", ["worn 3"])
    data = ComparisonService.get_comparison_data([three[0], other])
    assert data["test_set"]["identical"]
    assert any("different data sets" in note for note in data["test_set"]["notes"])
    (alone, _) = data["only_right"]
    assert [one["name"] for one in alone["recordings"]] == ["worn 3"]


def test_what_has_nothing_in_common_is_refused(version, analyst):
    pair = [answered(version, "One"), answered(version, "Other", tested=("0",))]
    valid, said = ComparisonService.validate_comparison_request(pair, analyst.user_id)
    assert not valid
    assert "different recordings (12 and 2) and have none in common" in said


def test_other_classes_are_refused(three):
    with runtime.unit_of_work() as session:
        row = session.get_one(Experiment, three[1])
        given = reading.Predictions.from_npz(runtime.artefacts().read(row.predictions_key))
        renamed = reading.Predictions(
            given.probabilities,
            given.targets,
            given.recording_ids,
            given.starts_s,
            given.window_s,
            given.groups,
            ("healthy", "cracked"),
        )
        row.predictions_key = runtime.artefacts().put("predictions", ".npz", renamed.to_npz())
    with pytest.raises(Invalid, match="“worn”, “cracked” are not in all"):
        ComparisonService.get_comparison_data(three[:2])


def test_requests_are_checked_one_sentence_each(three, analyst):
    untested = planned_experiment(name="Waiting")
    asked = {
        "Choose 2 to 6 experiments to compare, got 1.": three[:1],
        "Choose 2 to 6 experiments to compare, got 7.": list(range(1, 8)),
        "An experiment is named twice. Name each once.": [three[0], three[0]],
        "There is no experiment 999.": [three[0], 999],
        "Name the experiments by their numbers, such as 3,5,8.": [three[0], "x"],
        "“Waiting” has no test result yet. Choose experiments that are finished.": [
            three[0],
            untested,
        ],
    }
    for sentence, numbers in asked.items():
        found = ComparisonService.validate_comparison_request(numbers, analyst.user_id)
        assert found == (False, sentence)
    assert ComparisonService.validate_comparison_request(three, analyst.user_id) == (True, None)
    nobody = ComparisonService.validate_comparison_request(three, 999)
    assert nobody == (False, "There is no user 999.")
    with pytest.raises(NotFound):
        ComparisonService.get_comparison_data([three[0], 999])


def test_a_broken_file_of_predictions_is_named(three):
    with runtime.unit_of_work() as session:
        row = session.get_one(Experiment, three[1])
        row.predictions_key = runtime.artefacts().put("predictions", ".npz", b"broken")
    with pytest.raises(Invalid, match="“Blunt”: The file of predictions cannot be read"):
        ComparisonService.get_comparison_data(three[:2])


def test_tests_that_are_too_large_are_refused_before_they_are_read(three, monkeypatch):
    monkeypatch.setattr(reading, "MOST_WINDOWS", 71)
    with pytest.raises(TooLarge, match="72 windows together; up to 71"):
        ComparisonService.get_comparison_data(three[:2])


def test_settings_that_differ_leave_out_what_a_classifier_does_not_use(version):
    network = answered(version, "Network", epochs=5, seed=3)
    forest = answered(version, "Forest", classifier="random_forest", parameters={"trees": 10})
    data = ComparisonService.get_comparison_data([network, forest])
    differing = {row["name"]: row["values"] for row in data["config_differences"]}
    assert differing["classifier"] == ["cnn1d", "random_forest"]
    assert differing["epochs"] == [5, None]
    assert differing["seed"][0] == 3
    assert differing["parameters.trees"] == [None, 10]
    assert "window" not in differing


def test_recordings_that_one_alone_gets_right_are_named_with_what_the_others_said(three):
    data = ComparisonService.get_comparison_data(three[:2])
    alone, none = data["only_right"]
    assert (alone["count"], none["count"]) == (6, 0)
    assert {one["name"] for one in alone["recordings"]} == set(WORN)
    first = alone["recordings"][0]
    assert first["named"] == {three[0]: "worn", three[1]: "healthy"}
    with runtime.unit_of_work(writing=False) as session:
        assert session.get_one(Recording, first["recording_id"]).name == first["name"]


def test_the_csv_has_every_number_in_a_row_and_no_formula(version):
    pair = [answered(version, "=cmd()"), answered(version, "Blunt", WORN)]
    rows = list(csv.DictReader(io.StringIO(ComparisonService.export_comparison(pair))))
    found = {(r["part"], r["experiment"], r["name"]): r["value"] for r in rows}
    assert found["experiment", str(pair[0]), "name"] == "'=cmd()"
    assert float(found["score over recordings", str(pair[1]), "accuracy"]) == 0.5
    assert float(found["pair", str(pair[0]), "exact_p"]) == pytest.approx(2 / 2**6)
    assert found["confusion", str(pair[1]), "worn named healthy"] == "6"
    assert sum(row["part"] == "only right" for row in rows) == 6


def test_experiments_are_found_by_words_and_number_and_the_chosen_stay_first(three):
    found = ComparisonService.list_comparable()
    assert [one["experiment_id"] for one in found] == three[::-1]
    planned_experiment(name="Sharp but waiting")
    assert [o["name"] for o in ComparisonService.list_comparable("SHARP")] == ["Sharp"]
    assert [o["name"] for o in ComparisonService.list_comparable(str(three[1]))] == ["Blunt"]
    among = ComparisonService.list_comparable("almost", 5, [three[1], 999, three[0]])
    assert [one["name"] for one in among] == ["Blunt", "Sharp", "Almost"]
    assert len(ComparisonService.list_comparable(limit=2)) == 2


def test_viewers_compare_and_nobody_does_not(three, viewer, analyst):
    with acting_as(viewer):
        data = ComparisonService.get_comparison_data(three)
        assert ComparisonService.identify_key_differences(data)
    with acting_as(None), pytest.raises(Forbidden):
        ComparisonService.get_comparison_data(three)
    with pytest.raises(Invalid, match="not the data of a comparison"):
        ComparisonService.identify_key_differences({})
