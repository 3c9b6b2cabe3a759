from __future__ import annotations

from types import SimpleNamespace

import pytest
from dash import no_update

from callbacks import import_data_folders as page
from layouts.import_data_folders import Ids
from services.actor import acting_as
from services.import_service import ImportService
from tests.unit.services.test_import_folder_service import rig as rig


def ids(*names):
    return [{"type": Ids.tick, "name": name} for name in names]


def test_nothing_is_shown_without_folders(analyst, viewer):
    assert page.show_folders("", None) == ([], None, True, None)
    assert page.show_entries(None, "", "", 1, None, None)[:2] == ([], [])
    with acting_as(viewer):
        assert page.show_folders("", None) == ([], None, True, None)


def test_what_was_chosen_for_the_preview_of_the_address_is_chosen_again(rig, analyst, sent):
    job_id = ImportService.start_preview([], folder="rig", names=["a.csv"])
    options, folder, hidden, chosen = page.show_folders("", job_id)
    assert ([one["value"] for one in options], folder, hidden) == (["gone", "rig"], "rig", False)
    assert chosen == {"folder": "rig", "names": ["a.csv"]}
    assert page.show_folders("", 999)[3] is None


def test_entries_are_ticked_where_they_were_chosen(rig, analyst):
    chosen = {"folder": "rig", "names": ["a.csv"]}
    _, shown, pages, look = page.show_entries("rig", "", "", 1, None, chosen)
    boxes = {one.id["name"]: one for one in shown._traverse() if hasattr(one, "value")}
    assert {name for name, box in boxes.items() if box.value} == {"a.csv"}
    assert (pages, look) == (1, page.HIDDEN)
    assert boxes["notes.docx"].disabled
    whole = {"folder": "rig", "names": ["day 1/"]}
    way, shown, *_ = page.show_entries("rig", "day 1", "", 1, None, whole)
    assert all(one.value for one in shown._traverse() if hasattr(one, "value"))
    assert "rig" in str(way)


def test_ticks_are_kept_beside_those_of_other_folders(rig):
    chosen = {"folder": "rig", "names": ["day 1/b.csv"]}
    both = page.tick([True, False], ids("a.csv", "set.zip"), "rig", "", chosen)
    assert both == {"folder": "rig", "names": ["day 1/b.csv", "a.csv"]}
    # A whole folder has what was ticked in it; one that is taken back leaves nothing.
    assert page.tick([True], ids("day 1/"), "rig", "", chosen)["names"] == ["day 1/"]
    assert page.tick([False], ids("day 1/b.csv"), "rig", "day 1", chosen) is None
    assert page.tick([True], ids("day 1/b.csv"), "rig", "day 1", chosen) is no_update
    covered = {"folder": "rig", "names": ["day 1/"]}
    assert page.tick([True], ids("day 1/b.csv"), "rig", "day 1", covered) is no_update


def test_a_whole_folder_and_none(rig):
    assert page.take_whole(None, "rig", "", None) == (no_update, no_update)
    chosen = {"folder": "rig", "names": ["a.csv", "day 1/b.csv"]}
    assert page.take_whole(1, "rig", "day 1", chosen)[0]["names"] == ["a.csv", "day 1/"]
    assert page.take_whole(2, "rig", "", chosen)[0]["names"] == [""]
    assert page.clear(None) == (no_update, no_update)
    assert page.clear(1)[0] is None
    assert page.forget_imported(None) == (no_update, no_update)
    assert page.forget_imported(7)[0] is None


@pytest.mark.parametrize(
    ("clicked", "expected"),
    [({"type": Ids.open, "path": "day 1"}, ("day 1", "", 1)), (Ids.folder, ("", "", 1)),
     (None, (no_update,) * 3)],
)  # fmt: skip
def test_folders_are_opened(monkeypatch, clicked, expected):
    monkeypatch.setattr(page, "ctx", SimpleNamespace(triggered_id=clicked))
    assert page.open_folder("rig", [1]) == expected


def test_what_is_chosen_is_told():
    told = page.show_chosen({"folder": "rig", "names": ["a.csv", "b.csv", "day 1/"]})
    assert told == ("Chosen: 2 files and 1 whole folder of “rig”.", {})
    assert page.show_chosen(None) == ("", page.HIDDEN)
