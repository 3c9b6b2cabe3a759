from __future__ import annotations

import base64
import json

import numpy as np
import pytest
from dash import no_update
from dash.exceptions import PreventUpdate

from callbacks import signals_plots as page
from diagnostics.signals import spectrum
from diagnostics.signals.signal import Channel, Signal, Unit
from layouts.signals import Kind
from models import Origin, Recording
from services.runtime import unit_of_work
from tests import factories

RATE_HZ = 10_000.0
NOISE = np.random.default_rng(2).normal(size=(2, 50_000)).astype(np.float32)


@pytest.fixture
def shown(analyst):
    channels = (Channel("a", Unit.ACCELERATION_G), Channel("b", Unit.PRESSURE))
    with unit_of_work() as session:
        made = factories.recording(session, Signal(NOISE, RATE_HZ, channels), speed_rpm=1_800.0)
        return {"recording": made.id, "channel": 0, "start": 1.0, "stop": 1.5}


def decoded(values: dict) -> np.ndarray:
    return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])


@pytest.mark.parametrize(
    ("event", "span"),
    [
        ({"xaxis.range[0]": 1, "xaxis.range[1]": 2.5}, (1.0, 2.5)),
        ({"xaxis.range": [1, 2.5]}, (1.0, 2.5)),
        ({"xaxis.autorange": True, "yaxis.autorange": True}, (None, None)),
        ({"autosize": True}, None),
        ({"dragmode": "pan"}, None),
        ({}, None),
        (None, None),
    ],
)
def test_the_time_in_an_event_of_the_plot(event, span):
    assert page.span_of(event) == span


@pytest.mark.parametrize("kind", Kind)
def test_every_plot_follows_the_time(shown, kind):
    figure, note, hidden, *_ = page.draw_plot(shown, kind.value, None, None, None)
    assert len(figure.data) == 1
    assert "1 to 1.5 s" in str(note)
    assert hidden == (kind is not Kind.ENVELOPE)
    assert len(figure.to_json()) < 150_000


def test_the_fields_of_the_band_show_what_is_used_while_they_are_empty(shown):
    *_, low, high = page.draw_plot(shown, "envelope", None, 3_000, None)
    assert (low, high) == ("1666.7", "3000")
    assert page.draw_plot(shown, "spectrum", None, None, None)[-2:] == (no_update, no_update)


def test_the_envelope_begins_with_the_frequencies_at_which_bearings_strike(shown):
    figure, *_ = page.draw_plot(shown, "envelope", None, None, None)
    assert list(figure.layout.xaxis.range) == [0, 40 * 30]


def test_a_band_that_does_not_fit_is_told_in_the_plot(shown):
    figure, note, *_ = page.draw_plot(shown, "envelope", 4_000, 6_000, None)
    assert "above the 5000 Hz" in figure.layout.annotations[0].text
    assert note == []


def test_a_zoom_brings_all_lines_of_its_frequencies_and_lasts(shown):
    whole = {**shown, "start": None, "stop": None}
    event = {"xaxis.range[0]": 100, "xaxis.range[1]": 200}
    change, zoomed = page.zoom_plot(event, whole, "spectrum", None, None)
    operations = json.loads(json.dumps(change.to_plotly_json()))["operations"]
    x, y = (decoded(one["params"]["value"]) for one in operations)
    expected = spectrum.amplitude_spectrum(NOISE[0], RATE_HZ)
    near = (expected.frequencies_hz > 99.7) & (expected.frequencies_hz < 200.3)
    np.testing.assert_allclose(x, expected.frequencies_hz[near])
    np.testing.assert_allclose(y, expected.values[near], rtol=1e-5)
    figure, *_ = page.draw_plot(shown, "spectrum", None, None, zoomed)
    assert list(figure.layout.xaxis.range) == [100, 200]
    other, *_ = page.draw_plot(shown, "density", None, None, zoomed)
    assert list(other.layout.xaxis.range) == [0, RATE_HZ / 2]


def test_a_double_click_brings_all_frequencies(shown):
    event = {"xaxis.autorange": True}
    _, zoomed = page.zoom_plot(event, shown, "envelope", None, None)
    figure, *_ = page.draw_plot(shown, "envelope", None, None, zoomed)
    assert list(figure.layout.xaxis.range) == [0, 2_500]


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ({"autosize": True}, "spectrum"),
        (None, "density"),
        ({"xaxis.autorange": True}, "spectrogram"),
    ],
)
def test_other_events_leave_the_plot_alone(shown, event, kind):
    with pytest.raises(PreventUpdate):
        page.zoom_plot(event, shown, kind, None, None)


def test_nothing_is_drawn_before_something_is_chosen():
    with pytest.raises(PreventUpdate):
        page.draw_plot(None, "spectrum", None, None, None)


@pytest.mark.parametrize("kind", Kind)
def test_the_picture_of_a_generated_recording_says_so(shown, kind):
    figure, *_ = page.draw_plot(shown, kind.value, None, None, None)
    assert not figure.layout.annotations
    with unit_of_work() as writing:
        writing.get_one(Recording, shown["recording"]).origin = Origin.GENERATED
    figure, *_ = page.draw_plot(shown, kind.value, None, None, None)
    assert [one.text for one in figure.layout.annotations] == ["generated, not measured"]
