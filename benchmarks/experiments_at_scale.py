"""The page of a hundred thousand experiments: pages, orders, filters, searches, on two databases.

The rows are written by the models, so that what searches read follows from them as it does in
use. What is measured are the callbacks and routes, through the whole application.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import numpy as np
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

import schema
from benchmarks.list_at_scale import Asked, Browser, sign_in
from benchmarks.measure import Benchmark, Figure, at_most, main, median, percentile, seconds_of
from benchmarks.web import loaded_web
from diagnostics.training.classifiers import CLASSIFIERS
from diagnostics.training.config import GroupFractions, TrainingConfig
from layouts.experiments import Ids
from models import (
    Dataset,
    DatasetVersion,
    Experiment,
    ExperimentTag,
    Job,
    JobKind,
    JobStatus,
    Origin,
    Role,
    Tag,
)
from models.base import now
from services import runtime
from services.actor import COMMAND_LINE, Actor, acting_as
from services.runtime import unit_of_work
from services.search_service import SearchService
from services.tag_service import TagService, count_uses
from services.user_service import UserService
from settings import Settings
from tests import postgresql

EXPERIMENTS, DATASETS, TAGS, PEOPLE, RECORDINGS = 100_000, 40, 60, 8, 60
AT_ONCE = 2_000
REPEAT, LIMIT_MS, MS = 30, 150.0, 1e3
MORE_COLUMNS = ("accuracy", "epochs", "learning_rate", "optimiser", "width", "seed")
STATES = (JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.WAITING)
SHARES = (0.9, 0.05, 0.04, 0.01)
THINGS = ("pump", "fan", "gearbox", "compressor", "spindle", "turbine", "motor", "mill")
FAULTS = ("inner race", "outer race", "ball", "cage", "imbalance", "misalignment", "wear")
NOTES = ("", "", "", "seen again after the rig was rebuilt", "sensor moved to the drive end")


def run(count: int = EXPERIMENTS) -> Benchmark:
    figures = _on_sqlite(count)
    with postgresql.running() as server, postgresql.new_database(server, "scale") as address:
        figures += _measured("PostgreSQL", address, count)
    return Benchmark(
        name="experiments_at_scale",
        title="Search and list of 100 000 experiments",
        method=(
            f"{count} experiments of {PEOPLE} people on {DATASETS} data sets, each with about "
            f"35 metrics and settings, 0 to 4 of {TAGS} tags and the sides of {RECORDINGS} "
            "recordings; seed 1, no cache. Each line is one request of the page or of the API "
            "through the whole application, with the total where the page shows it, without the "
            "network. PostgreSQL runs on the same machine."
        ),
        figures=figures,
        command="python -m benchmarks.experiments_at_scale",
    )


def _on_sqlite(count: int) -> list[Figure]:
    return _measured("SQLite", "", count)


def _measured(title: str, address: str, count: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        server, person = _application(Path(folder), address)
        with server.app_context(), acting_as(person):
            _fill(np.random.default_rng(1), person, count)
            client = sign_in(server, person)
            asked = (*_pages(Browser(client), count), *_routes(client), *_services(count))
            figures = [figure for one in asked for figure in _figures(title, one)]
            runtime.engine().dispose()
    return figures


def _figures(title: str, asked: Asked) -> Iterator[Figure]:
    seconds = seconds_of(asked.work, repeat=REPEAT)
    name = f"{title}: {asked.name}"
    yield Figure(f"{name}, p50", median(seconds) * MS, "ms", REPEAT)
    if asked.limited:
        p95 = percentile(seconds, 95) * MS
        yield at_most(f"{name}, p95", p95, LIMIT_MS, "ms", n=REPEAT)


def _pages(browser: Browser, count: int) -> Iterator[Asked]:
    """Blocks of the table, as it asks for them."""

    def block(
        query: str = "", sort: str = "", start: int = 0, columns: str = ""
    ) -> Callable[[], object]:
        model = [{"colId": sort.removeprefix("-"), "sort": "desc" if sort[:1] == "-" else "asc"}]
        request = {"startRow": start, "endRow": start + 100, "filterModel": {}}
        request["sortModel"] = model if sort else []
        given = {
            f"{Ids.grid}.getRowsRequest": request,
            f"{Ids.query}.value": query,
            f"{Ids.columns}.value": columns.split(),
        }
        return partial(browser.ask, f"{Ids.grid}.getRows", given)

    yield Asked("first page, newest first", block())
    yield Asked("page in the middle", block(start=count // 2))
    yield Asked("last page", block(start=count - 100))
    yield Asked(
        "first page with six more columns",
        block(columns=" ".join(f"value.{name}" for name in MORE_COLUMNS)),
    )
    for sort in ("name", "-created", "model", "dataset", "owner", "state", "-value.accuracy"):
        yield Asked(f"sorted by {sort}", block(sort=sort))
    yield Asked(
        "sorted by a metric, page in the middle", block(sort="-value.accuracy", start=count // 2)
    )
    for query in (
        "tag:tag-03",
        "tag:tag-03,tag-04 -tag:tag-05",
        "accuracy:>0.95",
        "accuracy:0.5..0.99",
        "epochs:>=20 learning_rate:<0.01",
        "created:>7d",
        "model:cnn1d dataset:07 status:finished",
        "status:finished",
        "owner:person-3 sort:-accuracy",
        "pump",
        '"inner race" gearbox',
        "pump OR fan OR motor OR mill",
        "experiment",
        "(tag:tag-03 OR accuracy:>0.99) NOT status:failed sort:name",
        "-tag:tag-03 -pump",
        "nothing-has-this",
    ):
        yield Asked(query, block(query))


def _routes(client: FlaskClient) -> Iterator[Asked]:
    def get(path: str) -> Callable[[], object]:
        def ask() -> bytes:
            answer = client.get(path)
            if answer.status_code != 200:
                raise RuntimeError(f"{path} answered {answer.status_code}: {answer.text}")
            content: bytes = answer.data
            return content

        return ask

    yield Asked("API: pump", get("/api/v1/experiments?query=pump&limit=100"))
    yield Asked("completion of a field", get("/api/v1/experiments/complete?query=acc&position=3"))
    yield Asked("completion of a tag", get("/api/v1/experiments/complete?query=tag:t&position=5"))


def _services(count: int) -> Iterator[Asked]:
    turns = iter(range(10_000))

    def tag() -> object:
        with unit_of_work() as session:
            ids = list(range(1, count, count // 100))[:100]
            return TagService.bulk_add_tags(session, ids, [f"turn {next(turns)}"])

    yield Asked("a tag put on 100 experiments", tag, limited=False)
    export = partial(SearchService.export_experiments, "tag:tag-03", ["accuracy"])
    yield Asked("CSV of a tag's experiments", lambda: "".join(export()), limited=False)


def _application(folder: Path, address: str) -> tuple[Flask, Actor]:
    given = {"DATA_FOLDER": str(folder), "SECRET_KEY": "benchmark" * 4, "SECURE_COOKIES": "no"}
    if address:
        given["DATABASE_URL"] = address
    settings = Settings.from_environment(given)
    schema.upgrade(settings)
    server = loaded_web(settings)
    server.config["WTF_CSRF_ENABLED"] = False
    with server.app_context(), acting_as(COMMAND_LINE):
        user_id = UserService.add_user("analyst", Role.ADMIN)["id"]
    return server, Actor(user_id, Role.ADMIN, frozenset(), "page")


def _fill(rng: np.random.Generator, person: Actor, count: int) -> None:
    people = [UserService.add_user(f"person-{n}", Role.ANALYST)["id"] for n in range(PEOPLE)]
    with unit_of_work() as session:
        versions = [_version(session, n, people[0]) for n in range(DATASETS)]
        tags = [
            Tag(name=f"tag-{n:02d}", slug=f"tag-{n:02d}", color="#0072b2", owner_id=people[0])
            for n in range(TAGS)
        ]
        session.add_all(tags)
        session.flush()
        tag_ids = [tag.id for tag in tags]
    for start in range(0, count, AT_ONCE):
        with unit_of_work() as session:
            _hurry(session)
            _experiments(session, rng, range(start, min(start + AT_ONCE, count)), people, versions)
            _tag(session, rng, tag_ids, min(AT_ONCE, count - start))
    with unit_of_work() as session:
        count_uses(session, tag_ids)
    runtime.engine().dispose()  # what is measured has connections as they always are
    if runtime.engine().dialect.name == "postgresql":
        # As the server does by itself after a while.
        with (
            runtime.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection
        ):
            connection.execute(text("VACUUM ANALYZE"))


def _hurry(session: Session) -> None:
    """Keep more of the indexes in memory while they are filled."""
    if runtime.engine().dialect.name == "sqlite":
        session.connection().exec_driver_sql("PRAGMA cache_size = -262144")


def _version(session: Session, number: int, owner_id: int) -> int:
    dataset = Dataset(name=f"rig {number:02d}", origin=Origin.GENERATED, owner_id=owner_id)
    session.add(dataset)
    session.flush()
    version = DatasetVersion(
        dataset_id=dataset.id,
        number=1,
        reason="rows of a benchmark",
        content_hash=f"{number:064d}",
        recording_count=RECORDINGS,
        created_by=owner_id,
    )
    session.add(version)
    session.flush()
    return version.id


def _experiments(
    session: Session,
    rng: np.random.Generator,
    numbers: range,
    people: list[int],
    versions: list[int],
) -> None:
    jobs = [
        Job(
            kind=JobKind.TRAIN_EXPERIMENT,
            title=f"Training {number}",
            subject=f"experiment:{number + 1}",
            status=STATES[int(rng.choice(len(STATES), p=SHARES))],
            arguments={"experiment_id": number + 1},
            owner_id=int(rng.choice(people)),
        )
        for number in numbers
    ]
    session.add_all(jobs)
    session.flush()
    session.add_all(
        _experiment(rng, number, job, versions) for number, job in zip(numbers, jobs, strict=True)
    )
    session.flush()


def _experiment(rng: np.random.Generator, number: int, job: Job, versions: list[int]) -> Experiment:
    config = replace(
        TrainingConfig(GroupFractions()),
        classifier=str(rng.choice([card.name for card in CLASSIFIERS])),
        parameters={},
        epochs=int(rng.integers(5, 60)),
        learning_rate=float(10 ** rng.uniform(-4, -1)),
        seed=int(rng.integers(100)),
    )
    sides = {str(n): "test" if n % 5 == 0 else "train" for n in range(RECORDINGS)}
    scores = {
        name: {"value": float(value), "low": None, "high": None}
        for name, value in zip(
            ("accuracy", "balanced_accuracy", "macro_f1"), rng.beta(8, 1, 3), strict=True
        )
    }
    counted = {"recordings": 12, "windows": 480, "groups": 4}
    done = job.status is JobStatus.DONE
    return Experiment(
        name=f"experiment {rng.choice(THINGS)} {rng.choice(FAULTS)} {number:06d}",
        notes=str(rng.choice(NOTES)),
        owner_id=job.owner_id,
        version_id=int(rng.choice(versions)),
        job_id=job.id,
        classifier=config.classifier,
        config=config.to_dict(),
        split={"group_by": "bearing", "sides": sides, "groups": sides, "targets": sides},
        class_names=["inner", "outer"],
        summary={"recordings": scores, "windows": scores, "n": counted} if done else None,
        best_epoch=int(rng.integers(1, 60)) if done else None,
        parameter_count=int(rng.integers(1_000, 1_000_000)) if done else None,
        wall_time_s=float(rng.uniform(10, 1_000)) if done else None,
        archived_at=now() if rng.uniform() < 0.1 else None,
        created_at=now() - timedelta(hours=float(rng.uniform(0, 24 * 365))),
    )


def _tag(session: Session, rng: np.random.Generator, tag_ids: list[int], count: int) -> None:
    newest = select(Experiment.id).order_by(Experiment.id.desc()).limit(count)
    session.add_all(
        ExperimentTag(experiment_id=key, tag_id=int(tag_id), added_by=1)
        for key in session.scalars(newest)
        for tag_id in rng.choice(tag_ids, int(rng.integers(0, 5)), replace=False)
    )
    session.flush()


if __name__ == "__main__":
    main(run)
