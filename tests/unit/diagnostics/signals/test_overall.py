"""A sine has known values in all units; what cannot be known is refused with its reason."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from diagnostics.errors import SignalError
from diagnostics.signals.overall import band_rms, overall_values
from diagnostics.signals.signal import Unit

RATE_HZ = 5_120.0
TIME_S = np.arange(20_480) / RATE_HZ


def values_of(samples, unit: Unit, rate_hz: float = RATE_HZ):
    return {value.name: value for value in overall_values(samples, rate_hz, unit)}


@pytest.mark.parametrize("unit", [Unit.ACCELERATION, Unit.ACCELERATION_G])
def test_a_sine_of_acceleration(unit):
    omega = 2 * np.pi * 80.0
    values = values_of(7.0 + 2.0 * np.sin(omega * TIME_S), unit)
    size = 9.80665 if unit is Unit.ACCELERATION_G else 1.0
    expected = {
        "rms": 2**0.5,
        "true_peak": 2.0,
        "derived_peak": 2.0,
        "peak_to_peak": 4.0,
        "crest_factor": 2**0.5,
        "kurtosis": 1.5,
        "offset": 7.0,
        "velocity_rms": size * 2e3 / omega / 2**0.5,
        "acceleration_rms": 2**0.5,
        "acceleration_peak": 2.0,
        "displacement_peak_to_peak": size * 4e6 / omega**2,
    }
    assert list(values) == list(expected)
    for name, value in expected.items():
        assert values[name].value == pytest.approx(value, rel=4e-3), name
    assert values["velocity_rms"].band_hz == (10.0, 1_000.0)
    assert values["velocity_rms"].note == f"integrated from {unit.value}"
    assert values["displacement_peak_to_peak"].unit == "µm"


def test_sines_of_velocity_and_of_displacement_are_the_same_motion():
    omega = 2 * np.pi * 80.0
    moving = values_of(np.cos(omega * TIME_S), Unit.VELOCITY)
    moved = values_of(1e3 / omega * np.sin(omega * TIME_S), Unit.DISPLACEMENT)
    for values in (moving, moved):
        assert values["velocity_rms"].value == pytest.approx(0.5**0.5, rel=1e-3)
        assert values["acceleration_peak"].value == pytest.approx(omega * 1e-3, rel=0.01)
        assert values["displacement_peak_to_peak"].value == pytest.approx(2e3 / omega, rel=4e-3)
    assert moved["displacement_peak_to_peak"].band_hz is None
    assert moved["acceleration_rms"].note == "differentiated twice from µm"


def test_only_what_lies_in_the_band_counts_as_severity():
    inside = np.sin(2 * np.pi * 30 * TIME_S)
    outside = 5 * np.sin(2 * np.pi * 5 * TIME_S) + 5 * np.sin(2 * np.pi * 1_500 * TIME_S)
    values = values_of(inside + outside, Unit.VELOCITY)
    assert values["velocity_rms"].value == pytest.approx(0.5**0.5, rel=1e-3)


def test_impacts_against_scipy():
    samples = np.random.default_rng(12).laplace(size=20_480)
    values = values_of(samples, Unit.VOLTAGE)
    assert values["kurtosis"].value == pytest.approx(scipy.stats.kurtosis(samples, fisher=False))
    assert values["rms"].value == pytest.approx(samples.std())


def test_bands_share_the_power_of_the_signal():
    noise = np.random.default_rng(13).normal(scale=3.0, size=50_000)
    parts = [
        band_rms(noise, 1_000.0, low, high - 1e-9, Unit.VOLTAGE)
        for low, high in ((0, 100), (100, 300), (300, 500))
    ]
    assert np.square(parts) == pytest.approx([1.8, 3.6, 3.6], rel=0.05)


@pytest.mark.parametrize(
    ("count", "rate_hz", "unit", "says"),
    [
        (20_480, 2_048.0, Unit.ACCELERATION, "sampling rate of 2100 Hz or more, got 2048 Hz"),
        (2_000, 5_120.0, Unit.ACCELERATION, "from 10 Hz needs 0.5 s or more, got 0.391 s"),
        (20_480, 5_120.0, Unit.PRESSURE, "Pa measures no motion"),
    ],
)
def test_severity_is_refused_with_its_reason(count, rate_hz, unit, says):
    value = values_of(np.sin(np.arange(count)), unit, rate_hz)["velocity_rms"]
    assert value.value is None
    assert says in value.note


def test_what_is_no_motion_has_the_plain_values_only():
    values = values_of(np.sin(TIME_S), Unit.CURRENT)
    missing = {name for name, value in values.items() if value.value is None}
    assert missing == {
        "velocity_rms",
        "acceleration_rms",
        "acceleration_peak",
        "displacement_peak_to_peak",
    }
    assert values["rms"].unit == "A"


def test_short_and_constant_signals():
    short = values_of(np.sin(np.arange(9.0)), Unit.VELOCITY)
    assert "too few to convert" in short["acceleration_peak"].note
    assert "too short for a high-pass at 10 Hz" in short["displacement_peak_to_peak"].note
    constant = values_of(np.full(20_480, 0.1), Unit.VELOCITY)
    assert constant["rms"].value == pytest.approx(0.0, abs=1e-12)
    assert constant["crest_factor"].value is None
    assert constant["kurtosis"].note == "the signal is constant"
    assert constant["velocity_rms"].value == pytest.approx(0.0, abs=1e-12)


def test_refuses_bands_that_are_not_there():
    for low_hz, high_hz in ((100.0, 50.0), (0.0, 3_000.0)):
        with pytest.raises(SignalError, match="The band must lie between 0 and 2560 Hz"):
            band_rms(TIME_S, RATE_HZ, low_hz, high_hz, Unit.VELOCITY)
