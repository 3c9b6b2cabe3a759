"""The contract that every listed feature keeps."""

from __future__ import annotations

import numpy as np
import pytest

from diagnostics.errors import SignalError
from diagnostics.features import frequency_domain, time_domain
from diagnostics.features.registry import FEATURES, Quantity, feature_matrix

NOISE = np.random.default_rng(0).normal(size=(2, 3, 4_000)) + 0.1
RATE_HZ = 1_000.0
FACTOR = {Quantity.SIGNAL: 9.81, Quantity.RATIO: 1.0, Quantity.FREQUENCY: 1.0}


@pytest.fixture(params=FEATURES, ids=lambda feature: feature.key)
def feature(request):
    return request.param


def test_one_number_per_row(feature):
    assert feature.compute(NOISE, RATE_HZ).shape == (2, 3)
    assert feature.compute(NOISE[0, 0], RATE_HZ).shape == ()


def test_rows_do_not_touch_each_other(feature):
    row = feature.compute(NOISE[1, 2], RATE_HZ)
    np.testing.assert_allclose(feature.compute(NOISE, RATE_HZ)[1, 2], row)


def test_unit_scales_the_number_or_leaves_it(feature):
    expected = FACTOR[feature.quantity] * feature.compute(NOISE, RATE_HZ)
    np.testing.assert_allclose(feature.compute(9.81 * NOISE, RATE_HZ), expected)


def test_only_frequencies_depend_on_the_rate(feature):
    factor = 2.0 if feature.quantity is Quantity.FREQUENCY else 1.0
    expected = factor * feature.compute(NOISE, RATE_HZ)
    np.testing.assert_allclose(feature.compute(NOISE, 2 * RATE_HZ), expected)


def test_float32_gives_the_same_number(feature):
    expected = feature.compute(NOISE, RATE_HZ)
    actual = feature.compute(NOISE.astype(np.float32), RATE_HZ)
    assert actual.dtype == np.float64
    np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=1e-6)


def test_a_row_that_stands_still_gives_a_finite_number(feature):
    still = feature.compute(np.full((2, 50), 0.1), RATE_HZ)
    assert np.isfinite(still).all()
    if feature.quantity is not Quantity.SIGNAL:
        assert still.tolist() == [0, 0]


def test_does_not_change_what_it_was_given(feature):
    given = NOISE.copy()
    feature.compute(given, RATE_HZ)
    np.testing.assert_array_equal(given, NOISE)


@pytest.mark.parametrize("samples", [np.ones(0), np.full(9, np.nan), np.float64(1.0)])
def test_refuses_what_it_cannot_use(feature, samples):
    with pytest.raises(SignalError):
        feature.compute(samples, RATE_HZ)


def test_names_are_unique():
    assert len({feature.name for feature in FEATURES}) == len(FEATURES)


def test_the_matrix_has_a_column_for_each():
    matrix = feature_matrix(NOISE, RATE_HZ)
    assert matrix.shape == (2, 3, len(FEATURES))
    for column, feature in enumerate(FEATURES):
        np.testing.assert_array_equal(matrix[..., column], feature.compute(NOISE, RATE_HZ))


@pytest.mark.parametrize("module", [time_domain, frequency_domain], ids=lambda m: m.__name__)
def test_every_public_function_is_listed(module):
    own = {
        name
        for name, value in vars(module).items()
        if getattr(value, "__module__", None) == module.__name__ and not name.startswith("_")
    }
    assert own <= {feature.name for feature in FEATURES}
