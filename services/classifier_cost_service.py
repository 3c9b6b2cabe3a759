"""What classifiers cost, measured by a worker: the web process loads no network.

The answer is the result of the job. It is found by all that decides it, so a question that
anybody asked before needs no measuring; as all results of jobs it goes after a while.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, TypedDict

from diagnostics.errors import TrainingError
from diagnostics.training.cost import VERSION, CostQuestion
from models import JobKind, JobStatus
from services import actor
from services.errors import Invalid
from services.job_service import JobService


class LatencyView(TypedDict):
    median_ms: float
    runs: int
    machine: str


class CostView(TypedDict):
    """``numbers`` are learned, ``operations`` are for one window; ``counted`` says which."""

    numbers: int
    operations: int
    counted: str
    latency: LatencyView


class MeasurementView(TypedDict):
    """``cost`` is None until the job is done."""

    job_id: int
    status: JobStatus
    fraction: float
    error: str | None
    cost: CostView | None


class ClassifierCostService:
    """Have the cost of classifiers measured."""

    @staticmethod
    def request_cost(question: Mapping[str, Any]) -> int:
        """The id of the job that measures; one that runs already is not doubled.

        ``question`` has ``classifier``, ``parameters``, ``window`` in samples, and how many
        ``channels`` and ``classes``.

        Raises
        ------
        Invalid
            If something is missing or out of bounds.
        """
        actor.user_id()
        asked = _checked(question)
        return JobService.submit_once(
            JobKind.MEASURE_CLASSIFIER,
            {"question": asked.to_dict()},
            title=f"Cost of {asked.card.title} for {asked.window} samples",
            subject=_subject(asked),
            of_anybody=True,
        )

    @staticmethod
    def find_cost(question: Mapping[str, Any]) -> MeasurementView | None:
        """The newest measurement, or how far it is; None when nobody asked.

        Raises
        ------
        Invalid
            As :meth:`request_cost`.
        """
        actor.reader()
        subject = _subject(_checked(question))
        job = JobService.find_latest(subject, JobKind.MEASURE_CLASSIFIER)
        if job is None:
            return None
        return {
            "job_id": job["id"],
            "status": job["status"],
            "fraction": job["fraction"],
            "error": job["error"],
            "cost": (job["result"] or {}).get("cost"),
        }


def _checked(question: Mapping[str, Any]) -> CostQuestion:
    names = ("classifier", "parameters", "window", "channels", "classes")
    missing = [name for name in names if name not in question]
    if missing:
        raise Invalid(f"The question lacks “{missing[0]}”. It has {', '.join(names)}.")
    try:
        return CostQuestion(**{name: question[name] for name in names})
    except TrainingError as error:
        raise Invalid(str(error)) from error


def _subject(question: CostQuestion) -> str:
    text = json.dumps([VERSION, question.to_dict()], sort_keys=True)
    return f"cost:{hashlib.sha256(text.encode()).hexdigest()[:32]}"
