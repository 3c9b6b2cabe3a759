from __future__ import annotations

import pytest

from diagnostics.errors import SignalError
from diagnostics.signals.filters import Detrend, Filter, FilterKind
from diagnostics.signals.processing import Processing
from diagnostics.signals.signal import Unit
from diagnostics.signals.spectrum import Detector
from services.errors import Invalid
from services.signals.settings import (
    TITLES,
    CursorKind,
    PlotSettings,
    SpeedSource,
    UsualBand,
)

EVERY = {
    "unit": "mm/s",
    "high_pass": 5.0,
    "detrend": "linear",
    "filter": "band",
    "filter_low": 100.0,
    "filter_high": 900.0,
    "rate": 6_000.0,
    "detector": "rms",
    "window": "flattop",
    "averaging": "peak_hold",
    "segment": 4_096,
    "overlap": 0.75,
    "zoom_low": 20.0,
    "zoom_high": 80.0,
    "cycles": 12.0,
    "x": "orders",
    "y": "db",
    "low": 2_000.0,
    "high": 4_000.0,
    "squared": True,
    "band": "kurtogram",
    "bearing": "bearing:7",
    "speed": 1_797.0,
    "speed_source": "estimated",
    "harmonics": 5,
    "tolerance": 1.0,
    "sidebands": 2,
    "shaft": True,
    "cursor": "sideband",
    "at": 160.5,
    "spacing": 29.9,
    "count": 9,
    "with": [4, 9],
    "layout": "multiples",
    "compare": "envelope",
    "over": "trend",
    "quantity": "velocity",
    "features": 7,
    "feature": "RMS@1",
    "stacked": "envelope",
    "stacking": "cascade",
    "among": "dataset",
    "sort": "name",
}


def test_every_setting_comes_back_as_it_was_given():
    assert EVERY.keys() == TITLES.keys()
    assert PlotSettings.from_mapping(EVERY).to_mapping() == EVERY


def test_an_address_gives_text_for_numbers_and_lists():
    as_text = {key: str(value) for key, value in EVERY.items()} | {"with": "4,9,4"}
    assert PlotSettings.from_mapping(as_text).to_mapping() == EVERY


@pytest.mark.parametrize("nothing", [None, {}, dict.fromkeys(EVERY), dict.fromkeys(EVERY, "")])
def test_what_is_not_given_is_usual_and_left_out(nothing):
    found = PlotSettings.from_mapping(nothing)
    assert found == PlotSettings()
    assert found.to_mapping() == {}


def test_what_is_given_as_usual_is_left_out_too():
    usual = {"detector": "peak", "overlap": "0.5", "shaft": False, "harmonics": 3, "x": "hz"}
    assert PlotSettings.from_mapping(usual).to_mapping() == {}
    nothing = {"detrend": "none", "filter": "none", "averaging": "none", "window": "none"}
    assert PlotSettings.from_mapping(nothing) == PlotSettings()
    assert PlotSettings.from_mapping({"bearing": "none"}).overlay.bearing == "none"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"colour": "red"}, "There is no setting colour"),
        ({"unit": "V"}, "“Unit” must be one of g, m/s², mm/s, µm; got V"),
        ({"unit": ["g"]}, "“Unit” must be one of"),
        ({"high_pass": 0}, "“High-pass” must be above 0 Hz, got 0"),
        ({"high_pass": "five"}, "“High-pass” must be above 0 Hz, got five"),
        ({"rate": float("nan")}, "“Sampling rate” must be above 0 Hz, got nan"),
        ({"rate": float("inf")}, "“Sampling rate” must be above 0 Hz, got inf"),
        ({"rate": 10**400}, "“Sampling rate” must be above 0 Hz"),
        ({"speed": 2e6}, "“Speed” must be above 0 rpm and at most 1000000 rpm"),
        ({"speed": True}, "“Speed” must be above 0 rpm"),
        ({"overlap": 0.96}, "“Overlap” must be from 0 to 0.95, got 0.96"),
        ({"segment": 7}, "“Segment” must be a whole number from 8"),
        ({"segment": 100.5}, "“Segment” must be a whole number"),
        ({"at": -1}, "“Cursor at” must be 0 Hz or more, got -1"),
        ({"shaft": "maybe"}, "“Shaft orders” must be true or false, got maybe"),
        ({"bearing": "x" * 201}, "“Bearing” must have at most 200 characters, got 201"),
        ({"with": [1, 2, 3, 4, 5, 6]}, "“Compare with” takes at most 5 recordings, got 6"),
        ({"with": "1,zwei"}, "“Compare with” must be the numbers of recordings"),
        ({"with": [2.5]}, "“Compare with” must be the numbers of recordings"),
        ({"with": {"a": 1}}, "“Compare with” must be the numbers of recordings"),
    ],
)
def test_refuses_in_the_words_of_the_page(given, sentence):
    with pytest.raises(Invalid) as refusal:
        PlotSettings.from_mapping(given)
    assert sentence in refusal.value.message


def test_the_processing_is_that_of_the_domain():
    settings = PlotSettings.from_mapping(EVERY)
    assert settings.processing.processing == Processing(
        Unit.VELOCITY, 5.0, Detrend.LINEAR, Filter(FilterKind.BAND, 100.0, 900.0), 6_000.0
    )
    assert PlotSettings().processing.processing == Processing()
    half = PlotSettings.from_mapping({"filter": "band", "filter_low": 100})
    with pytest.raises(SignalError, match="a lower and an upper edge"):
        _ = half.processing.processing


def test_a_typed_speed_counts_unless_another_source_is_chosen():
    def source(**given):
        return PlotSettings.from_mapping(given).overlay.speed_source

    assert source() is SpeedSource.RECORDED
    assert source(speed=1_500) is SpeedSource.TYPED
    assert source(speed=1_500, speed_source="estimated") is SpeedSource.ESTIMATED


def test_words_become_what_the_domain_calls_so():
    found = PlotSettings.from_mapping({"detector": "rms", "cursor": "single", "low": 100})
    assert found.spectrum.detector is Detector.RMS
    assert found.cursor.cursor is CursorKind.SINGLE
    assert (found.envelope.is_typed, found.envelope.usual) == (True, UsualBand.MIDDLE)
