from __future__ import annotations

import numpy as np
import pytest

from diagnostics.signals.signal import Unit, single_channel
from services import signal_overlay_service
from services.errors import Invalid, NotFound
from services.runtime import unit_of_work
from services.signal_overlay_service import SignalOverlayService
from services.signal_view_service import SignalViewService
from tests import factories

RATE_HZ, COUNT, SHAFT_HZ = 12_000.0, 60_000, 30.0
BPFO_HZ = 107.0  # 0.5 % below what the geometry of the 6205 says at 30 Hz
BEARING = {"bearing": "6205-2RS JEM"}


@pytest.fixture(scope="module")
def signal():
    """An outer race that is struck 107 times a second and rings at 3.3 kHz, and 1× of the shaft."""
    time_s = np.arange(COUNT) / RATE_HZ
    since_s = time_s % (1 / BPFO_HZ)
    ringing = np.exp(-900 * since_s) * np.sin(2 * np.pi * 3_300 * since_s)
    noise = np.random.default_rng(0).normal(size=COUNT)
    samples = 4 * ringing + noise + 0.5 * np.sin(2 * np.pi * SHAFT_HZ * time_s)
    return single_channel(samples, RATE_HZ, Unit.ACCELERATION_G, "drive end")


@pytest.fixture
def recording_id(analyst, signal):
    with unit_of_work() as session:
        return factories.recording(session, signal, speed_rpm=60 * SHAFT_HZ).id


def test_the_overlay_has_lines_and_says_what_they_come_from(recording_id):
    found = SignalOverlayService.overlay(recording_id, 0, settings=BEARING)
    assert found["bearing"] == "SKF 6205-2RS JEM"
    assert "Case Western" in found["bearing_told"]
    assert found["speed_told"].startswith("1800 rpm as recorded")
    lines = {one["name"]: one["frequency_hz"] for one in found["lines"]}
    assert len(lines) == 3 + 3 + 6 + 3
    assert lines["2×BPFO"] == pytest.approx(2 * 107.54, abs=0.01)
    assert {one["kind"]: round(one["order"], 3) for one in found["orders"]} == {
        "BPFO": 3.585, "BPFI": 5.415, "BSF": 2.357, "FTF": 0.398,
    }  # fmt: skip
    assert {"4×BPFO", "1×shaft"} <= {one["name"] for one in found["also"]}


def test_without_a_bearing_or_a_speed_nothing_is_drawn(recording_id):
    unknown = SignalOverlayService.overlay(recording_id, 0)
    assert unknown["lines"] == []
    assert "no bearing" in unknown["bearing_told"]
    with unit_of_work() as session:
        alone = factories.recording(session).id
    still = SignalOverlayService.overlay(alone, 0, settings=BEARING)
    assert still["lines"] == []
    assert still["orders"][0]["frequency_hz"] is None
    assert "no speed" in still["speed_told"]


def test_lines_end_with_the_spectrum(analyst):
    with unit_of_work() as session:
        slow = factories.recording(session, speed_rpm=6_000.0).id  # sampled at 2 kHz
    found = SignalOverlayService.overlay(slow, 0, settings={**BEARING, "harmonics": 10})
    assert max(one["frequency_hz"] for one in found["lines"]) <= 1_000


def test_peaks_of_the_envelope_are_explained(recording_id):
    found = SignalOverlayService.peaks("envelope", recording_id, 0, settings=BEARING)
    first = found["rows"][0]
    assert first["frequency_hz"] == pytest.approx(BPFO_HZ, abs=0.05)
    assert (first["line"], first["inside"]) == ("1×BPFO", True)
    assert first["deviation_percent"] == pytest.approx(-0.5, abs=0.05)
    assert found["value_unit"] == "g"
    assert found["resolution_hz"] == pytest.approx(0.2)


def test_peaks_of_the_shown_frequencies_only(recording_id):
    settings = {**BEARING, "zoom_low": 20, "zoom_high": 40}
    (row,) = SignalOverlayService.peaks("spectrum", recording_id, 0, settings=settings)["rows"]
    assert row["line"] == "1×shaft"
    assert row["value"] == pytest.approx(0.5, rel=0.1)


