"""Data sets as files over HTTP: ask for one, list them, download, delete."""

from __future__ import annotations

from flask import Blueprint, Response, request, send_file

from api.json_bodies import as_json
from api.openapi import describes
from api.schemas.exports import ExportIn, ExportList, ExportOut
from api.schemas.jobs import JobOut
from services.export_service import ExportService
from services.job_service import JobService

blueprint = Blueprint("exports", __name__)


@blueprint.get("/datasets/<int:dataset_id>/exports")
@describes(answer=ExportList)
def index(dataset_id: int) -> Response:
    """The finished exports of a data set, newest first."""
    items = ExportService.list_exports(dataset_id)
    found = ExportList.model_validate({"items": items, "total": len(items)})
    return as_json(found)


@blueprint.post("/datasets/<int:dataset_id>/exports")
@describes(answer=JobOut, status=202, body=ExportIn)
def submit(dataset_id: int) -> tuple[Response, int]:
    """Write a version to a file by a job; its result has the id of the export."""
    asked = ExportIn.model_validate(request.get_json())
    job_id = ExportService.submit_export(dataset_id, asked.version, asked.format)
    job = JobOut.model_validate(JobService.get_job(job_id))
    return as_json(job), 202


@blueprint.get("/exports/<int:export_id>")
@describes(answer=ExportOut)
def read(export_id: int) -> Response:
    """One export, without its file."""
    found = ExportOut.model_validate(ExportService.get_export(export_id))
    return as_json(found)


@blueprint.get("/exports/<int:export_id>/download")
@describes(answers_bytes="application/x-hdf5, application/zip, application/vnd.apache.parquet")
def download(export_id: int) -> Response:
    """The file of an export; a part of it with a header ``Range``."""
    found = ExportService.open_export(export_id)
    # Streamed from the disk; ranges and conditional requests are answered too.
    return send_file(
        found["path"],
        mimetype=found["media_type"],
        as_attachment=True,
        download_name=found["file_name"],
        conditional=True,
    )


@blueprint.delete("/exports/<int:export_id>")
@describes(status=204)
def delete(export_id: int) -> tuple[str, int]:
    """Delete an export with its file; the data set stays."""
    ExportService.delete_export(export_id)
    return "", 204
