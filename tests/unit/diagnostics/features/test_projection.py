from __future__ import annotations

import numpy as np
import pytest

from diagnostics.errors import FeatureError
from diagnostics.features import projection
from diagnostics.features.projection import neighbour_map, principal_components

RNG = np.random.default_rng(0)
CLUSTER = np.repeat([0, 1], 40)
TABLE = RNG.normal(size=(80, 5)) + 12 * CLUSTER[:, None] * np.array([1, 1, 1, 0, 0])
NAMES = list("abcde")


def test_components_against_the_eigenvectors_of_the_correlations():
    found = principal_components(TABLE, NAMES, 3)
    values, vectors = np.linalg.eigh(np.corrcoef(TABLE.T))
    np.testing.assert_allclose(found.explained, values[::-1][:3] / 5)
    np.testing.assert_allclose(np.abs(found.loadings), np.abs(vectors.T[::-1][:3]), atol=1e-9)
    standard = (TABLE - TABLE.mean(axis=0)) / TABLE.std(axis=0)
    np.testing.assert_allclose(found.coordinates, standard @ found.loadings.T, atol=1e-9)


def test_points_know_their_windows():
    table = TABLE.copy()
    table[7] = np.nan
    table[9, 0] = np.nan
    still = np.where(np.isnan(table[:, 1]), np.nan, 1.0)
    found = principal_components(np.column_stack([table, still]), [*NAMES, "still"])
    assert found.rows.tolist() == [n for n in range(80) if n != 7]
    assert found.notes == ("1 unknown numbers count as the median of their feature.",)
    assert set(found.left_out) == {"still"}
    assert np.isfinite(found.coordinates).all()


def test_neighbours_stay_neighbours():
    found = neighbour_map(TABLE, NAMES, perplexity=10)
    centres = [found.coordinates[number == CLUSTER].mean(axis=0) for number in (0, 1)]
    nearer = np.linalg.norm(found.coordinates[:, None] - np.array(centres), axis=2).argmin(axis=1)
    assert (nearer == CLUSTER).all()


def test_the_same_seed_gives_the_same_map(monkeypatch):
    monkeypatch.setattr(projection, "MOST_POINTS", 30)
    one, two = (neighbour_map(TABLE, NAMES, seed=4) for _ in range(2))
    np.testing.assert_array_equal(one.coordinates, two.coordinates)
    assert one.rows[[0, -1]].tolist() == [0, 79]
    assert one.notes == ("30 of 80 windows are shown, evenly chosen.",)


def test_one_feature_and_few_windows_still_make_a_map():
    assert neighbour_map(TABLE[:6, :1], ["a"]).coordinates.shape == (6, 2)


def test_what_makes_no_map_is_refused():
    with pytest.raises(FeatureError, match="5 windows or more, got 4"):
        principal_components(TABLE[:4], NAMES)
    with pytest.raises(FeatureError, match="perplexity"):
        neighbour_map(TABLE, NAMES, perplexity=1)
    with pytest.raises(FeatureError, match="no 6 principal"):
        principal_components(TABLE, NAMES, 6)
