from __future__ import annotations

import pytest

from layouts.evaluation_curves import _about_calibration

TEMPERATURE = {
    "value": 0.25,
    "windows": 40,
    "recordings": 4,
    "loss_before": 0.28,
    "loss_after": 0.09,
    "at_limit": False,
}


def scores(brier, loss):
    return {"brier": {"value": brier}, "loss": {"value": loss}}


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (scores(0.18, 0.3), ""),
        (scores(0.1904, 0.3), ""),
        (scores(0.2, 0.3), "higher (worse) Brier score."),
        (scores(0.2, 0.4), "higher (worse) Brier score and negative log likelihood."),
    ],
)
def test_a_temperature_that_makes_the_test_worse_is_said_to(after, said):
    found = {"temperature": TEMPERATURE, "before": scores(0.19, 0.36), "after": after}
    told = " ".join(_about_calibration(found))
    assert said in told
    assert ("(worse)" in told) == bool(said)
