"""Looking into uploaded files and importing them, as jobs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from diagnostics.progress import Report
from services.errors import NotFound
from services.import_service import ImportService, SourceFile
from services.upload_service import UploadService


def preview_import(report: Report, upload_ids: Sequence[str], profile: str) -> dict[str, Any]:
    files = ImportService.preview_files(_sources(upload_ids), profile, report)
    return {"files": files}


def import_recordings(
    report: Report,
    upload_ids: Sequence[str],
    dataset_id: int,
    profile: str,
    shared: dict[str, Any],
    own: dict[str, dict[str, Any]],
) -> dict[str, Any]:
    sources = _sources(upload_ids)
    result = ImportService.import_files(sources, dataset_id, profile, shared, own, report)
    for source, file in zip(sources, result["files"], strict=True):
        if not file["refused"]:  # a refused one stays, to be tried again with other values
            UploadService.discard(source.key)
    return dict(result)


def _sources(upload_ids: Sequence[str]) -> list[SourceFile]:
    sources = []
    for upload_id in upload_ids:
        # One that is gone was imported by an attempt whose worker was lost after that.
        with suppress(NotFound):
            name, path = UploadService.locate(upload_id)
            sources.append(SourceFile(upload_id, name, path))
    if not sources:
        raise NotFound("The files are not there any more. Upload them again.")
    return sources
