"""Cleaning up, as a job."""

from __future__ import annotations

from diagnostics.progress import Progress, Report
from services.housekeeping_service import HousekeepingService


def clean_up(report: Report) -> dict[str, int]:
    report(Progress("clean up", 0, 1))
    return HousekeepingService.clean_up()
