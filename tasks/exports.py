"""Writing versions of data sets to files, as jobs."""

from __future__ import annotations

from typing import Any

from diagnostics.progress import Report
from services.export_service import ExportService


def export_dataset(report: Report, dataset_id: int, version: int, format: str) -> dict[str, Any]:
    made = ExportService.make_export(dataset_id, version, format, report=report)
    return {"export_id": made["id"], "file_name": made["file_name"], "size": made["size"]}
