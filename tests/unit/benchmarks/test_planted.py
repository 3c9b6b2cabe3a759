"""Planted anomalies are what they are said to be."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.planted import KINDS, SHAPES, clean, planted


def test_the_kinds_are_equally_often_and_the_seed_decides():
    table = planted(5, 1000, 6, 0.04)
    assert [(table.kind == kind).sum() for kind in range(len(KINDS))] == [10] * 4
    np.testing.assert_array_equal(planted(5, 1000, 6, 0.04).values, table.values)


def test_single_columns_are_six_deviations_out_and_broken_ones_are_not():
    table = planted(5, 5000, 6)
    good = table.values[~table.is_anomaly]
    away = np.abs((table.values - good.mean(axis=0)) / good.std(axis=0))
    assert away[table.kind == 0].max(axis=1) == pytest.approx(6.0, abs=0.3)
    assert np.sort(away[table.kind == 1], axis=1)[:, 3] == pytest.approx(4.0, abs=0.3)
    assert away[table.kind == 2].max() < 3.6
    assert (np.linalg.norm(away[table.kind == 3], axis=1) > 6).all()


@pytest.mark.parametrize("shape", SHAPES)
def test_clean_tables_have_their_shape(shape):
    values = clean(shape, 3, 2000, 4)
    assert values.shape == (2000, 4)
    kurtosis = ((values - values.mean(axis=0)) ** 4).mean() / values.var() ** 2
    assert (kurtosis > 4) == (shape in ("heavy", "skewed"))
