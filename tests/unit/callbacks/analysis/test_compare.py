from __future__ import annotations

import numpy as np
import pytest
from dash import no_update
from dash.exceptions import PreventUpdate

from callbacks.analysis import compare as page
from diagnostics.signals.signal import Channel, Signal, Unit
from layouts.analysis.compare import Ids
from models import Origin
from services.runtime import unit_of_work
from tests import factories
from tests.unit.callbacks.pages import clicked

RATE_HZ = 5_000.0
DRAWN = {"kind": "spectrum", "settings": {}}


def add(session, dataset, name, unit=Unit.ACCELERATION_G, **given):
    tone = np.sin(2 * np.pi * 50 * np.arange(5_000) / RATE_HZ).astype(np.float32)
    signal = Signal(tone[None], RATE_HZ, (Channel("a", unit),))
    return factories.recording(session, signal, name=name, dataset_id=dataset.id, **given)


@pytest.fixture
def rig(analyst):
    with unit_of_work() as session:
        dataset, elsewhere = (factories.dataset(session, name=name) for name in ("rig", "other"))
        made = [add(session, dataset, f"run {number}") for number in range(7)]
        factories.version(session, {one.id: "inner" for one in made}, dataset.id)
        volt = add(session, elsewhere, "volt <b>", Unit.VOLTAGE, origin=Origin.GENERATED)
        factories.version(session, {volt.id: None}, elsewhere.id)
        return {"dataset": str(dataset.id), "ids": [one.id for one in made], "volt": volt.id}


@pytest.fixture
def shown(rig):
    return {"recording": rig["ids"][0], "channel": 0, "start": None, "stop": None, "stamp": 1}


def test_the_others_of_the_data_set_are_offered(rig, shown):
    with clicked(Ids.dataset, "value"):
        options, value = page.offer_recordings(None, rig["dataset"], "", shown)
    assert [one["label"] for one in options] == [f"run {n} · inner" for n in range(1, 7)]
    assert value == []
    with clicked(Ids.chooser, "search_value"):
        found, value = page.offer_recordings("run 3", rig["dataset"], "", shown)
    assert [one["label"] for one in found] == ["run 3 · inner"]
    assert value is no_update


def test_what_is_chosen_stays_and_more_than_five_cannot_be(rig, shown):
    chosen = ",".join(str(one) for one in [rig["volt"], *rig["ids"][1:5], 99_999, "x"])
    with clicked(Ids.chosen, "value"):
        options, value = page.offer_recordings("run 6", rig["dataset"], chosen, shown)
    assert value == [str(one) for one in [rig["volt"], *rig["ids"][1:5]]]
    assert [one["disabled"] for one in options] == 5 * [False] + [True]


def test_nothing_is_drawn_before_something_is_chosen(shown):
    assert page.draw(shown, DRAWN, "", "spectrum", "overlay")[4:] == (True, True, "")
    assert page.draw(shown, DRAWN, str(shown["recording"]), "spectrum", "overlay")[4]
    with pytest.raises(PreventUpdate):
        page.draw(None, DRAWN, "", "spectrum", "overlay")


def test_the_chosen_are_drawn_and_what_cannot_be_is_told(rig, shown):
    chosen = f"{rig['ids'][1]},{rig['volt']}"
    asked = (shown, DRAWN, chosen, "spectrum", "multiples")
    figure, style, table, card, *hidden, _ = page.draw(*asked)
    assert [trace.name for trace in figure.data] == ["run 0 · 5000 Hz", "run 1 · 5000 Hz"]
    assert hidden == [False, False]
    assert "run 0, a, run 1, a" in str(card)
    assert "Detector" in str(card)
    file = page.save(1, *asked)
    assert file["filename"] == "run_0_comparison.csv"
    assert "\nrecording,channel,Frequency [Hz],value [g]\nrun 0,a,0," in file["content"]
    assert style == {"height": "340px"}
    assert "V cannot be converted to g" in str(table)
    assert "generated, not measured" in str(figure.layout.annotations)


def test_a_recording_that_is_gone_is_told(shown):
    assert page.draw(shown, DRAWN, "99999", "spectrum", "overlay")[4:] == (
        True,
        True,
        "There is no recording 99999.",
    )


def test_a_zoom_holds_for_plots_of_the_same_lines():
    drawn = {"kind": "spectrum", "settings": {"zoom_low": 10, "zoom_high": 20, "x": "cpm"}}
    assert page.with_zoom(drawn, "density") == drawn["settings"]
    assert page.with_zoom(drawn, "envelope") == {"x": "cpm"}


def test_the_data_sets_are_those_of_the_page():
    options = [{"label": "rig", "value": "1"}]
    assert page.offer_datasets(options, "1") == (options, "1")
