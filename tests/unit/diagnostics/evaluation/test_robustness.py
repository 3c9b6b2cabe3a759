from dataclasses import dataclass

import numpy as np
import pytest

from diagnostics.evaluation.disturbances import (
    DISTURBANCES,
    Kind,
    disturbed,
    snr_db,
    with_wrong_rate,
)
from diagnostics.evaluation.errors import EvaluationError
from diagnostics.evaluation.robustness import evenly_chosen, try_conditions
from diagnostics.training.config import Normalisation
from diagnostics.training.fitted import About
from diagnostics.training.normalisation import Normaliser
from diagnostics.training.split import Candidate
from diagnostics.training.windows import windows_of

RATE, WINDOW = 1000.0, 256
TONES = {"low": 50.0, "high": 150.0}


def windows(groups: int = 6, count: int = 1300, hop: int = WINDOW):
    """Tones of two frequencies, a group and a phase for each recording."""
    recordings, samples = [], {}
    time = np.arange(count) / RATE
    for name, frequency in TONES.items():
        for group in range(groups):
            number = len(recordings) + 1
            recordings.append(
                Candidate(number, f"run {number}", name, f"{name} {group}", count, RATE)
            )
            samples[number] = np.sin(2 * np.pi * frequency * time + number)
    return windows_of(
        recordings,
        list(TONES),
        lambda number, channel, start, stop: samples[number][start:stop],
        channels=[0],
        window=WINDOW,
        hop=hop,
        sample_rate_hz=RATE,
    )


@dataclass
class Peak:
    """Names a window by its strongest frequency, and nothing when that is below an amplitude."""

    least: float = 0.0
    asked: int = 0

    @property
    def about(self):
        return About("peak", {}, tuple(TONES), (0,), WINDOW, RATE, Normaliser(Normalisation.WINDOW))

    def probabilities(self, given, _recordings=()):
        self.asked += len(given)
        spectrum = np.abs(np.fft.rfft(given[:, 0], axis=1)) * 2 / WINDOW
        spectrum[:, 0] = 0
        place, height = spectrum.argmax(axis=1), spectrum.max(axis=1)
        high = (place * RATE / WINDOW > 100) & (height > self.least)
        return np.stack([~high, high], axis=1).astype(np.float64)

    def save(self, path):
        raise NotImplementedError


@pytest.mark.parametrize("level", [0.05, 0.2, 1.0])
def test_the_noise_has_the_ratio_that_it_says(level):
    given = windows().read(np.arange(20)) * 7 + 3  # offset and size do not matter
    added = disturbed(given, Kind.NOISE, level, np.random.default_rng(0)) - given
    ratio = 20 * np.log10(given.std(axis=2) / added.std(axis=2))
    assert ratio.mean() == pytest.approx(snr_db(level), abs=0.2)
    assert added.mean() == pytest.approx(0, abs=0.1)


def test_gain_offset_and_gaps_are_as_asked():
    given = windows().read(np.arange(20))
    rng = np.random.default_rng(0)
    assert disturbed(given, Kind.GAIN, 0.5, rng) == pytest.approx(given / 2)
    moved = disturbed(given, Kind.OFFSET, 2.0, rng) - given
    assert moved[:, 0, 0] == pytest.approx(2 * given.std(axis=2)[:, 0], rel=1e-4)
    assert np.ptp(moved, axis=2) == pytest.approx(0, abs=1e-5)
    ones = np.ones((30, 2, 100), dtype=np.float32)
    gapped = disturbed(ones, Kind.DROPOUT, 0.1, rng)
    assert (gapped == 0).sum(axis=2).tolist() == [[10, 10]] * 30
    # One gap, at the same place in all channels, at another one in each window.
    assert (np.abs(np.diff(gapped, axis=2)).sum(axis=2) <= 2).all()
    assert (gapped[:, 0] == gapped[:, 1]).all()
    assert len({tuple(row) for row in gapped[:, 0]}) > 5
    assert (given == windows().read(np.arange(20))).all()


@pytest.mark.parametrize("kind", [one.kind for one in DISTURBANCES if one.kind is not Kind.RATE])
def test_the_neutral_level_changes_nothing(kind):
    given = windows().read(np.arange(4))
    neutral = next(one.neutral for one in DISTURBANCES if one.kind is kind)
    assert disturbed(given, kind, neutral, np.random.default_rng(0)) == pytest.approx(given)


