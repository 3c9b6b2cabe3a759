import numpy as np
import pytest
from sklearn import metrics as reference

from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.roc import macro_average, roc_curve, thin


@pytest.mark.parametrize("decimals", [1, 2, 12])
def test_the_curve_agrees_with_scikit_learn_also_with_ties(decimals):
    rng = np.random.default_rng(1)
    positive = rng.random(500) < 0.3
    scores = (rng.normal(size=500) + positive).round(decimals)
    false_rate, true_rate, _ = reference.roc_curve(positive, scores, drop_intermediate=False)
    curve = roc_curve(scores, positive)
    assert curve.false_positive_rate == pytest.approx(false_rate)
    assert curve.true_positive_rate == pytest.approx(true_rate)
    assert curve.area == pytest.approx(reference.roc_auc_score(positive, scores))


def test_a_constant_score_is_guessing():
    assert roc_curve(np.ones(10), np.arange(10) < 3).area == 0.5


def test_one_class_alone_has_no_curve():
    with pytest.raises(EvaluationError, match="items of the rest"):
        roc_curve(np.arange(3.0), np.ones(3, dtype=bool))


def test_the_macro_average_agrees_with_scikit_learn():
    rng = np.random.default_rng(2)
    targets = rng.integers(0, 3, 200)
    scores = rng.random((200, 3)) + 0.7 * np.eye(3)[targets]
    scores /= scores.sum(axis=1, keepdims=True)
    macro = macro_average([roc_curve(scores[:, k], targets == k) for k in range(3)])
    assert macro.area == pytest.approx(
        reference.roc_auc_score(targets, scores, multi_class="ovr", average="macro")
    )
    drawn = np.trapezoid(macro.true_positive_rate, macro.false_positive_rate)
    assert drawn == pytest.approx(macro.area, abs=0.01)
    assert macro.true_positive_rate[0] == 0
    assert macro.true_positive_rate[-1] == pytest.approx(1)
    with pytest.raises(EvaluationError):
        macro_average([])


def test_a_thinned_curve_looks_the_same():
    rng = np.random.default_rng(3)
    positive = rng.random(20_000) < 0.2
    full = roc_curve(rng.normal(size=20_000) + 1.5 * positive, positive)
    drawn = thin(full)
    assert drawn.false_positive_rate.size <= 200
    assert (drawn.false_positive_rate[0], drawn.true_positive_rate[0]) == (0, 0)
    assert (drawn.false_positive_rate[-1], drawn.true_positive_rate[-1]) == (1, 1)
    assert drawn.area == full.area
    # Along the curve, since it may rise straight up.
    along = full.false_positive_rate + full.true_positive_rate
    ends = drawn.false_positive_rate + drawn.true_positive_rate
    at = np.interp(along, ends, drawn.true_positive_rate)
    assert np.abs(at - full.true_positive_rate).max() < 0.01


def test_points_on_a_straight_line_are_dropped():
    curve = thin(roc_curve(np.arange(10.0), np.arange(10) >= 5))
    assert curve.false_positive_rate.tolist() == [0, 0, 1]
    assert curve.true_positive_rate.tolist() == [0, 1, 1]
