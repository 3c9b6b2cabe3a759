"""Trials per hour of a campaign with two workers, against Optuna in two bare processes."""

from __future__ import annotations

import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import TrialState

from benchmarks.measure import Benchmark, Figure, at_least, main
from models import Role
from services import runtime
from services.actor import Actor, acting_as
from services.campaigns.campaign_service import CampaignService
from services.experiments.runs import ExperimentRunService
from services.hpo_service import HPOService
from services.runtime import unit_of_work
from tests import factories
from tests.beside import beside
from tests.factories import SMALL_TRAINING
from tests.running import ROOT, free_port, start, wait_for

TRIALS, WORKERS = 16, 2
# Epochs, and the network: what is kept of each epoch weighs most where they are short.
PROBLEMS: dict[str, tuple[int, dict[str, int]]] = {
    "120 short epochs": (120, {"width": 32, "blocks": 3}),
    "12 longer epochs": (12, {"width": 128, "blocks": 4}),
}
LIMIT = 0.9
SPACE: dict[str, Any] = {
    "learning_rate": {"type": "float", "low": 1e-4, "high": 1e-2, "log": True},
    "weight_decay": {"type": "float", "low": 1e-4, "high": 1e-1, "log": True},
}


def run() -> Benchmark:
    with tempfile.TemporaryDirectory() as folder:
        up = start(Path(folder) / "var", free_port(), WORKER_CONCURRENCY=str(WORKERS))
        try:
            up.wait_until_ready()
            server = beside(up)
            with server.app_context():
                figures = list(_figures(Path(folder)))
                runtime.engine().dispose()
        finally:
            up.stop()
    return Benchmark(
        name="campaign_throughput",
        title="Two workers against two bare processes",
        method=(
            f"{TRIALS} trials by random search, {WORKERS} at once, of a cnn1d on the same few"
            " recordings. A campaign on a whole running site, with everything that is kept of"
            " each epoch and each model, against Optuna's own loop in"
            f" {WORKERS} processes on a storage in SQLite, which keeps nothing but the score and"
            " reads its windows once. From the begin of the first trial to the end of the last."
            " The limit is for trials whose epochs last about as long as those of small real"
            " data; with epochs of some 30 ms, a row for each of them is a good part of it."
        ),
        figures=figures,
        command="python -m benchmarks.campaign_throughput",
    )


def _figures(place: Path) -> Iterator[Figure]:
    for place_in_list, (name, (epochs, parameters)) in enumerate(PROBLEMS.items()):
        plan, own = _campaign(name, {**SMALL_TRAINING, "epochs": epochs, "parameters": parameters})
        (place / "plan").write_bytes(pickle.dumps(plan))
        # The site stays as it is, at rest: its files are read.
        bare = _bare(place, f"bare{place_in_list}")
        yield Figure(f"{name}: campaign", own, "trials per hour", TRIALS)
        yield Figure(f"{name}: bare script", bare, "trials per hour", TRIALS)
        title = f"{name}: campaign against bare script"
        if place_in_list:
            yield at_least(title, own / bare, LIMIT, "times", n=1)
        else:
            yield Figure(title, own / bare, "times", 1)


def _campaign(name: str, config: dict[str, Any]) -> tuple[Any, float]:
    """What the first trial trained, without its checkpoint, and the trials per hour."""
    with unit_of_work() as session:
        owner_id = factories.user(session).id
        dataset_id = factories.trainable_version(session, owner_id).dataset_id
    with acting_as(Actor(owner_id, Role.ANALYST, frozenset(), "page")):
        made = HPOService.create_campaign(
            *(name, "random", "cnn1d", dataset_id, SPACE, TRIALS), config=config, parallel=WORKERS
        )
        assert made is not None
        wait_for(lambda: CampaignService.get_campaign(made["id"])["ended_at"], 250)
        trials = CampaignService.list_trials(made["id"], TRIALS)
        assert {trial["state"].value for trial in trials} == {"complete"}
        plan = ExperimentRunService.plan(trials[0]["experiment_ids"][0])
    ended = [trial["finished_at"] for trial in trials if trial["finished_at"] is not None]
    return plan, _per_hour([trial["started_at"] for trial in trials], ended)


def _bare(place: Path, name: str) -> float:
    storage = f"sqlite:///{place / 'bare.db'}"
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
