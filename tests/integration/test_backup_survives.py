"""Backup and restore among writers, and under kill -9."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from models import DatasetMember, DatasetVersion, JobStatus, Role, User
from models.recordings import Origin
from server import create_server
from services import runtime
from services.actor import Actor, acting_as
from services.dataset_service import DatasetService
from services.datasets.recording_store import About, store_samples
from services.errors import Conflict, ServiceError
from services.job_service import JobService
from storage import databases
from storage.backup import make_backup
from storage.restore import LEFT_OVERS, check_whole, opened_archive, restore
from tests import factories, postgresql
from tests.installations import execute, installation, make_filled, store_of, sums

ROOT = Path(__file__).parents[2]
# Stops at a place, says so, and waits to be killed.
BEGIN = """
import sys, time
from pathlib import Path
import storage.backup, storage.restore
from services.files.artefacts import ArtefactStore
path, folder, url, where = sys.argv[1:]
def stop(*given, **named):
    print("here", flush=True)
    time.sleep(60)
def after(count, call):
    left = [count]
    def counted(*given, **named):
        left[0] -= 1
        return stop() if left[0] < 0 else call(*given, **named)
    return counted
store = ArtefactStore(f"{folder}/artefacts", Path(folder) / "fetched")
"""
BACK_UP = """
from storage.archive import ArchiveWriter
match where:
    case "rows": storage.backup.keys_in = stop
    case "files": ArchiveWriter.add = after(5, ArchiveWriter.add)
    case "manifest": ArchiveWriter.finish = stop
    case "name": Path.rename = stop
place = Path(folder) / "place"
place.mkdir(exist_ok=True)
storage.backup.make_backup(Path(path), url, store, place, lambda message: None)
"""
RESTORE = """
import shutil
set_mark, last = storage.restore._set, lambda: None
match where:
    case "files": ArtefactStore.keep = after(5, ArtefactStore.keep)
    case "tables": storage.restore.write_lines = after(9, storage.restore.write_lines)
    case "settle": storage.restore._settle = stop
    case "commit": storage.restore._set = lambda *given: (set_mark(*given), stop())
    case "left overs": shutil.rmtree = after(1, shutil.rmtree)
    case "last": last = stop
    case "mark": Path.unlink = stop
replace = Path(folder, "replace").exists()
with storage.restore.opened_archive(Path(path)) as archive:
    storage.restore.restore(
        archive, url, store, Path(folder), lambda message: None, replace=replace, last=last
    )
