from __future__ import annotations

import random
import stat
import struct
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest

from diagnostics.errors import FileFormatError
from diagnostics.importers.archives import Archive, ArchiveLimits, is_archive

TEXT = b"1\n2\n3\n" * 50


def packed(path: Path, members: dict[str, bytes], **how) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **how) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.fixture
def path(tmp_path):
    return tmp_path / "set.zip"


def problems(path, limits=None) -> dict[str, str]:
    with Archive(path, limits) as archive:
        return {member.name: member.problem for member in archive.members}


def test_members_are_listed_and_unpacked_one_by_one(path, tmp_path):
    packed(
        path, {"a/1.csv": TEXT, "2.csv": TEXT[:60], "__MACOSX/._1.csv": b"x", "a/.DS_Store": b"y"}
    )
    with Archive(path) as archive:
        assert [(m.name, m.size, m.problem) for m in archive.members] == [
            ("a/1.csv", 300, ""),
            ("2.csv", 60, ""),
        ]
        archive.unpack("a/1.csv", tmp_path / "one")
        assert (tmp_path / "one").read_bytes() == TEXT
        with pytest.raises(FileFormatError, match="no file b"):
            archive.unpack("b", tmp_path / "other")
    assert is_archive("A.ZIP")


@pytest.mark.parametrize(
    ("name", "problem"),
    [("/etc/passwd.csv", "leaves"), ("../../a.csv", "leaves"), ("a\\..\\..\\b.csv", "leaves"),
     ("C:/a.csv", "leaves"), ("a\nb.csv", "cannot be shown"), ("x" * 300 + ".csv", "Rename"),
     ("inner.zip", "archive inside"), ("a.tar.gz", "archive inside"), ("b.7z", "archive inside")],
)  # fmt: skip
def test_names_that_are_no_plain_files_inside_are_told(path, tmp_path, name, problem):
    packed(path, {name: TEXT, "good.csv": TEXT})
    found = problems(path)
    assert found.pop("good.csv") == ""
    (told,) = found.values()
    assert problem in told
    with Archive(path) as archive, pytest.raises(FileFormatError, match=problem):
        archive.unpack(archive.members[0].name, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_links_and_empty_files_and_names_that_come_twice_are_told(path):
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("link.csv")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("empty.csv", b"")
        archive.writestr("one.csv", TEXT)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("one.csv", TEXT)
    found = problems(path)
    assert "link" in found["link.csv"]
    assert "empty" in found["empty.csv"]
    assert "several" in found["one.csv"]


def changed(path: Path, signature: bytes, at: int, value: bytes) -> None:
    """Lie in a field of the first record with this signature."""
    content = bytearray(path.read_bytes())
    begin = content.index(signature) + at
    content[begin : begin + len(value)] = value
    path.write_bytes(content)


CENTRAL = b"PK\x01\x02"


def test_encrypted_and_strangely_packed_members_are_told(path):
    packed(path, {"a.csv": TEXT})
    changed(path, CENTRAL, 8, struct.pack("<H", 1))
    assert "encrypted" in problems(path)["a.csv"]
    packed(path, {"a.csv": TEXT})
    changed(path, CENTRAL, 10, struct.pack("<H", zipfile.ZIP_LZMA))
    assert "ordinary zip" in problems(path)["a.csv"]


@pytest.mark.parametrize("size", [len(TEXT) - 50, len(TEXT) + 50])
def test_a_size_that_lies_is_counted_and_leaves_nothing(path, tmp_path, size):
    packed(path, {"a.csv": TEXT})
    changed(path, CENTRAL, 24, struct.pack("<I", size))
    with Archive(path) as archive, pytest.raises(FileFormatError):
        archive.unpack("a.csv", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_bomb_is_refused_by_what_it_would_grow_to(path):
    packed(path, {"zeros.csv": bytes(80 << 20)})
    with pytest.raises(FileFormatError, match="times its size"):
        Archive(path)


def test_members_that_lie_over_one_another_are_refused(path):
    packed(path, {"a.csv": TEXT, "b.csv": TEXT})
    content = bytearray(path.read_bytes())
    second = content.index(CENTRAL, content.index(CENTRAL) + 4)
    content[second + 42 : second + 46] = struct.pack("<I", 0)  # where its bytes begin
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match="over one another"):
        Archive(path)


@pytest.mark.parametrize(
    ("limits", "problem"),
    [(ArchiveLimits(members=1), "at most 1 are"), (ArchiveLimits(bytes=500), "Split it"),
     (ArchiveLimits(ratio=2, ratio_from=0), "times its size")],
)  # fmt: skip
def test_limits(path, limits, problem):
    packed(path, {"a.csv": TEXT, "b.csv": TEXT})
    with pytest.raises(FileFormatError, match=problem):
        Archive(path, limits)
    assert "Split it" in problems(path, ArchiveLimits(member_bytes=100))["a.csv"]


def test_a_huge_table_of_contents_is_not_read(path):
    packed(path, {"a.csv": TEXT})
    content = path.read_bytes()
    end = content.index(b"PK\x05\x06")
    with path.open("wb") as file:
        file.truncate(20 << 20)
        file.seek(20 << 20)
        tail = bytearray(content[end:])
        tail[12:16] = struct.pack("<I", 20 << 20)
        tail[16:20] = struct.pack("<I", 0)
        file.write(tail)
    with pytest.raises(FileFormatError, match="table of contents"):
        Archive(path)


def test_damaged_archives_end_in_a_sentence(path, tmp_path):
    packed(path, {f"{n}.csv": TEXT for n in range(4)})
    good, chance = path.read_bytes(), random.Random(3)
    for _ in range(300):
        content = bytearray(good)
        for _ in range(chance.randint(1, 4)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        if chance.random() < 0.3:
            del content[chance.randrange(len(content)) :]
        path.write_bytes(content)
        # Nothing else may come out of it.
        with suppress(FileFormatError), Archive(path) as archive:
            for member in archive.members:
                target = tmp_path / "out"
                with suppress(FileFormatError):
                    archive.unpack(member.name, target)
                    assert target.exists()
                    target.unlink()
                assert not target.exists()


def test_what_is_no_archive_is_told(path):
    path.write_bytes(b"nonsense")
    with pytest.raises(FileFormatError, match="broken or cut off"):
        Archive(path)
