"""An archive may come from anywhere: what is wrong with it is said, and nothing is touched."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile

import pytest

from services.errors import Conflict, Invalid
from services.files.artefacts import ArtefactStore
from storage.archive import ArchiveReader, member_of, new_archive
from storage.backup import make_backup
from storage.restore import opened_archive, restore
from storage.sealing import seal, unseal
from tests.installations import files_in, installation, store_of


@pytest.fixture
def good(origin, tmp_path):
    """A good archive."""
    place = tmp_path / "place"
    place.mkdir()
    path = tmp_path / "good.tar"
    make_backup(path, origin.database_url, store_of(origin), place, lambda _: None)
    return path


@pytest.fixture
def refused(tmp_path):
    """Tries to restore an archive; the sentence. Nothing must be there afterwards."""
    target = installation(tmp_path / "target", f"sqlite:///{tmp_path}/target.db")

    def attempt(path) -> str:
        with pytest.raises((Invalid, Conflict)) as caught, opened_archive(path) as archive:
            restore(
                archive,
                target.database_url,
                store_of(target),
                target.data_folder,
                lambda _: None,
            )
        assert files_in(target.data_folder / "artefacts") == {}
        assert not (tmp_path / "target.db").exists() or (tmp_path / "target.db").stat().st_size == 0
        return caught.value.message

    return attempt


def members(path) -> dict[str, bytes]:
    with tarfile.open(path, "r:") as archive:
        return {member.name: archive.extractfile(member).read() for member in archive}


def written(path, content: dict[str, bytes]):
    """A tar with these members, as any program would write it."""
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as archive:
        for name, data in content.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def changed(path, **given):
    """The archive with another manifest."""
    content = members(path)
    manifest = json.loads(content["manifest.json"])
    manifest.update(given)
    content["manifest.json"] = json.dumps(manifest).encode()
    digest = hashlib.sha256(content["manifest.json"]).hexdigest()
    content["manifest.json.sha256"] = digest.encode()
    return written(path.with_name("changed.tar"), content)


def manifest_of(path) -> dict:
    return json.loads(members(path)["manifest.json"])


def test_any_program_reads_it(good):
    names = list(members(good))
    assert names[-2:] == ["manifest.json", "manifest.json.sha256"]
    assert any(name.startswith("files/recordings/") for name in names)
    lines = gzip.decompress(members(good)["tables/users.jsonl.gz"]).splitlines()
    assert json.loads(lines[0])[1] == "änna"


def test_every_member_counts(good, refused):
    content = good.read_bytes()
    bad = good.with_name("bad.tar")
    with tarfile.open(good, "r:") as archive:
        every = archive.getmembers()
    for member in (*every[:3], *every[-5:]):
        for offset in (member.offset, member.offset_data + member.size // 2):
            bad.write_bytes(content[:offset] + bytes([content[offset] ^ 1]) + content[offset + 1 :])
            assert refused(bad)


def test_a_part_of_it_is_nothing(good, refused):
    content = good.read_bytes()
    bad = good.with_name("bad.tar")
    for size in (0, 100, 512, 5_000, len(content) // 2, len(content) - 2048, content.rindex(b"}")):
        bad.write_bytes(content[:size])
        assert refused(bad)


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE]
)
def test_links_and_devices_are_refused(good, refused, kind):
    bad = good.with_name("bad.tar")
    with tarfile.open(bad, "w") as archive:
        info = tarfile.TarInfo("files/link")
        info.type, info.linkname = kind, "/etc/passwd"
        archive.addfile(info)
    bad.write_bytes(bad.read_bytes()[:512] + good.read_bytes())
    assert "something else than files" in refused(bad)


def test_two_members_of_one_name_are_refused(good, refused):
    bad = good.with_name("bad.tar")
    content = good.read_bytes()
    size = int(content[124:135], 8)
    first = content[: 512 + -(-size // 512) * 512]
    bad.write_bytes(first + content)
    assert "each of its own name" in refused(bad)


@pytest.mark.parametrize(
    "key", ["../outside", "/etc/passwd", "recordings/../../outside", "recordings", "a/.b", "a//b"]
)
def test_keys_stay_inside_the_store(good, refused, key, tmp_path):
    files = manifest_of(good)["files"]
    files[0]["key"] = key
    assert "files.0.key" in refused(changed(good, files=files))
    assert not (tmp_path / "outside").exists()


def test_members_that_the_manifest_does_not_name_are_not_touched(good, tmp_path):
    content = {"../../outside": b"x", "files/more": b"y", **members(good)}
    target = installation(tmp_path / "target", f"sqlite:///{tmp_path}/target.db")
    with opened_archive(written(tmp_path / "more.tar", content)) as archive:
        restore(archive, target.database_url, store_of(target), target.data_folder, lambda _: None)
    assert not list(tmp_path.rglob("outside"))
    assert not list(target.data_folder.rglob("more"))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"revision": "r9999"}, "newer version"),
        ({"format_version": 2}, "newer version"),
        ({"format": "another"}, "format"),
        ({"tables": []}, "tables are not those"),
        ({"more": 1}, "more"),
        ({"missing": ["exports/none"]}, "rows name files"),
        ({"files": []}, "rows name files"),
        ({"revision": "r0001"}, "tables are not those"),
    ],
)
def test_what_does_not_fit_is_refused(good, tmp_path, given, sentence):
    target = installation(tmp_path / "target", f"sqlite:///{tmp_path}/target.db")
    with (
        pytest.raises((Invalid, Conflict), match=sentence),
        opened_archive(changed(good, **given)) as archive,
    ):
        restore(archive, target.database_url, store_of(target), target.data_folder, lambda _: None)


@pytest.mark.parametrize(
    "columns",
    [
        {"id": "integer", "name": "text); DROP TABLE users; --"},
        {"id": "integer", 'name" TEXT); DROP TABLE users; --': "text"},
        {},
    ],
)
def test_names_of_columns_are_those_of_the_tables(good, tmp_path, columns):
    tables = manifest_of(good)["tables"]
    next(table for table in tables if table["name"] == "users")["columns"] = columns
    target = installation(tmp_path / "target", f"sqlite:///{tmp_path}/target.db")
    with (
        pytest.raises(Invalid, match="archive is damaged"),
        opened_archive(changed(good, tables=tables)) as archive,
    ):
        restore(archive, target.database_url, store_of(target), target.data_folder, lambda _: None)


def test_a_line_without_an_end_does_not_fill_the_memory(good, refused, monkeypatch):
    monkeypatch.setattr("storage.archive.LONGEST_LINE", 1_000)
    assert "the rows of" in refused(good)


def test_long_keys_get_a_member_with_a_short_name(tmp_path):
    assert member_of("recordings/ab/" + "c" * 64 + ".h5", 7).startswith("files/recordings/ab/")
    assert member_of("exports/" + "c" * 100, 7) == "files/7"
    with new_archive(tmp_path / "one.tar") as archive:
        part = archive.add("a" * 100, io.BytesIO(b"content"))
        archive.add("empty", io.BytesIO(b""))
        assert part.size == 7
    with (tmp_path / "one.tar").open("rb") as file, pytest.raises(Invalid, match="no manifest"):
        ArchiveReader(file)


def test_what_fails_leaves_no_file(tmp_path):
    with pytest.raises(OSError, match="full"), new_archive(tmp_path / "one.tar"):
        raise OSError("full")
    assert list(tmp_path.iterdir()) == []


def test_two_backups_do_not_write_one_file(tmp_path):
    with (
        new_archive(tmp_path / "one.tar"),
        pytest.raises(Conflict, match="Another backup"),
        new_archive(tmp_path / "one.tar"),
    ):
        pass


def test_what_a_killed_backup_left_is_written_over(tmp_path):
    (tmp_path / ".one.tar.part").write_bytes(b"x" * 10_000)
    with new_archive(tmp_path / "one.tar") as archive:
        archive.add("a", io.BytesIO(b""))
    assert (tmp_path / "one.tar").stat().st_size < 10_000
    assert not (tmp_path / ".one.tar.part").exists()


def test_a_sealed_secret_is_opened_by_its_passphrase_alone():
    sealed = seal("secret", "purple gasket meadow")
    assert b"secret" not in sealed
    assert unseal(sealed, "purple gasket meadow") == "secret"
    with pytest.raises(Invalid, match="not the one"):
        unseal(sealed, "purple gasket meadow ")
    given = json.loads(sealed)
    for bad in ({**given, "sealed": "AAAA"}, {**given, "salt": "!"}, {"method": given["method"]}):
        with pytest.raises(Invalid):
            unseal(json.dumps(bad).encode(), "purple gasket meadow")
    with pytest.raises(Invalid, match="newer version"):
        unseal(json.dumps({**given, "method": "x"}).encode(), "purple gasket meadow")


def test_a_store_reads_and_keeps_under_a_key(tmp_path):
    store = ArtefactStore(str(tmp_path / "files"), tmp_path / "cache")
    for content in (b"one", b"two"):
        store.keep("exports/a.csv", io.BytesIO(content))
    with store.open("exports/a.csv") as file:
        assert file.read() == b"two"
    with pytest.raises(Invalid, match="inside the store"):
        store.keep("../a.csv", io.BytesIO(b""))
    assert list(files_in(tmp_path)) == ["files/exports/a.csv"]
