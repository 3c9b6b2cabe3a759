"""Exported variants of trained networks: made, run and measured in a worker."""

from __future__ import annotations

from typing import Any

from diagnostics.progress import Report
from services.deployment.deployment_service import DeploymentService


def make_variant(
    report: Report, experiment_id: int, kind: str, amount: float | None = None, epochs: int = 0
) -> dict[str, Any]:
    """The variant is kept by the service, whole or not at all."""
    return DeploymentService.make_variant(experiment_id, kind, amount, report, epochs)
