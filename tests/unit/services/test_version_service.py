from __future__ import annotations

import pytest

from services.actor import acting_as
from services.dataset_service import DatasetService
from services.datasets.selection import Condition, RecordingFilter, Selection
from services.errors import Conflict, Forbidden, Invalid, NotFound
from services.version_service import VersionService
from tests.unit.services.test_dataset_service import stored

pytestmark = pytest.mark.database


@pytest.fixture
def filled(analyst):
    """Version 1: three balls and one without a label, a, b, c and d."""
    dataset_id = DatasetService.create("pumps")
    labels = {"a": "ball", "b": "ball", "c": "ball", "d": None}
    samples = [
        stored(name, 50.0 + place, label=label, load=f"{place} hp")
        for place, (name, label) in enumerate(labels.items())
    ]
    added = DatasetService.add_recordings(dataset_id, samples, "import")["recordings"]
    return dataset_id, {one.name: one.recording_id for one in added}


def classes(dataset_id, version=None):
    found = DatasetService.get_dataset_statistics(dataset_id, version)
    return found["classes"] | ({"": found["unlabelled"]} if found["unlabelled"] else {})


def everything(**given):
    return Selection(chosen=RecordingFilter(**given))


def test_versions_say_what_they_changed(filled):
    dataset_id, ids = filled
    VersionService.relabel_selected(dataset_id, Selection((ids["a"], ids["b"])), "inner", "seen")
    VersionService.remove_selected(dataset_id, Selection((ids["d"],)), "broken sensor")
    counts = [
        (one["added_count"], one["removed_count"], one["relabelled_count"])
        for one in VersionService.list_versions(dataset_id)
    ]
    assert counts == [(0, 1, 0), (0, 0, 2), (4, 0, 0)]


def test_a_diff_says_who_what_and_why(filled, analyst):
    dataset_id, ids = filled
    VersionService.relabel_selected(dataset_id, Selection((ids["a"], ids["d"])), "inner", "seen")
    VersionService.remove_selected(dataset_id, Selection((ids["b"],)), "broken sensor")
    DatasetService.add_recordings(dataset_id, [stored("e", 70.0, label="outer")], "more")
    found = VersionService.diff_versions(dataset_id, 1, 4)
    assert (found["added"], found["removed"], found["relabelled"]) == (1, 1, 2)
    assert [tuple(one.values()) for one in found["transitions"]] == [
        ("relabelled", None, "inner", 1),
        ("relabelled", "ball", "inner", 1),
        ("removed", "ball", None, 1),
        ("added", None, "outer", 1),
    ]
    assert [one["reason"] for one in found["steps"]] == ["more", "broken sensor", "seen"]
    assert {one["created_by"] for one in found["steps"]} == {analyst.name}
    changed = VersionService.list_changes(dataset_id, 1, 4)
    assert [(one["name"], one["before"], one["after"]) for one in changed] == [
        ("a", "ball", "inner"),
        ("d", None, "inner"),
    ]
    (gone,) = VersionService.list_changes(dataset_id, 1, 4, "removed")
    (came,) = VersionService.list_changes(dataset_id, 1, 4, "added")
    assert (gone["name"], came["name"]) == ("b", "e")
    assert VersionService.list_changes(dataset_id, 1, 4, limit=1, offset=1) == changed[1:]
    assert VersionService.list_changes(dataset_id, 1, 4, limit=-1) == []


def test_a_diff_backwards_and_of_nothing(filled):
    dataset_id, ids = filled
    VersionService.remove_selected(dataset_id, Selection((ids["b"],)), "")
    assert VersionService.diff_versions(dataset_id, 2, 1)["added"] == 1
    same = VersionService.diff_versions(dataset_id, 1, 1)
    assert (same["transitions"], same["steps"]) == ([], [])


def test_one_for_another_is_not_nothing(filled):
    dataset_id, ids = filled
    VersionService.remove_selected(dataset_id, Selection((ids["b"],)), "")
    DatasetService.add_recordings(dataset_id, [stored("e", 70.0)], "more")
    found = VersionService.diff_versions(dataset_id, 1, 3)
    assert (found["added"], found["removed"]) == (1, 1)


