"""Exported variants of trained networks made and measured, and data sets named by served ones."""

from __future__ import annotations

from typing import Any

from diagnostics.progress import Report
from services.deployment.batch_service import BatchPredictionService
from services.deployment_service import DeploymentService


def make_variant(
    report: Report, experiment_id: int, kind: str, amount: float | None = None, epochs: int = 0
) -> dict[str, Any]:
    """The variant is kept by the service, whole or not at all."""
    return DeploymentService.make_variant(experiment_id, kind, amount, report, epochs)


def predict_batch(report: Report, batch_id: int) -> dict[str, Any]:
    """All rows are kept by the service at the end, or none."""
    return BatchPredictionService.run_batch(batch_id, report)


def time_variant(report: Report, variant_id: int) -> dict[str, Any]:
    """The times are the job's result: the next ones take their place."""
    return DeploymentService.time_variant(variant_id, report)
