from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics as reference

from diagnostics.evaluation.curves import MACRO, precision_recall_lines, roc_lines
from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.items import Level, items_of
from diagnostics.evaluation.precision_recall import macro_average, precision_recall_curve
from tests.unit.diagnostics.evaluation.made import NAMES, predictions


@pytest.mark.parametrize("digits", [1, 8], ids=["ties", "no ties"])
def test_precision_and_recall_are_those_of_scikit_learn(digits):
    rng = np.random.default_rng(3)
    positive = rng.random(200) < 0.3
    scores = np.round(rng.normal(size=200) + positive, digits)
    found = precision_recall_curve(scores, positive)
    precision, recall, _ = reference.precision_recall_curve(positive, scores)
    # Theirs begins at the lowest threshold, and ends with a point that no threshold gives.
    assert found.recall[1:] == pytest.approx(recall[:-1][::-1])
    assert found.precision[1:] == pytest.approx(precision[:-1][::-1])
    assert found.area == pytest.approx(reference.average_precision_score(positive, scores))
    assert found.guessing == pytest.approx(positive.mean())


def test_a_perfect_order_has_the_area_one_and_no_order_that_of_guessing():
    positive = np.array([True, True, False, False])
    assert precision_recall_curve(np.array([4.0, 3, 2, 1]), positive).area == 1
    assert precision_recall_curve(np.ones(4), positive).area == 0.5


def test_a_perfect_order_is_one_to_the_last_digit():
    given = predictions(groups_per_class=11, recordings=1, windows=1)
    sure = np.eye(3)[given.targets] * 0.7 + 0.1
    items = items_of(replace(given, probabilities=sure), Level.WINDOWS, 0)
    for line in (*roc_lines(items), *precision_recall_lines(items)):
        assert (line.area.value, line.area.low, line.area.high) == (1, 1, 1)


def test_nothing_to_find_is_refused():
    with pytest.raises(EvaluationError, match="items of the class"):
        precision_recall_curve(np.ones(3), np.zeros(3, dtype=bool))
    with pytest.raises(EvaluationError, match="to average"):
        macro_average([])


@pytest.mark.parametrize("level", list(Level))
def test_lines_have_the_areas_of_scikit_learn_and_intervals_around_them(level):
    items = items_of(predictions(), level, seed=1)
    truth = np.eye(len(NAMES))[items.targets]
    rocs, precisions = roc_lines(items), precision_recall_lines(items)
    assert [line.name for line in rocs] == [*NAMES, MACRO]
    for number, (roc, precision) in enumerate(zip(rocs[:-1], precisions[:-1], strict=True)):
        scores = items.probabilities[:, number]
        assert roc.area.value == pytest.approx(reference.roc_auc_score(truth[:, number], scores))
        wanted = reference.average_precision_score(truth[:, number], scores)
        assert precision.area.value == pytest.approx(wanted)
    wanted = reference.average_precision_score(truth, items.probabilities, average="macro")
    assert precisions[-1].area.value == pytest.approx(wanted)
    for line in (*rocs, *precisions):
        assert line.area.low < line.area.value < line.area.high
        assert (line.band.low <= line.band.high).all()
        plain = line.to_dict()
        assert len(plain["band"]["low"]) == len(plain["band"]["x"]) == 101


def test_the_band_of_a_roc_holds_the_curve():
    line = roc_lines(items_of(predictions(), Level.WINDOWS, seed=1))[0]
    grid = np.linspace(0, 1, 101)
    heights = np.interp(grid, line.x, line.y)
    assert ((line.band.low - 0.02 <= heights) & (heights <= line.band.high + 0.02)).mean() > 0.97


def test_few_groups_have_curves_and_no_bands():
    items = items_of(predictions(groups_per_class=2), Level.RECORDINGS, seed=1)
    assert "no interval can be given" in items.no_interval
    for line in (*roc_lines(items), *precision_recall_lines(items)):
        assert line.band is None
        assert line.area.low is None
        assert line.to_dict()["band"] is None


def test_the_same_seed_draws_the_same_groups():
    first, again, other = (
        roc_lines(items_of(predictions(), Level.WINDOWS, seed=seed))[0].area for seed in (1, 1, 2)
    )
    assert first == again
    assert (first.low, first.high) != (other.low, other.high)


def test_intervals_of_thinned_thresholds_agree_with_those_of_all(monkeypatch):
    items = items_of(predictions(recordings=6, windows=20), Level.WINDOWS, seed=1)
    coarse = precision_recall_lines(items)[0].area
    monkeypatch.setattr(
        "diagnostics.evaluation.curves.thresholds_of", lambda scores: np.unique(scores)[::-1]
    )
    full = precision_recall_lines(items)[0].area
    assert coarse.value == full.value
    assert coarse.low == pytest.approx(full.low, abs=0.01)
    assert coarse.high == pytest.approx(full.high, abs=0.01)


def test_long_curves_are_thinned_and_keep_their_ends():
    line = precision_recall_lines(
        items_of(predictions(recordings=20, windows=20), Level.WINDOWS, 0, resamples=50)
    )[0]
    assert len(line.x) <= 202
    assert (line.x[0], line.x[-1]) == (0, 1)
