"""The derivative of a sine is known; what cannot be known is counted as unsettled."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.constants
import scipy.integrate
import scipy.signal

from diagnostics.errors import SignalError
from diagnostics.signals.conversion import (
    STANDARD_GRAVITY,
    conversion_gain,
    convert,
    settling_time_s,
    usual_high_pass_hz,
)
from diagnostics.signals.signal import Unit

RATE_HZ = 2_000.0
TIME_S = np.arange(20_000) / RATE_HZ
IN_SI = {
    Unit.ACCELERATION_G: (2, STANDARD_GRAVITY),
    Unit.ACCELERATION: (2, 1.0),
    Unit.VELOCITY: (1, 1e-3),
    Unit.DISPLACEMENT: (0, 1e-6),
}
MOTIONS = list(IN_SI)


def motion(unit: Unit, frequency_hz: float, phase: float = 0.3):
    """A motion of 1 µm at the frequency, in the unit."""
    derivative, size = IN_SI[unit]
    omega = 2 * np.pi * frequency_hz
    moving = 1e-6 * np.exp(1j * (omega * TIME_S + phase))
    return (moving * (1j * omega) ** derivative).real / size


def test_gravity_is_what_scipy_says():
    assert scipy.constants.g == STANDARD_GRAVITY


@pytest.mark.parametrize("frequency_hz", [11.0, 100.0, 600.0])
@pytest.mark.parametrize("to_unit", MOTIONS)
@pytest.mark.parametrize("from_unit", MOTIONS)
def test_a_sine_becomes_its_integral_or_derivative(from_unit, to_unit, frequency_hz):
    result = convert(motion(from_unit, frequency_hz), RATE_HZ, from_unit, to_unit)
    expected = motion(to_unit, frequency_hz)
    inside = slice(result.unsettled_samples, 20_000 - result.unsettled_samples)
    error = np.abs(result.samples - expected)[inside].max() / np.abs(expected).max()
    assert result.unit is to_unit
    assert error < 0.012
    assert inside.stop - inside.start > 0.6 * 20_000


@pytest.mark.parametrize("frequency_hz", [0.5, 5.0, 10.0, 20.0])
def test_the_high_pass_takes_off_what_its_order_says(frequency_hz):
    samples = motion(Unit.ACCELERATION, frequency_hz)
    result = convert(samples, RATE_HZ, Unit.ACCELERATION, Unit.VELOCITY, 10.0)
    gain = 1 / np.sqrt(1 + (10.0 / frequency_hz) ** 8)
    expected = gain * np.abs(motion(Unit.VELOCITY, frequency_hz)).max()
    middle = result.samples[6_000:-6_000]
    assert np.abs(middle).max() == pytest.approx(expected, rel=0.01, abs=1e-4)
    assert result.high_pass_hz == 10.0


def test_noise_against_the_trapezoidal_rule_of_scipy():
    noise = np.random.default_rng(6).normal(size=20_000)
    slow = scipy.signal.butter(4, 100.0, "lowpass", fs=RATE_HZ, output="sos")
    above_drift = scipy.signal.butter(4, 10.0, "highpass", fs=RATE_HZ, output="sos")
    noise = scipy.signal.sosfiltfilt(slow, noise)
    summed = 1e3 * scipy.integrate.cumulative_trapezoid(noise, dx=1 / RATE_HZ, initial=0)
    result = convert(noise, RATE_HZ, Unit.ACCELERATION, Unit.VELOCITY, 1.0)
    expected, values = scipy.signal.sosfiltfilt(above_drift, [summed, result.samples])
    inside = slice(result.unsettled_samples, -result.unsettled_samples)
    error = np.abs(expected - values)[inside].max()
    assert error < 0.01 * np.abs(expected).max()


def test_there_and_back_is_the_same_signal():
    samples = motion(Unit.VELOCITY, 80.0) + motion(Unit.VELOCITY, 210.0)
    there = convert(samples, RATE_HZ, Unit.VELOCITY, Unit.DISPLACEMENT)
    back = convert(there.samples, RATE_HZ, Unit.DISPLACEMENT, Unit.VELOCITY)
    inside = slice(there.unsettled_samples, -there.unsettled_samples)
    np.testing.assert_allclose(back.samples[inside], samples[inside], atol=2e-3)


def test_an_offset_and_rows_do_not_matter():
    rows = np.stack([motion(Unit.ACCELERATION, 50.0), motion(Unit.ACCELERATION, 60.0) + 5])
    result = convert(rows, RATE_HZ, Unit.ACCELERATION, Unit.DISPLACEMENT)
    alone = convert(rows[1] - 5, RATE_HZ, Unit.ACCELERATION, Unit.DISPLACEMENT)
    np.testing.assert_allclose(result.samples[1], alone.samples, atol=1e-9)


def test_the_same_quantity_is_only_scaled():
    result = convert(np.ones(8), 1.0, Unit.ACCELERATION_G, Unit.ACCELERATION, 10.0)
    assert result.samples == pytest.approx(9.80665)
    assert (result.high_pass_hz, result.unsettled_samples) == (None, 0)
    same = convert(np.ones(8), 1.0, Unit.VOLTAGE, Unit.VOLTAGE)
    assert same.samples == pytest.approx(1.0)


def test_gains_of_spectra():
    gain = conversion_gain(np.array([0.0, 100.0]), Unit.DISPLACEMENT, Unit.VELOCITY)
    assert gain == pytest.approx([0.0, 0.628318], rel=1e-5)
    gain = conversion_gain(np.array([0.0, 100.0]), Unit.ACCELERATION, Unit.DISPLACEMENT)
    assert gain == pytest.approx([0.0, 1e6 / 628.318**2], rel=1e-5)


def test_the_usual_high_pass_leaves_three_fifths_of_a_short_signal():
    for duration_s in (0.1, 1.0):
        for count in (1, 2):
            edge_hz = usual_high_pass_hz(duration_s, count)
            assert settling_time_s(edge_hz, count) == pytest.approx(duration_s / 5)


@pytest.mark.parametrize(
    ("units", "high_pass_hz", "says"),
    [
        ((Unit.VOLTAGE, Unit.VELOCITY), None, "V cannot be converted to mm/s: V measures no"),
        ((Unit.VELOCITY, Unit.PRESSURE), None, "Pa measures no motion"),
        ((Unit.ACCELERATION, Unit.VELOCITY), 0.1, "Choose more than 0.383 Hz"),
        ((Unit.ACCELERATION, Unit.VELOCITY), 1_000.0, "below half the sampling rate"),
        ((Unit.ACCELERATION, Unit.VELOCITY), -1.0, "above 0 Hz"),
    ],
)
def test_refuses_what_cannot_be_converted(units, high_pass_hz, says):
    with pytest.raises(SignalError, match=says):
        convert(TIME_S, RATE_HZ, *units, high_pass_hz)
