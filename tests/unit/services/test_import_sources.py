"""Imports from archives and folders of the server, and what is there already."""

from __future__ import annotations

import zipfile
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select

from diagnostics.progress import Progress
from models import Dataset, DatasetVersion, Job, JobKind, JobStatus, Recording
from services.actor import COMMAND_LINE, acting_as
from services.dataset_service import DatasetService
from services.errors import Conflict, Invalid, NotFound, Unavailable
from services.files import room
from services.import_folder_service import ImportFolderService
from services.import_profile_service import ImportProfileService
from services.import_service import MOST_PREVIEWED, ImportService
from services.importing.sources import SourceFile
from services.job_service import JobService
from services.jobs.job_runs import JobCancelled
from services.runtime import unit_of_work
from services.upload_service import UploadService
from tasks.imports import import_recordings
from tests.unit.services.test_import_folder_service import rig as rig
from tests.unit.services.test_upload_service import append
from tests.unit.tasks.test_imports import previewed

TYPED = {"sample_rate_hz": 1000, "unit": "g"}


def table(seed: int, count: int = 60) -> str:
    values = np.random.default_rng(seed).normal(size=count)
    return "\n".join(f"{value:.6f}" for value in values)


def archive(path: Path, members: dict[str, str | bytes]) -> SourceFile:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return SourceFile("the archive", "set.zip", path, size=path.stat().st_size)


@pytest.fixture
def dataset_id(analyst):
    return DatasetService.create("pumps")


@pytest.fixture
def mixed(tmp_path):
    members = {
        "ball/1.csv": table(1),
        "ball/2.csv": table(2),
        "broken.mat": "nonsense",
        "README": "About",
        "notes.docx": "x",
        "../evil.csv": table(9),
    }
    return archive(tmp_path / "a.zip", members)


def staged(server) -> list[Path]:
    folder = Path(server.config["DATA_FOLDER"]) / "staging"
    return list(folder.iterdir()) if folder.exists() else []


def labels(dataset_id) -> dict[str, int]:
    return DatasetService.get_dataset_statistics(dataset_id)["classes"]


def count(table_) -> int:
    with unit_of_work(writing=False) as session:
        return session.scalar(select(func.count()).select_from(table_))


def test_an_archive_becomes_its_members_and_a_bad_one_is_a_sentence(dataset_id, mixed, server):
    views = ImportService.preview_files([mixed])
    assert [(view["file_name"], bool(view["error"])) for view in views] == [
        ("set.zip/ball/1.csv", False),
        ("set.zip/ball/2.csv", False),
        ("set.zip/broken.mat", True),
        ("set.zip/../evil.csv", True),
    ]
    shared = {**TYPED, "pattern": "*/{label}/*"}
    result = ImportService.import_files([mixed], dataset_id, shared=shared)
    assert (result["imported"], result["refused_files"], result["left_out"]) == (2, 2, 2)
    assert labels(dataset_id) == {"ball": 2}
    assert staged(server) == []


def test_own_values_and_companions_work_in_an_archive(dataset_id, tmp_path):
    arrays = tmp_path / "x.npz"
    np.savez(arrays, IR007_0=np.random.default_rng(0).normal(size=500))
    companion = "record,fs,rpm_measured\nIR007_0,12000,1796\n"
    members = {"s/x.npz": arrays.read_bytes(), "s/x.csv": companion, "s/y.csv": table(3)}
    source = archive(tmp_path / "a.zip", members)
    views = {view["file_name"]: view for view in ImportService.preview_files([source])}
    assert views["set.zip/s/x.csv"]["describes"] == "set.zip/s/x.npz"
    assert views["set.zip/s/x.npz"]["profile"] == "cwru"
    own = {views["set.zip/s/y.csv"]["key"]: {**TYPED, "label": "pump"}}
    ImportService.import_files([source], dataset_id, own=own)
    assert labels(dataset_id) == {"inner race": 1, "pump": 1}


def test_an_archive_that_cannot_be_read_is_one_sentence(dataset_id, tmp_path):
    (tmp_path / "b.zip").write_bytes(b"nonsense")
    broken = SourceFile("b", "b.zip", tmp_path / "b.zip")
    useless = archive(tmp_path / "a.zip", {"a.docx": "x"})
    said = [view["error"] for view in ImportService.preview_files([broken, useless])]
    assert said == [
        "The zip archive is broken or cut off.",
        "The archive holds no file of a kind that is read.",
    ]


def test_uploads_of_which_all_was_read_go_and_others_stay(dataset_id, tmp_path):
    good = archive(tmp_path / "good.zip", {"1.csv": table(1)}).path.read_bytes()
    bad = archive(tmp_path / "bad.zip", {"2.csv": table(2), "b.mat": "x"}).path.read_bytes()
    ids = []
    for name, content in (("good.zip", good), ("bad.zip", bad)):
        ids.append(UploadService.begin(name, len(content))["id"])
        append({"id": ids[-1]}, 0, content)
    result = import_recordings(Progresses(), ids, dataset_id, "", TYPED, {})
    assert (result["imported"], result["refused_files"]) == (2, 1)
    assert [one["file_name"] for one in UploadService.list_own()] == ["bad.zip"]