@pytest.mark.parametrize("level", [-0.1, float("nan"), float("inf"), 1e6])
def test_levels_out_of_range_are_refused(level):
    with pytest.raises(EvaluationError, match="White noise: expected a level of 0 to 100"):
        disturbed(np.ones((1, 1, 4), np.float32), Kind.NOISE, level, np.random.default_rng(0))


@pytest.mark.parametrize("factor", [0.8, 0.95, 1.05, 1.25])
def test_a_wrong_rate_moves_every_frequency_by_its_factor(factor):
    found = with_wrong_rate(windows(), factor)
    for index in (0, len(found) - 1):
        samples = found.read([index])[0, 0] * np.hanning(WINDOW)
        spectrum = np.abs(np.fft.rfft(samples, 16 * WINDOW))
        peak = spectrum.argmax() * RATE / (16 * WINDOW)
        tone = TONES["low"] if index == 0 else TONES["high"]
        assert peak == pytest.approx(tone * factor, abs=1)


def test_windows_at_a_wrong_rate_lie_within_their_recordings():
    short = windows(count=WINDOW + 10)
    assert len(with_wrong_rate(short, 1.01)) == 12
    with pytest.raises(EvaluationError, match="long enough"):
        with_wrong_rate(short, 1.2)


def test_windows_are_chosen_evenly_from_each_recording():
    every = windows(hop=32)
    few = evenly_chosen(every, 36)
    assert np.bincount(few.owner).tolist() == [3] * 12
    assert few.start[:3].tolist() == [0, 512, 1024]
    assert len(evenly_chosen(every, 5)) == 12
    assert evenly_chosen(every, len(every)) is every


def test_conditions_have_accuracy_interval_and_count():
    found = try_conditions(Peak(), windows(), [0.1, 5.0])
    assert found.no_interval is None
    assert found.clean.recordings["accuracy"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    noisy = {one.level: one for one in found.conditions if one.kind == "noise"}
    assert list(noisy) == [0.1, 5.0]
    assert (noisy[0.1].snr_db, noisy[0.1].recordings["accuracy"]["value"]) == (20.0, 1.0)
    assert noisy[5.0].windows["accuracy"]["value"] < 1
    low, high = (noisy[5.0].windows["accuracy"][end] for end in ("low", "high"))
    assert low < noisy[5.0].windows["accuracy"]["value"] < high
    assert noisy[5.0].counts == {"windows": 60, "recordings": 12, "groups": 12}
    kinds = {one.kind for one in found.conditions}
    assert kinds == {kind.value for kind in Kind}


def test_a_classifier_that_needs_its_level_breaks_under_gain_alone():
    found = try_conditions(Peak(least=0.6), windows(), [])
    gains = {c.level: c.windows["accuracy"]["value"] for c in found.conditions if c.kind == "gain"}
    # Too quiet, every "high" is missed: half of the windows.
    assert gains == {0.5: 0.5, 0.8: 1.0, 1.25: 1.0, 2.0: 1.0}


def test_the_noise_is_the_same_every_time_and_whatever_else_is_asked():
    first = try_conditions(Peak(), windows(), [4.0])
    again = try_conditions(Peak(), windows(), [0.5, 4.0])
    assert first.conditions[0] == again.conditions[1]


def test_many_windows_are_thinned_and_it_says_so(monkeypatch):
    monkeypatch.setattr("diagnostics.evaluation.robustness.MOST_WINDOWS", 24)
    classifier = Peak()
    found = try_conditions(classifier, windows(), [0.1])
    assert found.notes[0].startswith("24 of 60 windows")
    assert (found.available, found.clean.counts["windows"]) == (60, 24)


def test_too_short_recordings_leave_out_the_rate_with_a_reason():
    found = try_conditions(Peak(), windows(count=WINDOW + 10), [0.1])
    assert len([c for c in found.conditions if c.kind == "rate"]) == 4
    assert any("× 1.1 was left out" in note for note in found.notes)


def test_few_groups_have_no_interval_and_a_reason():
    found = try_conditions(Peak(), windows(groups=2), [0.1])
    assert "no interval can be given" in found.no_interval
    assert found.conditions[0].recordings["accuracy"]["low"] is None
