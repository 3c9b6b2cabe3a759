"""Backup and restore among writers, and under kill -9."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import h5py
import pytest
from sqlalchemy import func, insert, select, update

from diagnostics.signals.recording_file import content_hash, open_recording
from models import Dataset, DatasetExport, DatasetMember, DatasetVersion, Event, Role, User
from models.base import now
from models.recordings import Origin
from server import create_server
from services import runtime
from services.actor import WORKER, Actor, acting_as
from services.dataset_service import DatasetService
from services.datasets.recording_store import About, store_samples
from services.errors import Conflict
from services.export_service import KEEP_EXPORTS, ExportService
from services.housekeeping_service import HousekeepingService
from storage import databases
from storage.backup import make_backup
from storage.files import keys_in
from storage.half_restored import check_whole
from storage.restore import LEFT_OVERS, opened_archive, restore
from storage.tables import shapes
from tests import factories, postgresql
from tests.installations import execute, installation, make_filled, store_of, sums
from tests.running import wait_for

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


BACKUPS = 3
DAY = timedelta(days=1)


class Person:
    """Imports, exports, and deletes what was imported before."""

    def __init__(self, actor: Actor, first: int) -> None:
        self.actor, self._tone, self._mine = actor, first, list[int]()

    def __call__(self) -> None:
        self._mine.append(self._import())
        ExportService.make_export(self._mine[-1], None, "csv")
        if len(self._mine) > 1:
            DatasetService.delete_dataset(self._mine.pop(0), delete_file=True)

    def _import(self) -> int:
        dataset_id = DatasetService.create(f"{self.actor.name} {self._tone}")
        for _ in range(2):
            stored = []
            for _ in range(2):
                self._tone += 1
                about = About(f"tone {self._tone}", Origin.IMPORTED, "inner")
                stored.append(store_samples(factories.sine(self._tone, count=500), about))
            DatasetService.add_recordings(dataset_id, stored, "import")
        return dataset_id


class Cleaning:
    """Finds all exports past their time, and files that belong to nobody."""

    actor = WORKER

    def __init__(self) -> None:
        self._tone, self.gone = 900.0, Counter[str]()

    def __call__(self) -> None:
        self._tone += 0.1
        lost = store_samples(factories.sine(self._tone), About("lost", Origin.IMPORTED))
        yesterday = (now() - 2 * DAY).timestamp()
        os.utime(runtime.artefacts().local_path(lost.artefact_key), (yesterday, yesterday))
        with runtime.unit_of_work() as session:
            session.execute(update(DatasetExport).values(created_at=now() - KEEP_EXPORTS - DAY))
        self.gone.update(HousekeepingService.clean_up())


@contextmanager
def at_work(server, works) -> Iterator[Callable[[], None]]:
    """All work again and again until the end of the block. What is given waits until each has
    done something more; it raises what went wrong in any of them."""
    stop, rounds = threading.Event(), [0] * len(works)

    def repeat(number: int) -> None:
        work = works[number]
        with server.app_context(), acting_as(work.actor):
            while not stop.is_set():
                work()
                rounds[number] += 1

    def look() -> None:
        for end in ends:
            if end.done():
                end.result()

    def go_on() -> None:
        before = list(rounds)
        wait_for(lambda: look() or all(n > b for n, b in zip(rounds, before, strict=True)))

    with ThreadPoolExecutor(len(works)) as pool:
        ends = [pool.submit(repeat, number) for number in range(len(works))]
        try:
            yield go_on
        finally:
            stop.set()
    look()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_backup_among_writers_is_of_one_moment(tmp_path, kind, request):
    url = f"sqlite:///{tmp_path}/origin.db"
    if kind == "postgresql":
        server = request.getfixturevalue("postgresql_server")
        url = postgresql.create_database(server, "busy")
    origin = make_filled(tmp_path / "origin", url)
    archives = [tmp_path / f"{number}.tar" for number in range(BACKUPS)]
    server = create_server(origin)
    with server.app_context():
        with runtime.unit_of_work() as session:
            filled = set(session.scalars(select(Dataset.id)))
            people = [
                Person(factories.actor_of(factories.user(session, role=Role.ANALYST)), first)
                for first in (100, 500)
            ]
        cleaning = Cleaning()
        with at_work(server, [*people, cleaning]) as go_on:
            for path in archives:
                go_on()
                assert back_up(origin, path).missing == []
        runtime.engine().dispose()
    assert cleaning.gone["exports"]
    assert cleaning.gone["stored files without a row"]
    seen = set()
    for path in (archives[0], archives[-1]):
        target = installation(tmp_path / path.stem, f"sqlite:///{tmp_path}/{path.stem}.db")
        seen.add(bring_back(path, target).manifest.rows)
        check_rows(target.database_url, filled)
        check_files(target.database_url, target.data_folder / "artefacts")
    assert len(seen) > 1


def check_rows(url: str, filled: set[int]) -> None:
    """No half of anything: versions have the members that they count, and all data sets are
    there that were made and not deleted."""
    members = (
        select(DatasetVersion.recording_count, func.count(DatasetMember.recording_id))
        .outerjoin(DatasetMember, DatasetMember.version_id == DatasetVersion.id)
        .group_by(DatasetVersion.id)
    )
    with databases.opened(url) as engine, engine.connect() as connection:
        found = connection.execute(members).all()
        assert found
        assert [row for row in found if row[0] != row[1]] == []
        told = {  # counted, since numbers are given again
            verb: Counter(connection.scalars(select(Event.object).where(Event.type == verb)))
            for verb in ("dataset.created", "dataset.deleted")
        }
        made = set(connection.scalars(select(Dataset.id))) - filled
        left = told["dataset.created"] - told["dataset.deleted"]
        assert left == Counter(f"dataset:{one}" for one in made)
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def check_files(url: str, store: Path) -> None:
    """Every file that a row names is there, with the content that its key says."""
    with databases.opened(url) as engine, engine.connect() as connection:
        named = keys_in(connection, shapes())
    assert named
    for key in named:
        path = store / key
        if key.startswith("recordings/"):
            with open_recording(path) as recording:
                assert content_hash(recording.read_all()) == path.stem
        elif key.startswith("features/") and path.suffix == ".h5":
            with h5py.File(path) as table:
                assert table.attrs["content_hash"] == path.stem
        else:
            assert hashlib.sha256(path.read_bytes()).hexdigest() == path.stem
