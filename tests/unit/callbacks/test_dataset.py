from __future__ import annotations

import pytest
from dash import no_update

from callbacks import dataset, datasets
from services.actor import acting_as
from services.dataset_service import DatasetService
from services.errors import Invalid
from services.runtime import unit_of_work
from tests import factories


@pytest.fixture(autouse=True)
def told(monkeypatch):
    """What the page says in toasts; there is no page here to put them into."""
    texts = []
    monkeypatch.setattr(dataset, "tell", lambda text, *_: texts.append(text))
    return texts


@pytest.fixture
def filled(analyst):
    with unit_of_work() as session:
        owner = {"owner_id": analyst.user_id}
        one = factories.dataset(session, name="pumps", **owner)
        bearing = factories.bearing(session, name="drive end")
        warning = {"code": "no_speed", "message": "The speed is not there.", "channel": None}
        ids = [
            factories.recording(
                session,
                dataset_id=one.id,
                name=name,
                bearing_id=bearing.id,
                warnings=found,
                **owner,
            ).id
            for name, found in (("a", []), ("b", [warning]))
        ]
        factories.version(session, dict(zip(ids, ("ball", None), strict=True)), one.id)
        return {"dataset": one.id, "version": None}, ids


def rows(view, version=1, search="", warned=False, **request):
    asked = {"startRow": 0, "endRow": 100, "sortModel": [], **request}
    return dataset.give_rows(asked, view, version, search, warned)


def selected(ids):
    return [{"id": str(one)} for one in ids]


def test_the_list_is_given_block_by_block(filled):
    assert datasets.show_empty("x") == (None, False)
    given = datasets.give_rows({"startRow": 0, "endRow": 100}, None, False)
    assert (given["rowCount"], given["rowData"][0]["name"]) == (1, "pumps")
    assert datasets.give_rows({"startRow": 0, "endRow": 100}, "x", False)["rowCount"] == 0
    assert datasets.give_rows(None, None, False) is no_update


def test_an_empty_site_says_how_to_begin(analyst, viewer):
    assert "Import recordings" in str(datasets.show_empty("x")[0])
    with acting_as(viewer):
        assert "Import recordings" not in str(datasets.show_empty("x")[0])


def test_shows_what_is_in_it(filled):
    view, _ = filled
    head, options, chosen, hidden, versions = dataset.show_dataset(view, 0)
    assert (chosen, hidden) == (1, False)
    assert [option["value"] for option in options] == [1]
    assert all(word in str(head) for word in ("pumps", "Archive", "Import"))
    assert "made for a test" in str(versions)
    figures, content, frozen = dataset.show_version("1", view)
    assert "Recordings" in str(figures)
    assert "The speed is not there." in str(content)
    assert not frozen


def test_viewers_change_nothing(filled, viewer):
    view, _ = filled
    with acting_as(viewer):
        assert "Archive" not in str(dataset.show_dataset(view, 0)[0])
        assert dataset.show_version("1", view)[2]


def test_empty_and_absent_data_sets_say_so(analyst):
    empty = {"dataset": DatasetService.create("empty"), "version": None}
    *_, hidden, told = dataset.show_dataset(empty, 0)
    assert hidden
    assert "This data set is empty" in str(told)
    assert dataset.show_version(None, empty) == ([], [], True)
    for absent in (999, None):
        shown = dataset.show_dataset({"dataset": absent, "version": None}, 0)
        assert "There is no such data set" in str(shown)


def test_recordings_are_sorted_and_filtered_by_the_server(filled):
    view, ids = filled
    given = rows(view, sortModel=[{"colId": "name", "sort": "desc"}])
    assert [row["name"] for row in given["rowData"]] == ["b", "a"]
    assert given["rowData"][1]["href"].endswith(
        f"/signals?dataset={view['dataset']}&recording={ids[0]}"
    )
    assert rows(view, warned=True)["rowCount"] == 1
    assert rows(view, search="ball")["rowCount"] == 1
    assert rows(view, version=None) == {"rowData": [], "rowCount": 0}
    with pytest.raises(Invalid):
        rows(view, sortModel=[{"colId": "odd"}])


def test_relabelling_makes_a_version(filled, told):
    view, ids = filled
    assert dataset.count_selected(selected(ids))[0] == "2 selected"
    assert dataset.relabel(1, view, selected(ids), "inner", "seen", 0) == (1, [])
    assert DatasetService.get_dataset_statistics(view["dataset"])["classes"] == {"inner": 2}
    assert told == ["Version 2 has the new labels."]
    assert dataset.relabel(None, view, selected(ids), "x", "", 0) == (no_update, no_update)


def test_changes_are_done_once_they_are_confirmed(filled):
    view, ids = filled
    dataset_id = view["dataset"]
    # A dialogue that has only just been put into the page has confirmed nothing.
    assert dataset.act(None, "delete", view, [], "", 0) == (no_update,) * 3
    dataset.act(1, "archive", view, [], "", 0)
    assert DatasetService.count_datasets() == 0
    dataset.act(1, "restore", view, [], "", 0)
    dataset.act(1, "remove", view, selected(ids[:1]), "why", 0)
    assert DatasetService.get_dataset_details(dataset_id)["version"] == 2
    assert dataset.act(1, "delete", view, [], "", 0)[1].endswith("/datasets")
    assert DatasetService.get_dataset_details(dataset_id) is None