class Progresses:
    """Reports, and stops the work at one of them."""

    def __init__(self, stop_at: str | None = None) -> None:
        self.stop_at = stop_at

    def __call__(self, progress: Progress) -> None:
        if self.stop_at and self.stop_at in (progress.stage, progress.message):
            raise JobCancelled


@pytest.mark.parametrize("stop_at", ["set.zip/ball/2.csv", "write the version"])
def test_cancelled_in_the_middle_leaves_no_row_and_nothing_unpacked(
    dataset_id, mixed, server, stop_at
):
    with pytest.raises(JobCancelled):
        ImportService.import_files([mixed], dataset_id, "", TYPED, report=Progresses(stop_at))
    assert (count(Recording), count(DatasetVersion), staged(server)) == (0, 0, [])


def test_a_crash_while_rows_are_written_leaves_none(dataset_id, mixed, monkeypatch):
    def crash(*_):
        raise RuntimeError("the power went")

    monkeypatch.setattr("services.dataset_service.add_version", crash)
    with pytest.raises(RuntimeError):
        ImportService.import_files([mixed], dataset_id, "", TYPED)
    assert (count(Recording), count(DatasetVersion)) == (0, 0)


def test_without_room_nothing_begins(dataset_id, mixed, server):
    room.measure_with(server, lambda _: (10**12, 10**12, 600 << 20))
    ImportService.import_files([mixed], dataset_id, "", TYPED)
    server.config["DISK_RESERVE_BYTES"] = 600 << 20
    with pytest.raises(Unavailable, match="no room for the import"):
        ImportService.import_files([mixed], dataset_id, "", TYPED)


def test_files_of_a_server_folder_are_read_in_place(rig, dataset_id, sent):
    (rig / "a.csv").write_text(table(4))
    (rig / "day 1" / "b.csv").write_text(table(5))
    before = {path: path.stat() for path in rig.rglob("*") if not path.is_symlink()}
    preview = previewed([], folder="rig", names=["a.csv", "day 1/"])
    said = {view["file_name"]: view for view in ImportService.list_preview(preview)}
    assert set(said) == {"rig/a.csv", "rig/day 1/b.csv", "rig/day 1/c.mat"}
    assert str(rig) not in str(said)
    job_id = ImportService.start_import(
        [], dataset_id, shared=TYPED, folder="rig", names=["a.csv", "day 1/"]
    )
    with pytest.raises(Conflict, match="imported already"):
        ImportService.start_import([], dataset_id, folder="rig", names=["a.csv"])
    with unit_of_work() as session:
        arguments = dict(session.get(Job, job_id).arguments)
        session.get(Job, job_id).status = JobStatus.DONE
    assert str(rig) not in str(arguments)
    result = import_recordings(Progresses(), **arguments)
    assert (result["imported"], result["refused_files"]) == (2, 1)
    assert str(rig) not in str(result)
    after = {path: path.stat() for path in before}
    assert {p: (s.st_size, s.st_mtime_ns) for p, s in before.items()} == {
        p: (s.st_size, s.st_mtime_ns) for p, s in after.items()
    }


def test_a_file_that_became_a_link_is_not_read(rig, dataset_id):
    (source,) = ImportFolderService.find_files("rig", ["a.csv"])
    (rig / "a.csv").unlink()
    (rig / "a.csv").symlink_to(rig.parent / "secret.csv")
    result = ImportService.import_files([source], dataset_id, "", TYPED)
    assert "link to another place" in result["files"][0]["sentence"]
    with pytest.raises(NotFound):
        ImportService.start_import([], dataset_id, folder="rig", names=["a.csv"])


def test_what_is_there_already_is_counted_by_where(dataset_id, tmp_path):
    other = DatasetService.create("fans")
    one = archive(tmp_path / "1.zip", {"a.csv": table(1), "b.csv": table(2)})
    ImportService.import_files([one], other, "", TYPED)
    members = {"a.csv": table(1), "again.csv": table(1), "c.csv": table(3)}
    two = archive(tmp_path / "2.zip", members)
    ImportService.import_files(
        [archive(tmp_path / "3.zip", {"c.csv": table(3)})], dataset_id, "", TYPED
    )
    result = ImportService.import_files([two], dataset_id, "", TYPED)
    assert (result["imported"], result["known"], result["twice"]) == (1, 1, 1)
    assert result["elsewhere"] == [{"dataset_id": other, "name": "fans", "count": 1}]
    assert [file["sentence"] for file in result["files"]] == [
        "1 recording imported. The same samples are in “fans”, too.",
        "1 recording is in another file of this import, too.",
        "1 recording is in the data set already.",
    ]
    third = DatasetService.create("third")
    skipped = ImportService.import_files([two], third, "", TYPED, skip_elsewhere=True)
    assert (skipped["imported"], skipped["skipped"], skipped["version"]) == (0, 3, None)
    assert "left out: “fans”" in skipped["files"][0]["sentence"]
    again = ImportService.import_files([two], dataset_id, "", TYPED, skip_elsewhere=True)
    assert (again["known"], again["skipped"]) == (3, 0)


