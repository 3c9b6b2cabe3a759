"""What every algorithm has to keep, whatever it does."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.stats import spearmanr

from diagnostics.detectors.algorithm import State
from diagnostics.detectors.detector import FittedDetector, detect, fit_detector
from diagnostics.detectors.registry import ALGORITHMS
from diagnostics.detectors.state import pack, unpack
from diagnostics.detectors.table import ArrayTable
from diagnostics.errors import DetectionError
from tests.unit.diagnostics.detectors.toy import ODD, QUICK, table, values

TABULAR = [name for name, each in ALGORITHMS.items() if not each.needs_order]
pytestmark = pytest.mark.parametrize("name", TABULAR)
# To them a value of any size is as far out as the largest of the others.
BY_RANK = {"ecod", "copod"}


@cache
def found(name):
    return detect(name, QUICK.get(name, {}), table())


def again(name, given):
    return detect(name, QUICK.get(name, {}), given)


def test_the_odd_rows_score_highest(name):
    assert set(np.argsort(-found(name).raw)[: len(ODD)]) == set(ODD)


def test_the_same_table_gives_the_same_scores(name):
    np.testing.assert_array_equal(again(name, table()).raw, found(name).raw)


def test_the_order_of_the_rows_matters_little(name):
    order = np.random.default_rng(1).permutation(300)
    shuffled = again(name, ArrayTable.of_values(values()[order])).raw
    assert spearmanr(shuffled, found(name).raw[order]).statistic > 0.85


def test_a_row_scores_the_same_alone_and_among_others(name):
    one = ArrayTable.of_values(values()[[ODD[0]]], ["load", "speed", "torque", "heat"])
    alone = found(name).detector.score(one)
    np.testing.assert_allclose(alone, found(name).raw[[ODD[0]]], rtol=1e-5)


def test_scores_of_the_fitted_rows_are_those_of_scoring_them(name):
    scored = found(name).detector.score(table())
    np.testing.assert_allclose(scored, found(name).raw, rtol=1e-6, atol=1e-9)


def test_calibrated_scores_lie_between_0_and_1_and_rise_with_the_raw_ones(name):
    raw = np.linspace(found(name).raw.min() - 1, found(name).raw.max() * 2 + 1, 500)
    calibrated = found(name).detector.calibrated(raw)
    assert calibrated.min() >= 0
    assert calibrated.max() <= 1
    assert (np.diff(calibrated) >= 0).all()
    assert found(name).calibrated[list(ODD)].min() > np.median(found(name).calibrated)


def test_a_stored_detector_gives_equal_scores(name):
    stored = found(name).detector.to_bytes()
    back = FittedDetector.from_bytes(stored)
    np.testing.assert_array_equal(back.score(table()), found(name).detector.score(table()))
    assert back.threshold == found(name).detector.threshold
    assert back.config == found(name).detector.config
    assert back.to_bytes() == stored


def test_a_damaged_state_is_refused(name):
    about, tail, state = unpack(found(name).detector.to_bytes())
    for hurt in state.arrays:
        arrays = {**state.arrays, hurt: np.zeros((0,) * state.arrays[hurt].ndim)}
        with pytest.raises(DetectionError, match="damaged"):
            FittedDetector.from_bytes(pack(about, tail, State(state.settings, arrays)))


def test_contributions_name_the_column_that_is_far_out(name):
    odd = values()
    odd[7, 1] = 30.0
    detected = again(name, ArrayTable.of_values(odd))
    given = detected.detector.contributions(ArrayTable.of_values(odd), np.array([7, 8]))
    assert given.shape == (2, 4)
    assert given[0].argmax() == 1


def test_missing_cells_are_no_reason_to_flag(name):
    holes = values()
    holes[20:40, 1] = np.nan
    holes[41] = np.inf
    detected = again(name, ArrayTable.of_values(holes))
    assert np.isfinite(detected.raw).all()
    assert detected.raw[41] < np.quantile(detected.raw, 0.9)
    assert set(np.argsort(-detected.raw)[: len(ODD)]) == set(ODD)


def test_constant_and_repeated_columns_and_rows_do_no_harm(name):
    base = values()
    wide = np.column_stack([base, np.full(300, 5.0), base[:, 0]])
    wide[250:299] = wide[250]
    detected = again(name, ArrayTable.of_values(wide))
    assert detected.detector.columns == ("c0", "c1", "c2", "c3", "c5")
    assert np.isfinite(detected.raw).all()
    assert set(ODD) <= set(np.argsort(-detected.raw)[: 2 * len(ODD)])
    assert not detected.flags[251]


def test_whole_numbers_and_texts_are_taken(name):
    rng = np.random.default_rng(2)
    texts = rng.choice(["run", "idle"], 100)
    texts[4] = "stop"
    columns = {
        "count": rng.integers(0, 6, 100),
        "state": texts,
        "valve": rng.random(100) < 0.3,
    }
    detected = again(name, ArrayTable.of(columns))
    assert np.isfinite(detected.raw).all()
    assert detected.calibrated[4] > np.median(detected.calibrated)


def test_huge_values_stay_finite_and_on_top(name):
    huge = values()
    huge[7, 0], huge[8, 1] = 1e300, -1e300
    detected = again(name, ArrayTable.of_values(huge))
    assert np.isfinite(detected.raw).all()
    most = 120 if name in BY_RANK else 2 * len(ODD)
    assert {7, 8} <= set(np.argsort(-detected.raw)[:most])


@pytest.mark.parametrize("columns", [1, 2])
def test_columns_that_are_nearly_always_the_same_are_taken(name, columns):
    sparse = np.zeros((300, columns))
    sparse[10:25] = np.random.default_rng(1).uniform(1, 2, size=(15, columns))
    sparse[7] = 50.0
    detected = again(name, ArrayTable.of_values(sparse))
    assert np.isfinite(detected.raw).all()
    assert detected.raw[7] > detected.raw[100]
    assert not detected.flags[100]


@pytest.mark.parametrize("rows", [0, 1, 19])
def test_too_few_rows_are_refused_with_a_sentence(name, rows):
    with pytest.raises(DetectionError, match="needs 20 rows"):
        fit_detector(name, {}, ArrayTable.of_values(values(400)[:rows]))


def test_as_few_rows_as_are_allowed_are_enough(name):
    few = again(name, ArrayTable.of_values(values(400)[10:30]))
    assert np.isfinite(few.calibrated).all()
