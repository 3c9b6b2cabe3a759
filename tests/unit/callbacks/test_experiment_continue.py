from __future__ import annotations

import json

import pytest
from dash import no_update
from plotly.utils import PlotlyJSONEncoder

from callbacks import experiment_continue
from services.actor import acting_as
from services.errors import Invalid
from services.experiment_service import ExperimentService
from tests.trained import planned_experiment, trained_experiment


def text(component) -> str:
    return json.dumps(component, cls=PlotlyJSONEncoder, ensure_ascii=False)


def test_a_finished_training_is_continued(analyst, viewer):
    made = trained_experiment()
    hidden, told, rate, _, no_source, now = experiment_continue.show_offer({}, made, None)
    assert (hidden, no_source) == (False, True)
    assert rate == pytest.approx(1e-4)
    assert "after epoch 2" in told
    assert "let the validation decide" in told
    assert experiment_continue.show_offer({}, made, now) == (no_update,) * 6
    with acting_as(viewer):
        assert experiment_continue.show_offer({}, made, None)[0] is True
    assert experiment_continue.go_on(None, made, 3, rate) is no_update
    with pytest.raises(Invalid):
        experiment_continue.go_on(1, made, None, rate)
    href = experiment_continue.go_on(1, made, 3, rate)
    new = ExperimentService.list_experiments()[0]
    assert href.endswith(f"/experiments/{new['id']}")
    assert new["name"] == "Tiny, to epoch 5"
    hidden, _, _, source, no_source, _ = experiment_continue.show_offer({}, new["id"], None)
    assert (hidden, no_source) == (True, False)
    assert f"/experiments/{made}" in text(source)


def test_nothing_is_offered_while_there_is_no_result(analyst):
    hidden, *_ = experiment_continue.show_offer({}, planned_experiment(), None)
    assert hidden is True
    assert experiment_continue.show_offer({}, 99, None) == (no_update,) * 6
