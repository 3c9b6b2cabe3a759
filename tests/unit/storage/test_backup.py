"""What comes back from an archive is what was there, on either database."""

from __future__ import annotations

import gzip
import os
import threading
from contextlib import closing
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import delete, insert, inspect, select, text, update

import schema
from models import (
    DatasetExport,
    Event,
    Experiment,
    ExperimentEpoch,
    Explanation,
    Job,
    JobKind,
    JobStatus,
    Upload,
    User,
    UserSession,
)
from models.base import now
from server import create_server
from services import runtime
from services.actor import WORKER, acting_as
from services.errors import Conflict, Invalid, NotFound
from services.experiments import runs
from services.files import kept_files
from services.files.artefacts import ArtefactStore
from services.files.staging import last_change
from storage import databases
from storage.archive import Manifest, TablePart, new_archive
from storage.backup import make_backup
from storage.files import keys_in
from storage.restore import opened_archive, restore
from storage.tables import Shape, read_lines, shapes, summed
from tests.installations import execute, files_in, installation, store_of, sums

KINDS = ["sqlite", "postgresql"]
# What is settled after a restore, because it was under way.
SETTLED = {"jobs", "uploads", "user_sessions", "events", "experiment_epochs"}


@pytest.fixture
def backup(origin, tmp_path):
    """Makes an archive of the origin; where it lies."""

    def make(name="one.tar", store: ArtefactStore | None = None, tell=quiet) -> Manifest:
        make.place.mkdir(exist_ok=True)
        path = tmp_path / name
        return make_backup(path, origin.database_url, store or store_of(origin), make.place, tell)

    make.path, make.place = tmp_path / "one.tar", tmp_path / "place"
    return make


def quiet(_message: str) -> None:
    pass


def bring_back(path, settings, **given):
    with opened_archive(path) as archive:
        return restore(
            archive,
            settings.database_url,
            store_of(settings),
            settings.data_folder,
            quiet,
            **given,
        )


def value(url: str, statement):
    with databases.opened(url) as engine, engine.connect() as connection:
        return connection.scalar(statement)


@pytest.fixture
def target(address, tmp_path, request):
    """An installation without anything."""
    kind = getattr(request, "param", "sqlite")
    return installation(tmp_path / "target", address(kind, "target"))


@pytest.mark.parametrize("origin", KINDS, indirect=True)
@pytest.mark.parametrize("target", KINDS, indirect=True)
def test_rows_and_files_come_back_on_either_database(backup, origin, target):
    manifest = backup()
    assert {part.name: part.rows for part in manifest.tables if part.rows == 0} == {}
    bring_back(backup.path, target)
    before, after = sums(origin.database_url), sums(target.database_url)
    assert {n: s for n, s in after.items() if n not in SETTLED} == {
        n: s for n, s in before.items() if n not in SETTLED
    }
    assert files_in(target.data_folder / "artefacts") == files_in(origin.data_folder / "artefacts")
    with databases.opened(target.database_url) as engine, engine.connect() as connection:
        assert schema.is_current(connection)
    name = insert(User).values(name="new", role="viewer")
    assert execute(target.database_url, name).inserted_primary_key[0] > before["users"].count


def test_with_the_key_sessions_come_back_too(backup, origin, target):
    backup()
    bring_back(backup.path, target, keep_sessions=True)
    assert sums(target.database_url)["user_sessions"] == sums(origin.database_url)["user_sessions"]
    bring_back(backup.path, target, replace=True)
    assert value(target.database_url, select(UserSession.id)) is None


def test_work_under_way_begins_anew_or_ends(backup, origin, target):
    running = update(Job).where(Job.status == JobStatus.WAITING).values(status=JobStatus.RUNNING)
    execute(origin.database_url, running)
    backup()
    done = bring_back(backup.path, target)
    url = target.database_url
    assert value(url, select(Job.id).where(Job.status == JobStatus.RUNNING)) is None
    importing = select(Job.error).where(Job.kind == JobKind.IMPORT_RECORDINGS)
    assert "Upload them again" in value(url, importing)
    assert (done.jobs_again, done.jobs_given_up, done.uploads_left_out) == (4, 1, 4)
    training = select(Job.status).join(Experiment, Experiment.job_id == Job.id)
    assert value(url, training) is JobStatus.WAITING
    # It begins at its first epoch, so it has none yet.
    assert value(url, select(ExperimentEpoch.epoch)) is None
    assert value(url, select(Upload.id)) is None
    assert value(url, select(Event.payload).where(Event.type == "backup.restored"))["rows"] > 50


