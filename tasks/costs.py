"""What a classifier costs: counted and timed in the worker; the job keeps the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from diagnostics.progress import Report


def measure_classifier(report: Report, question: Mapping[str, Any]) -> dict[str, Any]:
    """Count and time one classifier for one length of window."""
    from diagnostics.training.cost import CostQuestion, measure_cost

    return {"cost": measure_cost(CostQuestion(**question), report).to_dict()}