"""


def kill_at(script: str, *arguments: object) -> None:
    command = [sys.executable, "-c", BEGIN + script, *map(str, arguments)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "here\n"
        process.kill()


@pytest.fixture
def origin(tmp_path):
    return make_filled(tmp_path / "origin", f"sqlite:///{tmp_path}/origin.db")


def back_up(settings, path):
    place = settings.data_folder / f"place-{path.stem}"
    place.mkdir()
    return make_backup(path, settings.database_url, store_of(settings), place, lambda _: None)


def bring_back(path, settings):
    with opened_archive(path) as archive:
        folder = settings.data_folder
        return restore(archive, settings.database_url, store_of(settings), folder, lambda _: None)


def test_a_killed_backup_leaves_nothing_that_looks_like_one(origin, tmp_path):
    path = tmp_path / "backups" / "one.tar"
    path.parent.mkdir()
    for where in ("rows", "files", "manifest", "name"):
        kill_at(BACK_UP, path, origin.data_folder, origin.database_url, where)
        assert [file.name for file in path.parent.iterdir()] == [".one.tar.part"]
    back_up(origin, path)
    assert [file.name for file in path.parent.iterdir()] == ["one.tar"]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_killed_restore_can_be_done_again(origin, tmp_path, kind, request):
    path = tmp_path / "one.tar"
    back_up(origin, path)
    url = f"sqlite:///{tmp_path}/target.db"
    if kind == "postgresql":
        server = request.getfixturevalue("postgresql_server")
        url = postgresql.create_database(server, "killed")
    target = installation(tmp_path / "target", url)
    kill_at(RESTORE, path, target.data_folder, url, "files" if kind == "sqlite" else "tables")
    with databases.opened(url) as engine, engine.connect() as connection:
        assert databases.is_unused(connection)
    bring_back(path, target)
    for table in ("recordings", "dataset_members", "explanations", "users"):
        assert sums(url)[table] == sums(origin.database_url)[table]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_killed_restore_leaves_the_old_or_has_to_be_done_again(origin, tmp_path, kind, request):
    path = tmp_path / "one.tar"
    back_up(origin, path)
    url = f"sqlite:///{tmp_path}/target.db"
    if kind == "postgresql":
        server = request.getfixturevalue("postgresql_server")
        url = postgresql.create_database(server, "replaced")
    target = make_filled(tmp_path / "target", url)
    left = [target.data_folder / name / "old" for name in LEFT_OVERS]
    for file in left:
        file.parent.mkdir(exist_ok=True)
        file.touch()
    execute(url, insert(User).values(name="old", role="viewer"))
    old, wanted = sums(url), sums(origin.database_url)["users"]
    replace = target.data_folder / "replace"
    replace.touch()
    is_sqlite = kind == "sqlite"  # a process takes seconds to begin: each step once is enough
    for where in ("settle", "commit") if is_sqlite else ("commit",):
        kill_at(RESTORE, path, target.data_folder, url, where)
        assert sums(url) == old
        assert all(file.exists() for file in left)
        if where == "settle":
            check_whole(target.data_folder)
    replace.unlink()  # whoever does it again need not insist again
    for where in ("left overs", "last", "mark") if is_sqlite else ("last",):
        kill_at(RESTORE, path, target.data_folder, url, where)
        assert sums(url)["users"] == wanted
        with pytest.raises(Conflict, match="was cut short"):
            check_whole(target.data_folder)
    bring_back(path, target)
    check_whole(target.data_folder)
    assert not any(file.exists() for file in left)
    assert sums(url)["users"] == wanted


class Writers:
    """People who import and delete until somebody says stop."""

    def __init__(self, server, people: list[Actor]) -> None:
        self._server, self._stop = server, threading.Event()
        self.done, self.errors = 0, []
        self._threads = [threading.Thread(target=self._work, args=(one,)) for one in people]

    def __enter__(self) -> Writers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_given: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _work(self, actor: Actor) -> None:
        number, mine = 0, []
        with self._server.app_context(), acting_as(actor):
            while not self._stop.is_set():
                number += 1
                try:
                    mine.append(self._import(f"{actor.name} {number}"))
                    if len(mine) > 3:
                        DatasetService.delete_dataset(mine.pop(0))
                except ServiceError as error:
                    self.errors.append(error.message)
                self.done += 1

    def _import(self, name: str) -> int:
        dataset_id = DatasetService.create(name)
        for part in range(2):
            tones = [factories.sine(10 + hash((name, i)) % 500, count=500) for i in range(2)]
            stored = [
                store_samples(tone, About(f"{name} {part} {i}", Origin.GENERATED, "inner"))
                for i, tone in enumerate(tones)
            ]
            DatasetService.add_recordings(dataset_id, stored, "made")
        return dataset_id


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_backup_among_writers_is_of_one_moment(tmp_path, kind, request):
    url = f"sqlite:///{tmp_path}/origin.db"
    if kind == "postgresql":
        server = request.getfixturevalue("postgresql_server")
        url = postgresql.create_database(server, "busy")
    origin = make_filled(tmp_path / "origin", url)
    server = create_server(origin)
    with server.app_context():
        with runtime.unit_of_work() as session:
            people = [
                factories.actor_of(factories.user(session, role=Role.ANALYST)) for _ in range(2)
            ]
        with Writers(server, people) as writers:
            archives = []
            while len(archives) < 4 or writers.done < 20:
                archives.append(tmp_path / f"{len(archives)}.tar")
                assert back_up(origin, archives[-1]).missing == []
        with acting_as(people[0]):
            assert JobService.count_jobs(statuses=[JobStatus.RUNNING]) == 0
        runtime.engine().dispose()
    assert writers.errors == []
    seen = set()
    for path in (archives[0], archives[len(archives) // 2], archives[-1]):
        target = installation(tmp_path / path.stem, f"sqlite:///{tmp_path}/{path.stem}.db")
        seen.add(bring_back(path, target).manifest.rows)
        check_members(target.database_url)
    assert len(seen) > 1


def check_members(url: str) -> None:
    """Every version has the members that it counts, which no half of an import would."""
    members = (
        select(DatasetVersion.recording_count, func.count(DatasetMember.recording_id))
        .outerjoin(DatasetMember, DatasetMember.version_id == DatasetVersion.id)
        .group_by(DatasetVersion.id)
    )
    with databases.opened(url) as engine, engine.connect() as connection:
        found = connection.execute(members).all()
        assert found
        assert [row for row in found if row[0] != row[1]] == []
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
