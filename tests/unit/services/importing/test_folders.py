from __future__ import annotations

import os

import pytest

from diagnostics.errors import FileFormatError
from services.importing.folders import entries_of, files_under, named_in


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
    with pytest.raises(FileFormatError, match="does not lie in the folder"):
        named_in(root, name)
    with pytest.raises(FileFormatError):
        entries_of(root, name)


def test_plain_names_are_found(root):
    assert named_in(root, "day 1/1.csv") == root / "day 1" / "1.csv"
    assert named_in(root, "") == root
