"""Data sets, their recordings, and imports into them over HTTP."""

from __future__ import annotations

from itertools import chain
from typing import Any

from flask import Blueprint, Response, request, stream_with_context

from api.json_bodies import as_json
from api.openapi import describes
from api.schemas.datasets import (
    DatasetChange,
    DatasetDetailsOut,
    DatasetIn,
    DatasetList,
    DatasetPaging,
    ImportIn,
    RecordingList,
    RecordingPaging,
    RecordingQuery,
    RelabelIn,
    RemoveIn,
    StatisticsOut,
    VersionMade,
    VersionQuery,
)
from api.schemas.jobs import JobOut
from services.dataset_service import DatasetService
from services.datasets.selection import RecordingFilter, parse_conditions
from services.errors import NotFound
from services.import_service import ImportService
from services.job_service import JobService
from services.recording_service import RecordingService

blueprint = Blueprint("datasets", __name__)


@blueprint.get("/datasets")
@describes(answer=DatasetList, query=DatasetPaging)
def index() -> Response:
    """Data sets by name."""
    page = DatasetPaging.model_validate(request.args.to_dict())
    items = DatasetService.list_datasets(
        page.limit,
        page.offset,
        page.search,
        archived=page.archived,
        sort=page.sort,
        descending=page.descending,
    )
    total = DatasetService.count_datasets(page.search, archived=page.archived)
    return as_json(DatasetList.model_validate({"items": items, "total": total}))


@blueprint.post("/datasets")
@describes(answer=DatasetDetailsOut, status=201, body=DatasetIn)
def create() -> tuple[Response, int]:
    """Make an empty data set."""
    asked = DatasetIn.model_validate(request.get_json())
    return _details(DatasetService.create(asked.name, asked.description)), 201


@blueprint.get("/datasets/<int:dataset_id>")
@describes(answer=DatasetDetailsOut)
def read(dataset_id: int) -> Response:
    """One data set with its newest 500 versions; ``/versions`` has all of them."""
    return _details(dataset_id)


@blueprint.patch("/datasets/<int:dataset_id>")
@describes(answer=DatasetDetailsOut, body=DatasetChange)
def edit(dataset_id: int) -> Response:
    """Give a data set another name or description."""
    asked = DatasetChange.model_validate(request.get_json())
    DatasetService.edit_dataset(dataset_id, name=asked.name, description=asked.description)
    return _details(dataset_id)


@blueprint.delete("/datasets/<int:dataset_id>")
@describes(status=204)
def delete(dataset_id: int) -> tuple[str, int]:
    """Delete a data set on which no experiment was made, with its files."""
    if not DatasetService.delete_dataset(dataset_id, delete_file=True):
        raise NotFound(f"There is no data set {dataset_id}.")
    return "", 204


@blueprint.post("/datasets/<int:dataset_id>/archive")
@describes(answer=DatasetDetailsOut)
def archive(dataset_id: int) -> Response:
    """Put a data set out of sight."""
    DatasetService.archive_dataset(dataset_id)
    return _details(dataset_id)


@blueprint.post("/datasets/<int:dataset_id>/restore")
@describes(answer=DatasetDetailsOut)
def restore(dataset_id: int) -> Response:
    """Bring an archived data set back."""
    DatasetService.restore_dataset(dataset_id)
    return _details(dataset_id)


@blueprint.get("/datasets/<int:dataset_id>/statistics")
@describes(answer=StatisticsOut, query=VersionQuery)
def statistics(dataset_id: int) -> Response:
    """Counts per class and group of a version."""
    asked = VersionQuery.model_validate(request.args.to_dict())
    found = DatasetService.get_dataset_statistics(dataset_id, asked.version)
    return as_json(StatisticsOut.model_validate(found))


@blueprint.get("/datasets/<int:dataset_id>/recordings")
@describes(answer=RecordingList, query=RecordingPaging)
def recordings(dataset_id: int) -> Response:
    """Recordings of a version with their labels."""
    page = RecordingPaging.model_validate(_arguments())
    chosen = _filter(page)
    items, total = RecordingService.page_of_recordings(
        dataset_id,
        page.version,
        page.limit,
        page.offset,
        chosen,
        page.sort,
        descending=page.descending,
    )
    return as_json(RecordingList.model_validate({"items": items, "total": total}))


@blueprint.get("/datasets/<int:dataset_id>/recordings.csv")
@describes(query=RecordingQuery, answers_bytes="text/csv")
def export(dataset_id: int) -> Response:
    """The recordings of a version that pass the filter, as a table."""
    asked = RecordingQuery.model_validate(_arguments())
    lines = RecordingService.export_recordings(dataset_id, asked.version, _filter(asked))
    # With the mark that tells spreadsheets that it is UTF-8.
    answer = Response(
        stream_with_context(chain(("\ufeff",), lines)), content_type="text/csv; charset=utf-8"
    )
    name = f"dataset-{dataset_id}-recordings.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@blueprint.post("/datasets/<int:dataset_id>/labels")
@describes(answer=VersionMade, status=201, body=RelabelIn)
def relabel(dataset_id: int) -> tuple[Response, int]:
    """Make a version with other labels."""
    asked = RelabelIn.model_validate(request.get_json())
    number = DatasetService.relabel(dataset_id, asked.labels, asked.reason, asked.based_on)
    return as_json(VersionMade(version=number)), 201


@blueprint.post("/datasets/<int:dataset_id>/removals")
@describes(answer=VersionMade, status=201, body=RemoveIn)
def remove(dataset_id: int) -> tuple[Response, int]:
    """Make a version without some recordings."""
    asked = RemoveIn.model_validate(request.get_json())
    number = DatasetService.remove_recordings(
        dataset_id, asked.recording_ids, asked.reason, asked.based_on
    )
    return as_json(VersionMade(version=number)), 201


@blueprint.post("/datasets/<int:dataset_id>/imports")
@describes(answer=JobOut, status=202, body=ImportIn)
def import_uploads(dataset_id: int) -> tuple[Response, int]:
    """Import uploads or files of a server folder by a job; its result says what became of them."""
    asked = ImportIn.model_validate(request.get_json())
    job_id = ImportService.start_import(
        asked.upload_ids,
        dataset_id,
        asked.profile,
        asked.shared,
        asked.own,
        folder=asked.folder,
        names=asked.names,
        skip_elsewhere=asked.skip_elsewhere,
    )
    return as_json(JobOut.model_validate(JobService.get_job(job_id))), 202


def _arguments() -> dict[str, Any]:
    """The query, with every ``where`` of it."""
    return {**request.args.to_dict(), "where": request.args.getlist("where")}


def _filter(asked: RecordingQuery) -> RecordingFilter:
    conditions = parse_conditions(asked.where)
    return RecordingFilter(asked.search, asked.label, asked.only_warned, conditions)


def _details(dataset_id: int) -> Response:
    found = DatasetService.get_dataset_details(dataset_id)
    if found is None:
        raise NotFound(f"There is no data set {dataset_id}.")
    return as_json(DatasetDetailsOut.model_validate(found))
