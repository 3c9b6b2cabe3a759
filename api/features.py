"""Feature sets over HTTP: extract, list, read, look at, download, delete."""

from __future__ import annotations

from flask import Blueprint, Response, request, send_file, stream_with_context

from api.json_bodies import as_json
from api.openapi import describes
from api.schemas.features import (
    AnalysisIn,
    AnalysisOut,
    AnalysisQuery,
    DownloadQuery,
    FeatureSetIn,
    FeatureSetList,
    FeatureSetOut,
    FeatureSetPaging,
    RowList,
    RowsQuery,
)
from api.schemas.jobs import JobOut
from services.errors import NotFound
from services.feature_analysis_service import FeatureAnalysisService
from services.feature_service import FeatureService
from services.feature_set_service import FeatureSetService
from services.job_service import JobService

blueprint = Blueprint("features", __name__)


@blueprint.get("/feature-sets")
@describes(answer=FeatureSetList, query=FeatureSetPaging)
def index() -> Response:
    """Feature sets, newest first."""
    page = FeatureSetPaging.model_validate(request.args.to_dict())
    items = FeatureSetService.list_feature_sets(page.limit, page.offset, page.dataset_id)
    total = FeatureSetService.count_feature_sets(page.dataset_id)
    return as_json(FeatureSetList.model_validate({"items": items, "total": total}))


@blueprint.post("/feature-sets")
@describes(answer=JobOut, status=202, body=FeatureSetIn)
def create() -> tuple[Response, int]:
    """Extract features by a job; its result has the id of the set."""
    asked = FeatureSetIn.model_validate(request.get_json())
    job_id = FeatureService.submit_extraction(
        asked.dataset_id, asked.name, asked.domains, asked.config.model_dump(), asked.version
    )
    return _job(job_id), 202


@blueprint.get("/feature-sets/<int:feature_set_id>")
@describes(answer=FeatureSetOut)
def read(feature_set_id: int) -> Response:
    """One feature set with its columns, without its windows."""
    found = FeatureSetService.get_feature_set(feature_set_id)
    return as_json(FeatureSetOut.model_validate(found))


@blueprint.delete("/feature-sets/<int:feature_set_id>")
@describes(status=204)
def delete(feature_set_id: int) -> tuple[str, int]:
    """Delete a feature set with what was seen in it."""
    FeatureSetService.delete_feature_set(feature_set_id)
    return "", 204


@blueprint.get("/feature-sets/<int:feature_set_id>/rows")
@describes(answer=RowList, query=RowsQuery)
def rows(feature_set_id: int) -> Response:
    """Windows of a set; the values in the order of its features."""
    asked = RowsQuery.model_validate(request.args.to_dict())
    found = FeatureSetService.list_rows(
        feature_set_id,
        asked.limit,
        asked.offset,
        asked.sort,
        descending=asked.descending,
        label=asked.label,
    )
    return as_json(RowList.model_validate(found))


@blueprint.get("/feature-sets/<int:feature_set_id>/download")
@describes(
    query=DownloadQuery,
    answers_bytes="text/csv, application/x-hdf5, application/vnd.apache.parquet",
)
def download(feature_set_id: int) -> Response:
    """All windows as HDF5, Parquet or CSV."""
    asked = DownloadQuery.model_validate(request.args.to_dict())
    found = FeatureSetService.open_feature_set(feature_set_id, asked.format)
    if found["path"] is not None:
        return send_file(
            found["path"],
            mimetype=found["media_type"],
            as_attachment=True,
            download_name=found["file_name"],
            conditional=True,
        )
    answer = Response(
        stream_with_context(found["pieces"] or iter(())), mimetype=found["media_type"]
    )
    answer.headers.set("Content-Disposition", "attachment", filename=found["file_name"])
    return answer


@blueprint.post("/feature-sets/<int:feature_set_id>/analyses")
@describes(answer=JobOut, status=202, body=AnalysisIn)
def analyse(feature_set_id: int) -> tuple[Response, int]:
    """Look at a set by a job: projection, correlation, importance or selection."""
    asked = AnalysisIn.model_validate(request.get_json())
    given = {"num_features": asked.num_features, "threshold": asked.threshold}
    job_id = FeatureAnalysisService.request_analysis(
        feature_set_id, asked.kind, asked.method, given
    )
    return _job(job_id), 202


@blueprint.get("/feature-sets/<int:feature_set_id>/analyses/<string:kind>")
@describes(answer=AnalysisOut, query=AnalysisQuery)
def read_analysis(feature_set_id: int, kind: str) -> Response:
    """The newest answer of a kind of analysis, or of one of its methods."""
    asked = AnalysisQuery.model_validate(request.args.to_dict())
    found = FeatureAnalysisService.find_analysis(feature_set_id, kind, asked.method)
    if found is None:
        raise NotFound("This has not been computed yet.")
    return as_json(AnalysisOut.model_validate(found))


def _job(job_id: int) -> Response:
    return as_json(JobOut.model_validate(JobService.get_job(job_id)))
