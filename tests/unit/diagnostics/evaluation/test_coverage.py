import numpy as np
import pytest

from diagnostics.evaluation.coverage import risk_coverage, risk_report
from diagnostics.evaluation.items import Level, items_of
from tests.unit.diagnostics.evaluation.made import predictions


def test_the_area_is_the_mean_of_the_risks_of_all_prefixes():
    rng = np.random.default_rng(0)
    confidence = rng.permutation(50) / 50
    wrong = rng.random(50) < 0.3
    sorted_wrong = wrong[np.argsort(-confidence)]
    by_hand = np.mean([sorted_wrong[:n].mean() for n in range(1, 51)])
    found = risk_coverage(confidence, wrong)
    assert found.area == pytest.approx(by_hand)
    assert found.risk[-1] == pytest.approx(wrong.mean())
    best = np.sort(wrong)
    assert found.best_area == pytest.approx(np.mean([best[:n].mean() for n in range(1, 51)]))
    assert found.best_area <= found.area


def test_equal_confidences_are_answered_together():
    found = risk_coverage(np.full(4, 0.7), np.array([False, True, False, True]))
    assert (found.coverage.tolist(), found.risk.tolist(), found.area) == ([1], [0.5], 0.5)


def test_the_best_order_cannot_be_beaten():
    wrong = np.array([False] * 6 + [True] * 2)
    found = risk_coverage(np.linspace(1, 0, 8), wrong)
    assert found.area == pytest.approx(found.best_area)


@pytest.mark.parametrize("level", list(Level))
def test_the_report_has_a_band_and_what_can_be_answered(level):
    items = items_of(predictions(), level, 0)
    found = risk_report(items)
    assert found["low"] < found["area"] < found["high"]
    assert len(found["band"]["x"]) == len(found["band"]["low"]) == 100
    assert found["error_rate"] == pytest.approx(items.wrong.mean())
    for wanted in found["wanted"]:
        if wanted["coverage"] is not None:
            answered = items.confidence >= wanted["confidence"]
            assert answered.mean() == pytest.approx(wanted["coverage"])
            assert items.wrong[answered].mean() <= wanted["risk"]


def test_a_risk_that_no_threshold_reaches_has_no_coverage():
    given = predictions(groups_per_class=1, recordings=1)
    items = items_of(given, Level.WINDOWS, 0)
    rng_wrong = risk_coverage(items.confidence, np.ones(len(items), dtype=bool))
    assert rng_wrong.area == 1
    assert risk_report(items)["band"] is None