def test_values_at_a_cursor_are_those_of_the_whole_spectrum(recording_id, signal):
    asked = [30.0, 30.12, 9_000.0]
    found = SignalOverlayService.values_at("spectrum", recording_id, 0, None, None, BEARING, asked)
    assert [row["frequency_hz"] for row in found["rows"]] == pytest.approx([30.0, 30.2])
    assert found["rows"][0]["value"] == pytest.approx(0.5, rel=0.1)
    assert found["rows"][0]["line"] == "1×shaft"
    with pytest.raises(Invalid, match="at most"):
        SignalOverlayService.values_at("spectrum", recording_id, 0, None, None, {}, [1.0] * 999)


def test_a_cursor_in_a_zoomed_spectrum_knows_the_first_line_before_it(recording_id):
    zoomed = {**BEARING, "zoom_low": 400, "zoom_high": 500}
    asked = [4 * BPFO_HZ, 4 * 107.54 * 1.015]
    found = SignalOverlayService.values_at(
        "envelope", recording_id, 0, None, None, {**zoomed, "tolerance": 2}, asked
    )
    struck, beside = found["rows"]
    assert (struck["line"], struck["inside"]) == ("4×BPFO", True)
    assert (beside["line"], beside["inside"]) == ("4×BPFO", False)  # the first is off by −0.5 %


def test_a_constant_signal_has_neither_peaks_nor_kurtogram(analyst):
    dead = single_channel(np.full(20_000, 0.1), RATE_HZ, Unit.ACCELERATION_G, "dead")
    with unit_of_work() as session:
        recording_id = factories.recording(session, dead).id
    with pytest.raises(Invalid, match="constant here: it has no peaks"):
        SignalOverlayService.peaks("spectrum", recording_id, 0)
    with pytest.raises(Invalid, match="constant here: it has no kurtogram"):
        SignalViewService.plot("kurtogram", recording_id, 0)


@pytest.mark.parametrize("kind", ["spectrogram", "kurtogram", "nonsense"])
def test_pictures_have_neither_peaks_nor_values(recording_id, kind):
    for ask in (
        lambda: SignalOverlayService.peaks(kind, recording_id, 0),
        lambda: SignalOverlayService.values_at(kind, recording_id, 0, None, None, {}, [1.0]),
    ):
        with pytest.raises(Invalid, match="spectrum"):
            ask()


def test_the_plain_rule_names_the_outer_race(recording_id, monkeypatch):
    found = SignalOverlayService.verdict(recording_id, 0, 0.5, None, BEARING)
    assert found["fault"] == "outer race"
    assert found["told"].startswith("Outer race: BPFO and its harmonics stand")
    assert found["rows"][0]["found_hz"] == pytest.approx(BPFO_HZ, abs=0.3)
    assert found["rows"][0]["slip_percent"] == pytest.approx(-0.5, abs=0.3)
    assert (found["start_s"], found["stop_s"]) == (0.5, 5.0)
    by_hand = {**BEARING, "low": 2_800, "high": 3_800}
    typed = SignalOverlayService.verdict(recording_id, 0, settings=by_hand)
    assert (typed["low_hz"], typed["high_hz"], typed["fault"]) == (2_800, 3_800, "outer race")
    monkeypatch.setattr(signal_overlay_service, "RULE_SAMPLES", 30_000)
    short = SignalOverlayService.verdict(recording_id, 0, settings=BEARING)
    assert (short["start_s"], short["stop_s"]) == (1.25, 3.75)


def test_the_plain_rule_needs_geometry_and_speed(recording_id):
    with pytest.raises(Invalid, match="no bearing"):
        SignalOverlayService.verdict(recording_id, 0)
    with unit_of_work() as session:
        alone = factories.recording(session).id
    with pytest.raises(Invalid, match="no speed"):
        SignalOverlayService.verdict(alone, 0, settings=BEARING)


def test_the_list_of_bearings(recording_id):
    values = [one["value"] for one in SignalOverlayService.list_bearings(recording_id)]
    assert values[:2] == ["recording", "none"]
    assert "6205-2RS JEM" in values
    with pytest.raises(NotFound):
        SignalOverlayService.list_bearings(999)
