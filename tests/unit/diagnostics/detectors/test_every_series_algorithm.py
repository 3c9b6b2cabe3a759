"""What every algorithm for series has to keep: only the past counts, block by block alike."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from diagnostics.detectors import detector as module
from diagnostics.detectors.algorithm import State
from diagnostics.detectors.detector import FittedDetector, detect, fit_detector
from diagnostics.detectors.explaining import explain
from diagnostics.detectors.registry import ALGORITHMS
from diagnostics.detectors.state import pack, unpack
from diagnostics.detectors.table import ArrayTable
from diagnostics.errors import ConfigError, DetectionError

SERIES = [name for name, each in ALGORITHMS.items() if each.needs_order]
pytestmark = pytest.mark.parametrize("name", SERIES)
ODD = 700
QUICK = {"window": 16}


def values():
    """Two measured cycles, one of which jumps out of its way."""
    rng = np.random.default_rng(0)
    angle = 2 * np.pi * np.arange(1000) / 20
    found = np.column_stack([np.sin(angle), np.cos(angle)]) + 0.05 * rng.normal(size=(1000, 2))
    found[ODD, 1] += 4.0
    return found


def table():
    return ArrayTable.of_values(values(), ["drive", "load"])


@cache
def found(name):
    return detect(name, QUICK, table())


def test_the_jump_is_found_where_it_is_and_in_its_column(name):
    assert ODD <= found(name).raw.argmax() < ODD + 16
    assert found(name).flags[ODD : ODD + 16].any()
    assert found(name).flags[:ODD].mean() < 0.01
    given = found(name).detector.contributions(table(), np.array([found(name).raw.argmax()]))
    assert given[0].argmax() == 1


def test_rows_to_come_change_nothing(name):
    part = ArrayTable.of_values(values()[:800], ["drive", "load"])
    scored = found(name).detector.score(part)
    np.testing.assert_allclose(scored, found(name).raw[:800], rtol=1e-6, atol=1e-9)


def test_blocks_know_the_rows_before_them(name, monkeypatch):
    monkeypatch.setattr(module, "CELLS_AT_ONCE", 60)
    scored = found(name).detector.score(table())
    np.testing.assert_allclose(scored, found(name).raw, rtol=1e-6, atol=1e-9)


def test_a_stored_detector_gives_equal_scores(name):
    back = FittedDetector.from_bytes(found(name).detector.to_bytes())
    np.testing.assert_array_equal(back.score(table()), found(name).detector.score(table()))


def test_a_damaged_state_is_refused(name):
    about, tail, state = unpack(found(name).detector.to_bytes())
    for hurt in state.arrays:
        arrays = {**state.arrays, hurt: np.zeros((0,) * state.arrays[hurt].ndim)}
        with pytest.raises(DetectionError, match="damaged"):
            FittedDetector.from_bytes(pack(about, tail, State(state.settings, arrays)))


def test_explanations_add_up_to_the_score(name):
    told = explain(found(name).detector, table(), np.array([ODD, 5]), background=20)
    np.testing.assert_allclose(told.scores, found(name).raw[[ODD, 5]], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(told.residual, 0, atol=1e-9)
    assert told.columns[told.ranked(0, 1)[0]] == "load"
    with pytest.raises(ConfigError, match="LIME"):
        explain(found(name).detector, table(), np.array([ODD]), method="lime")


def test_flat_stretches_and_gaps_do_no_harm(name):
    flat = values()
    flat[100:200] = 0.0
    flat[300:310] = np.nan
    again = detect(name, QUICK, ArrayTable.of_values(flat))
    assert np.isfinite(again.raw).all()


def test_a_short_series_is_refused(name):
    with pytest.raises(DetectionError, match="need 64 rows"):
        fit_detector(name, QUICK, ArrayTable.of_values(values()[:60]))


def test_too_many_windows_are_refused_before_any_work(name):
    wide = np.random.default_rng(0).normal(size=(2100, 70))
    if name == "matrix_profile":
        with pytest.raises(DetectionError, match="shorter window or fewer columns"):
            fit_detector(name, {"window": 512}, ArrayTable.of_values(wide))
