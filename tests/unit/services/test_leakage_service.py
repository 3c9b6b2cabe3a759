"""The verdict stands with every experiment, and the same is trained under another split."""

from __future__ import annotations

import csv
import io

import pytest

from diagnostics.progress import silent
from models import Experiment, ExperimentCounterpart, Job, JobKind, JobStatus, Role
from services import runtime
from services.actor import Actor, acting_as
from services.comparison_service import ComparisonService
from services.errors import Forbidden, Invalid
from services.evaluation_service import EvaluationService
from services.evaluation_view_service import EvaluationViewService
from services.experiment_service import ExperimentService
from services.leakage_service import LeakageService
from services.search_service import SearchService
from tasks.leakage import check_leakage
from tests import factories
from tests.trained import FOREST, planned_experiment, tiny_version, trained_experiment

BY_WINDOWS = {"split": {"by": "windows", "test": 0.3, "validation": 0.2}}


@pytest.fixture
def version_id(analyst):
    return tiny_version()


@pytest.fixture
def random(version_id):
    return trained_experiment(version_id, name="Random", **FOREST, **BY_WINDOWS)


@pytest.fixture
def grouped(version_id):
    return trained_experiment(version_id, name="Grouped", **FOREST)


def findings(experiment_id):
    found = LeakageService.get_leakage(experiment_id)
    return found["verdict"], {one["name"]: one["finding"] for one in found["checks"]}


def test_what_needs_no_samples_is_known_at_once(version_id):
    waiting = planned_experiment(version_id)
    verdict, found = findings(waiting)
    assert (verdict, found["near_copies"], found["statistics"]) == ("open", "open", "open")
    preview = ExperimentService.preview_split(
        version_id, ExperimentService.get_experiment(waiting)["config"]
    )
    assert preview["leakage"]["verdict"] == "open"


def test_a_training_completes_the_verdict(grouped):
    assert findings(grouped) == (
        "none",
        {
            "groups": "clear",
            "windows": "clear",
            "copies": "clear",
            "near_copies": "clear",
            "identity": "clear",
            "statistics": "clear",
        },
    )
    assert ExperimentService.get_experiment(grouped)["leak"] == "none"


def test_random_windows_are_a_known_leak_with_honest_figures(random):
    verdict, found = findings(random)
    assert (verdict, found["groups"], found["windows"]) == ("known", "leak", "leak")
    view = ExperimentService.get_experiment(random)
    # Six recordings of six windows: 30 % of each class, which most recordings have a part of.
    assert view["summary"]["n"]["windows"] == 10
    assert "was learned from" in view["leakage"]["sentence"].replace("were", "was")
    assert "none is new" in view["summary"]["no_interval"]
    assert view["summary"]["recordings"]["accuracy"]["low"] is None
    assert set(view["split"]["sides"].values()) == {"windows"}


def test_the_verdict_is_in_every_export(random):
    report = EvaluationService.export_report(random)
    assert report["leakage"]["verdict"] == "known"
    for text in (
        EvaluationService.export_predictions(random),
        EvaluationViewService.export_part(random, "curves", "windows"),
    ):
        rows = list(csv.DictReader(io.StringIO(text)))
        assert {row["leak"] for row in rows} == {"known"}
    table = list(csv.DictReader(io.StringIO("".join(SearchService.export_experiments("")))))
    assert table[0]["leak"] == "known"
    assert table[0]["random_windows"] == "True"


def test_searches_find_what_leaks(random, grouped):
    found = SearchService.find_experiments("leak:known")
    assert [one["id"] for one in found["results"]] == [random]
    assert found["results"][0]["random_windows"]
    found = SearchService.find_experiments("leak:none")
    assert [(one["id"], one["leak"]) for one in found["results"]] == [(grouped, "none")]


