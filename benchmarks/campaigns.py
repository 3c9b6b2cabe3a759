"""What a campaign costs beside its trainings, and how quick its page is with many trials."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from flask import Flask
from plotly.utils import PlotlyJSONEncoder
from sqlalchemy import insert

from benchmarks.measure import Benchmark, Figure, at_most, main, median
from callbacks.campaigns import campaign as page
from models import Base, CampaignTrial, JobKind, Role, TrialState
from models.base import now
from server import create_server
from services import runtime
from services.actor import Actor, acting_as
from services.campaigns import studies
from services.campaigns.campaign_service import CampaignService
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


def run() -> Benchmark:
    with tempfile.TemporaryDirectory() as folder, _site(Path(folder)) as sent:
        figures = [*_overheads("SQLite", sent), *_page()]
    with (
        postgresql.running() as running,
        postgresql.new_database(running, "campaigns") as address,
        tempfile.TemporaryDirectory() as folder,
        _site(Path(folder), address) as sent,
    ):
        figures += _overheads("PostgreSQL", sent)
    return Benchmark(
        name="campaigns",
        title="Campaigns",
        method=(
            f"Overhead: a campaign of {TRIALS} trials (cnn1d of 4 to 8 filters, 3 epochs on four"
            " recordings) in one process; the time of each trial from begin to end, less what is"
            " spent in the training itself. The first"
            f" {WARM_UP} are left out. Page: all callbacks of a campaign with {MANY} trials and two"
            " settings, with their answers as JSON; the database sorts and cuts the table."
        ),
        figures=figures,
        command="python -m benchmarks.campaigns",
    )


@contextmanager
def _site(folder: Path, address: str = "") -> Iterator[list[tuple[JobKind, int]]]:
    given = {"DATA_FOLDER": str(folder), "SECRET_KEY": "s" * 40, "SECURE_COOKIES": "no"}
    server = create_server(
        Settings.from_environment(given | ({"DATABASE_URL": address} if address else {}))
    )
    sent: list[tuple[JobKind, int]] = []
    runtime.send_with(server, lambda kind, job_id: sent.append((kind, job_id)))
    with server.app_context():
        Base.metadata.create_all(runtime.engine())
        with acting_as(_person(server)):
            yield sent
        studies.close()
        runtime.engine().dispose()


def _person(_server: Flask) -> Actor:
    with runtime.unit_of_work() as session:
        return factories.actor_of(factories.user(session, role=Role.ADMIN))


def _overheads(title: str, sent: list[tuple[JobKind, int]]) -> Iterator[Figure]:
    for method in ("random", "bayesian"):
        found = _overhead(method, sent)
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


def _page() -> Iterator[Figure]:
    with runtime.unit_of_work() as session:
        made = factories.campaign(session).id
        session.execute(insert(CampaignTrial), _many(made))
    first, second = sorted(SPACE)[:2]
    parts: dict[str, Callable[[], Any]] = {
        "head, summary, settings": lambda: page.show_campaign({}, made, None),
        "figures": lambda: page.show_figures({}, made),
        "two settings": lambda: page.show_pair(None, first, second, made),
        "a page of the table, best first": lambda: page.show_trials({}, "", "best", 100, made),
    }
    for name, ask in parts.items():
        seconds = []
        for _ in range(ROUNDS):
            begin = time.perf_counter()
            json.dumps(ask(), cls=PlotlyJSONEncoder)
            seconds.append(time.perf_counter() - begin)
        title = f"Page with {MANY} trials: {name} (median)"
        yield at_most(title, 1e3 * median(seconds), PAGE_LIMIT_MS, "ms", n=ROUNDS)
    assert CampaignService.count_trials(made) == MANY


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
