"""The signatures are there for every class, seed and speed profile; and the test can fail."""

from __future__ import annotations

from dataclasses import replace

import pytest

from diagnostics.synthesis import journal_faults, rolling_faults
from diagnostics.synthesis.config import usual_config
from diagnostics.synthesis.faults import FAULTS, JournalFault, Kind
from diagnostics.synthesis.measurements import Pair
from diagnostics.synthesis.motion import Motion, SpeedProfile
from diagnostics.synthesis.noise import NoiseLayers
from diagnostics.synthesis.self_test import check_class, check_signatures, steady


def failed(checks):
    return [
        (check.fault, check.what, check.expected, check.measured, check.sound)
        for check in checks
        if not check.passed
    ]


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("profile", SpeedProfile)
def test_every_class_shows_its_signature(kind, profile):
    config = usual_config(kind, speed_profile=profile, seed=11)
    checks = check_signatures(config)
    assert failed(checks) == []
    assert {check.fault for check in checks} == {fault.value for fault in FAULTS[kind]}


@pytest.mark.parametrize("kind", Kind)
def test_at_another_rate_and_speed(kind):
    config = usual_config(kind, sample_rate_hz=25_600.0, speed_rpm=(2_400, 3_000), seed=3)
    assert failed(check_signatures(config)) == []


@pytest.mark.parametrize(
    ("profile", "rate_hz"),
    [
        (SpeedProfile.CONSTANT, 20_480.0),
        (SpeedProfile.SINUSOIDAL, 25_600.0),
        (SpeedProfile.RANDOM_WALK, 12_000.0),
    ],
)
def test_strikes_are_seen_up_to_the_highest_speed(profile, rate_hz):
    """The envelope looked at 900 Hz to both sides, less than the strikes are apart."""
    config = usual_config(
        Kind.ROLLING,
        speed_rpm=(20_000, 26_300),
        speed_profile=profile,
        sample_rate_hz=rate_hz,
        noise=replace(NoiseLayers(), adc_range_g=100.0),
        seed=5,
    )
    assert failed(check_signatures(config)) == []


def test_what_the_converter_cuts_off_is_told():
    config = usual_config(Kind.ROLLING, classes={"healthy": 1}, speed_rpm=(26_000, 26_000))
    told = {what for _, what, *_ in failed(check_signatures(config))}
    assert "samples beyond the converter's ± 10 g" in told


def test_what_is_drowned_is_not_seen():
    noise = replace(NoiseLayers(), pink_g=2.0)
    checks = check_signatures(usual_config(Kind.JOURNAL, classes={"oil_whirl": 1}, noise=noise))
    assert failed(checks)


def test_a_speed_that_only_changes_the_strength_is_found_out(monkeypatch):
    """The fault of a public generator: the angle was that of the mean speed."""
    config = usual_config(
        Kind.JOURNAL,
        classes={"misalignment": 1},
        speed_profile=SpeedProfile.RAMP,
        speed_change_percent=10.0,
    )
    honest = Motion.tone
    monkeypatch.setattr(
        Motion,
        "tone",
        lambda motion, order, phase: honest(
            Motion(motion.sample_rate_hz, motion.speed_hz[:1] * 0 + motion.mean_hz, motion.count),
            order,
            phase,
        ),
    )
    found = {what for _, what, *_ in failed(check_signatures(config))}
    assert any(what.startswith("line that follows the shaft") for what in found)
    assert "amplitude of 2 ×" in found


def test_a_wrong_order_is_found_out(monkeypatch):
    monkeypatch.setattr(journal_faults, "WHIRL_ORDERS", (0.55, 0.60))
    config = usual_config(Kind.JOURNAL, classes={"oil_whirl": 1})
    assert ("oil_whirl", "order of the whirl") in {f[:2] for f in failed(check_signatures(config))}


def test_a_wrong_rate_of_strikes_is_found_out(monkeypatch):
    monkeypatch.setattr(rolling_faults, "strike_order", lambda _fault, _bearing: 3.0)
    config = usual_config(Kind.ROLLING, classes={"inner race": 1})
    assert "rate of strikes" in {f[1] for f in failed(check_signatures(config))}


def test_cavitation_without_bursts_is_found_out(monkeypatch):
    monkeypatch.setattr(journal_faults, "BURSTS_PER_S", (0.4, 0.5))
    config = usual_config(Kind.JOURNAL, classes={"cavitation": 1})
    assert failed(check_signatures(config))


def test_a_check_names_what_it_measured():
    config = steady(usual_config(Kind.JOURNAL))
    checks = check_class(config, JournalFault.IMBALANCE)
    pair = Pair.made(config, JournalFault.IMBALANCE)
    amplitude = next(check for check in checks if check.unit == "g")
    shaft_hz = pair.scene.motion.mean_hz
    by_hand = 0.45 * pair.facts["severity"] * (shaft_hz / 60) ** 2 * (1.1 - 0.2 * 0.3)
    assert amplitude.expected == pytest.approx(by_hand, rel=1e-4)
    assert amplitude.as_json()["what"] == "amplitude of 1 ×"
    assert all(isinstance(check.passed, bool) for check in checks)
