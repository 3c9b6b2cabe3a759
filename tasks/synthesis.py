"""Generate data sets: compute, and write through a service."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from diagnostics.errors import DiagnosticsError
from diagnostics.progress import Progress, Report
from diagnostics.synthesis.config import SynthesisConfig
from diagnostics.synthesis.config_json import as_json, read_config
from diagnostics.synthesis.demo import demo_config
from diagnostics.synthesis.recordings import (
    GeneratedRecording,
    PlannedRecording,
    generate,
    plan,
)
from diagnostics.synthesis.self_test import check_signatures
from diagnostics.synthesis.shortcuts import plant
from services.datasets.recording_store import StoredSamples
from services.errors import ServiceError
from services.jobs.job_runs import JobCancelled
from services.synthesis_service import SynthesisService

# Rows that are written at once: few enough that nobody waits for the database meanwhile.
BATCH = 50


def generate_demo_dataset(report: Report, name: str, seed: int) -> dict[str, Any]:
    return _generate(report, name, demo_config(seed), f"demo-{seed}")


def generate_dataset(
    report: Report, name: str, config: dict[str, Any], token: str, shortcut: str = ""
) -> dict[str, Any]:
    """``shortcut`` is planted in every recording; see :mod:`diagnostics.synthesis.shortcuts`."""
    return _generate(report, name, read_config(config), token, shortcut)


def check_generated(report: Report, config: dict[str, Any]) -> dict[str, Any]:
    """The numbers of each signature next to those of the formulas."""
    report(Progress("check the signatures", 0, 1))
    return {"checks": [check.as_json() for check in SynthesisService.check_signatures(config)]}


def _generate(
    report: Report, name: str, config: SynthesisConfig, token: str, shortcut: str = ""
) -> dict[str, Any]:
    """Fill the data set batch by batch; it appears when all of it is there.

    After a worker was lost, the next one goes on after the last batch: a recording depends
    on nothing but its own name.
    """
    begun = SynthesisService.begin_generated(name, as_json(config), token)
    dataset_id, total = begun["dataset_id"], config.recording_count
    if not begun["complete"]:
        try:
            _fill(report, dataset_id, begun["names"], config, shortcut)
        except (JobCancelled, ServiceError, DiagnosticsError, OSError):
            # Not when the job was given to another worker, which goes on with it.
            SynthesisService.discard_generated(dataset_id)
            raise
    return {"dataset_id": dataset_id, "recordings": total}


def _fill(
    report: Report, dataset_id: int, made: set[str], config: SynthesisConfig, shortcut: str
) -> None:
    total = config.recording_count
    report(Progress("check the signatures", 0, total))
    outcome = [check.as_json() for check in check_signatures(config)]
    labels: dict[str, str] = {}
    batch: list[StoredSamples] = []
    # Machine by machine: what a structure does to noise is computed once.
    for done, planned in enumerate(sorted(plan(config), key=attrgetter("bearing"))):
        report(Progress("generate", done, total, planned.name))
        labels[planned.name] = planned.fault.value
        if planned.name in made:
            continue
        batch.append(SynthesisService.store_generated(_made(config, planned, shortcut)))
        if len(batch) == BATCH:
            SynthesisService.add_generated(dataset_id, batch)
            batch.clear()
    SynthesisService.add_generated(dataset_id, batch)
    passed = sum(one["passed"] for one in outcome)
    told = f"{total} recordings generated, seed {config.seed}; signatures: {passed} of "
    report(Progress("save", total, total, log=f"{told}{len(outcome)} as expected."))
    SynthesisService.finish_generated(dataset_id, labels, outcome)


def _made(config: SynthesisConfig, planned: PlannedRecording, shortcut: str) -> GeneratedRecording:
    made = generate(config, planned)
    if not shortcut:
        return made
    number = sorted(config.classes).index(planned.fault.value)
    return plant(shortcut, made, number, config.seed)
