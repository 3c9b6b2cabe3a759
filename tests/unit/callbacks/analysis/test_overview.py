from __future__ import annotations

import numpy as np
import pytest
from dash.exceptions import PreventUpdate

from callbacks.analysis import overview as page
from diagnostics.signals.signal import Channel, Signal, Unit
from services.runtime import unit_of_work
from tests import factories

RATE_HZ = 5_000.0
DRAWN = {"kind": "spectrum", "settings": {}}
USUAL = ("levels", "spectrum", "picture", "", "time")


@pytest.fixture
def channel(analyst):
    noise = np.random.default_rng(1).normal(size=(3, 1, 5_000)).astype(np.float32)
    with unit_of_work() as session:
        dataset = factories.dataset(session)
        made = [
            factories.recording(
                session,
                Signal(one, RATE_HZ, (Channel("a", Unit.ACCELERATION_G),)),
                name=f"run {number}",
                dataset_id=dataset.id,
            ).id
            for number, one in enumerate(noise)
        ]
        factories.version(session, dict.fromkeys(made), dataset.id)
        return {"recording": made[1], "channel": 0}


@pytest.mark.parametrize(
    ("overview", "chosen", "told"),
    [
        ("trend", USUAL, "Channel “a” [g]; all recordings of the data set"),
        ("trend", ("velocity", *USUAL[1:]), "10 Hz to 1 kHz"),
        ("waterfall", USUAL, "Click to open a recording."),
        ("waterfall", ("levels", "spectrum", "cascade", "", "time"), "One step upwards is"),
    ],
)
def test_what_is_asked_for_is_drawn_and_told(channel, overview, chosen, told):
    figure, style, note, card = page.draw(channel, DRAWN, overview, *chosen)
    assert figure.data
    assert style["height"].endswith("px")
    assert told in note
    assert f"{overview} of" in str(card)


def test_nothing_is_computed_while_it_is_off(channel):
    with pytest.raises(PreventUpdate):
        page.draw(channel, DRAWN, "", *USUAL)
    with pytest.raises(PreventUpdate):
        page.draw(None, DRAWN, "trend", *USUAL)


def test_what_cannot_be_is_told(channel):
    _, _, told, card = page.draw(channel, DRAWN, "trend", "bearing", *USUAL[1:])
    assert told == "The recording has no bearing. Choose one from the list."
    assert card == []


def test_the_numbers_are_saved(channel):
    file = page.save(1, channel, DRAWN, "trend", *USUAL)
    assert file["filename"] == "run_1_trend.csv"
    lines = file["content"].splitlines()
    assert lines[0] == "# Made: Channel “a” [g]"
    with pytest.raises(PreventUpdate):
        page.save(None, channel, DRAWN, "trend", *USUAL)


def test_only_choices_that_matter_are_there():
    assert page.show_parts("") == (True, True, True, True, True)
    assert page.show_parts("trend") == (False, False, True, False, False)
    assert page.show_parts("waterfall") == (False, True, False, False, False)
