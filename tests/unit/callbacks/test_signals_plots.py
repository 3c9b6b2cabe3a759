from __future__ import annotations

import numpy as np
import pytest
from dash import no_update
from dash.exceptions import PreventUpdate

from callbacks import signals_plots as page
from diagnostics.signals import spectrum
from diagnostics.signals.signal import Channel, Signal, Unit
from layouts.analysis import kurtogram
from layouts.analysis.plots import Ids, Kind
from models import Origin, Recording
from services.runtime import unit_of_work
from tests import factories
from tests.unit.callbacks.pages import clicked

RATE_HZ = 10_000.0
NOISE = np.random.default_rng(2).normal(size=(2, 50_000)).astype(np.float32)
FIGURE, NOTE, CARD, LOW, HIGH, CELLS = range(6)


@pytest.fixture
def shown(analyst):
    channels = (Channel("a", Unit.ACCELERATION_G), Channel("b", Unit.PRESSURE))
    with unit_of_work() as session:
        made = factories.recording(session, Signal(NOISE, RATE_HZ, channels), speed_rpm=1_800.0)
        return {"recording": made.id, "channel": 0, "start": 1.0, "stop": 1.5}


def drawn(shown, kind="spectrum", **settings):
    return page.draw_plot(shown, {"kind": kind, "settings": settings})


@pytest.mark.parametrize("kind", Kind)
def test_every_plot_follows_the_time(shown, kind):
    figure, note, card, *_ = drawn(shown, kind.value)
    assert len(figure.data) == 1
    assert "1 to 1.5 s" in str(note)
    assert "5000 samples" in str(card)
    assert len(figure.to_json()) < 300_000


def test_the_fields_of_the_band_show_what_is_used_while_they_are_empty(shown):
    result = drawn(shown, "envelope", high=3_000)
    assert (result[LOW], result[HIGH]) == ("1666.7", "3000")
    assert drawn(shown)[LOW] is no_update


def test_the_envelope_begins_with_the_frequencies_at_which_bearings_strike(shown):
    figure = drawn(shown, "envelope")[FIGURE]
    assert list(figure.layout.xaxis.range) == [0, 40 * 30]
    assert figure.layout.meta["whole_hz"] == pytest.approx(2_500)


@pytest.mark.parametrize(
    ("kind", "given", "told"),
    [
        ("envelope", {"low": 4_000, "high": 6_000}, "5000"),
        ("spectrum", {"filter": "low"}, "edge"),
        ("spectrum", {"unit": "V"}, "Unit"),
    ],
)
def test_a_setting_that_does_not_fit_is_told_in_the_plot(shown, kind, given, told):
    figure, note, card, *_ = drawn(shown, kind, **given)
    assert told in figure.layout.annotations[0].text
    assert told in note[0].children
    assert card == []


def test_a_zoom_brings_finer_lines_of_its_frequencies(shown):
    whole = {**shown, "start": None, "stop": None}
    figure = drawn(whole, zoom_low=100.0, zoom_high=110.0)[FIGURE]
    assert list(figure.layout.xaxis.range) == [100, 110]
    expected = spectrum.amplitude_spectrum(NOISE[0], RATE_HZ)
    inside = (expected.frequencies_hz >= 100) & (expected.frequencies_hz <= 110)
    assert figure.data[0].x.size > 2 * inside.sum()
    assert figure.data[0].y.max() == pytest.approx(expected.values[inside].max(), rel=0.2)


@pytest.mark.parametrize(
    ("x", "title", "end"),
    [
        ("hz", "Frequency [Hz]", 5_000),
        ("cpm", "Frequency [CPM]", 300_000),
        ("orders", "Order [× shaft speed]", 5_000 / 30),
    ],
)
def test_frequencies_are_counted_as_was_chosen(shown, x, title, end):
    figure = drawn(shown, x=x)[FIGURE]
    assert figure.layout.xaxis.title.text == title
    assert figure.layout.xaxis.range[1] == pytest.approx(end)


def test_another_unit_is_on_the_axis_and_in_the_card(shown):
    figure, _, card, *_ = drawn(shown, unit="mm/s", detector="rms")
    assert figure.layout.yaxis.title.text == "Amplitude, RMS [mm/s]"
    assert "integrated from g to mm/s" in str(card)


def test_a_band_of_the_kurtogram_becomes_that_of_the_envelope(shown):
    result = drawn(shown, "kurtogram", x="cpm")
    state = {"kind": "kurtogram", "settings": {"x": "cpm"}}
    found = result[CELLS]
    cell = found["rows"][2][1]
    place = {"x": (cell["low_hz"] + 1) * 60, "y": 2}
    with clicked(Ids.plot, "clickData"):
        low, high, kind, click = page.use_band({"points": [place]}, None, found, state)
    assert (low, high, kind, click) == (cell["low_hz"], cell["high_hz"], "envelope", None)
    with clicked(kurtogram.Ids.best):
        low, high, *_ = page.use_band(None, 1, found, state)
    best = kurtogram.best(found)
    assert (low, high) == (best["low_hz"], best["high_hz"])
    hidden, bar_hidden, told = page.show_bands(state, found)
    assert (hidden, bar_hidden) == (True, False)
    assert told.startswith("Best band: ")


def test_a_click_on_another_plot_chooses_no_band(shown):
    found = {"rows": [[]], "x_factor": 1.0}
    click = {"points": [{"x": 10.0, "y": 0}]}
    for state in ({"kind": "spectrum", "settings": {}}, {"kind": "kurtogram", "settings": {}}):
        with clicked(Ids.plot, "clickData"), pytest.raises(PreventUpdate):
            page.use_band(click, None, found, state)
    with clicked(Ids.plot, "clickData"), pytest.raises(PreventUpdate):
        page.use_band(None, None, found, state)


def test_the_fields_of_the_band_are_there_with_the_envelope_only():
    assert page.show_bands({"kind": "envelope", "settings": {}}, None)[:2] == (False, True)
    assert page.show_bands({"kind": "spectrum", "settings": {}}, None)[:2] == (True, True)


def test_nothing_is_drawn_before_something_is_chosen():
    with pytest.raises(PreventUpdate):
        drawn(None)


@pytest.mark.parametrize("kind", Kind)
def test_the_picture_of_a_generated_recording_says_so(shown, kind):
    assert not drawn(shown, kind.value)[FIGURE].layout.annotations
    with unit_of_work() as writing:
        writing.get_one(Recording, shown["recording"]).origin = Origin.GENERATED
    figure = drawn(shown, kind.value)[FIGURE]
    assert [one.text for one in figure.layout.annotations] == ["generated, not measured"]
