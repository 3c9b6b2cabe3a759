"""Files in chunks over HTTP: announce, append, ask how far it came."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request

from api.json_bodies import as_json
from api.openapi import describes
from api.schemas.datasets import PreviewIn
from api.schemas.jobs import JobOut
from api.schemas.uploads import (
    BatchIn,
    BatchOut,
    BegunOut,
    ChunkQuery,
    UploadIn,
    UploadList,
    UploadOut,
)
from diagnostics.importers.archives import SUFFIX
from diagnostics.importers.registry import SUFFIXES
from services.errors import ServiceError, TooLarge
from services.import_service import ImportService
from services.job_service import JobService
from services.upload_service import UploadService, UploadView

blueprint = Blueprint("uploads", __name__)


@blueprint.get("/uploads")
@describes(answer=UploadList)
def index() -> Response:
    """The files of the signed-in person that wait for their import."""
    found = UploadList(
        items=[UploadOut.model_validate(upload) for upload in UploadService.list_own()],
        chunk_bytes=_chunk_bytes(),
        suffixes=[*SUFFIXES, SUFFIX],
    )
    return as_json(found)


@blueprint.post("/uploads")
@describes(answer=UploadOut, status=201, body=UploadIn)
def begin() -> tuple[Response, int]:
    """Announce a file."""
    asked = UploadIn.model_validate(request.get_json())
    return _body(UploadService.begin(asked.file_name, asked.size, asked.fingerprint)), 201


@blueprint.post("/uploads/batch")
@describes(answer=BatchOut, body=BatchIn)
def begin_many() -> Response:
    """Announce many small files; each answer stands in the place of its file."""
    asked = BatchIn.model_validate(request.get_json())
    begun = UploadService.begin_many(
        [
            {"file_name": one.file_name, "size": one.size, "fingerprint": one.fingerprint}
            for one in asked.files
        ]
    )
    items = [
        BegunOut(problem=one.message)
        if isinstance(one, ServiceError)
        else BegunOut(upload=UploadOut.model_validate(one))
        for one in begun
    ]
    return as_json(BatchOut(items=items))


@blueprint.get("/uploads/<upload_id>")
@describes(answer=UploadOut)
def read(upload_id: str) -> Response:
    """How many bytes have arrived."""
    return _body(UploadService.get(upload_id))


@blueprint.put("/uploads/<upload_id>/content")
@describes(answer=UploadOut, query=ChunkQuery, sends_bytes=True)
def append(upload_id: str) -> Response:
    """Add a chunk, with its SHA-256 in the header ``X-Content-SHA256``."""
    asked = ChunkQuery.model_validate(request.args.to_dict())
    limit = _chunk_bytes()
    if request.content_length is None or request.content_length > limit:
        raise TooLarge(f"A chunk has a Content-Length of at most {limit:,} bytes.")
    digest = request.headers.get("X-Content-SHA256", "")
    return _body(UploadService.append(upload_id, asked.offset, request.get_data(), digest))


@blueprint.delete("/uploads/<upload_id>")
@describes(status=204)
def discard(upload_id: str) -> tuple[str, int]:
    """Delete a file that is not to be imported."""
    UploadService.discard(upload_id)
    return "", 204


@blueprint.post("/uploads/preview")
@describes(answer=JobOut, status=202, body=PreviewIn)
def preview() -> tuple[Response, int]:
    """Look into uploads or files of a server folder by a job; its files are in the preview."""
    asked = PreviewIn.model_validate(request.get_json())
    job_id = ImportService.start_preview(asked.upload_ids, asked.profile, asked.folder, asked.names)
    job = JobOut.model_validate(JobService.get_job(job_id))
    return as_json(job), 202


def _chunk_bytes() -> int:
    size: int = current_app.config["UPLOAD_CHUNK_BYTES"]
    return size


def _body(upload: UploadView) -> Response:
    return as_json(UploadOut.model_validate(upload))
