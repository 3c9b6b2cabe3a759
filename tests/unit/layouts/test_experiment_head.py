from __future__ import annotations

import pytest

from layouts.experiment import _next_steps


@pytest.mark.parametrize(
    ("classifier", "state", "led_to"),
    [
        ("cnn1d", "finished", ["/evaluation?experiment=3", "/explain?experiment=3"]),
        ("voting_ensemble", "finished", ["/evaluation?experiment=3"]),
        ("cnn1d", "training", []),
    ],
)
def test_a_finished_experiment_leads_on(classifier, state, led_to):
    steps = _next_steps({"id": 3, "classifier": classifier, "state": state})
    assert [step.href for step in steps] == led_to
