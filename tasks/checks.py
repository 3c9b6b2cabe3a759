"""The project's own tests and checks, as a job."""

from __future__ import annotations

from typing import Any

from diagnostics.progress import Report
from services.testing_service import TestingService
from tasks.runner import Work

WORK: dict[str, Work] = {
    "tests": TestingService.run_pytest,
    "coverage": TestingService.run_coverage,
    "benchmarks": TestingService.run_benchmarks,
    "quality": TestingService.validate_code_quality,
}


def run_check(report: Report, check: str, given: dict[str, Any]) -> dict[str, Any]:
    """Run one of the checks; the result says which."""
    return {"check": check, **WORK[check](**given, report=report)}
