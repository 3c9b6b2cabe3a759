"""What only the trained classifier itself can tell about an experiment, as a job."""

from __future__ import annotations

from typing import Any

from diagnostics.progress import Report
from services.evaluation_service import NOISE_LEVELS, EvaluationService


def evaluate_experiment(
    report: Report,
    experiment_id: int,
    evaluation_type: str,
    noise_levels: list[float] | None = None,
) -> dict[str, Any]:
    """The numbers are kept by the service; an attempt that was cut short left nothing."""
    if evaluation_type == "temperature":
        EvaluationService.fit_temperature(experiment_id, report)
    else:
        EvaluationService.test_robustness(experiment_id, noise_levels or NOISE_LEVELS, report)
    return {"experiment_id": experiment_id, "evaluation_type": evaluation_type}
