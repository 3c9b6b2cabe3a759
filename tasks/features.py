"""Extracting features and looking at them, as jobs."""

from __future__ import annotations

from typing import Any

from diagnostics.progress import Report
from services.feature_analysis_service import FeatureAnalysisService
from services.feature_service import FeatureService


def extract_features(
    report: Report,
    dataset_id: int,
    name: str,
    domains: list[str],
    config: dict[str, Any],
    version: int,
) -> dict[str, Any]:
    """An attempt that was cut short left nothing; this one begins anew."""
    made = FeatureService.make_feature_set(dataset_id, name, domains, config, version, report)
    return dict(made)


def analyse_features(
    report: Report, feature_set_id: int, kind: str, method: str, parameters: dict[str, Any]
) -> dict[str, Any]:
    return FeatureAnalysisService.analyse(feature_set_id, kind, method, parameters, report)
