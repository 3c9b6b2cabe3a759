from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from models import Upload
from models.base import now
from services import upload_service
from services.actor import COMMAND_LINE, acting_as
from services.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge, Unavailable
from services.files.room import measure_with
from services.runtime import unit_of_work
from services.upload_service import MOST_AT_ONCE, UploadService, clean_file_name

pytestmark = pytest.mark.database


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def append(upload, offset, content):
    return UploadService.append(upload["id"], offset, content, digest(content))


@pytest.fixture
def upload(analyst):
    return UploadService.begin("a/pump.csv", 10)


def stored(server) -> list[Path]:
    return list((Path(server.config["DATA_FOLDER"]) / "uploads").iterdir())


def test_arrives_in_chunks(upload, server):
    assert append(upload, 0, b"01234")["received"] == 5
    with pytest.raises(Conflict, match="5 of 10 bytes"):
        UploadService.locate(upload["id"])
    assert append(upload, 5, b"56789")["is_complete"]
    name, path = UploadService.locate(upload["id"])
    assert (name, path.read_bytes()) == ("a/pump.csv", b"0123456789")
    assert [u["id"] for u in UploadService.list_own()] == [upload["id"]]


def test_a_chunk_may_come_twice_but_not_out_of_turn(upload):
    append(upload, 0, b"01234")
    assert append(upload, 0, b"01234")["received"] == 5
    with pytest.raises(Conflict, match="due is 5, got 7"):
        append(upload, 7, b"789")
    assert UploadService.get(upload["id"])["received"] == 5


@pytest.mark.parametrize(("offset", "content"), [(0, b"x" * 11), (-1, b"x"), (0, b""), (9, b"xx")])
def test_bytes_beyond_what_was_announced_are_refused(upload, offset, content):
    with pytest.raises(Invalid, match="10 bytes"):
        append(upload, offset, content)


def test_damaged_chunks_are_refused(upload):
    with pytest.raises(Invalid, match="checksum"):
        UploadService.append(upload["id"], 0, b"01234", digest(b"other"))
    assert UploadService.get(upload["id"])["received"] == 0


@pytest.mark.parametrize(
    ("name", "size", "error"),
    [("a.exe", 9, Invalid), ("a.csv", 0, Invalid), ("a.csv", -5, Invalid),
     ("a.csv", 2**60, TooLarge), ("../a.csv", 9, Invalid), ("", 9, Invalid)],
)  # fmt: skip
def test_files_that_cannot_be_taken_are_refused_at_once(analyst, name, size, error):
    with pytest.raises(error):
        UploadService.begin(name, size)


def test_a_full_disk_is_seen_before(analyst, server):
    measure_with(server, lambda _: (2000 << 20, 1400 << 20, 600 << 20))
    UploadService.begin("a.csv", 20 << 20)
    with pytest.raises(Unavailable, match="no room"):
        UploadService.begin("a.csv", 40 << 20)


def test_names_are_shown_not_used(server, analyst):
    assert clean_file_name("C:\\data\\a b.mat") == "C:/data/a b.mat"
    assert clean_file_name("/etc/./passwd.csv") == "etc/passwd.csv"
    for bad in ("a/../../b.csv", "..\\b.csv", "a\x00.csv", "a\n.csv", "x" * 256, "/"):
        with pytest.raises(Invalid):
            clean_file_name(bad)
    UploadService.begin("/etc/passwd.csv", 5)
    assert all(path.parent.name == "uploads" for path in stored(server))
    assert not any("passwd" in path.name for path in stored(server))


def test_discarding_leaves_nothing(upload, server):
    UploadService.discard(upload["id"])
    assert stored(server) == []
    with pytest.raises(NotFound):
        UploadService.get(upload["id"])


def test_nobody_elses_business(upload, viewer, admin):
    for who in (viewer, admin):
        with acting_as(who):
            assert UploadService.list_own() == []
            with pytest.raises(NotFound):
                UploadService.get(upload["id"])
    with acting_as(admin):
        for meddle in (
            lambda: append(upload, 0, b"x"),
            lambda: UploadService.discard(upload["id"]),
            lambda: UploadService.locate(upload["id"]),
        ):
            with pytest.raises(NotFound):
                meddle()
    with acting_as(viewer), pytest.raises(Forbidden):
        UploadService.begin("a.csv", 5)


def test_old_files_go(upload, server):
    with acting_as(COMMAND_LINE):
        assert UploadService.delete_old() == 0
        with unit_of_work() as session:
            session.get(Upload, upload["id"]).updated_at = now() - timedelta(days=3)
        assert UploadService.delete_old() == 1
    assert stored(server) == []


