import numpy as np
import pytest
from sklearn import metrics as reference

from diagnostics.evaluation import metrics
from diagnostics.evaluation.errors import EvaluationError


@pytest.fixture
def answers():
    rng = np.random.default_rng(4)
    targets = rng.integers(0, 4, 300)
    return targets, np.where(rng.random(300) < 0.6, targets, rng.integers(0, 4, 300))


def test_scores_agree_with_scikit_learn(answers):
    confusion = metrics.confusion_matrix(*answers, 4)
    assert np.array_equal(confusion, reference.confusion_matrix(*answers))
    assert metrics.accuracy(confusion) == pytest.approx(reference.accuracy_score(*answers))
    assert metrics.balanced_accuracy(confusion) == pytest.approx(
        reference.balanced_accuracy_score(*answers)
    )
    assert metrics.macro_f1(confusion) == pytest.approx(
        reference.f1_score(*answers, average="macro")
    )
    assert metrics.precision(confusion) == pytest.approx(
        reference.precision_score(*answers, average=None)
    )
    assert metrics.recall(confusion) == pytest.approx(
        reference.recall_score(*answers, average=None)
    )
    assert metrics.f1(confusion) == pytest.approx(reference.f1_score(*answers, average=None))


def test_a_class_without_items_is_left_out_of_the_averages():
    targets, predicted = np.array([0, 0, 0, 1, 1]), np.array([0, 0, 2, 1, 0])
    confusion = metrics.confusion_matrix(targets, predicted, 3)
    assert metrics.balanced_accuracy(confusion) == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert metrics.macro_f1(confusion) == pytest.approx(
        reference.f1_score(targets, predicted, labels=[0, 1], average="macro")
    )
    assert np.isnan(metrics.recall(confusion)[2])
    assert np.isnan(metrics.f1(confusion)[2])
    assert metrics.precision(confusion)[2] == 0


def test_a_class_that_was_never_predicted_has_no_precision_and_the_f1_zero():
    confusion = metrics.confusion_matrix(np.array([0, 1, 1]), np.array([0, 0, 0]), 2)
    assert np.isnan(metrics.precision(confusion)[1])
    assert metrics.f1(confusion)[1] == 0


def test_many_matrices_are_scored_at_once():
    rng = np.random.default_rng(0)
    stack = rng.integers(0, 20, (50, 3, 3))
    for score in metrics.SCORES.values():
        assert score(stack) == pytest.approx([float(score(one)) for one in stack])


def test_no_item_at_all_gives_no_number():
    assert np.isnan(metrics.accuracy(np.zeros((2, 2))))
    assert np.isnan(metrics.balanced_accuracy(np.zeros((2, 2))))


@pytest.mark.parametrize(
    ("targets", "predicted"), [([0, 1], [0]), ([0, 2], [0, 1]), ([0, 1], [0, -1])]
)
def test_what_is_no_class_is_refused(targets, predicted):
    with pytest.raises(EvaluationError):
        metrics.confusion_matrix(np.array(targets), np.array(predicted), 2)