def test_an_installation_in_use_is_left_alone_unless_somebody_insists(backup, origin, target):
    backup()
    bring_back(backup.path, target)
    added = insert(User).values(name="new", role="viewer")
    execute(target.database_url, added)
    before = sums(target.database_url)
    with pytest.raises(Conflict, match="--replace-everything"):
        bring_back(backup.path, target)
    assert sums(target.database_url) == before
    left = target.data_folder / runs.FOLDER / "experiment-1.pt"
    left.parent.mkdir()
    left.touch()
    bring_back(backup.path, target, replace=True)
    assert value(target.database_url, select(User.id).where(User.name == "new")) is None
    # Weights of another experiment with the same number.
    assert not left.exists()


def test_tables_of_an_older_version_are_brought_to_the_present_ones(origin, target, tmp_path):
    with databases.opened(origin.database_url) as engine:
        with databases.replacing(engine) as connection:
            schema.downgrade_tables(connection, "r0001")
        with engine.connect() as connection:
            old_archive(tmp_path / "old.tar", connection, tmp_path)
    assert bring_back(tmp_path / "old.tar", target).upgraded
    with databases.opened(target.database_url) as engine, engine.connect() as connection:
        assert schema.is_current(connection)
        assert connection.scalar(text("SELECT max(warning_count) FROM recordings")) == 1


def old_archive(path, connection, folder) -> None:
    """What a version would have written whose tables are those of the connection."""
    there = inspect(connection)
    found = []
    for shape in shapes():
        if shape.name in there.get_table_names():
            names = {column["name"] for column in there.get_columns(shape.name)}
            columns = {name: kind for name, kind in shape.columns.items() if name in names}
            found.append(Shape(shape.name, columns, shape.key))
    with new_archive(path) as archive:
        manifest = Manifest(
            format="rotorscope-backup",
            format_version=1,
            made_at="2026-01-01T00:00:00+00:00",
            database="sqlite",
            revision="r0001",
            tables=[packed(archive, connection, shape, folder) for shape in found],
            files=[],
            missing=sorted(keys_in(connection, found)),
            secret_key=None,
        )
        archive.finish(manifest)


def packed(archive, connection, shape, folder) -> TablePart:
    with gzip.open(folder / "packed", "wb") as file:
        file.writelines(read_lines(connection, shape))
    with (folder / "packed").open("rb") as content:
        part = archive.add(f"tables/{shape.name}.jsonl.gz", content)
    found = summed(read_lines(connection, shape))
    return TablePart(
        name=shape.name,
        columns=shape.columns,
        key=list(shape.key),
        rows=found.count,
        rows_sha256=found.sha256,
        **part.model_dump(),
    )


class Going(ArtefactStore):
    """A store in which somebody deletes an export just before its turn."""

    url = ""
    gone: str | None = None

    def open(self, key):
        if key.startswith("exports/") and self.gone is None:
            self.gone = key
            execute(self.url, delete(DatasetExport))
            return self.left_of(key)
        return super().open(key)

    def left_of(self, key):
        self.delete(key)
        return super().open(key)


class GoingWhileRead(Going):
    """A store of objects, which are fetched piece by piece: it is known late that one is gone."""

    def left_of(self, key):
        pieces = Pieces(super().open(key).read())
        self.delete(key)
        return pieces


class Pieces(BytesIO):
    def read(self, size=-1):
        if self.tell():
            raise FileNotFoundError("gone")
        return super().read(1)