def test_all_that_match_are_relabelled(filled):
    dataset_id, _ = filled
    chosen = everything(conditions=(Condition("name", "contains", "b"),))
    VersionService.relabel_selected(dataset_id, chosen, "inner", "")
    assert classes(dataset_id) == {"ball": 2, "inner": 1, "": 1}
    VersionService.relabel_selected(dataset_id, everything(label=""), "outer", "")
    assert classes(dataset_id) == {"ball": 2, "inner": 1, "outer": 1}
    VersionService.relabel_selected(dataset_id, everything(), "", "")
    assert classes(dataset_id) == {"": 4}


def test_a_preview_says_what_would_change_and_changes_nothing(filled):
    dataset_id, _ = filled
    found = VersionService.preview_relabel(dataset_id, everything(), " ball ")
    assert found == {
        "version": 1,
        "selected": 4,
        "changed": 1,
        "unchanged": 3,
        "before": {"": 1},
        "after": "ball",
    }
    assert len(VersionService.list_versions(dataset_id)) == 1


def test_what_cannot_be_selected(filled):
    dataset_id, ids = filled
    with pytest.raises(NotFound, match="no recording 999"):
        VersionService.relabel_selected(dataset_id, Selection((999,)), "x", "")
    with pytest.raises(Invalid, match="selected"):
        VersionService.remove_selected(dataset_id, everything(search="nothing"), "")
    with pytest.raises(Invalid, match="already"):
        VersionService.relabel_selected(dataset_id, Selection((ids["a"],)), "ball", "")
    with pytest.raises(Invalid, match="reason"):
        VersionService.relabel_selected(dataset_id, Selection((ids["a"],)), "x", "y" * 501)
    with pytest.raises(Conflict, match="no recordings"):
        VersionService.preview_relabel(DatasetService.create("empty"), everything(), "x")


def test_an_older_version_comes_back_as_a_new_one(filled):
    dataset_id, ids = filled
    VersionService.relabel_selected(dataset_id, everything(), "inner", "")
    VersionService.remove_selected(dataset_id, Selection((ids["a"],)), "")
    assert VersionService.restore_version(dataset_id, 1) == 4
    assert classes(dataset_id) == classes(dataset_id, 1) == {"ball": 3, "": 1}
    newest, *_, first = VersionService.list_versions(dataset_id)
    assert newest["content_hash"] == first["content_hash"]
    assert newest["reason"] == "version 1 restored"
    counts = (newest["added_count"], newest["removed_count"], newest["relabelled_count"])
    assert counts == (1, 0, 3)
    with pytest.raises(Conflict, match="same as version 1"):
        VersionService.restore_version(dataset_id, 1)
    with pytest.raises(NotFound, match="version 9"):
        VersionService.restore_version(dataset_id, 9)


def test_a_second_tab_is_told(filled, analyst):
    dataset_id, ids = filled
    some = Selection((ids["a"],))
    VersionService.relabel_selected(dataset_id, some, "inner", "first tab", based_on=1)
    for change in (
        lambda: VersionService.relabel_selected(dataset_id, some, "outer", "", based_on=1),
        lambda: VersionService.remove_selected(dataset_id, some, "", based_on=1),
        lambda: VersionService.restore_version(dataset_id, 1, based_on=1),
        lambda: DatasetService.relabel(dataset_id, {ids["a"]: "x"}, "", based_on=1),
        lambda: DatasetService.remove_recordings(dataset_id, [ids["a"]], "", based_on=1),
    ):
        with pytest.raises(Conflict, match=f"made meanwhile by {analyst.name}: first tab"):
            change()
    assert classes(dataset_id)["inner"] == 1


def test_viewers_look_and_do_not_change(filled, viewer):
    dataset_id, _ = filled
    with acting_as(viewer):
        assert VersionService.preview_relabel(dataset_id, everything(), "x")["changed"] == 4
        for change in (
            lambda: VersionService.relabel_selected(dataset_id, everything(), "x", ""),
            lambda: VersionService.remove_selected(dataset_id, everything(), ""),
            lambda: VersionService.restore_version(dataset_id, 1),
        ):
            with pytest.raises(Forbidden):
                change()


def test_kinds_of_changes_are_checked(filled):
    with pytest.raises(Invalid, match="got “moved”"):
        VersionService.list_changes(filled[0], 1, 1, "moved")
