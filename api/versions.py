"""Versions of data sets over HTTP: differences, changes of many recordings, and statistics."""

from __future__ import annotations

from flask import Blueprint, Response, request

from api.json_bodies import as_json
from api.openapi import describes
from api.schemas.datasets import VersionMade, VersionQuery
from api.schemas.jobs import JobOut
from api.schemas.paging import Paging
from api.schemas.versions import (
    ChangeList,
    ChangePaging,
    CrossingOut,
    CrossingQuery,
    DatasetPreviewOut,
    DiffOut,
    ExperimentUseList,
    PreviewQuery,
    RelabelPreviewOut,
    RelabelSelectedIn,
    RestoreIn,
    SelectionIn,
    VersionList,
    WarningList,
    WaveformStatisticsOut,
)
from services.dataset_service import DatasetService
from services.datasets.selection import RecordingFilter, Selection, parse_conditions
from services.errors import NotFound
from services.job_service import JobService
from services.version_service import VersionService
from services.waveform_service import WaveformService

blueprint = Blueprint("versions", __name__)


@blueprint.get("/datasets/<int:dataset_id>/versions")
@describes(answer=VersionList)
def index(dataset_id: int) -> Response:
    """The versions of a data set, newest first."""
    found = VersionService.list_versions(dataset_id)
    return as_json(VersionList.model_validate({"items": found, "total": len(found)}))


@blueprint.get("/datasets/<int:dataset_id>/versions/<int:older>/diff/<int:newer>")
@describes(answer=DiffOut)
def diff(dataset_id: int, older: int, newer: int) -> Response:
    """What was added, removed and relabelled from one version to another."""
    return as_json(DiffOut.model_validate(VersionService.diff_versions(dataset_id, older, newer)))


@blueprint.get("/datasets/<int:dataset_id>/versions/<int:older>/diff/<int:newer>/recordings")
@describes(answer=ChangeList, query=ChangePaging)
def changes(dataset_id: int, older: int, newer: int) -> Response:
    """The recordings that were added, removed or relabelled from one version to another."""
    page = ChangePaging.model_validate(request.args.to_dict())
    items = VersionService.list_changes(
        dataset_id, older, newer, page.kind, page.limit, page.offset
    )
    totals = dict(VersionService.diff_versions(dataset_id, older, newer))
    answer = {"items": items, "total": totals[page.kind.value]}
    return as_json(ChangeList.model_validate(answer))


@blueprint.post("/datasets/<int:dataset_id>/versions/<int:number>/restore")
@describes(answer=VersionMade, status=201, body=RestoreIn)
def restore(dataset_id: int, number: int) -> tuple[Response, int]:
    """Make a version with the recordings and labels of an older one."""
    asked = RestoreIn.model_validate(request.get_json())
    made = VersionService.restore_version(dataset_id, number, asked.reason, asked.based_on)
    return as_json(VersionMade(version=made)), 201


@blueprint.post("/datasets/<int:dataset_id>/relabel")
@describes(answer=VersionMade, status=201, body=RelabelSelectedIn)
def relabel(dataset_id: int) -> tuple[Response, int]:
    """Make a version with one label for the chosen recordings, or all that match a filter."""
    asked = RelabelSelectedIn.model_validate(request.get_json())
    number = VersionService.relabel_selected(
        dataset_id, _selection(asked), asked.new_label, asked.reason, asked.based_on
    )
    return as_json(VersionMade(version=number)), 201


@blueprint.post("/datasets/<int:dataset_id>/relabel/preview")
@describes(answer=RelabelPreviewOut, body=RelabelSelectedIn, reads=True)
def preview_relabel(dataset_id: int) -> Response:
    """What a new label would change; changes nothing."""
    asked = RelabelSelectedIn.model_validate(request.get_json())
    found = VersionService.preview_relabel(dataset_id, _selection(asked), asked.new_label)
    return as_json(RelabelPreviewOut.model_validate(found))


@blueprint.post("/datasets/<int:dataset_id>/remove")
@describes(answer=VersionMade, status=201, body=SelectionIn)
def remove(dataset_id: int) -> tuple[Response, int]:
    """Make a version without the chosen recordings, or without all that match a filter."""
    asked = SelectionIn.model_validate(request.get_json())
    number = VersionService.remove_selected(
        dataset_id, _selection(asked), asked.reason, asked.based_on
    )
    return as_json(VersionMade(version=number)), 201


@blueprint.get("/datasets/<int:dataset_id>/crossing")
@describes(answer=CrossingOut, query=CrossingQuery)
def crossing(dataset_id: int) -> Response:
    """How many recordings have which value of two fields: class, bearing, load, attributes."""
    asked = CrossingQuery.model_validate(request.args.to_dict())
    found = DatasetService.get_crossing(dataset_id, asked.rows, asked.columns, asked.version)
    return as_json(CrossingOut.model_validate(found))


@blueprint.get("/datasets/<int:dataset_id>/warnings")
@describes(answer=WarningList, query=VersionQuery)
def warnings(dataset_id: int) -> Response:
    """The quality warnings of a version by kind, the most frequent first."""
    asked = VersionQuery.model_validate(request.args.to_dict())
    found = DatasetService.list_warnings(dataset_id, asked.version)
    return as_json(WarningList.model_validate({"items": found}))


@blueprint.get("/datasets/<int:dataset_id>/preview")
@describes(answer=DatasetPreviewOut, query=PreviewQuery)
def preview(dataset_id: int) -> Response:
    """How a few recordings of each class look: lowest and highest value over time."""
    asked = PreviewQuery.model_validate(request.args.to_dict())
    found = DatasetService.get_dataset_preview(dataset_id, asked.num_samples, asked.version)
    return as_json(DatasetPreviewOut.model_validate(found))


@blueprint.get("/datasets/<int:dataset_id>/waveform-statistics")
@describes(answer=WaveformStatisticsOut, query=VersionQuery)
def waveform_statistics(dataset_id: int) -> Response:
    """RMS, peak, crest factor, kurtosis and more of a version, by class and channel."""
    asked = VersionQuery.model_validate(request.args.to_dict())
    found = WaveformService.get_statistics(dataset_id, asked.version)
    return as_json(WaveformStatisticsOut.model_validate(found))


@blueprint.post("/datasets/<int:dataset_id>/measurements")
@describes(answer=JobOut, status=202)
def measure(dataset_id: int) -> tuple[Response, int]:
    """Have samples measured by a job that were stored before statistics were kept."""
    job_id = WaveformService.request_measurement(dataset_id)
    return as_json(JobOut.model_validate(JobService.get_job(job_id))), 202


@blueprint.get("/datasets/<int:dataset_id>/experiments")
@describes(answer=ExperimentUseList, query=Paging)
def experiments(dataset_id: int) -> Response:
    """Experiments that were made on any version of a data set, newest first."""
    page = Paging.model_validate(request.args.to_dict())
    details = DatasetService.get_dataset_details(dataset_id)
    if details is None:
        raise NotFound(f"There is no data set {dataset_id}.")
    items = DatasetService.list_experiments(dataset_id, page.limit, page.offset)
    answer = {"items": items, "total": details["experiment_count"]}
    return as_json(ExperimentUseList.model_validate(answer))


def _selection(asked: SelectionIn) -> Selection:
    if not asked.matching:
        return Selection(tuple(asked.recording_ids))
    conditions = parse_conditions(asked.where)
    return Selection(
        chosen=RecordingFilter(asked.search, asked.label, asked.only_warned, conditions)
    )
