import json

from dash import no_update
from plotly.utils import PlotlyJSONEncoder

from callbacks import evaluation_panels
from tests.trained import planned_experiment, with_result


def text(component) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)


def test_nothing_is_shown_until_there_is_a_result(analyst):
    made = planned_experiment()
    assert evaluation_panels.show_result({}, made, None) == ([], None)
    with_result(made)
    drawn, shown = evaluation_panels.show_result({}, made, None)
    assert "Balanced accuracy" in text(drawn)
    assert shown == made


def test_a_result_that_is_shown_stays_as_it_is(analyst):
    made = with_result(planned_experiment())
    assert evaluation_panels.show_result({}, made, made) == (no_update, no_update)
    assert evaluation_panels.show_result({}, None, None) == (no_update, no_update)


def test_the_tables_follow_the_level(analyst):
    made = with_result(planned_experiment())
    assert "Confusion matrix: 4 windows" in text(evaluation_panels.show_level("windows", made))
    assert "Confusion matrix: 2 record" in text(evaluation_panels.show_level("recordings", made))
    assert evaluation_panels.show_level("else", made) == []
