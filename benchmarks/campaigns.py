"""What a campaign costs beside its trainings, and how quick its page is with many trials."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from flask import Flask
from sqlalchemy import insert, inspect
from sqlalchemy.orm import Session

from benchmarks.list_at_scale import Browser, sign_in
from benchmarks.measure import Benchmark, Figure, at_most, main, median, seconds_of
from benchmarks.web import loaded_web
from layouts.campaigns.campaign import Ids
from models import (
    Base,
    CampaignRun,
    CampaignTrial,
    Experiment,
    ExperimentEpoch,
    JobKind,
    Role,
    TrialState,
)
from models.base import now
from services import runtime
from services.actor import Actor, acting_as
from services.campaigns import studies
from services.campaigns.campaign_service import MOST_CURVES, CampaignService
from settings import Settings
from tasks import campaigns as work
from tasks.registry import JOBS
from tasks.runner import run_job
from tests import factories, postgresql
from tests.searched import SPACE, begun

TRIALS, WARM_UP = 40, 5
MANY = 5_000
ROUNDS = 7
TRIAL_LIMIT_MS = {"SQLite": 150.0, "PostgreSQL": 100.0}
PAGE_LIMIT_MS = 300.0


@dataclass(frozen=True)
class Site:
    """The web application, somebody who uses it, and the jobs that were sent to workers."""

    server: Flask
    person: Actor
    sent: list[tuple[JobKind, int]]


def run() -> Benchmark:
    with tempfile.TemporaryDirectory() as folder, _site(Path(folder)) as site:
        figures = [*_overheads("SQLite", site), *_page("SQLite", site)]
    with (
        postgresql.running() as running,
        postgresql.new_database(running, "campaigns") as address,
        tempfile.TemporaryDirectory() as folder,
        _site(Path(folder), address) as site,
    ):
        figures += [*_overheads("PostgreSQL", site), *_page("PostgreSQL", site)]
    return Benchmark(
        name="campaigns",
        title="Campaigns",
        method=(
            f"Overhead: a campaign of {TRIALS} trials (cnn1d of 4 to 8 filters, 3 epochs on four"
            " recordings) in one process; the time of each trial from begin to end, less what is"
            " spent in the training itself, with everything that is kept of its epochs and its"
            f" model counted as training. The first {WARM_UP} are left out. Page: each callback of"
            f" a campaign with {MANY} trials and two settings, of which the newest {MOST_CURVES}"
            " have curves of up to 27 epochs, asked through the whole application without the"
            " network, and their sum; the database sorts and cuts the table."
        ),
        figures=figures,
        command="python -m benchmarks.campaigns",
    )


@contextmanager
def _site(folder: Path, address: str = "") -> Iterator[Site]:
    given = {"DATA_FOLDER": str(folder), "SECRET_KEY": "s" * 40, "SECURE_COOKIES": "no"}
    server = loaded_web(
        Settings.from_environment(given | ({"DATABASE_URL": address} if address else {}))
    )
    server.config["WTF_CSRF_ENABLED"] = False
    sent: list[tuple[JobKind, int]] = []
    runtime.send_with(server, lambda kind, job_id: sent.append((kind, job_id)))
    with server.app_context():
        Base.metadata.create_all(runtime.engine())
        with runtime.unit_of_work() as session:
            person = factories.actor_of(factories.user(session, role=Role.ADMIN))
        with acting_as(person):
            yield Site(server, person, sent)
        studies.close()
        runtime.engine().dispose()


def _overheads(title: str, site: Site) -> Iterator[Figure]:
    for method in ("random", "bayesian"):
        found = _overhead(method, site.sent)
        yield at_most(
            f"Overhead of a trial, {method}, {title} (median)",
            median(found),
            TRIAL_LIMIT_MS[title],
            "ms",
            n=len(found),
        )


def _overhead(method: str, sent: list[tuple[JobKind, int]]) -> list[float]:
    begun(f"measured {method}", method, TRIALS, SPACE)
    trained: list[float] = []
    original = work._train

    def timed(*given: Any) -> Any:
        begin = time.perf_counter()
        try:
            return original(*given)
        finally:
            trained.append(time.perf_counter() - begin)

    work._train = timed  # type: ignore[assignment]
    try:
        spent = []
        while sent:
            kind, job_id = sent.pop(0)
            begin = time.perf_counter()
            run_job(job_id, JOBS[kind])
            spent.append(time.perf_counter() - begin)
    finally:
        work._train = original
    return [1e3 * (a - b) for a, b in zip(spent, trained, strict=True)][WARM_UP:]


def _page(title: str, site: Site) -> Iterator[Figure]:
    with runtime.unit_of_work() as session:
        made = factories.campaign(session, space=SPACE).id
        trials = list(
            session.scalars(insert(CampaignTrial).returning(CampaignTrial.id), _many(made))
        )
        _with_curves(session, trials[-MOST_CURVES:])
    first, second = sorted(SPACE)[:2]
    browser = Browser(sign_in(site.server, site.person))
    chosen = {f"{Ids.chosen}.data": made, "shell-pulse.data": {}}
    pair = {f"{Ids.pair_x}.value": first, f"{Ids.pair_y}.value": second}
    table = {f"{Ids.trials_sort}.value": "best", f"{Ids.trials_pages}.active_page": 100}
    parts = {
        "head, summary, settings": (f"{Ids.head}.children", chosen),
        "figures": (f"{Ids.history}.figure", chosen),
        "two settings": (f"{Ids.pair}.figure", {**chosen, **pair}),
        "page 100 of the table, best first": (f"{Ids.trials}.children", {**chosen, **table}),
    }
    total = 0.0
    for name, (output, given) in parts.items():
        took = 1e3 * median(seconds_of(partial(browser.send, output, given), repeat=ROUNDS))
        total += took
        yield Figure(f"Page with {MANY} trials, {title}: {name} (median)", took, "ms", ROUNDS)
    whole = f"Page with {MANY} trials, {title}: all of these"
    yield at_most(whole, total, PAGE_LIMIT_MS, "ms", n=ROUNDS)
    assert CampaignService.count_trials(made) == MANY


def _with_curves(session: Session, trial_ids: list[int]) -> None:
    """Give trials an experiment each, with as many epochs as the trial says."""
    pattern = factories.experiment(session)
    same = {
        column.key: getattr(pattern, column.key)
        for column in inspect(Experiment).column_attrs
        if column.key not in ("id", "name")
    }
    for trial_id in trial_ids:
        trial = session.get_one(CampaignTrial, trial_id)
        made = Experiment(name=f"of trial {trial.number}", **same)
        session.add(made)
        session.flush()
        session.add(CampaignRun(experiment_id=made.id, trial_id=trial_id, fold=0))
        session.execute(
            insert(ExperimentEpoch),
            [
                {
                    "experiment_id": made.id,
                    "epoch": epoch,
                    "train_loss": 1 / epoch,
                    "train_accuracy": 1 - 0.5 / epoch,
                    "validation_loss": 1.2 / epoch,
                    "validation_accuracy": 1 - 0.6 / epoch,
                    "learning_rate": 1e-3,
                    "windows_per_s": 100.0,
                    "seconds": 0.1,
                }
                for epoch in range(1, trial.epochs + 1)
            ],
        )


def _many(campaign_id: int) -> list[dict[str, Any]]:
    rng, begin = np.random.default_rng(3), now() - timedelta(days=2)
    rows = []
    for number in range(1, MANY + 1):
        at = begin + timedelta(seconds=30 * number)
        early = rng.random() < 0.3
        rows.append(
            {
                "campaign_id": campaign_id,
                "number": number,
                "state": TrialState.PRUNED if early else TrialState.COMPLETE,
                "params": {
                    "learning_rate": float(10 ** rng.uniform(-4, -1)),
                    "parameters.width": int(rng.integers(4, 9)),
                },
                "value": float(rng.beta(5, 2)),
                "measured": {"val_accuracy": 0.5, "val_loss": 1.0},
                "epochs": 3 if early else 27,
                "started_at": at,
                "finished_at": at + timedelta(seconds=25),
            }
        )
    return rows


if __name__ == "__main__":
    main(run)
