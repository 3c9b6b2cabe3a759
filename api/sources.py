"""Sources over HTTP: make, list, look at, test, change, delete."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for

from api.json_bodies import as_json
from api.openapi import describes
from api.schemas.anomalies import WaitQuery
from api.schemas.sources import (
    DatabaseList,
    DatabaseTableList,
    DatabaseTableOut,
    ProfileOut,
    SourceChangeIn,
    SourceIn,
    SourceList,
    SourceOut,
    SourceQuery,
    SourceTestOut,
    SourceTypeList,
    SourceVersionList,
)
from services.source_service import SourceService
from services.sources.databases import SourceDatabaseService

blueprint = Blueprint("sources", __name__)


@blueprint.get("/sources")
@describes(answer=SourceList, query=SourceQuery)
def index() -> Response:
    """Sources, newest first."""
    asked = SourceQuery.model_validate(request.args.to_dict())
    data = SourceService.list_sources(asked.limit, asked.offset, asked.text)
    total = SourceService.count_sources(asked.text)
    page = {"data": data, "total": total, "offset": asked.offset, "limit": asked.limit}
    return as_json(SourceList.model_validate(page))


@blueprint.post("/sources")
@describes(answer=SourceOut, status=201, query=WaitQuery, body=SourceIn)
def create() -> tuple[Response, int, dict[str, str]]:
    """Make a source; a job reads its rows, and some seconds are waited for it."""
    seconds = WaitQuery.model_validate(request.args.to_dict()).wait
    asked = SourceIn.model_validate(request.get_json())
    source_id = SourceService.create_source(
        asked.kind,
        asked.config,
        asked.name,
        description=asked.description,
        missing_codes=asked.missing_codes,
        time_column=asked.time_column,
    )
    where = url_for("api.sources.read", source_id=source_id)
    return _source(SourceService.wait(source_id, seconds)), 201, {"Location": where}


@blueprint.get("/sources/types")
@describes(answer=SourceTypeList)
def types() -> Response:
    """What a source can be made from."""
    found = SourceService.list_types()
    return as_json(SourceTypeList.model_validate({"types": found, "total": len(found)}))


@blueprint.get("/sources/databases")
@describes(answer=DatabaseList)
def databases() -> Response:
    """The databases that the settings name."""
    found = SourceDatabaseService.list_databases()
    return as_json(DatabaseList(databases=found, total=len(found)))


@blueprint.get("/sources/databases/<string:database>/tables")
@describes(answer=DatabaseTableList)
def database_tables(database: str) -> Response:
    """Tables and views of a database."""
    found = [
        DatabaseTableOut(schema_name=one["schema"], name=one["name"], is_view=one["is_view"])
        for one in SourceDatabaseService.list_tables(database)
    ]
    return as_json(DatabaseTableList(tables=found, total=len(found)))


@blueprint.get("/sources/<string:source_id>")
@describes(answer=SourceOut)
def read(source_id: str) -> Response:
    """One source with its columns."""
    return _source(SourceService.get_source(source_id))


@blueprint.patch("/sources/<string:source_id>")
@describes(answer=SourceOut, body=SourceChangeIn)
def update(source_id: str) -> Response:
    """Change a source; what changes its rows makes the next version by a job."""
    asked = SourceChangeIn.model_validate(request.get_json())
    return _source(SourceService.update_source(source_id, **asked.model_dump(exclude_unset=True)))


@blueprint.delete("/sources/<string:source_id>")
@describes(status=204)
def delete(source_id: str) -> tuple[str, int]:
    """Delete a source with its detections."""
    SourceService.delete_source(source_id)
    return "", 204


@blueprint.post("/sources/<string:source_id>/test")
@describes(answer=SourceTestOut, reads=True)
def test(source_id: str) -> Response:
    """See whether the rows can be read."""
    return as_json(SourceTestOut.model_validate(SourceService.test_source(source_id)))


@blueprint.get("/sources/<string:source_id>/profile")
@describes(answer=ProfileOut)
def profile(source_id: str) -> Response:
    """What the columns amount to, and the first rows."""
    return as_json(ProfileOut.model_validate(SourceService.get_profile(source_id)))


@blueprint.get("/sources/<string:source_id>/versions")
@describes(answer=SourceVersionList)
def versions(source_id: str) -> Response:
    """The versions of a source, newest first."""
    found = SourceService.list_versions(source_id)
    return as_json(SourceVersionList.model_validate({"versions": found, "total": len(found)}))


def _source(found: Any) -> Response:
    return as_json(SourceOut.model_validate(found))
