"""A feature set of a tiny version, and experiments that learned from it, for tests."""

from __future__ import annotations

from dataclasses import dataclass

from models import DatasetVersion
from services.experiment_service import ExperimentService
from services.feature_service import FeatureService
from services.runtime import unit_of_work
from tasks.runner import run_job
from tasks.training import train_experiment
from tests.trained import FOREST, tiny_version

# Smaller than a network may take.
EXTRACTION = {"window": 512, "overlap": 0.5, "group_by": "load_hp"}
SPLIT = {"by": "groups", "validation": ["1"], "test": ["2"]}


@dataclass(frozen=True)
class TinySet:
    """``dataset_id`` and ``version_id`` are what it was extracted from."""

    id: int
    dataset_id: int
    version_id: int


def tiny_set(name: str = "tiny", domains: tuple[str, ...] = ("time",)) -> TinySet:
    """Two classes at three loads, by which it is grouped; windows that overlap by half."""
    version_id = tiny_version()
    with unit_of_work(writing=False) as session:
        dataset_id = session.get_one(DatasetVersion, version_id).dataset_id
    made = FeatureService.make_feature_set(dataset_id, name, list(domains), EXTRACTION)
    return TinySet(made["feature_set_id"], dataset_id, version_id)


def config(made: TinySet, **changes: object) -> dict[str, object]:
    """What a person would write who trains on the set."""
    return {"split": SPLIT, **FOREST, "feature_set": made.id, **changes}


def trained_on(made: TinySet, name: str = "On a set", **changes: object) -> int:
    """The id of a finished experiment; the load of 2 hp is held out."""
    planned = ExperimentService.create_experiment(name, made.version_id, config(made, **changes))
    run_job(planned["job"]["id"], train_experiment)
    return planned["id"]
