from __future__ import annotations

import json

import plotly
import pytest

from callbacks import evaluation, experiment, experiment_leakage, new_experiment
from models import Experiment, ExperimentCounterpart, Job, JobStatus
from services import runtime
from services.actor import acting_as
from services.experiment_service import ExperimentService
from tests.trained import FOREST, planned_experiment, tiny_version, trained_experiment

BY_WINDOWS = {"split": {"by": "windows", "test": 0.3, "validation": 0.2}}


@pytest.fixture(autouse=True)
def told(monkeypatch) -> list[str]:
    """What the page says in toasts; there is no page here to put them into."""
    texts: list[str] = []
    monkeypatch.setattr(experiment_leakage, "tell", lambda text, *_: texts.append(text))
    return texts


@pytest.fixture
def version_id(analyst):
    return tiny_version()


@pytest.fixture
def leaking(version_id):
    return trained_experiment(version_id, name="Leaking", **FOREST, **BY_WINDOWS)


def test_the_verdict_is_drawn_once_and_viewers_change_nothing(leaking, viewer):
    hidden, checks, gap, text, no_other, no_check, drawn = experiment_leakage.show(
        {}, leaking, None
    )
    assert (hidden, gap, no_other, no_check) == (False, [], False, False)
    assert "known leak" in str(checks)
    assert "Compare with a split by group" in str(text)
    assert experiment_leakage.show({}, leaking, drawn) == experiment_leakage.UNCHANGED
    with acting_as(viewer):
        assert experiment_leakage.show({}, leaking, None)[4:6] == (True, True)
    assert experiment_leakage.show({}, 999, None)[0] is True


def test_a_click_trains_the_other_and_both_are_followed(leaking, told):
    shown = experiment_leakage.compare(1, leaking, None)
    assert "waits for a worker" in told[0]
    assert "Both trainings" in str(shown[2])
    assert shown[4] is True
    assert experiment_leakage.compare(None, leaking, None) == experiment_leakage.UNCHANGED


def test_both_results_and_the_gap_are_shown(leaking, version_id):
    grouped = trained_experiment(version_id, name="Grouped", **FOREST)
    with runtime.unit_of_work() as session:
        session.add(ExperimentCounterpart(experiment_id=grouped, other_id=leaking))
    shown = str(experiment_leakage.show({}, grouped, None)[2])
    assert "a gap of" in shown
    assert "The gap has no interval" in shown
    assert "Random windows (Leaking)" in shown


def test_an_old_one_is_checked_when_asked(leaking, told):
    with runtime.unit_of_work() as session:
        session.get_one(Experiment, leaking).leakage = None
    shown = experiment_leakage.check(1, leaking, None)
    assert "older than the guard" in str(shown[1])
    assert shown[5] is True
    with runtime.unit_of_work() as session:
        job = session.query(Job).order_by(Job.id.desc()).first()
        job.status, job.error = JobStatus.FAILED, "A file is missing."
    assert "The check failed. A file is missing." in str(
        experiment_leakage.show({}, leaking, None)[1]
    ).replace("', '", "")


def test_the_head_and_the_evaluation_are_marked(leaking):
    head = str(experiment.show_experiment({}, leaking, None)[0])
    assert "random windows (known leak, for comparison only)" in head
    assert "exclamation-octagon" in head
    view = {"experiment": leaking, "asked": "", "with": [], "class": "*"}
    _, body, _, opened = evaluation.show(
        {}, 0, str(leaking), "risk", "windows", "*", [], view, None
    )
    assert "Known leak: the result is too good." in str(body[0])
    assert "known leak" in str(opened)


def test_the_wizard_takes_random_windows_by_name_only(version_id):
    values = {"by": "windows", "validation_share": 0.2, "test_share": 0.3, "seed": 4}
    split = new_experiment._split({**values, "validation": [], "test": []})
    assert split == {"by": "windows", "validation": 0.2, "test": 0.3, "seed": 4}
    assert new_experiment.show_split_kind("windows") == (False, True, False, True, True)
    made = planned_experiment(version_id, **BY_WINDOWS)
    config = ExperimentService.get_experiment(made)["config"]
    version = ExperimentService.describe_version(version_id)
    sides, table, *_, disabled = new_experiment.show_document(config, version, None)
    assert "known leak" in str(sides)
    drawn = json.dumps(table, cls=plotly.utils.PlotlyJSONEncoder)
    assert drawn.count('"2"') > 1  # one group on several sides
    assert disabled is False
