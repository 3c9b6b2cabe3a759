"""Generate data sets: compute, and write through a service."""

from __future__ import annotations

from typing import Any

from diagnostics.progress import Progress, Report
from diagnostics.synthesis.demo import demo_size, generate_demo
from services.datasets.recording_store import StoredSamples
from services.synthesis_service import SynthesisService


def generate_demo_dataset(report: Report, name: str, seed: int) -> dict[str, Any]:
    """Generate the recordings one by one; the data set appears when all of them are there."""
    total = demo_size()
    stored: list[StoredSamples] = []
    for planned, signal in generate_demo(seed):
        report(Progress("generate", len(stored), total, planned.name))
        stored.append(SynthesisService.store_generated(planned, signal))
    report(Progress("save", total, total, log=f"{total} recordings generated, seed {seed}."))
    dataset_id = SynthesisService.save_generated(name, stored)
    return {"dataset_id": dataset_id, "recordings": total}
