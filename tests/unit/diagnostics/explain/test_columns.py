import numpy as np
import pytest

from diagnostics.explain.columns import columns_of


def test_every_peak_stays_visible_however_few_columns_there_are():
    rng = np.random.default_rng(0)
    attribution = rng.random((40, 2048))
    found = columns_of(attribution, np.arange(40) * 0.1, 0.1, 600)
    assert found.values.size == 40 * 15
    assert found.edges_s.size == found.values.size + 1
    assert found.values.max() == attribution.max()
    assert found.values.reshape(40, 15).max(axis=1) == pytest.approx(attribution.max(axis=1))
    assert (np.diff(found.edges_s) > 0).all()
    assert (found.edges_s[0], found.edges_s[-1]) == pytest.approx((0, 4.0))


def test_between_windows_that_are_apart_there_is_nothing():
    found = columns_of(np.ones((2, 4)), np.array([0.0, 5.0]), 1.0, 4)
    assert found.edges_s == pytest.approx([0, 0.5, 1, 5, 5.5, 6])
    assert found.values == pytest.approx([1, 1, np.nan, 1, 1], nan_ok=True)


def test_more_windows_than_columns_get_one_each():
    found = columns_of(np.arange(20.0).reshape(10, 2), np.arange(10.0), 1.0, 3)
    assert found.values.tolist() == [1, 3, 5, 7, 9, 11, 13, 15, 17, 19]
