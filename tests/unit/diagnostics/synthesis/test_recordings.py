"""What makes a recording: every parameter, its own name, and nothing else."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields, replace
from hashlib import sha256
from multiprocessing import get_context

import numpy as np
import pytest

from diagnostics.bearings.geometry import Bearing
from diagnostics.synthesis.config import SynthesisConfig, usual_config
from diagnostics.synthesis.faults import (
    FAULTS,
    SEVERITIES,
    JournalFault,
    Kind,
    RollingFault,
)
from diagnostics.synthesis.motion import SpeedProfile
from diagnostics.synthesis.noise import NoiseLayers, rms
from diagnostics.synthesis.recordings import PlannedRecording, generate, plan

SHORT = 0.5


def config(kind=Kind.JOURNAL, **changed) -> SynthesisConfig:
    return usual_config(kind, **{"duration_s": SHORT, **changed})


def digest(given, planned) -> str:
    made = generate(given, planned)
    return sha256(made.signal.samples.tobytes()).hexdigest()


def digests(arguments):
    given, some = arguments
    return {one.name: digest(given, one) for one in some}


CHANGED = {
    "bearings": 3,
    "classes": {"wear": 1, "cage": 1},
    "severities": ("severe",),
    "evolving_share": 1.0,
    "speed_rpm": (3_000.0, 3_100.0),
    "speed_profile": SpeedProfile.RAMP,
    "speed_change_percent": 20.0,
    "speed_period_s": 0.3,
    "load_percent": (50.0, 60.0),
    "load_levels": 2,
    "duration_s": 0.6,
    "sample_rate_hz": 25_600.0,
    "seed": 1,
    "slip_percent": (3.0, 4.0),
    "sensor_snr_db": 10.0,
    "mains_g": 0.1,
    "mains_hz": 60.0,
    "pink_g": 0.1,
    "drift_g": 0.1,
    "adc_bits": 8,
    "adc_range_g": 2.0,
    "aliasing_g": 0.2,
    "impulses_per_s": 9.0,
    "impulse_g": 3.0,
    "rolling_elements": 8,
    "element_diameter_mm": 8.5,
    "pitch_diameter_mm": 45.0,
    "contact_angle_deg": 15.0,
}
NESTED = {"noise": NoiseLayers, "geometry": Bearing}
# What another parameter has to be for this one to say something.
BESIDE = {
    "speed_change_percent": {"speed_profile": SpeedProfile.RAMP},
    "speed_period_s": {"speed_profile": SpeedProfile.SINUSOIDAL},
    "impulse_g": {"noise": replace(NoiseLayers(), impulses_per_s=9.0)},
}
ROLLING_ONLY = {"slip_percent", *(field.name for field in fields(Bearing))}


def parameters():
    for field in fields(SynthesisConfig):
        if field.name in NESTED:
            yield from ((field.name, inner.name) for inner in fields(NESTED[field.name]))
        elif field.name != "kind":
            yield (None, field.name)


@pytest.mark.parametrize(("inside", "name"), list(parameters()))
def test_no_parameter_is_without_effect(inside, name):
    """A new field must be added above, or this fails: what is stored must change something."""
    kind = Kind.ROLLING if name in ROLLING_ONLY or inside == "geometry" else Kind.JOURNAL
    fault = RollingFault.OUTER_RACE if kind is Kind.ROLLING else JournalFault.WEAR
    base = config(kind, **BESIDE.get(name, {}))
    value = CHANGED[name]
    if name == "classes":
        value = {fault.value: 1}
    if inside is not None:
        value = replace(getattr(base, inside), **{name: value})
    other = replace(base, **{inside or name: value})
    if name in ("classes", "bearings"):
        assert [one.name for one in plan(other)] != [one.name for one in plan(base)]
        return
    planned = PlannedRecording(fault, 1, 2)
    assert digest(base, planned) != digest(other, planned)


@pytest.mark.parametrize("kind", Kind)
def test_every_class_has_samples_of_its_own(kind):
    found = {digest(config(kind), PlannedRecording(fault, 1, 1)) for fault in FAULTS[kind]}
    assert len(found) == len(FAULTS[kind])


def test_a_recording_is_the_same_alone_first_last_and_in_four_processes():
    given = config(
        classes={"healthy": 1, "wear+lubrication": 2, "cavitation": 1},
        bearings=2,
        evolving_share=0.5,
        speed_profile=SpeedProfile.RANDOM_WALK,
    )
    planned = list(plan(given))
    forward = digests((given, planned))
    assert digests((given, planned[::-1])) == forward
    assert digest(given, planned[5]) == forward[planned[5].name]
    with ProcessPoolExecutor(4, mp_context=get_context("forkserver")) as pool:
        parts = list(pool.map(digests, [(given, planned[n::4]) for n in range(4)]))
    together = {name: found for part in parts for name, found in part.items()}
    assert together == forward
    assert len(set(forward.values())) == len(planned)


def test_more_classes_bearings_or_recordings_leave_the_others_as_they_were():
    few = config(classes={"wear": 1}, bearings=1)
    more = config(classes={"healthy": 3, "wear": 4, "oil_whirl": 1}, bearings=3)
    wanted = next(plan(few))
    assert wanted in list(plan(more))
    assert digest(few, wanted) == digest(more, wanted)


def test_a_severity_does_not_move_what_else_is_drawn():
    """Between two severities only the strength differs: no chance is drawn anew."""
    planned = PlannedRecording(JournalFault.IMBALANCE, 1, 1)
    quiet = replace(NoiseLayers(), adc_bits=None)
    sound, mild, severe = (
        generate(
            config(severities=(level,), evolving_share=0.0, noise=quiet),
            planned,
            without_fault=without,
        )
        for level, without in (("mild", True), ("mild", False), ("severe", False))
    )
    weak = mild.signal.samples - sound.signal.samples
    strong = severe.signal.samples - sound.signal.samples
    ratio = severe.facts["severity"] / mild.facts["severity"]
    np.testing.assert_allclose(strong, ratio * weak, atol=1e-5)


@pytest.mark.parametrize(
    "mixed", [fault for fault in JournalFault if len(fault.parts) == 2], ids=str
)
def test_two_faults_are_twice_as_strong_at_twice_the_severity(mixed, monkeypatch):
    """Not four times: that was the fault of a generator that multiplied by both."""
    monkeypatch.setitem(SEVERITIES, "mild", (0.4, 0.4))
    monkeypatch.setitem(SEVERITIES, "severe", (0.8, 0.8))
    quiet = replace(NoiseLayers(), adc_bits=None)
    planned = PlannedRecording(mixed, 1, 1)
    given = {"evolving_share": 0.0, "noise": quiet, "duration_s": 5.0}
    strengths = []
    for level in ("mild", "severe"):
        one = config(severities=(level,), **given)
        whole, sound = (
            generate(one, planned, without_fault=without).signal.samples
            for without in (False, True)
        )
        strengths.append(rms(whole - sound))
    # More severe cavitation and contact also come more often.
    assert strengths[1] / strengths[0] == pytest.approx(2, rel=0.25)


def test_phases_differ_from_recording_to_recording():
    """Tones that all begin at the phase 0 are a shortcut that networks learn."""
    noise = NoiseLayers(None, None, 50.0, None, None, None)
    given = config(
        noise=noise, severities=("severe",), evolving_share=0.0, speed_rpm=(3_600, 3_600)
    )
    for fault, order_name in (
        (JournalFault.OIL_WHIRL, "whirl_order"),
        (JournalFault.LOOSENESS, "looseness_order"),
        (JournalFault.IMBALANCE, None),
        (JournalFault.LUBRICATION, None),
    ):
        phases = []
        for number in range(1, 25):
            planned = PlannedRecording(fault, 1, number)
            made, sound = (generate(given, planned, without_fault=w) for w in (False, True))
            wave = made.signal.samples[0] - sound.signal.samples[0]
            rate_hz = 60 * made.facts[order_name] if order_name else 60.0
            rate_hz = made.facts.get("stick_slip_hz", rate_hz)
            turn = np.exp(-2j * np.pi * rate_hz * np.arange(wave.size) / 20_480)
            phases.append(np.angle(np.mean(wave * turn)))
        assert abs(np.mean(np.exp(1j * np.array(phases)))) < 0.5


def test_facts_are_what_was_asked_for():
    given = config(
        speed_profile=SpeedProfile.SINUSOIDAL, speed_change_percent=10.0, speed_period_s=0.25
    )
    made = generate(given, PlannedRecording(JournalFault.CAVITATION_LOOSENESS, 2, 3))
    facts = made.facts
    assert facts["speed_max_rpm"] / facts["speed_min_rpm"] == pytest.approx(1.1 / 0.9, rel=0.01)
    assert made.load == 1.0
    assert (facts["load_percent"], facts["housing"]) == (100.0, "housing-02")
    assert facts["severity_level"] == "severe"  # the fourth: second bearing, third recording
    assert facts["stream"] == "0/journal/cavitation+looseness/2/3"
    assert {"looseness_order", "burst_count", "sensor_noise_g", "mains_hz"} <= set(facts)
    assert all(isinstance(value, str | int | float) for value in facts.values())


def test_a_machine_is_the_same_in_all_its_classes():
    for kind in Kind:
        names = {
            generate(config(kind), PlannedRecording(fault, 2, 1)).facts["housing"]
            for fault in FAULTS[kind]
        }
        assert names == {"housing-02"}


def test_rolling_damage_stays_and_journal_faults_come_and_go():
    rolling = [
        generate(
            config(Kind.ROLLING, evolving_share=0.0), PlannedRecording(RollingFault.CAGE, 2, n)
        )
        for n in (1, 2)
    ]
    assert len({made.facts["severity"] for made in rolling}) == 1
    journal = [generate(config(), PlannedRecording(JournalFault.WEAR, 2, n)).facts for n in (1, 2)]
    assert len({facts["severity_level"] for facts in journal}) == 2
