from __future__ import annotations

import numpy as np
import pytest

from diagnostics.signals.quality_checks.units import check_unit
from diagnostics.signals.signal import Unit

NOISE = np.random.default_rng(0).normal(size=5_000)


@pytest.mark.parametrize(
    ("size", "unit"),
    [
        (1.0, Unit.ACCELERATION_G),
        (1e-3, Unit.ACCELERATION_G),
        (60.0, Unit.ACCELERATION_G),
        (500.0, Unit.ACCELERATION),
        (30.0, Unit.VELOCITY),
        (200.0, Unit.DISPLACEMENT),
        (1e-9, Unit.VOLTAGE),
        (1e9, Unit.CURRENT),
        (1e5, None),
    ],
)
def test_levels_that_can_be(size, unit):
    assert check_unit(size * NOISE, "a", unit) == []


@pytest.mark.parametrize(
    ("size", "unit"),
    [
        (500.0, Unit.ACCELERATION_G),
        (1e-8, Unit.ACCELERATION_G),
        (5_000.0, Unit.ACCELERATION),
        (5_000.0, Unit.VELOCITY),
        (1e6, Unit.DISPLACEMENT),
    ],
)
def test_levels_that_cannot(size, unit):
    (found,) = check_unit(size * NOISE, "a", unit)
    assert found.value == pytest.approx(size * NOISE.std())
    assert unit.value in found.message


def test_numbers_of_a_converter():
    (found,) = check_unit(np.round(300 * NOISE).astype(np.float32), "a", Unit.ACCELERATION_G)
    assert "numbers of a converter" in found.message
    assert check_unit(np.round(10 * NOISE), "a", Unit.DISPLACEMENT) == []
