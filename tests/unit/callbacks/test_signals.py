from __future__ import annotations

from collections import namedtuple

import numpy as np
import pytest
from dash.exceptions import PreventUpdate

from callbacks import signals as page
from diagnostics.signals.signal import Channel, Signal, Unit
from services import signal_view_service
from services.dataset_service import DatasetService
from services.runtime import unit_of_work
from tests import factories
from tests.unit.callbacks.pages import clicked

RATE_HZ = 10_000.0
Made = namedtuple("Made", "id dataset_id")
VIEW = {"dataset": None, "recording": None, "channel": None, "start": None, "stop": None}


@pytest.fixture
def recording(analyst):
    samples = np.random.default_rng(2).normal(size=(2, 50_000)).astype(np.float32)
    samples[0, 12_345] = 40.0
    channels = (Channel("a", Unit.ACCELERATION_G), Channel("b", Unit.PRESSURE))
    with unit_of_work() as session:
        dataset = factories.dataset(session, name="rig")
        made = factories.recording(
            session, Signal(samples, RATE_HZ, channels), dataset_id=dataset.id, name="long"
        )
        factories.version(session, {made.id: "IR"}, dataset.id)
        return Made(made.id, dataset.id)


@pytest.fixture
def shown(recording):
    return {"recording": recording.id, "channel": 0, "start": 1.0, "stop": 1.5, "stamp": 7}


def test_without_a_data_set_the_page_says_what_to_do(analyst):
    options, value, hidden, instead = page.offer_datasets(VIEW)
    assert (options, value, hidden) == ([], None, True)
    assert "Import recordings first" in str(instead)


def test_the_first_data_set_and_recording_are_chosen(recording):
    datasets, dataset, hidden, _ = page.offer_datasets(VIEW)
    assert (dataset, hidden) == (str(recording.dataset_id), False)
    recordings, chosen, hidden, _, few = page.offer_recordings(dataset, VIEW, datasets)
    assert (recordings[0]["label"], chosen, hidden) == ("long · IR", str(recording.id), False)
    assert few
    channels, channel, details, length_s = page.offer_channels(chosen, VIEW)
    assert length_s == 5.0
    assert [one["label"] for one in channels] == ["a [g]", "b [Pa]"]
    assert channel == "0"
    assert "10 kHz" in str(details)


def test_what_the_address_names_is_chosen(recording):
    with unit_of_work() as session:
        other = factories.recording(session, dataset_id=recording.dataset_id, name="alpha").id
        factories.version(
            session, {recording.id: None, other: None}, recording.dataset_id, number=2
        )
        factories.dataset(session, name="aaa")
    view = {**VIEW, "recording": recording.id, "channel": 1}
    datasets, dataset, *_ = page.offer_datasets(view)
    assert dataset == str(recording.dataset_id)
    assert page.offer_recordings(dataset, view, datasets)[1] == str(recording.id)
    assert page.offer_channels(str(recording.id), view)[1] == "1"
    assert page.offer_channels(str(other), view)[1] == "0"


def test_a_recording_that_is_not_here_is_not_replaced_without_a_word(recording, monkeypatch):
    said = []
    monkeypatch.setattr(page, "tell", lambda text, *_: said.append(text))
    datasets, dataset, *_ = page.offer_datasets(VIEW)
    gone = {**VIEW, "dataset": recording.dataset_id, "recording": 9_999}
    assert page.offer_recordings(dataset, gone, datasets)[1] == str(recording.id)
    assert said == ["There is no recording 9999 in this data set. The first is shown."]
    page.offer_recordings(dataset, {**gone, "recording": recording.id}, datasets)
    page.offer_recordings(dataset, {**gone, "dataset": recording.dataset_id + 1}, datasets)
    assert len(said) == 1


def test_of_many_recordings_those_are_offered_that_a_text_finds(recording, monkeypatch):
    with unit_of_work() as session:
        ids = {
            factories.recording(session, dataset_id=recording.dataset_id, name=f"r{n}").id: "IR"
            for n in range(6)
        }
        factories.version(session, ids, recording.dataset_id, number=2)
    monkeypatch.setattr(signal_view_service, "MOST_LISTED", 4)
    monkeypatch.setattr(page, "MOST_LISTED", 4)
    first, last = str(min(ids)), str(max(ids))
    dataset = str(recording.dataset_id)
    datasets = page.offer_datasets(VIEW)[0]
    offered, _, _, _, few = page.offer_recordings(dataset, VIEW, datasets)
    assert ([one["label"] for one in offered], few) == (
        ["r0 · IR", "r1 · IR", "r2 · IR", "r3 · IR"],
        False,
    )
    with clicked(page.Ids.find, "value"):
        found = page.find_recordings("r5", first, dataset, offered)
    assert [one["value"] for one in found] == [first, last]
    with clicked(page.Ids.recording, "value"):
        after = page.find_recordings(None, offered[-1]["value"], dataset, offered)
        assert [one["label"][:2] for one in after] == ["r1", "r2", "r3", "r4"]
        with pytest.raises(PreventUpdate):
            page.find_recordings(None, offered[1]["value"], dataset, offered)


def test_an_archived_data_set_is_offered_when_the_address_names_it(recording, analyst):
    with unit_of_work() as session:
        archived = factories.dataset(session, name="old", owner_id=analyst.user_id).id
    DatasetService.archive_dataset(archived)
    assert page.offer_datasets(VIEW)[1] == str(recording.dataset_id)
    assert page.offer_datasets({**VIEW, "dataset": archived})[1] == str(archived)


def test_an_empty_data_set_says_so(analyst):
    with unit_of_work() as session:
        factories.dataset(session, name="empty")
    datasets, dataset, *_ = page.offer_datasets(VIEW)
    _, chosen, hidden, instead, _ = page.offer_recordings(dataset, VIEW, datasets)
    assert (chosen, hidden) == (None, True)
    assert "“empty” holds no recordings" in str(instead)


def test_statistics_follow_the_time(shown):
    text = str(page.show_statistics(shown, {}))
    assert "Peak" in text
    assert "40 g" in text
    assert "RMS and peak hold the mean" in text
    elsewhere = str(page.show_statistics({**shown, "start": 0.0, "stop": 1.0}, {}))
    assert "40 g" not in elsewhere


def test_statistics_are_those_of_the_processed_samples(shown):
    text = str(page.show_statistics(shown, {"unit": "mm/s", "high_pass": 50.0}))
    assert "mm/s" in text
    assert "disturbs the first" in text


def test_too_short_a_time_is_told(shown):
    too_short = {**shown, "stop": 1.0001}
    assert "samples or more, got 2" in str(page.show_statistics(too_short, {}))


def test_nothing_is_drawn_before_something_is_chosen():
    for draw in (
        lambda: page.show_statistics(None, {}),
        lambda: page.offer_recordings(None, VIEW, []),
        lambda: page.offer_channels(None, VIEW),
    ):
        with pytest.raises(PreventUpdate):
            draw()
