"""Looking into files and importing them, as jobs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from diagnostics.progress import Report
from services.errors import NotFound
from services.import_folder_service import ImportFolderService
from services.import_service import ImportService
from services.importing.results import worst_first
from services.importing.sources import SourceFile
from services.jobs.job_runs import kept_result
from services.upload_service import UploadService


def preview_import(
    report: Report,
    upload_ids: Sequence[str],
    profile: str,
    preview_id: int,
    shared: dict[str, Any],
    folder: str = "",
    names: Sequence[str] = (),
) -> dict[str, Any]:
    """Keep what is found in files for their owner; counts of it for everybody."""
    files = _sources(upload_ids, folder, names)
    return ImportService.store_preview(preview_id, files, profile, shared, report)


def import_recordings(
    report: Report,
    upload_ids: Sequence[str],
    dataset_id: int,
    profile: str,
    shared: dict[str, Any],
    own: dict[str, dict[str, Any]],
    folder: str = "",
    names: Sequence[str] = (),
    skip_elsewhere: bool = False,
) -> dict[str, Any]:
    """Import files; uploads that were read whole go, those of a folder are left as they are."""
    result = kept_result()
    if result is None:
        files = _sources(upload_ids, folder, names)
        imported = ImportService.import_files(
            files, dataset_id, profile, shared, own, report, skip_elsewhere=skip_elsewhere
        )
        result = dict(worst_first(imported))
    # A refused one stays, to be tried again with other values.
    kept = {file["upload_id"] for file in result["files"] if file["refused"]}
    UploadService.discard_many(set(upload_ids) - kept)
    return result


def _sources(upload_ids: Sequence[str], folder: str, names: Sequence[str]) -> list[SourceFile]:
    files = []
    for upload_id in upload_ids:
        # One that is gone was discarded in the meantime.
        with suppress(NotFound):
            name, path = UploadService.locate(upload_id)
            size = path.stat().st_size
            files.append(
                SourceFile(upload_id, name, path, upload_id=upload_id, size=size, found="/" in name)
            )
    if folder:
        files += ImportFolderService.find_files(folder, names)
    if not files:
        raise NotFound("The files are not there any more. Choose them again.")
    return files
