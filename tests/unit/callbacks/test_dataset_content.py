from __future__ import annotations

import pytest
from dash import no_update
from sqlalchemy import update

from callbacks import dataset_content as page
from layouts.dataset_content import one_field
from layouts.shell import Ids as Shell
from models import RecordingChannel
from services.dataset_service import DatasetService
from services.runtime import unit_of_work
from tests.unit.callbacks.pages import clicked
from tests.unit.services.test_dataset_service import stored

WARNING = {"code": "clipped", "message": "2 samples are at the limit.", "channel": "x"}


@pytest.fixture(autouse=True)
def told(monkeypatch):
    """What the page says in toasts; there is no page here to put them into."""
    texts = []
    monkeypatch.setattr(page, "tell", lambda text, *_: texts.append(text))
    return texts


@pytest.fixture
def view(analyst):
    dataset_id = DatasetService.create("pumps")
    samples = [
        stored("a", load="0 hp", warnings=[WARNING]),
        stored("b", 60.0, load="1 hp", attributes={"size": 7.0}),
        stored("c", 70.0, label=None, load=None),
    ]
    DatasetService.add_recordings(dataset_id, samples, "import")
    return {"dataset": dataset_id, "version": None}


def waveforms(view, unmeasured=None, trigger="dataset-version"):
    with clicked(trigger, "value"):
        return page.show_waveforms(1, None, view, unmeasured)


def test_classes_are_counted_against_loads_at_first(view):
    warnings, options, rows, _, columns, left_out = page.show_counts(1, view, None, None)
    assert (rows, columns, left_out) == ("label", "load", "")
    assert [one["value"] for one in options] == ["label", "machine", "bearing", "load", "size"]
    assert "A clipped channel" in str(warnings)
    assert "warning=equals%3Aclipped" in str(warnings)


def test_what_was_chosen_stays(view):
    shown = page.show_counts(1, view, "size", "bearing")
    assert (shown[2], shown[4]) == ("size", "bearing")


def test_a_table_leads_to_the_recordings_that_were_counted(view):
    shown = str(page.show_crossing("label", "load", 1, view))
    assert "label=equals%3Aball&amp;" not in shown
    assert "label=equals%3Aball&load=equals%3A0+hp" in shown
    assert "label=blank&load=blank" in shown
    assert "attribute.size=equals%3A7" in str(page.show_crossing("label", "size", 1, view))


def test_one_field_alone_is_counted_too(view):
    shown = str(page.show_crossing("label", None, 1, view))
    assert "no label" in shown
    assert "66.7 %" in shown
    assert "too many" in page.show_crossing("label", "unheard of", 1, view)


def test_a_class_called_as_those_without_one_has_a_row_of_its_own():
    shown = str(one_field({"no label": 3}, "Class", 5, unlabelled=2))
    assert shown.count("no label") == 2
    assert "60.0 %" in shown
    assert "40.0 %" in shown


def test_rows_and_columns_are_swapped():
    assert page.swap(1, "label", "load") == ("load", "label")
    assert page.swap(None, "label", "load") == (no_update, no_update)


def test_classes_are_shown_as_they_look(view):
    shown = page.show_preview(1, "2", True, view)
    (graph, links) = shown.children
    titles = [one.text for one in graph.figure.layout.annotations]
    assert titles == ["<b>ball</b> (2)", "<b>no label</b> (1)"]
    assert len(graph.figure.data) == 3
    assert "/signals?dataset=1&recording=1" in str(links)
    ranges = {tuple(axis.range) for axis in graph.figure.select_yaxes() if axis.range}
    assert len(ranges) == 1
    loose = page.show_preview(1, 2, False, view).children[0].figure
    assert not any(axis.range for axis in loose.select_yaxes())


def test_samples_have_statistics_by_class(view):
    shown, unmeasured = waveforms(view)
    assert unmeasured == 0
    assert all(text in str(shown) for text in ("Kurtosis", "ball", "no label", "m/s²"))
    rows = shown.children[0].children.children.children[1].children
    ends = ["spread-ends" in str(row) for row in rows]
    assert ends == [True, False]  # two recordings have a spread, one has none
    assert waveforms(view, 0, Shell.pulse) == (no_update, no_update)


def test_what_was_not_measured_can_be(view, told, session):
    with unit_of_work() as unit:
        unit.execute(update(RecordingChannel).values(rms=None))
    shown, unmeasured = waveforms(view)
    assert unmeasured == 3
    assert "3 channels were not measured yet" in str(shown)
    assert waveforms(view, 3, Shell.pulse) == (no_update, no_update)
    assert page.measure([None], view) is no_update
    page.measure([1], view)
    assert told[0].startswith("The samples are being measured")


def test_before_a_version_is_known_nothing_is_shown(view):
    assert page.show_counts(None, view, None, None)[1] == []
    assert page.show_crossing("label", "load", None, view) == []
    assert page.show_preview(None, 2, True, view) == []
    assert waveforms({"dataset": None, "version": None}) == ([], None)
