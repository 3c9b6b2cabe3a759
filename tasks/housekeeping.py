"""Cleaning up, as a job."""

from __future__ import annotations

from diagnostics.progress import Report
from services.housekeeping_service import HousekeepingService


def clean_up(report: Report) -> dict[str, int]:
    return HousekeepingService.clean_up(report)