def test_a_saved_profile_counts_in_preview_and_import(dataset_id, tmp_path):
    values = {"profile": "plain", **TYPED, "label": "pump", "channels": "column 1"}
    ImportProfileService.create_profile("Rig 7", values)
    source = archive(tmp_path / "a.zip", {"a.csv": table(1)})
    (view,) = ImportService.preview_files([source], "Rig 7")
    assert view["missing"] == []
    ImportService.import_files([source], dataset_id, "Rig 7", {"label": "fan"})
    assert labels(dataset_id) == {"fan": 1}


def test_long_texts_of_files_are_cut(dataset_id, tmp_path):
    ImportService.import_files(
        [archive(tmp_path / "a.zip", {f"{'x' * 150}.csv": table(1)})],
        dataset_id,
        shared={**TYPED, "pattern": "*/{label}.csv"},
    )
    (label,) = labels(dataset_id)
    assert len(label) == 120


def test_a_preview_is_read_by_its_owner_only_and_in_pages(dataset_id, viewer, admin, tmp_path):
    content = archive(
        tmp_path / "a.zip", {f"{n}.csv": table(n) for n in range(7)} | {"b.mat": "x"}
    ).path.read_bytes()
    upload_id = UploadService.begin("a.zip", len(content))["id"]
    append({"id": upload_id}, 0, content)
    job_id = previewed([upload_id])
    found = ImportService.get_preview(job_id)
    assert (found["file_count"], found["unreadable"], found["recordings"]) == (8, 1, 7)
    assert found["warnings"][0]["files"] == 7
    assert ImportService.list_preview(job_id, 1)[0]["file_name"] == "a.zip/b.mat"
    assert ImportService.count_preview(job_id, "unreadable") == 1
    assert ImportService.count_preview(job_id, search="a.zip 3") == 1
    lacks = ImportService.find_lacking(job_id, {"unit": "g"}, {})
    assert (lacks["count"], lacks["names"]) == (7, ["sample_rate_hz"])
    assert ImportService.find_lacking(job_id, TYPED, {})["count"] == 0
    key = ImportService.list_preview(job_id, search="3.csv")[0]["key"]
    assert ImportService.find_lacking(job_id, {}, {key: TYPED})["count"] == 6
    assert ImportService.is_preview_of(job_id, [upload_id], "", "", [])
    assert not ImportService.is_preview_of(job_id, [], "", "rig", ["a.csv"])
    with acting_as(viewer):
        assert not ImportService.is_preview_of(job_id, [upload_id], "", "", [])
        for look in (ImportService.get_preview, ImportService.list_preview):
            with pytest.raises(NotFound):
                look(job_id)
        # Anybody sees the state of the job, and only counts in its result.
        assert "a.zip/" not in str(JobService.get_job(job_id))
    with acting_as(admin):
        assert ImportService.count_preview(job_id) == 8


def test_a_preview_that_was_replaced_is_not_made(dataset_id, sent):
    upload_id = UploadService.begin("a.csv", 4)["id"]
    append({"id": upload_id}, 0, b"1\n2\n")
    first = ImportService.start_preview([upload_id])
    second = ImportService.start_preview([upload_id], instead_of=first)
    assert JobService.get_job(first)["status"] is JobStatus.CANCELLED
    finished = ImportService.start_import([upload_id], dataset_id)
    ImportService.start_preview([upload_id], instead_of=finished)
    assert JobService.get_job(finished)["status"] is JobStatus.WAITING
    assert JobService.get_job(second)["status"] is JobStatus.WAITING


def test_old_previews_are_forgotten(dataset_id, tmp_path, session, analyst):
    upload_id = UploadService.begin("a.csv", 4)["id"]
    append({"id": upload_id}, 0, b"1\n2\n")
    job_id = previewed([upload_id])
    with acting_as(COMMAND_LINE):
        assert ImportService.delete_old_previews() == 0
        session.get(Job, job_id).created_at -= timedelta(days=14)
        session.flush()
        assert ImportService.delete_old_previews() == 1


def test_of_very_many_files_some_are_looked_at(dataset_id, tmp_path, session, analyst, monkeypatch):
    monkeypatch.setattr("services.import_service.MOST_PREVIEWED", 3)
    source = archive(tmp_path / "a.zip", {f"{n}.csv": table(n) for n in range(10)})
    job_id = JobService.submit(JobKind.PREVIEW_IMPORT, {}, "Preview")
    told = ImportService.store_preview(job_id, [source], "", {})
    assert (told["file_count"], told["looked_at"]) == (10, 3)
    assert MOST_PREVIEWED >= 1_000


def test_nothing_chosen_is_told(dataset_id):
    with pytest.raises(Invalid, match="at least one file"):
        ImportService.start_import([], None, new_dataset="x")
    assert count(Dataset) == 1
