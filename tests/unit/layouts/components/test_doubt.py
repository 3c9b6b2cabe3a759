from __future__ import annotations

import pytest

from layouts.components.doubt import doubt
from layouts.deployment_trying import answer as served
from layouts.explain import result
from layouts.signals_prediction import answer as predicted
from tests.unit.layouts.test_deployment_trying import ANSWER
from tests.unit.layouts.test_explain import view
from tests.unit.layouts.test_signals_prediction import DONE

SPREAD = {"class_names": ["a", "b", "ball"], "probabilities": [0.375, 0.3125, 0.3125]}
UNSURE = [{"name": f"class {n}", "probability": p} for n, p in enumerate((0.375, 0.3125, 0.3125))]


@pytest.mark.parametrize(
    ("probabilities", "is_told"), [([0.5, 0.25, 0.25], False), ([0.49, 0.26, 0.25], True)]
)
def test_a_class_below_half_is_told(probabilities, is_told):
    assert bool(doubt(probabilities)) is is_told


@pytest.mark.parametrize(
    "answer",
    [
        lambda **changes: served({**ANSWER, **changes}),
        lambda **changes: predicted({**DONE, **changes}),
        lambda **changes: result(view(**(SPREAD if changes else {}))),
    ],
    ids=["served", "signals", "explain"],
)
def test_every_answer_tells_it(answer):
    assert "Unsure: " not in str(answer())
    assert "Unsure: " in str(answer(classes=UNSURE))
