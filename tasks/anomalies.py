"""Reading sources and finding anomalies in them, as jobs."""

from __future__ import annotations

from typing import Any

from diagnostics.progress import Report
from services.anomalies.comparing import AnomalyComparingService
from services.anomalies.explaining import AnomalyExplainingService
from services.anomalies.running import AnomalyRunService
from services.sources.making import SourceMakingService


def import_source(
    report: Report, source_id: str, upload_ids: list[str] | None = None
) -> dict[str, Any]:
    """Read the rows of a source. ``upload_ids`` only keep the upload from being cleaned away."""
    del upload_ids
    return SourceMakingService.make_version(source_id, report)


def detect_anomalies(report: Report, detection_id: str) -> dict[str, Any]:
    """An attempt that was cut short left nothing; this one begins anew."""
    return AnomalyRunService.detect(detection_id, report)


def compare_detectors(report: Report, comparison_id: str) -> dict[str, Any]:
    """Several algorithms on the same rows, one after another."""
    return AnomalyComparingService.compare(comparison_id, report)


def explain_anomalies(
    report: Report,
    detection_id: str,
    row_indices: list[int],
    method: str,
    max_features: int,
    background: int,
) -> dict[str, Any]:
    """Why rows have their scores, by the stored detector."""
    return AnomalyExplainingService.explain(
        detection_id, row_indices, method, max_features, background, report
    )
