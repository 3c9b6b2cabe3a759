from __future__ import annotations

import pytest

from layouts.experiment import _next_steps


@pytest.mark.parametrize(
    ("classifier", "state", "led_to"),
    [
        ("cnn1d", "finished", ["/evaluation", "/explain", "/deployments"]),
        ("voting_ensemble", "finished", ["/evaluation"]),
        ("cnn1d", "training", []),
    ],
)
def test_a_finished_experiment_leads_on(classifier, state, led_to):
    steps = _next_steps({"id": 3, "classifier": classifier, "state": state}, can_change=True)
    assert [step.href for step in steps] == [f"{path}?experiment=3" for path in led_to]