def test_a_comparison_says_so_before_anything_else(random, grouped):
    data = ComparisonService.get_comparison_data([grouped, random])
    assert [one["leak"] for one in data["experiments"]] == ["none", "known"]
    assert data["experiments"][1]["group_by"] == "random windows"
    assert data["test_set"]["notes"][0] == "Known leak, the figures are too good: “Random”."
    assert "learned from" in data["statistical_tests"]["no_interval"]
    assert ComparisonService.identify_key_differences(data)[0].startswith("Known leak in “Random”")
    assert f"experiment,{random},,leak,known" in ComparisonService.export_comparison(
        [grouped, random]
    )


def test_other_parts_of_the_evaluation_take_only_the_test_windows(random):
    found = EvaluationViewService.get_curves(random, "windows")
    assert (found["n"], found["no_interval"][:7]) == (10, "Windows")
    tried = EvaluationService.test_robustness(random, [0.1])
    assert tried["clean"]["windows"]["n"] == 10
    assert EvaluationService.fit_temperature(random)["value"] > 0
    compared = EvaluationService.compare_architectures([random])
    assert compared["notes"][0].startswith("Known leak")


def test_the_same_is_trained_under_the_other_split_once(grouped):
    first = LeakageService.create_counterpart(grouped)
    again = LeakageService.create_counterpart(grouped)
    assert first["id"] == again["id"]
    assert first["config"]["split"] == {
        "by": "windows",
        "test": 0.333,
        "validation": 0.3,
        "seed": 0,
    }
    assert first["name"] == "Grouped, random windows"
    same = {k: v for k, v in first["config"].items() if k != "split"}
    own = ExperimentService.get_experiment(grouped)["config"]
    assert same == {k: v for k, v in own.items() if k != "split"}
    gap = LeakageService.get_gap(grouped)
    assert gap == LeakageService.get_gap(first["id"])
    assert (gap["scores"], gap["by_windows"]["state"]) == ([], "waiting")


def test_a_failed_one_is_made_anew(grouped):
    first = LeakageService.create_counterpart(grouped)
    with runtime.unit_of_work() as session:
        session.get_one(Job, first["job"]["id"]).status = JobStatus.FAILED
    assert LeakageService.create_counterpart(grouped)["id"] != first["id"]


def test_the_gap_is_shown_when_both_are_done(random, grouped):
    with runtime.unit_of_work() as session:
        session.add(ExperimentCounterpart(experiment_id=grouped, other_id=random))
    found = LeakageService.get_gap(random)
    assert found["by_windows"]["experiment_id"] == random
    assert found["by_group"]["split_by"] == "load_hp"
    first = found["scores"][0]
    assert (first["level"], first["by_windows_n"], first["by_group_n"]) == ("windows", 10, 12)
    assert first["gap"] == pytest.approx(first["by_windows"] - first["by_group"])
    assert "no group is new" in found["no_interval"]
    assert any("With so few groups" in note for note in found["notes"])


def test_random_windows_are_set_against_a_split_by_group(random):
    made = LeakageService.create_counterpart(random)
    assert made["config"]["split"]["by"] == "fractions"
    assert made["name"] == "Random, split by load_hp"


def test_a_stored_split_is_checked_again(grouped, sent):
    with runtime.unit_of_work() as session:
        row = session.get_one(Experiment, grouped)
        row.leak, row.leakage = None, None
    assert LeakageService.get_leakage(grouped) is None
    job_id = LeakageService.request_check(grouped)
    assert sent[-1] == (JobKind.CHECK_LEAKAGE, job_id)
    assert LeakageService.find_job(grouped)["id"] == job_id
    check_leakage(silent, grouped)
    assert findings(grouped)[0] == "none"


def test_an_untrained_one_is_checked_by_its_training(version_id):
    with pytest.raises(Invalid, match="checks its split itself"):
        LeakageService.request_check(planned_experiment(version_id))


def test_what_is_of_others_is_theirs(grouped):
    with runtime.unit_of_work() as session:
        other = Actor(factories.user(session).id, Role.ANALYST, frozenset(), "page")
    with acting_as(other), pytest.raises(Forbidden):
        LeakageService.create_counterpart(grouped)
