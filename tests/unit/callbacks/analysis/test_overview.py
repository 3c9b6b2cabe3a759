from __future__ import annotations

import numpy as np
import pytest
from dash import no_update
from dash.exceptions import PreventUpdate

from callbacks.analysis import overview as page
from diagnostics.signals.signal import Channel, Signal, Unit
from services.feature_service import FeatureService
from services.recording_service import RecordingService
from services.runtime import unit_of_work
from tests import factories

RATE_HZ = 5_000.0
DRAWN = {"kind": "spectrum", "settings": {}}
USUAL = ("levels", "", "", "spectrum", "picture", "", "time")


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
        ("waterfall", ("levels", "", "", "spectrum", "cascade", "", "time"), "One step upwards is"),
    ],
)
def test_what_is_asked_for_is_drawn_and_told(channel, overview, chosen, told):
    figure, style, note, card, *hidden = page.draw(channel, DRAWN, overview, *chosen)
    assert hidden == [False, False, False]
    assert figure.data
    assert style["height"].endswith("px")
    assert told in note
    assert f"{overview} of" in str(card)


def test_nothing_is_computed_while_it_is_off(channel):
    for off in ((channel, DRAWN, ""), (None, DRAWN, "trend")):
        assert page.draw(*off, *USUAL) == (*[no_update] * 6, True)


def test_what_cannot_be_is_a_sentence_alone(channel):
    _, _, told, card, *hidden = page.draw(channel, DRAWN, "trend", "bearing", *USUAL[1:])
    assert told == "The recording has no bearing. Choose one from the list."
    assert card == []
    assert hidden == [True, True, True]


def test_the_numbers_are_saved(channel):
    file = page.save(1, channel, DRAWN, "trend", *USUAL)
    assert file["filename"] == "run_1_trend.csv"
    lines = file["content"].splitlines()
    assert lines[0] == "# Made: Channel “a” [g]"
    with pytest.raises(PreventUpdate):
        page.save(None, channel, DRAWN, "trend", *USUAL)


def test_only_choices_that_matter_are_there():
    assert page.show_parts("", None) == (True, True, True, True, True)
    assert page.show_parts("trend", "levels") == (False, False, True, True, False)
    assert page.show_parts("trend", "feature") == (False, False, False, True, False)
    assert page.show_parts("waterfall", "feature") == (False, True, True, False, False)


@pytest.fixture
def feature_set(channel):
    dataset_id = RecordingService.get_recording(channel["recording"])["dataset_id"]
    done = FeatureService.make_feature_set(dataset_id, "levels", ["time"], {"window": 1_000})
    return done["feature_set_id"]


def test_sets_of_the_data_set_are_offered_with_their_features(channel, feature_set):
    sets, chosen = page.offer_sets(channel, "feature", "999")
    assert sets == [{"label": "levels, version 1", "value": str(feature_set)}]
    assert chosen == str(feature_set)
    features, feature = page.offer_features(chosen, "feature", None)
    assert feature == features[0]["value"]
    assert features[0]["label"].endswith("(time)")
    assert page.offer_features(chosen, "feature", features[2]["value"])[1] == features[2]["value"]


def test_an_extracted_feature_is_drawn(channel, feature_set):
    asked = ("feature", str(feature_set), "Kurtosis@1", *USUAL[3:])
    figure, _, note, card, *_ = page.draw(channel, DRAWN, "trend", *asked)
    assert len(figure.data) == 3
    assert "Kurtosis@1 in windows of 1000 samples" in note
    assert "trend of an extracted feature" in str(card)


def test_without_sets_there_is_nothing_to_choose(channel):
    assert page.offer_sets(channel, "feature", None) == ([], None)
    for feature_set in (None, "x", "999"):
        with pytest.raises(PreventUpdate):
            page.offer_features(feature_set, "feature", None)
    with pytest.raises(PreventUpdate):
        page.offer_sets(channel, "levels", None)
