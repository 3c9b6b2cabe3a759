from __future__ import annotations

import base64
import json

import numpy as np
import pytest
from dash.exceptions import PreventUpdate

from callbacks.analysis import waveform as page
from diagnostics.signals.signal import Channel, Signal, Unit
from layouts.analysis.settings import Ids as SettingIds
from layouts.signals import Ids
from services.runtime import unit_of_work
from tests import factories
from tests.unit.callbacks.pages import clicked

RATE_HZ = 10_000.0


@pytest.fixture
def shown(analyst):
    samples = np.random.default_rng(2).normal(size=(2, 50_000)).astype(np.float32)
    samples[0, 12_345] = 40.0
    channels = (Channel("a", Unit.ACCELERATION_G), Channel("b", Unit.VELOCITY))
    with unit_of_work() as session:
        made = factories.recording(session, Signal(samples, RATE_HZ, channels), name="long")
        return {"recording": made.id, "channel": 0, "start": 1.0, "stop": 1.5, "stamp": 7}


def values(figure) -> np.ndarray:
    y = json.loads(figure.to_json())["data"][0]["y"]
    return np.frombuffer(base64.b64decode(y["bdata"]), y["dtype"])


def test_the_waveform_begins_at_the_wanted_time(shown):
    with clicked(Ids.target, "data"):
        figure = page.draw_waveform(shown, {}, None)[0]
    assert list(figure.layout.xaxis.range) == [1.0, 1.5]
    assert figure.layout.uirevision == "7"
    assert values(figure).max() == 40


def test_a_zoom_changes_the_values_and_nothing_else(shown):
    event = {"xaxis.range[0]": 1.2, "xaxis.range[1]": 1.25}
    change, made, _ = page.zoom_waveform(event, shown, {})
    operations = json.loads(json.dumps(change.to_plotly_json()))["operations"]
    assert [o["location"] for o in operations] == [["data", 0, "x"], ["data", 0, "y"]]
    y = np.frombuffer(base64.b64decode(operations[1]["params"]["value"]["bdata"]), "f4")
    assert y.max() == 40
    assert "1.2 to 1.25 s" in str(made)


def test_other_events_leave_the_waveform_alone(shown):
    with pytest.raises(PreventUpdate):
        page.zoom_waveform({"autosize": True}, shown, {})


def test_the_time_in_words(shown):
    assert page.show_span(None) == "Shown: the whole recording."
    assert page.show_span({**shown, "stop": 1.005}) == "Shown: 1 to 1.005 s (5 ms)."
    assert page.show_span({**shown, "stop": None}) == "Shown: 1 s to the end."


def test_the_numbers_can_be_saved(shown):
    samples = page.save_waveform(1, shown, {})
    assert samples["filename"] == "long_waveform_1-1.5s.csv"
    rows = [line for line in samples["content"].splitlines() if not line.startswith("#")]
    assert len(rows) == 5_001
    drawn = {"kind": "envelope", "settings": {"low": 1_000, "high": 2_000}}
    lines = page.save_plot(1, shown, drawn)
    assert "\nfrequency_hz,amplitude [g]\n0," in lines["content"]
    for save in (
        lambda *given: page.save_waveform(*given, {}),
        lambda *given: page.save_plot(*given, drawn),
    ):
        with pytest.raises(PreventUpdate):
            save(None, shown)


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


def test_another_processing_changes_the_time_that_was_zoomed_to(shown):
    zoomed = {**shown, "start": 1.2, "stop": 1.4}
    with clicked(SettingIds.processed, "data"):
        figure, made, note = page.draw_waveform(shown, {"unit": "m/s²"}, zoomed)
    assert list(figure.layout.xaxis.range) == [1.2, 1.4]
    assert figure.layout.yaxis.title.text == "Amplitude [m/s²]"
    assert values(figure).max() == pytest.approx(40 * 9.80665)
    assert "converted from g to m/s²" in str(made)
    assert note == ""


def test_what_cannot_be_processed_is_shown_as_recorded(shown):
    with clicked(Ids.target, "data"):
        figure, _, note = page.draw_waveform(shown, {"filter": "low", "filter_high": 9e3}, None)
    assert values(figure).max() == 40
    assert note.startswith("Shown as recorded. ")


def test_nothing_is_drawn_before_something_is_chosen():
    with pytest.raises(PreventUpdate):
        page.draw_waveform(None, {}, None)
