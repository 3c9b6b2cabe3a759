from __future__ import annotations

import numpy as np
import pytest

from diagnostics.features.distribution import class_histograms


def test_shares_are_those_of_numpy_over_common_bins():
    rng = np.random.default_rng(3)
    values, codes = rng.normal(size=500), rng.integers(0, 2, 500)
    found = class_histograms(values, codes, ["a", "b"], 20)
    for code, name in enumerate(("a", "b")):
        mine = values[codes == code]
        expected = np.histogram(mine, 20, (values.min(), values.max()))[0] / len(mine)
        assert found.shares[name] == pytest.approx(expected)
        assert found.shares[name].sum() == pytest.approx(1)


def test_unknown_numbers_are_counted_and_not_drawn():
    found = class_histograms(np.array([np.nan, 1.0, np.inf]), np.array([0, 0, 1]), ["a", "b"])
    assert (found.known, found.unknown) == ({"a": 1, "b": 0}, {"a": 1, "b": 1})
    assert not found.shares["b"].any()


@pytest.mark.parametrize("values", [[5.0, 5.0], [0.0, 0.0], [np.nan, np.nan]])
def test_a_constant_feature_has_edges_too(values):
    found = class_histograms(np.array(values), np.zeros(2, dtype=int), ["a"])
    assert (np.diff(found.edges) > 0).all()
