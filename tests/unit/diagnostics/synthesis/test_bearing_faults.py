"""The generated signals have the peaks that theory puts there, and no others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from diagnostics.errors import SynthesisError
from diagnostics.features.time_domain import kurtosis, rms
from diagnostics.signals.envelope import Band, envelope_spectrum
from diagnostics.signals.spectrum import Spectrum
from diagnostics.synthesis.bearing_faults import (
    SAMPLE_RATE_HZ,
    Fault,
    Operation,
    draw_specimen,
    strike_order,
    strikes,
    vibration,
)

OPERATION = Operation(1_800, 0.9)
SHAFT_HZ = 30.0
DAMAGED = [fault for fault in Fault if fault is not Fault.HEALTHY]


def specimen(fault: Fault, severity: float = 0.9, seed: int = 0):
    severity = 0.0 if fault is Fault.HEALTHY else severity
    return draw_specimen("B1", fault, severity, np.random.default_rng(seed))


def swell(fault: Fault, seed: int = 0) -> Spectrum:
    given = specimen(fault, seed=seed)
    samples = vibration(given, OPERATION, 5.0, np.random.default_rng(seed))
    centre_hz = given.resonances_hz[0]
    return envelope_spectrum(samples, SAMPLE_RATE_HZ, Band(centre_hz - 900, centre_hz + 900))


def height(spectrum: Spectrum, frequency_hz: float) -> float:
    """Highest line within 2 % of the frequency, in multiples of the median line around it."""
    distance = np.abs(spectrum.frequencies_hz / frequency_hz - 1)
    around = np.median(spectrum.values[distance < 0.3])
    return float(spectrum.values[distance < 0.02].max() / around)


@pytest.mark.parametrize("fault", DAMAGED)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_damage_stands_out_in_the_envelope_spectrum_where_theory_says(fault, seed):
    spectrum = swell(fault, seed)
    expected_hz = SHAFT_HZ * strike_order(specimen(fault))
    assert height(spectrum, expected_hz) > 8


@pytest.mark.parametrize("fault", DAMAGED)
def test_a_healthy_bearing_shows_no_such_line(fault):
    expected_hz = SHAFT_HZ * strike_order(specimen(fault))
    assert height(swell(Fault.HEALTHY), expected_hz) < 5


def test_an_inner_race_swells_with_the_shaft_and_an_outer_race_does_not():
    assert height(swell(Fault.INNER_RACE), SHAFT_HZ) > 8
    assert height(swell(Fault.OUTER_RACE), SHAFT_HZ) < 5


@pytest.mark.parametrize("fault", DAMAGED)
def test_intervals_scatter_by_one_to_two_percent(fault):
    times_s, _ = strikes(specimen(fault), OPERATION, 60.0, np.random.default_rng(3))
    intervals_s = np.diff(times_s)
    assert 0.009 < intervals_s.std() / intervals_s.mean() < 0.022
    expected_s = 1 / (SHAFT_HZ * strike_order(specimen(fault)))
    assert intervals_s.mean() / expected_s == pytest.approx(1.005, abs=0.006)


def test_the_speed_moves_the_strikes():
    slow, fast = (
        strikes(specimen(Fault.OUTER_RACE), Operation(rpm, 0.5), 10.0, np.random.default_rng(4))[0]
        for rpm in (900, 1_800)
    )
    assert fast.size / slow.size == pytest.approx(2, abs=0.02)


@pytest.mark.parametrize("better", [{"severity": 1.0}, {"transmission": 2.0}])
def test_what_is_said_of_a_specimen_changes_the_signal(better):
    given = specimen(Fault.OUTER_RACE, severity=0.3)
    stronger = replace(given, **better)
    weak, strong = (
        vibration(s, OPERATION, 2.0, np.random.default_rng(5)) for s in (given, stronger)
    )
    assert rms(strong) > rms(weak)
    assert kurtosis(strong) > kurtosis(weak)


def test_load_makes_strikes_harder():
    strong, weak = (
        strikes(specimen(Fault.BALL), Operation(1_800, load), 5.0, np.random.default_rng(6))[1]
        for load in (1.0, 0.0)
    )
    assert strong.mean() / weak.mean() == pytest.approx(1 / 0.4)


def test_the_same_generator_gives_the_same_samples():
    given = specimen(Fault.BALL)
    first, again, other = (
        vibration(given, OPERATION, 0.5, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first.dtype == np.float32
    assert first.shape == (10_240,)


@pytest.mark.parametrize(
    ("fault", "severity"),
    [(Fault.HEALTHY, 0.5), (Fault.BALL, 0.0), (Fault.BALL, 1.1), (Fault.BALL, float("nan"))],
)
def test_refuses_contradictions(fault, severity):
    with pytest.raises(SynthesisError, match="severity"):
        draw_specimen("B1", fault, severity, np.random.default_rng(0))


def test_refuses_impossible_conditions():
    given, rng = specimen(Fault.BALL), np.random.default_rng(0)
    with pytest.raises(SynthesisError, match="rpm"):
        Operation(10, 0.5)
    with pytest.raises(SynthesisError, match="load"):
        Operation(1_800, 1.5)
    with pytest.raises(SynthesisError, match="damping"):
        replace(given, damping=1.0)
    with pytest.raises(SynthesisError, match="duration"):
        vibration(given, OPERATION, 0.0, rng)
    with pytest.raises(SynthesisError, match="sampling rate"):
        vibration(given, OPERATION, 1.0, rng, sample_rate_hz=8_000)