def test_the_same_file_goes_on_where_it_broke_off(admin, analyst):
    mark, other = digest(b"edges"), digest(b"other edges")
    first = UploadService.begin("a/pump.csv", 10, mark)
    append(first, 0, b"0123")
    again = UploadService.begin("a/pump.csv", 10, mark.upper())
    assert (again["id"], again["received"]) == (first["id"], 4)
    # Another content, name or size, and another person's file: these begin anew.
    for name, size, fingerprint in (
        ("a/pump.csv", 10, other),
        ("b/pump.csv", 10, mark),
        ("a/pump.csv", 11, mark),
        ("a/pump.csv", 10, ""),
    ):
        assert UploadService.begin(name, size, fingerprint)["received"] == 0
    with acting_as(admin):
        assert UploadService.begin("a/pump.csv", 10, mark)["id"] != first["id"]
    append(first, 4, b"456789")
    assert UploadService.begin("a/pump.csv", 10, mark)["is_complete"]


def test_a_file_whose_bytes_are_gone_begins_anew(analyst, server):
    mark = digest(b"edges")
    first = UploadService.begin("a.csv", 10, mark)
    for path in stored(server):
        path.unlink()
    assert UploadService.begin("a.csv", 10, mark)["id"] != first["id"]


def test_a_fingerprint_is_a_hash(analyst):
    with pytest.raises(Invalid, match="64 hexadecimal"):
        UploadService.begin("a.csv", 10, "x")


@pytest.mark.parametrize("name", ["a.zip", "b.csv.gz", "2003.10.22.12.06.24", "snapshot", "a.wav"])
def test_archives_packed_files_and_names_without_an_ending_are_taken(analyst, name):
    assert UploadService.begin(name, 10)["file_name"] == name


def test_many_are_found_at_once(upload):
    append(upload, 0, b"0123456789")
    other = UploadService.begin("b.csv", 10)
    assert [name for name, _ in UploadService.locate_all([upload["id"]])] == ["a/pump.csv"]
    with pytest.raises(Conflict):
        UploadService.locate_all([upload["id"], other["id"]])


def announced(name: str, size: int = 3, fingerprint: str = "") -> dict:
    return {"file_name": name, "size": size, "fingerprint": fingerprint}


def test_many_files_are_announced_at_once_and_a_bad_one_stops_no_other(analyst, server):
    found = UploadService.begin_many(
        [announced("a.csv"), announced("b.exe"), announced("c.csv", 0), announced("d/e.mat")]
    )
    assert [type(one) for one in found] == [dict, Invalid, Invalid, dict]
    assert [one["file_name"] for one in UploadService.list_own()] == ["a.csv", "d/e.mat"]
    assert {path.name for path in stored(server)} == {found[0]["id"], found[3]["id"]}


def test_of_many_files_those_go_on_that_came_before(analyst):
    begun = UploadService.begin("a.csv", 3, digest(b"a"))
    append(begun, 0, b"1")
    same, fresh, again, other = UploadService.begin_many(
        [
            announced("a.csv", 3, digest(b"a").upper()),
            announced("a.csv", 3, digest(b"b")),
            announced("a.csv", 3, digest(b"b")),
            announced("a.csv", 4, digest(b"a")),
        ]
    )
    assert (same["id"], same["received"]) == (begun["id"], 1)
    assert fresh["id"] == again["id"]
    assert len({same["id"], fresh["id"], other["id"]}) == 3
    one, two = UploadService.begin_many([announced("x.csv"), announced("x.csv")])
    assert one["id"] != two["id"]


def test_many_files_need_room_together(analyst, server, monkeypatch):
    measure_with(server, lambda _: (10**9, 0, server.config["DISK_RESERVE_BYTES"] + 2_000_000))
    size = 400_000
    with pytest.raises(Unavailable, match="3 files"):
        UploadService.begin_many([announced(f"{n}.csv", size) for n in range(3)])
    monkeypatch.setattr(upload_service, "MAX_OPEN_UPLOADS", 2)
    with pytest.raises(Conflict, match="At most 2"):
        UploadService.begin_many([announced(f"{n}.csv") for n in range(3)])
    with pytest.raises(Invalid, match="announced at once"):
        UploadService.begin_many([announced("a.csv")] * (MOST_AT_ONCE + 1))
    assert UploadService.list_own() == []


def test_many_are_discarded_at_once_but_nobody_elses(upload, analyst, admin, server, monkeypatch):
    monkeypatch.setattr(upload_service, "DISCARDED_AT_ONCE", 2)
    with acting_as(analyst):
        others = [UploadService.begin(f"{n}.csv", 3)["id"] for n in range(4)]
    with acting_as(admin), pytest.raises(NotFound):
        UploadService.discard_many(others)
    with acting_as(analyst):
        assert len(UploadService.list_own()) == 5
        UploadService.discard_many([*others, "gone already"])
        assert [one["id"] for one in UploadService.list_own()] == [upload["id"]]
    assert [path.name for path in stored(server)] == [upload["id"]]
