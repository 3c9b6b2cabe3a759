"""Cleaning up, as a job."""

from __future__ import annotations

from diagnostics.progress import Report
from services.campaigns.studies import delete_forgotten
from services.housekeeping_service import HousekeepingService


def clean_up(report: Report) -> dict[str, int]:
    found = HousekeepingService.clean_up(report)
    forgotten = delete_forgotten()
    return {**found, "memories of campaigns": forgotten} if forgotten else found
