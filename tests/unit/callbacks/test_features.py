from __future__ import annotations

import pytest
from dash import no_update

from callbacks import features as page
from layouts.features import Ids
from models import DatasetVersion, Job, JobStatus, RecordingChannel
from services.actor import acting_as
from services.errors import Invalid
from services.experiment_service import ExperimentService
from services.feature_set_service import FeatureSetService
from services.runtime import unit_of_work
from tests import factories
from tests.unit.callbacks.pages import clicked


@pytest.fixture(autouse=True)
def told(monkeypatch):
    texts = []
    monkeypatch.setattr(page, "tell", lambda text, *_: texts.append(text))
    return texts


@pytest.fixture
def version_id(analyst) -> int:
    with unit_of_work() as session:
        return factories.trainable_version(session, analyst.user_id).id


def test_without_data_the_page_says_what_to_do(analyst, viewer):
    told, shown, known, pages, alone = page.show_sets({}, 0, 1, None)
    assert (told, pages, alone) == ([], 1, True)
    assert "No recordings yet" in str(shown)
    assert page.offer_versions(None)[2] is True
    assert page.show_sets({}, 0, 1, known)[1] is no_update


def test_a_viewer_sees_the_list_and_no_form(version_id, viewer):
    assert page.offer_versions(None)[2] is False
    assert "Choose a data set and domains below" in str(page.show_sets({}, 0, 1, None)[1])
    with acting_as(viewer):
        assert page.offer_versions(None)[2] is True
        assert "An analyst can extract some" in str(page.show_sets({}, 0, 1, None)[1])


def test_the_address_names_the_data_set(version_id, analyst):
    with unit_of_work() as session:
        other = factories.trainable_version(session, analyst.user_id)
        asked = {other.id: other.dataset_id, version_id: session.get_one(
            DatasetVersion, version_id).dataset_id}  # fmt: skip
    for version, dataset_id in asked.items():
        assert page.offer_versions(dataset_id)[1] == version
    assert page.offer_versions(10**6)[1] in asked


def test_the_form_knows_the_version(version_id):
    options, first, _ = page.offer_versions(None)
    assert (options[0]["value"], first) == (version_id, version_id)
    channels, channel, groups, _, name, disabled, _ = page.describe_version(version_id, 256)
    assert (channels[0]["value"], channel, disabled) == ("0", "0", False)
    assert [one["value"] for one in groups][1:] == ["bearing", "machine", "recording"]
    assert name == ExperimentService.describe_version(version_id)["dataset_name"]
    assert page.describe_version(10**6, 256)[-2] is True
    assert page.tell_choice(1024, 0, "0", version_id) == "A window lasts 0.512 s."
    assert "they add rows, not evidence" in page.tell_choice(1024, 50, None, version_id)
    assert "256 samples or more" in page.tell_choice(None, 0, "9", version_id)


def test_a_channel_that_recordings_call_differently_is_told(version_id):
    names = [f"bearing {number} x" for number in range(1, 13)]
    with unit_of_work() as session:
        rows = session.query(RecordingChannel).order_by(RecordingChannel.recording_id)
        for row, name in zip(rows, names, strict=True):
            row.name = name
    assert ExperimentService.describe_version(version_id)["channel_names"] == [names]
    channels = page.describe_version(version_id, 256)[0]
    assert channels[0]["label"] == "1st of each: bearing 1 x, bearing 2 x and 10 more"
    told = page.tell_choice(1024, 0, "0", version_id)
    assert told.startswith("The recordings call their 1st channel differently: bearing 1 x, ")


def test_a_window_that_no_recording_holds_is_made_to_fit(version_id):
    known = ExperimentService.describe_version(version_id)
    shortest = known["shortest_s"] * known["rates_hz"][0]
    fitting = page.describe_version(version_id, 2**20)[-1]
    assert shortest / 2 < fitting <= shortest
    assert page.describe_version(version_id, fitting)[-1] is no_update
    assert page.describe_version(version_id, None)[-1] is no_update


def test_an_extraction_is_started_once_asked(version_id, told, viewer):
    asked = (version_id, "<b>levels</b>", ["time"], "0", 1024, 50, "-", 3)
    with clicked(Ids.start):
        assert page.start(None, *asked) is no_update
        assert page.start(1, *asked) == 4
    with unit_of_work(writing=False) as session:
        job = session.query(Job).one()
        assert job.arguments["config"]["overlap"] == 0.5
        assert job.arguments["config"]["group_by"] == ""
    progress, place, known = page.show_sets({}, 0, 1, None)[:3]
    shown = str(progress)
    assert "“<b>levels</b>”" in shown
    assert "The first feature set is being extracted" in str(place)
    assert "'verb': 'cancel'" in shown
    with acting_as(viewer):
        assert "'verb': 'cancel'" not in str(page.show_sets({}, 0, 1, None)[0])
    with clicked(Ids.start), pytest.raises(Invalid):
        page.start(1, None, *asked[1:])
    with unit_of_work() as session:
        session.get_one(Job, job.id).status = JobStatus.FAILED
    progress, place = page.show_sets({}, 0, 1, known)[:2]
    assert "failed" in str(progress)
    assert "No feature sets yet" in str(place)


def test_a_set_is_listed_with_a_link(analyst):
    with unit_of_work() as session:
        made = factories.feature_set(session, owner_id=analyst.user_id, name="<i>x</i>").id
    shown = str(page.show_sets({}, 0, 1, None)[1])
    assert f"/features/{made}" in shown
    assert FeatureSetService.count_feature_sets() == 1


def test_many_sets_are_shown_by_pages(version_id, analyst, monkeypatch):
    monkeypatch.setattr(page, "PAGE_SIZE", 2)
    with unit_of_work() as session:
        for name in ("first", "second", "third"):
            factories.feature_set(session, owner_id=analyst.user_id, name=name)
    _, newest, known, pages, alone = page.show_sets({}, 0, 1, None)
    assert (pages, alone) == (2, False)
    assert "third" in str(newest)
    assert "first" not in str(newest)
    assert "first" in str(page.show_sets({}, 0, 2, known)[1])
