from __future__ import annotations

from pathlib import Path

import pytest

from services.actor import acting_as
from services.errors import Forbidden, Invalid, NotFound
from services.import_folder_service import MOST_NAMES, ImportFolderService


@pytest.fixture
def rig(server, tmp_path):
    """A folder of the server that the settings allow, and what lies beside it."""
    root = tmp_path / "measurements"
    (root / "day 1").mkdir(parents=True)
    for name in ("a.csv", "notes.docx", "day 1/b.csv", "day 1/c.mat", "day 1/d.docx", "set.zip"):
        (root / name).write_text("1\n2\n")
    (tmp_path / "secret.csv").write_text("x")
    (root / "link.csv").symlink_to(tmp_path / "secret.csv")
    server.config["IMPORT_FOLDERS"] = {"rig": root, "gone": tmp_path / "gone"}
    return root


def names(view) -> list[str]:
    return [one["name"] for one in view["entries"]]


def test_without_a_setting_there_are_none(analyst):
    assert ImportFolderService.list_folders() == []
    with pytest.raises(NotFound, match="no folder “rig”"):
        ImportFolderService.browse("rig")


def test_browsing_shows_names_and_never_places(rig, analyst):
    assert ImportFolderService.list_folders() == ["gone", "rig"]
    view = ImportFolderService.browse("rig")
    assert names(view) == ["day 1/", "a.csv", "notes.docx", "set.zip"]
    assert [one["is_read"] for one in view["entries"]] == [False, True, False, True]
    assert str(rig.parent) not in str(view)
    inside = ImportFolderService.browse("rig", "day 1", "C.m", 1)
    assert (names(inside), inside["total"]) == (["day 1/c.mat"], 1)
    assert names(ImportFolderService.browse("rig", "", limit=1, offset=1)) == ["a.csv"]


def test_what_is_not_there_is_told_without_its_place(rig, analyst):
    for folder, path in (("gone", ""), ("rig", "../"), ("rig", "day 2"), ("other", "")):
        with pytest.raises(NotFound) as told:
            ImportFolderService.browse(folder, path)
        assert str(rig.parent) not in told.value.message


def test_named_files_and_those_in_named_folders_are_found(rig, analyst):
    found = ImportFolderService.find_files("rig", ["a.csv", "day 1/"])
    assert [(one.name, one.found) for one in found] == [
        ("rig/a.csv", False),
        ("rig/day 1/b.csv", True),
        ("rig/day 1/c.mat", True),
    ]
    assert {one.root for one in found} == {rig}
    assert all(Path(one.path).is_file() for one in found)
    everything = ImportFolderService.find_files("rig", [""])
    assert len(everything) == 4
    assert len({one.key for one in everything}) == 4


@pytest.mark.parametrize("name", ["link.csv", "../secret.csv", "day 1", "a.csv/", "none.csv"])
def test_names_that_lead_elsewhere_are_refused(rig, analyst, name):
    with pytest.raises(NotFound):
        ImportFolderService.check_names("rig", [name])
    with pytest.raises(NotFound):
        ImportFolderService.find_files("rig", [name])


def test_a_whole_folder_is_better_than_thousands_of_names(rig, analyst):
    with pytest.raises(Invalid, match="Choose the folder"):
        ImportFolderService.check_names("rig", ["a.csv"] * (MOST_NAMES + 1))


def test_viewers_see_nothing(rig, viewer):
    with acting_as(viewer):
        for look in (ImportFolderService.list_folders, lambda: ImportFolderService.browse("rig")):
            with pytest.raises(Forbidden):
                look()
