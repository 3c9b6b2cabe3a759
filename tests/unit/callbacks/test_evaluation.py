import json

import pytest
from dash import no_update
from plotly.utils import PlotlyJSONEncoder

from callbacks import evaluation
from diagnostics.progress import silent
from layouts.evaluation import ALL_CLASSES, PARTS
from models import JobStatus
from services.actor import WORKER, acting_as
from services.errors import Invalid
from services.evaluation_service import EvaluationService
from services.jobs.job_runs import JobRunService
from tasks.evaluations import evaluate_experiment
from tests.trained import FOREST, planned_experiment, tiny_version, trained_experiment, with_result

NOTHING = {"experiment": None, "asked": "", "with": [], "class": ALL_CLASSES}


def text(component) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)


def address(**given):
    return {**NOTHING, **given, "asked": str(given.get("experiment", ""))}


def shown(of, part, level="windows", line=ALL_CLASSES, others=None, view=NOTHING, seen=None):
    return evaluation.show({}, 0, of, part, level, line, others, view, seen)


@pytest.fixture
def made(analyst):
    return str(trained_experiment(**FOREST))


def test_without_a_tested_experiment_the_page_says_what_to_do(analyst):
    planned_experiment()
    assert evaluation.list_experiments(NOTHING) == ([], None)
    assert evaluation.list_beside(None, NOTHING) == ([], [], [], ALL_CLASSES)
    _, body, seen, _ = shown(None, "curves")
    assert "No tested experiment yet" in text(body)
    assert seen is None


def test_the_experiment_of_the_address_is_chosen_or_it_says_that_it_is_not_there(made):
    options, newest = evaluation.list_experiments(NOTHING)
    assert newest == made
    assert options[0]["label"].startswith("Tiny · Random forest on ")
    assert evaluation.list_experiments(address(experiment=int(made)))[1] == made
    elsewhere = address(experiment=999)
    assert evaluation.list_experiments(elsewhere)[1] is None
    assert "Experiment 999 does not exist" in text(shown(None, "curves", view=elsewhere)[1])


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("level", ["recordings", "windows"])
def test_every_part_is_drawn_once_for_each_level(made, part, level):
    told, body, seen, link = shown(made, part, level)
    assert told == ""
    assert text(body)
    assert f"/experiments/{made}" in text(link)
    again = shown(made, part, level, seen=seen)
    assert again[1] is no_update
    # What the part does not show does not draw it anew.
    other = shown(made, part, level, line="worn", seen=seen)
    assert (other[1] is no_update) == (part != "curves")


def test_the_band_belongs_to_one_class(made):
    drawn = text(shown(made, "curves", line="worn")[1])
    assert "worn, area" in drawn
    assert "healthy, area" not in drawn
    assert "evaluation.csv?part=curves&level=windows" in drawn


def test_errors_have_pictures_and_lead_to_the_signals(made):
    drawn = text(shown(made, "errors")[1])
    assert "data:image/svg+xml;base64," in drawn
    assert "/signals?recording=" in drawn


def test_robustness_waits_for_the_button_and_shows_what_the_job_brings(made, viewer, monkeypatch):
    monkeypatch.setattr(evaluation, "tell", lambda text, level: None)
    assert "Press Try" in text(shown(made, "robustness")[1])
    with acting_as(viewer):
        assert "Ask an analyst" in text(shown(made, "robustness")[1])
        assert evaluation.show_forms({}, 0, made, "robustness")[3:5] == (True, True)
    assert evaluation.show_forms({}, 0, made, "robustness")[3:5] == (False, False)
    assert evaluation.try_robustness(None, made, "0.1", 0) is no_update
    assert evaluation.try_robustness(1, made, "0.1, 0.3", 0) == 1
    told, _, seen, _ = shown(made, "robustness")
    assert "progressbar" in text(told)
    assert evaluation.show_forms({}, 0, made, "robustness")[4]
    evaluate_experiment(silent, int(made), "robustness", [0.1, 0.3])
    drawn = text(shown(made, "robustness", seen=seen)[1])
    assert "0.1 (20 dB)" in drawn
    assert "no interval can be given" in drawn
    # It is there for who comes back.
    assert "0.1 (20 dB)" in text(shown(made, "robustness")[1])


def test_levels_that_are_no_numbers_are_refused_in_a_sentence(made):
    with pytest.raises(Invalid, match=r"numbers, such as 0\.05"):
        evaluation.try_robustness(1, made, "much", 0)
    with pytest.raises(Invalid, match="1 to 20 noise levels"):
        evaluation.try_robustness(1, made, " ", 0)


def test_a_job_that_failed_says_why(made, monkeypatch):
    monkeypatch.setattr(evaluation, "tell", lambda text, level: None)
    evaluation.try_robustness(1, made, "0.1", 0)
    job = EvaluationService.find_job(int(made), "robustness")
    with acting_as(WORKER):
        JobRunService.finish(JobRunService.claim(job["id"]), JobStatus.FAILED, error="No memory.")
    assert "No memory." in text(shown(made, "robustness")[0])
    assert not evaluation.show_forms({}, 0, made, "robustness")[4]


def test_a_temperature_is_fitted_once(made, monkeypatch):
    monkeypatch.setattr(evaluation, "tell", lambda text, level: None)
    _, body, seen, _ = shown(made, "calibration")
    assert "Expected calibration error" in text(body)
    assert evaluation.show_forms({}, 0, made, "calibration")[5:7] == (False, False)
    assert evaluation.fit_temperature(1, made, 4) == 5
    assert evaluation.fit_temperature(None, made, 4) is no_update
    assert evaluation.show_forms({}, 0, made, "calibration")[5:7] == (False, True)
    evaluate_experiment(silent, int(made), "temperature")
    assert "fitted on 12 windows of 2 recordings" in text(shown(made, "calibration", seen=seen)[1])
    assert evaluation.show_forms({}, 0, made, "calibration")[5]


def test_costs_are_asked_for_where_they_are_compared(made, monkeypatch):
    told = []
    monkeypatch.setattr(evaluation, "tell", lambda text, level: told.append(text))
    assert evaluation.show_forms({}, 0, made, "architectures", [made])[7:] == (False, False)
    assert evaluation.show_forms({}, 0, made, "curves", [made])[7:] == (True, True)
    assert evaluation.measure_costs(1, made, [made], 0) == 1
    assert told == ["Costs are being measured. They appear here."]
    assert evaluation.show_forms({}, 1, made, "architectures", [made])[7:] == (False, True)
    assert "being measured" in text(shown(made, "architectures", others=[made])[1])


def test_experiments_on_the_same_data_stand_beside_each_other(analyst):
    version_id = tiny_version()
    first = with_result(planned_experiment(version_id, "First"))
    second = with_result(planned_experiment(version_id, "<b>Second</b>"))
    elsewhere = with_result(planned_experiment(tiny_version(), "Elsewhere"))
    options, beside, classes, line = evaluation.list_beside(str(first), NOTHING)
    assert len(options) == 3
    assert set(beside) == {str(first), str(second)}
    assert [one["value"] for one in classes][:2] == [ALL_CLASSES, "healthy"]
    assert line == ALL_CLASSES
    named = address(experiment=first, **{"with": [elsewhere], "class": "worn"})
    _, beside, _, line = evaluation.list_beside(str(first), named)
    assert (beside, line) == ([str(first), str(elsewhere)], "worn")
    drawn = text(shown(str(first), "architectures", others=beside)[1])
    assert "not tested on the same recordings" in drawn
    gone = shown(str(first), "architectures", others=["999"])[1]
    assert "There is no experiment 999" in text(gone)
