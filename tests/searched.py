"""Small campaigns that are really run, in the process of the test."""

from __future__ import annotations

from typing import Any

from models import DatasetVersion, JobKind
from services import runtime
from services.campaigns.views import CampaignView
from services.hpo_service import HPOService
from tasks.registry import JOBS
from tasks.runner import run_job
from tests.trained import NETWORK, tiny_version

SPACE: dict[str, Any] = {
    "learning_rate": {"type": "float", "low": 1e-4, "high": 1e-1, "log": True},
    "parameters.width": {"type": "int", "low": 4, "high": 8},
}
CONFIG: dict[str, Any] = {
    "split": {"by": "groups", "validation": ["1"], "test": ["2"]},
    "group_by": "load_hp",
    "window": 1024,
    "hop": 1024,
    "batch_size": 8,
    "epochs": 3,
    "parameters": NETWORK["parameters"],
}
TREES = {"parameters.trees": {"type": "categorical", "choices": [10, 20]}}


def begun(
    name: str = "Small",
    method: str = "random",
    trials: int = 3,
    space: Any = SPACE,
    classifier: str = "cnn1d",
    version_id: int | None = None,
    config: dict[str, Any] | None = None,
    **more: Any,
) -> CampaignView:
    """A campaign whose first job is sent."""
    made = HPOService.create_campaign(
        name,
        method,
        classifier,
        dataset_of(version_id or tiny_version()),
        space,
        trials,
        config={**CONFIG, **(config or {})},
        **more,
    )
    assert made is not None
    return made


def begun_forest(**more: Any) -> CampaignView:
    """A campaign of a classical classifier, which needs neither epochs nor torch."""
    forest = {"parameters": {}, "epochs": 1}
    given = {"classifier": "random_forest", "space": TREES, "config": forest}
    return begun(**{**given, **more})


def dataset_of(version_id: int) -> int:
    with runtime.unit_of_work(writing=False) as session:
        return session.get_one(DatasetVersion, version_id).dataset_id


def run_sent(sent: list[tuple[JobKind, int]], most: int = 100) -> int:
    """Do what was sent, and what is sent meanwhile; how many jobs."""
    count = 0
    while sent and count < most:
        kind, job_id = sent.pop(0)
        run_job(job_id, JOBS[kind])
        count += 1
    return count
