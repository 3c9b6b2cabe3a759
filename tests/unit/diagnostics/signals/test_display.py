from __future__ import annotations

import numpy as np
import pytest
from tsdownsample import MinMaxDownsampler

from diagnostics.signals.display import (
    amplitude_levels,
    decibels,
    density_levels,
    reduce_image,
    reduce_line,
)
from diagnostics.signals.signal import Unit

RNG = np.random.default_rng(6)


@pytest.mark.parametrize("count", [5, 400, 401, 9_999])
def test_a_line_keeps_its_extremes_in_their_places(count):
    x, y = np.arange(count) * 0.5, RNG.normal(size=count)
    kept_x, kept_y = reduce_line(x, y, 400)
    assert kept_y.size <= 400
    assert kept_x[kept_y.argmax()] == x[y.argmax()]
    assert kept_x[kept_y.argmin()] == x[y.argmin()]
    assert (np.diff(kept_x) > 0).all()
    np.testing.assert_array_equal(y[(kept_x * 2).astype(int)], kept_y)


def test_a_line_keeps_what_an_independent_routine_keeps():
    y = RNG.normal(size=10_000)
    places, _ = reduce_line(np.arange(10_000.0), y, 200)
    np.testing.assert_array_equal(places, MinMaxDownsampler().downsample(y, n_out=200))


def test_a_short_line_stays():
    x, y = np.arange(3.0), np.ones(3)
    assert reduce_line(x, y, 4) == (x, y)


@pytest.mark.parametrize("shape", [(7, 9), (40, 61), (1, 100), (33, 33)])
def test_an_image_keeps_the_highest_value_of_each_tile(shape):
    image = RNG.normal(size=shape)
    x, y = np.arange(shape[1]) * 2.0, np.arange(shape[0]) + 5.0
    kept_x, kept_y, kept = reduce_image(x, y, image, 20, 10)
    assert kept.shape == (kept_y.size, kept_x.size)
    assert kept.shape[0] <= 10
    assert kept.shape[1] <= 20
    assert kept.max() == image.max()
    wide, tall = -(-shape[1] // 20), -(-shape[0] // 10)
    assert kept[-1, -1] == image[(kept_y.size - 1) * tall :, (kept_x.size - 1) * wide :].max()
    assert (kept_x[0], kept_y[0]) == (x[:wide].mean(), y[:tall].mean())


def test_decibels_end_at_the_floor():
    assert decibels(np.array([1e-3, 1.0, 0.0]), 50).tolist() == [-30, 0, -50]
    assert decibels(np.zeros(3)).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("value", "unit", "level_db"),
    [  # ISO 1683: 1 µm/s², 1 nm/s, 1 pm, 20 µPa
        (1.0, Unit.ACCELERATION, 120.0),
        (1.0, Unit.ACCELERATION_G, 139.8304),
        (1.0, Unit.VELOCITY, 120.0),
        (1.0, Unit.DISPLACEMENT, 120.0),
        (1.0, Unit.PRESSURE, 93.9794),
        (1.0, Unit.VOLTAGE, 0.0),
    ],
)
def test_levels(value, unit, level_db):
    assert amplitude_levels(np.array([value]), unit) == pytest.approx(level_db, abs=1e-4)
    assert density_levels(np.array([value]), unit) == pytest.approx(level_db, abs=1e-4)
    assert amplitude_levels(np.zeros(3), unit).tolist() == [0.0, 0.0, 0.0]
