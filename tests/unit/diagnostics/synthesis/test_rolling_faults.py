"""The strikes have the rates that geometry gives them, and no others."""

from __future__ import annotations

import numpy as np
import pytest

from diagnostics.signals.envelope import Band, envelope_spectrum
from diagnostics.synthesis.faults import Kind, RollingFault
from diagnostics.synthesis.housing import draw_housing
from diagnostics.synthesis.motion import Motion, SpeedProfile, move
from diagnostics.synthesis.rolling_faults import (
    DEEP_GROOVE_6205,
    Damage,
    load_on_damage,
    signature,
    strike_order,
    strikes,
)
from diagnostics.synthesis.scene import Scene
from diagnostics.synthesis.severity import Severity

RATE_HZ, SHAFT_HZ = 20_480.0, 30.0
DAMAGED = [fault for fault in RollingFault if fault is not RollingFault.HEALTHY]
SLIP = (0.01, 0.02)
# SKF 6205: orders of the shaft as the maker states them (BSF doubled).
STATED = {"outer race": 3.5848, "inner race": 5.4152, "ball": 4.7135, "cage": 0.39828}


def scene(severity=0.9, load=0.9, motion=None, duration_s=5.0):
    count = round(duration_s * RATE_HZ)
    housing = draw_housing(Kind.ROLLING, 1, np.random.default_rng(0))
    motion = motion or Motion(RATE_HZ, np.array([SHAFT_HZ]), count)
    return Scene(housing, motion, load, Severity("severe", severity, severity))


def struck(fault, seed=0, slip=SLIP, **given):
    damage = Damage(fault, DEEP_GROOVE_6205, 0.05)
    return strikes(damage, scene(**given), slip, np.random.default_rng(seed))


def lines(fault, seed=0):
    damage = Damage(fault, DEEP_GROOVE_6205, 0.05)
    samples, facts = signature(damage, scene(), SLIP, np.random.default_rng(seed))
    samples = samples + 0.1 * np.random.default_rng(seed).standard_normal(samples.size)
    centre_hz = scene().housing.resonances_hz[0]
    return envelope_spectrum(samples, RATE_HZ, Band(centre_hz - 900, centre_hz + 900)), facts


def height(spectrum, frequency_hz):
    """Highest line within 2 % of the frequency, in multiples of the median line around it."""
    distance = np.abs(spectrum.frequencies_hz / frequency_hz - 1)
    around = np.median(spectrum.values[distance < 0.3])
    return float(spectrum.values[distance < 0.025].max() / around)


@pytest.mark.parametrize("fault", DAMAGED)
def test_orders_are_those_that_the_maker_states(fault):
    assert strike_order(fault, DEEP_GROOVE_6205) == pytest.approx(STATED[fault.value], rel=2e-3)


@pytest.mark.parametrize("fault", DAMAGED)
@pytest.mark.parametrize("seed", [0, 1])
def test_damage_stands_out_in_the_envelope_where_theory_says(fault, seed):
    spectrum, _ = lines(fault, seed)
    assert height(spectrum, SHAFT_HZ * STATED[fault.value]) > 8


def test_an_inner_race_swells_with_the_shaft_a_ball_with_the_cage_and_an_outer_race_with_none():
    # The cage's rate is low: without slip its line is sharp.
    assert height(lines(RollingFault.INNER_RACE)[0], SHAFT_HZ) > 8
    assert height(lines(RollingFault.BALL)[0], SHAFT_HZ * STATED["cage"]) > 4
    assert height(lines(RollingFault.OUTER_RACE)[0], SHAFT_HZ) < 5


@pytest.mark.parametrize("fault", DAMAGED)
def test_slip_is_one_to_two_percent_late_and_scattered(fault):
    times_s, _, facts = struck(fault, duration_s=60.0)
    intervals_s = np.diff(times_s)
    assert 1.0 <= facts["slip_percent"] <= 2.0
    assert 1.0 <= facts["interval_scatter_percent"] <= 2.0
    found = intervals_s.std() / intervals_s.mean()
    assert 100 * found == pytest.approx(facts["interval_scatter_percent"], rel=0.1)
    without_slip_s = 1 / (SHAFT_HZ * STATED[fault.value])
    late = 100 * (intervals_s.mean() / without_slip_s - 1)
    assert late == pytest.approx(facts["slip_percent"], abs=0.25)


def test_without_slip_strikes_are_periodic():
    times_s, _, _ = struck(RollingFault.OUTER_RACE, slip=(0.0, 0.0))
    exact_s = 1 / (SHAFT_HZ * strike_order(RollingFault.OUTER_RACE, DEEP_GROOVE_6205))
    np.testing.assert_allclose(np.diff(times_s), exact_s, rtol=1e-9)


@pytest.mark.parametrize("profile", [SpeedProfile.RAMP, SpeedProfile.SINUSOIDAL])
def test_the_rate_of_strikes_follows_the_speed(profile):
    count = round(10 * RATE_HZ)
    motion = move(profile, SHAFT_HZ, 0.3, 4.0, count, RATE_HZ, np.random.default_rng(2))
    times_s, _, _ = struck(RollingFault.INNER_RACE, motion=motion, slip=(0.0, 0.0))
    middle_s = (times_s[1:] + times_s[:-1]) / 2
    speed_hz = np.interp(middle_s, np.arange(count) / RATE_HZ, motion.speed_hz)
    order = strike_order(RollingFault.INNER_RACE, DEEP_GROOVE_6205)
    np.testing.assert_allclose(1 / np.diff(times_s), order * speed_hz, rtol=2e-3)


def test_the_load_zone_weighs_the_strikes():
    turns = np.linspace(0, 3, 1_001)
    damage = {fault: Damage(fault, DEEP_GROOVE_6205, 0.0) for fault in DAMAGED}
    outer = load_on_damage(damage[RollingFault.OUTER_RACE], turns, 0.3)
    inner = load_on_damage(damage[RollingFault.INNER_RACE], turns, 0.0)
    ball = load_on_damage(damage[RollingFault.BALL], turns, 0.0)
    assert (outer == 1).all()
    # Once in a turn, nothing on the far side.
    np.testing.assert_allclose(inner[:333], inner[333:666], atol=0.02)
    assert np.mean(inner == 0) == pytest.approx(0.5, abs=0.01)
    assert ball.min() == 0.15
    assert (load_on_damage(damage[RollingFault.CAGE], turns, 0.0) == 1).all()


def test_severity_and_load_make_strikes_harder():
    weak, strong = (struck(RollingFault.BALL, severity=one)[1] for one in (0.3, 0.9))
    np.testing.assert_allclose(strong / weak, 3)
    light, heavy = (struck(RollingFault.BALL, load=one)[1] for one in (0.0, 1.0))
    np.testing.assert_allclose(heavy / light, 1 / 0.4)
