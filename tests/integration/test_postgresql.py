"""The same code on PostgreSQL: tables, units of work, jobs, and the services above them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import NullPool, create_engine, func, inspect, select, text
from sqlalchemy.orm import Session

import schema
from models import Base, DatasetVersion, Job, JobKind, JobStatus, Origin, Role, User
from server import create_server
from services import runtime
from services.actor import COMMAND_LINE, WORKER, Actor, acting_as, present
from services.dataset_service import DatasetService
from services.datasets.recording_store import About, store_samples
from services.errors import Conflict, ServiceError
from services.experiment_service import ExperimentService
from services.home_service import HomeService
from services.job_service import JobService
from services.jobs.job_runs import JobRunService
from services.recording_service import RecordingService
from services.runtime import unit_of_work
from services.user_service import UserService
from settings import Settings
from tests import factories, postgresql


@pytest.fixture(scope="module")
def address(postgresql_server) -> Iterator[str]:
    with postgresql.new_database(postgresql_server, "migrated") as address:
        yield address


@pytest.fixture(scope="module")
def site(address, tmp_path_factory) -> Iterator[None]:
    """The application on the server, its tables made by the migrations."""
    given = {
        "DATA_FOLDER": str(tmp_path_factory.mktemp("var")),
        "DATABASE_URL": address,
        "SECRET_KEY": "k" * 32,
    }
    settings = Settings.from_environment(given)
    schema.upgrade(settings)
    server = create_server(settings)
    with server.app_context():
        yield
        runtime.engine().dispose()


@pytest.fixture
def analyst(site) -> Iterator[Actor]:
    with unit_of_work() as session:
        actor = factories.actor_of(factories.user(session))
    with acting_as(actor):
        yield actor


def test_models_equal_migrations(site):
    with runtime.engine().connect() as connection:
        context = MigrationContext.configure(connection, opts=schema.COMPARISON)
        assert compare_metadata(context, Base.metadata) == []
        assert schema.is_current(connection)


def test_only_our_tables_are_emptied_and_counted_anew(postgresql_server):
    """The databases of tests: Optuna's tables, in a schema of theirs, keep their count."""
    with postgresql.new_database(postgresql_server, "emptied") as address:
        postgresql.make_tables(address)
        engine = create_engine(address, poolclass=NullPool)
        with engine.begin() as connection:
            connection.execute(text("CREATE SCHEMA studies"))
            connection.execute(text("CREATE TABLE studies.trials (id serial)"))
            add_trial = text("INSERT INTO studies.trials DEFAULT VALUES RETURNING id")
            assert connection.scalar(add_trial) == 1
        with Session(engine) as session, session.begin():
            assert factories.user(session).id == 1
        postgresql.empty_tables(address)
        with Session(engine) as session:
            assert session.scalar(select(func.count()).select_from(User)) == 0
            assert factories.user(session).id == 1
            assert session.scalar(add_trial) == 2


def at_once(*calls: Callable[[], object]) -> list[object]:
    """What comes of calls that begin together, each in a thread of its own; errors as they are."""
    server, actor = runtime.current_app._get_current_object(), present()
    start = Barrier(len(calls))

    def work(call: Callable[[], object]) -> object:
        with server.app_context(), acting_as(actor):
            start.wait(60)
            try:
                return call()
            except ServiceError as error:
                return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(work, calls))


def test_two_writers_lose_no_update(analyst):
    job_id = JobService.submit(JobKind.CLEAN_UP, {}, "Clean up")

    def count() -> None:
        for _ in range(50):
            with unit_of_work() as session:
                job = session.get_one(Job, job_id, with_for_update=True)
                job.attempt = job.attempt + 1

    at_once(count, count)
    with unit_of_work(writing=False) as session:
        assert session.get_one(Job, job_id).attempt == 100


def test_two_imports_into_one_data_set_make_versions_one_after_the_other(analyst):
    dataset_id = DatasetService.create("pumps")

    def add(who: int) -> None:
        for number in range(4):
            about = About(f"{who} {number}", Origin.IMPORTED, "inner")
            samples = store_samples(factories.sine(10.0 * who + number), about)
            DatasetService.add_recordings(dataset_id, [samples], "import")

    assert at_once(partial(add, 1), partial(add, 2)) == [None, None]
    with unit_of_work(writing=False) as session:
        versions = session.execute(
            select(DatasetVersion.number, DatasetVersion.recording_count)
            .where(DatasetVersion.dataset_id == dataset_id)
            .order_by(DatasetVersion.number)
        )
        assert versions.all() == [(number, number) for number in range(1, 9)]


def test_one_admin_stays_when_all_leave_at_once(site):
    with acting_as(COMMAND_LINE):
        admins = [UserService.add_user(f"admin{n}", Role.ADMIN)["id"] for n in range(4)]
        left = at_once(*(partial(UserService.disable, user_id) for user_id in admins))
        assert sum(isinstance(one, Conflict) for one in left) == 1
        assert [p["role"] for p in UserService.list_users() if not p["is_disabled"]].count(
            Role.ADMIN
        ) == 1


def test_the_daily_work_is_submitted_once(site):
    with acting_as(WORKER):
        daily = partial(JobRunService.ensure_daily, JobKind.CLEAN_UP, "Daily cleaning")
        made = at_once(daily, daily, daily, daily)
    assert [job_id is not None for job_id in made].count(True) == 1


def test_a_job_is_claimed_by_one_of_many(analyst):
    job_id = JobService.submit(JobKind.CLEAN_UP, {}, "Clean up")
    with acting_as(WORKER):
        runs = at_once(*[partial(JobRunService.claim, job_id)] * 4)
    assert [run is not None for run in runs].count(True) == 1


def test_job_is_claimed_once_reported_and_requeued(analyst):
    job_id = JobService.submit(JobKind.CLEAN_UP, {}, "Clean up")
    with acting_as(WORKER):
        run = JobRunService.claim(job_id)
        assert JobRunService.claim(job_id) is None
        JobRunService.report(run, "read", 0.5, "half")
        assert job_id in JobRunService.sweep(timedelta(0))
    assert JobService.get_job(job_id)["status"] is JobStatus.WAITING
    assert JobService.get_job(job_id)["fraction"] == 0.5


def test_broken_rule_is_a_sentence_and_the_unit_goes_on(site):
    with acting_as(COMMAND_LINE), unit_of_work():
        UserService.add_user("anna", Role.VIEWER)
        with pytest.raises(Conflict, match="already a user called “anna”"):
            UserService.add_user("anna", Role.VIEWER)
    with acting_as(COMMAND_LINE):
        assert UserService.find_user("anna")["role"] is Role.VIEWER


def test_data_and_experiments_are_listed(analyst):
    before = HomeService.get_overview()["signal_s"]
    with unit_of_work() as session:
        experiment = factories.experiment(session, owner_id=analyst.user_id)
        experiment_id = experiment.id
    found = ExperimentService.get_experiment(experiment_id)
    statistics = DatasetService.get_dataset_statistics(found["dataset_id"])
    assert statistics["classes"] == {"inner": 6, "outer": 6}
    assert len(RecordingService.list_recordings(found["dataset_id"])) == 12
    assert HomeService.get_overview()["signal_s"] - before == pytest.approx(12 * 2.048)


def test_way_back(site):
    with runtime.engine().begin() as connection:
        command.downgrade(schema.alembic_config(connection), "base")
        assert inspect(connection).get_table_names() == [schema.VERSION_TABLE]