@pytest.mark.parametrize("kind", [Going, GoingWhileRead])
@pytest.mark.parametrize("origin", KINDS, indirect=True)
def test_what_is_deleted_while_it_is_copied_is_not_in_the_archive(backup, origin, target, kind):
    store = kind(origin.storage_url, origin.data_folder / "fetched")
    store.url = origin.database_url
    manifest = backup(store=store)
    assert store.gone is not None
    assert manifest.missing == []
    assert store.gone not in {file.key for file in manifest.files}
    bring_back(backup.path, target)
    assert value(target.database_url, select(DatasetExport.id)) is None


def at_the_last_look(backup, monkeypatch, happens) -> Manifest:
    """The archive, when something happens after the rows were read and before the files are."""
    monkeypatch.setattr("storage.backup.LOOKS", 1)
    return backup(tell=lambda message: happens() if message.endswith(" rows") else None)


@pytest.mark.parametrize("origin", KINDS, indirect=True)
def test_at_the_last_look_whoever_deletes_files_waits(backup, origin, target, monkeypatch):
    url, server = origin.database_url, create_server(origin)
    named = select(Experiment.report_key).where(Experiment.report_key.is_not(None))
    key = value(url, named)

    def take_away():
        with server.app_context(), acting_as(WORKER):
            execute(url, update(Experiment).values(report_key=None))
            kept_files.delete_unnamed([key])
            runtime.engine().dispose()

    thread = threading.Thread(target=take_away)

    def begin():
        thread.start()
        thread.join(0.5)
        assert thread.is_alive()

    manifest = at_the_last_look(backup, monkeypatch, begin)
    thread.join()
    assert manifest.missing == []
    assert not store_of(origin).exists(key)
    bring_back(backup.path, target)
    assert value(target.database_url, named) == key
    assert store_of(target).exists(key)


@pytest.mark.parametrize("origin", ["postgresql"], indirect=True)
def test_at_the_last_look_others_go_on_writing(backup, origin, monkeypatch):
    """Locks on whole tables would wait for who is in the middle, who would wait for them."""
    with databases.opened(origin.database_url) as engine, closing(engine.connect()) as connection:
        connection.execute(insert(User).values(name="first", role="viewer"))

        def write():
            connection.execute(insert(Event).values(type="a", actor="a", object="a", payload={}))
            connection.commit()

        assert at_the_last_look(backup, monkeypatch, write).missing == []
    assert value(origin.database_url, select(User.id).where(User.name == "first"))


class Slow(ArtefactStore):
    """A store of which each file takes most of a day."""

    def __init__(self, origin, place) -> None:
        super().__init__(origin.storage_url, origin.data_folder / "fetched")
        self._place, self.changes = place, []

    def open(self, key):
        self.changes.append(last_change(self._place))
        then = (now() - timedelta(hours=20)).timestamp()
        for path in (*self._place.iterdir(), self._place):
            os.utime(path, (then, then))
        return super().open(key)


def test_the_cleaning_sees_that_a_backup_of_days_is_at_work(backup, origin):
    store = Slow(origin, backup.place)
    backup(store=store)
    assert len(store.changes) > 5
    assert min(store.changes) > (now() - timedelta(hours=1)).timestamp()


def test_what_the_store_has_lost_is_named_and_the_rest_comes_back(backup, origin, target):
    lost = value(origin.database_url, select(Explanation.artefact_key))
    store_of(origin).delete(lost)
    assert backup().missing == [lost]
    assert bring_back(backup.path, target).manifest.missing == [lost]
    assert value(target.database_url, select(Explanation.artefact_key)) == lost


def test_a_backup_replaces_no_file_and_needs_a_folder(backup, tmp_path):
    backup()
    with pytest.raises(Conflict, match="there already"):
        backup()
    with pytest.raises(NotFound, match="no folder"):
        backup("none/one.tar")
    assert [path.name for path in tmp_path.glob(".*.part")] == []


def test_only_the_owner_reads_a_backup(backup):
    backup()
    assert backup.path.stat().st_mode & 0o777 == 0o600


def test_rows_that_break_rules_leave_nothing(backup, origin, target):
    with databases.opened(origin.database_url) as engine, engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("DELETE FROM machines")
    backup()
    with pytest.raises(Invalid, match="refuses rows of the table"):
        bring_back(backup.path, target)
    with databases.opened(target.database_url) as engine, engine.connect() as connection:
        assert databases.is_unused(connection)
