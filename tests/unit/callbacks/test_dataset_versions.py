from __future__ import annotations

import pytest
from dash import no_update

from callbacks import dataset_versions as page
from services.actor import acting_as
from services.dataset_service import DatasetService
from tests.unit.callbacks.pages import clicked
from tests.unit.services.test_dataset_service import stored


@pytest.fixture(autouse=True)
def told(monkeypatch):
    """What the page says in toasts; there is no page here to put them into."""
    texts = []
    monkeypatch.setattr(page, "tell", lambda text, *_: texts.append(text))
    return texts


@pytest.fixture
def view(analyst):
    """Version 2 relabels a, version 3 is without b."""
    dataset_id = DatasetService.create("pumps")
    DatasetService.add_recordings(dataset_id, [stored("a"), stored("b", 60.0)], "import")
    DatasetService.relabel(dataset_id, {1: "inner"}, "seen in the workshop")
    DatasetService.remove_recordings(dataset_id, [2], "broken sensor")
    return {"dataset": dataset_id, "version": None}


def test_versions_are_listed_with_what_they_changed(view, viewer):
    listed, options, older, _, newer, hidden = page.show_versions(view, 0)
    shown = str(listed)
    assert all(text in shown for text in ("2 added", "1 relabelled", "1 removed", "Restore"))
    assert ([one["value"] for one in options], older, newer, hidden) == ([3, 2, 1], 2, 3, False)
    with acting_as(viewer):
        assert "Restore" not in str(page.show_versions(view, 0)[0])


def test_the_address_says_which_are_compared(view):
    assert page.show_versions({**view, "compare": [1, 3]}, 0)[2:5:2] == (1, 3)
    assert page.show_versions({**view, "compare": [1, 9]}, 0)[2:5:2] == (2, 3)


def test_a_comparison_says_what_who_and_why(view):
    shown, kinds, first, hidden = page.show_diff("1", "3", view)
    assert all(text in str(shown) for text in ("seen in the workshop", "broken sensor", "inner"))
    assert [one["label"] for one in kinds] == ["relabelled (1)", "removed (1)"]
    assert (first, hidden) == ("relabelled", False)
    assert "the same recordings" in str(page.show_diff(3, 3, view)[0])
    assert page.show_diff(None, None, view) == ([], [], None, True)


def test_changed_recordings_come_block_by_block(view):
    given = page.give_changes({"startRow": 0}, 1, 3, "relabelled", view)
    assert given["rowCount"] == 1
    row = given["rowData"][0]
    assert (row["name"], row["before"], row["after"]) == ("a", "ball", "inner")
    assert page.give_changes({"startRow": 0}, 1, 3, None, view) == {"rowData": [], "rowCount": 0}


def test_an_older_version_comes_back_when_it_is_confirmed(view, told):
    with clicked({"type": page.Ids.restore, "version": 1}):
        question, shown, asked = page.ask_first([1], view)
        assert page.ask_first([None], view) == (no_update,) * 3
    assert (shown, asked) == (True, {"number": 1, "based_on": 3})
    assert "version 1" in question
    assert page.restore(None, asked, view, 0) is no_update
    assert page.restore(1, asked, view, 0) == 1
    assert told == ["Version 4 is the same as version 1."]
    assert DatasetService.get_dataset_details(view["dataset"])["recording_count"] == 2


def test_a_data_set_without_versions_has_nothing_to_compare(analyst):
    view = {"dataset": DatasetService.create("empty"), "version": None}
    assert page.show_versions(view, 0) == ([], [], None, [], None, True)
