"""Trials per hour of a campaign with two workers, against Optuna in two bare processes."""

from __future__ import annotations

import pickle
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import TrialState

from benchmarks.measure import Benchmark, Figure, at_least, main
from models import Role
from server import create_server
from services import runtime
from services.actor import Actor, acting_as
from services.campaigns.campaign_service import CampaignService
from services.campaigns.hpo_service import HPOService
from services.experiments.runs import ExperimentRunService
from services.runtime import unit_of_work
from settings import Settings
from tasks.celery_app import make_celery, make_sender
from tests import factories
from tests.factories import SMALL_TRAINING
from tests.running import ROOT, Up, free_port, start, wait_for

TRIALS, WORKERS = 16, 2
EPOCHS = 120
LIMIT = 0.9
SPACE: dict[str, Any] = {
    "learning_rate": {"type": "float", "low": 1e-4, "high": 1e-2, "log": True},
    "weight_decay": {"type": "float", "low": 1e-4, "high": 1e-1, "log": True},
}
CONFIG = {**SMALL_TRAINING, "epochs": EPOCHS, "parameters": {"width": 32, "blocks": 3}}


def run() -> Benchmark:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        up = start(place / "var", free_port(), WORKER_CONCURRENCY=str(WORKERS))
        try:
            up.wait_until_ready()
            plan, own = _campaign(up)
            (place / "plan").write_bytes(pickle.dumps(plan))
            # The site stays as it is, at rest: its files are read.
            bare = _bare(place)
        finally:
            up.stop()
    return Benchmark(
        name="campaign_throughput",
        title="Two workers against two bare processes",
        method=(
            f"{TRIALS} trials by random search, {WORKERS} at once, each {EPOCHS} epochs of a"
            " small cnn1d on the same few recordings. A campaign on a whole running site, with"
            " everything that is kept of each epoch and each model, against Optuna's own loop in"
            f" {WORKERS} processes on a storage in SQLite, which keeps nothing but the score and"
            " reads its windows once. From the begin of the first trial to the end of the last."
        ),
        figures=[
            Figure("Campaign", own, "trials per hour", TRIALS),
            Figure("Bare script", bare, "trials per hour", TRIALS),
            at_least("Campaign against bare script", own / bare, LIMIT, "", n=1),
        ],
        command="python -m benchmarks.campaign_throughput",
    )


def _campaign(up: Up) -> tuple[Any, float]:
    """What the first trial trained, without its checkpoint, and the trials per hour."""
    settings = Settings.from_environment({"DATA_FOLDER": str(up.folder)})
    server = create_server(settings)
    runtime.send_with(server, make_sender(make_celery(settings)))
    with server.app_context():
        with unit_of_work() as session:
            owner_id = factories.user(session).id
            dataset_id = factories.trainable_version(session, owner_id).dataset_id
        with acting_as(Actor(owner_id, Role.ANALYST, frozenset(), "page")):
            made = HPOService.create_campaign(
                *("measured", "random", "cnn1d", dataset_id, SPACE, TRIALS),
                config=CONFIG,
                parallel=WORKERS,
            )
            assert made is not None
            wait_for(lambda: CampaignService.get_campaign(made["id"])["ended_at"], 250)
            trials = CampaignService.list_trials(made["id"], TRIALS)
            assert {trial["state"].value for trial in trials} == {"complete"}
            plan = ExperimentRunService.plan(trials[0]["experiment_ids"][0])
        runtime.engine().dispose()
    ended = [trial["finished_at"] for trial in trials if trial["finished_at"] is not None]
    return plan, _per_hour([trial["started_at"] for trial in trials], ended)


def _bare(place: Path) -> float:
    storage, name = f"sqlite:///{place / 'bare.db'}", "bare"
    study = optuna.create_study(storage=storage, study_name=name, direction="maximize")
    program = [sys.executable, "-m", "benchmarks.apart.bare_search", str(place / "plan")]
    processes = [
        subprocess.Popen(
            ["nice", "-n", "10", *program, storage, name, str(TRIALS), str(seed)], cwd=ROOT
        )
        for seed in range(WORKERS)
    ]
    if any(process.wait(250) for process in processes):
        raise RuntimeError("The bare script has failed.")
    trials = study.get_trials(states=(TrialState.COMPLETE,))
    begun = [trial.datetime_start for trial in trials if trial.datetime_start is not None]
    ended = [trial.datetime_complete for trial in trials if trial.datetime_complete is not None]
    return _per_hour(begun, ended)


def _per_hour(begun: Sequence[datetime], ended: Sequence[datetime]) -> float:
    return 3600 * len(ended) / (max(ended) - min(begun)).total_seconds()


if __name__ == "__main__":
    main(run)
