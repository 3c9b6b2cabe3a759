from __future__ import annotations

import os
import sys

import pytest

from diagnostics.errors import FileFormatError
from services.importing import folders
from services.importing.folders import entries_of, files_under, held_open, look_at


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "rig"
    (root / "day 1" / "deep").mkdir(parents=True)
    (tmp_path / "secret.csv").write_text("x")
    for name in ("b.csv", "A.csv", ".hidden.csv", "day 1/1.csv", "day 1/deep/2.csv"):
        (root / name).write_text("1")
    (root / "out").symlink_to(tmp_path)
    (root / "linked.csv").symlink_to(tmp_path / "secret.csv")
    (root / "inside.csv").symlink_to(root / "b.csv")
    os.mkfifo(root / "pipe.csv")
    return root


def test_folders_come_first_and_links_and_pipes_are_left_out(root):
    found = [(one.name, one.is_folder) for one in entries_of(root, "")]
    assert found == [("day 1", True), ("A.csv", False), ("b.csv", False)]
    assert [one.name for one in entries_of(root, "day 1")] == ["day 1/deep", "day 1/1.csv"]
    assert list(files_under(root, "")) == ["day 1/deep/2.csv", "day 1/1.csv", "A.csv", "b.csv"]


@pytest.mark.parametrize(
    "name",
    ["../secret.csv", "/etc/passwd", "day 1/../../secret.csv", "out/secret.csv", "out",
     "linked.csv", "inside.csv", "pipe.csv", "none.csv", "a\\..\\b", "b.csv\0"],
)  # fmt: skip
def test_nothing_beside_the_folder_is_found(root, name):
    for look in (look_at, lambda *at: held_open(*at).__enter__()):
        with pytest.raises(FileFormatError, match="does not lie in the folder"):
            look(root, name)
    with pytest.raises(FileFormatError):
        entries_of(root, name)


def test_plain_names_are_found(root):
    with held_open(root, "day 1/1.csv") as path:
        assert path.read_text() == "1"
    assert look_at(root, "day 1/1.csv").st_size == 1
    with held_open(root, "") as path:
        assert os.path.samefile(path, root)


def test_what_was_checked_is_what_is_read_whatever_takes_its_place(root):
    with held_open(root, "day 1/1.csv") as path:
        (root / "day 1" / "1.csv").unlink()
        (root / "day 1" / "1.csv").symlink_to(root.parent / "secret.csv")
        assert path.read_text() == "1"
    with pytest.raises(FileFormatError):
        look_at(root, "day 1/1.csv")


def test_a_folder_swapped_on_the_way_leads_nowhere(root, monkeypatch):
    """Between the look at a folder and the one at what lies in it, a link takes its place."""
    (root.parent / "1.csv").write_text("secret")
    really = os.open

    def swapping(path, *rest, **more):
        if path == "1.csv":
            (root / "day 1").rename(root.parent / "moved")
            (root / "day 1").symlink_to(root.parent)
        return really(path, *rest, **more)

    monkeypatch.setattr(folders.os, "open", swapping)
    with held_open(root, "day 1/1.csv") as path:
        assert path.read_text() == "1"
    monkeypatch.undo()
    for look in (look_at, entries_of):
        with pytest.raises(FileFormatError):
            look(root, "day 1")


def test_no_descriptor_is_left_open(root):
    before = set(os.listdir("/proc/self/fd"))
    with held_open(root, "day 1/1.csv"):
        pass
    for name in ("linked.csv", "none.csv", "pipe.csv", "../secret.csv"):
        with pytest.raises(FileFormatError):
            look_at(root, name)
    list(files_under(root, ""))
    assert set(os.listdir("/proc/self/fd")) == before


def test_folders_may_lie_deeper_than_functions_call_each_other(tmp_path):
    depth = sys.getrecursionlimit() + 50
    places = [tmp_path]
    for _ in range(depth):
        places.append(places[-1] / "d")
        places[-1].mkdir()
    (places[-1] / "a.csv").write_text("1")
    try:
        assert list(files_under(tmp_path, "")) == ["d/" * depth + "a.csv"]
    finally:  # what clears up after tests calls itself
        (places[-1] / "a.csv").unlink()
        for place in reversed(places[1:]):
            place.rmdir()
