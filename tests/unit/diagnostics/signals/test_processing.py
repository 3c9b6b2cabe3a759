from __future__ import annotations

import numpy as np
import pytest

from diagnostics.errors import SignalError
from diagnostics.signals.conversion import convert
from diagnostics.signals.filters import (
    Detrend,
    Filter,
    FilterKind,
    apply_filter,
    detrend,
)
from diagnostics.signals.processing import Processing, process
from diagnostics.signals.resampling import resample
from diagnostics.signals.signal import Unit

RATE_HZ = 2_000.0
SAMPLES = np.random.default_rng(11).normal(size=(2, 20_000)).astype(np.float32)
BAND = Filter(FilterKind.BAND, 20.0, 400.0)


def test_nothing_asked_for_is_nothing_done():
    result = process(SAMPLES, RATE_HZ, Unit.VOLTAGE, Processing())
    np.testing.assert_array_equal(result.samples, SAMPLES)
    assert result.samples.dtype == np.float64
    assert (result.steps, result.unsettled_samples) == ((), 0)
    same = Processing(Unit.VOLTAGE, resample_hz=RATE_HZ, high_pass_hz=5.0)
    assert process(SAMPLES, RATE_HZ, Unit.VOLTAGE, same).steps == ()


def test_all_of_it_is_one_step_after_the_other():
    wanted = Processing(Unit.DISPLACEMENT, 5.0, Detrend.LINEAR, BAND, 900.0)
    result = process(SAMPLES, RATE_HZ, Unit.ACCELERATION_G, wanted)
    filtered = apply_filter(detrend(SAMPLES, Detrend.LINEAR), RATE_HZ, BAND)
    moved = convert(filtered.samples, RATE_HZ, Unit.ACCELERATION_G, Unit.DISPLACEMENT, 5.0)
    expected = resample(moved.samples, RATE_HZ, 900.0)
    np.testing.assert_array_equal(result.samples, expected.samples)
    unsettled = (filtered.unsettled_samples + moved.unsettled_samples) * 0.45
    assert result.unsettled_samples == np.ceil(unsettled)
    assert (result.unit, result.sample_rate_hz) == (Unit.DISPLACEMENT, 900.0)
    assert result.steps == (
        "straight line taken off",
        "band-pass 20 to 400 Hz, order 4, zero phase",
        "integrated twice from g to µm with a high-pass at 5 Hz",
        "resampled from 2000 to 900 Hz",
    )


@pytest.mark.parametrize(
    ("from_unit", "to_unit", "says"),
    [
        (Unit.ACCELERATION_G, Unit.ACCELERATION, "converted from g to m/s²"),
        (Unit.DISPLACEMENT, Unit.VELOCITY, "differentiated from µm to mm/s"),
        (Unit.DISPLACEMENT, Unit.ACCELERATION, "differentiated twice from µm to m/s²"),
        (Unit.VELOCITY, Unit.DISPLACEMENT, "integrated from mm/s to µm with a high-pass at 2 Hz"),
    ],
)
def test_conversions_in_words(from_unit, to_unit, says):
    assert process(SAMPLES, RATE_HZ, from_unit, Processing(to_unit)).steps == (says,)


def test_refuses_what_a_step_refuses():
    with pytest.raises(SignalError, match="measures no motion"):
        process(SAMPLES, RATE_HZ, Unit.VOLTAGE, Processing(Unit.VELOCITY))
    with pytest.raises(SignalError, match="got 0 Hz"):
        process(SAMPLES, RATE_HZ, Unit.VOLTAGE, Processing(resample_hz=0.0))
