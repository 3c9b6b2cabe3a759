"""What happens where files are made of a data set."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update

from callbacks.errors import tell
from layouts import shell
from layouts.components.versions import numbered_versions
from layouts.dataset import Ids as PageIds
from layouts.dataset_exports import (
    Ids,
    estimate,
    files,
    format_options,
    progress,
)
from models import JobKind, JobStatus, Role
from services import actor
from services.dataset_service import DatasetService
from services.errors import NotFound
from services.export_service import ExportService
from services.job_service import ACTIVE, JobService, JobView

QUESTION = "Delete {file_name}? The data set stays; the file can be made again."
ENDED_BADLY = (JobStatus.FAILED, JobStatus.CANCELLED)


def offer(view: dict[str, Any], _stamp: int, chosen: str | None) -> tuple[Any, ...]:
    """Versions and formats to choose from; nothing to choose for who may not export."""
    dataset = DatasetService.get_dataset_details(view["dataset"] or 0)
    filled = [one for one in dataset["versions"] if one["recording_count"]] if dataset else []
    options = numbered_versions(filled)
    formats = format_options(ExportService.list_formats())
    may = actor.reader().role is not Role.VIEWER and bool(options)
    newest = options[0]["value"] if options else None
    return options, newest, formats, chosen or formats[0]["value"], not may, not may


def show_size(version: str | int | None, format: str | None, view: dict[str, Any]) -> str:
    if not version or not format or view["dataset"] is None:
        return ""
    return estimate(ExportService.estimate_size(view["dataset"], int(version), format))


def start(
    clicks: int | None,
    version: str | int | None,
    format: str | None,
    view: dict[str, Any],
    changed: int,
) -> int | Any:
    if not clicks or not version or not format:
        return no_update
    ExportService.submit_export(view["dataset"], int(version), format)
    tell("The export has begun. The file appears here when it is done.", "info")
    return changed + 1


def show_exports(
    _pulse: dict[str, Any], _changed: int, view: dict[str, Any], shown: list[Any] | None
) -> tuple[Any, Any, Any]:
    """Progress, and the files; these are drawn anew only when there are others."""
    try:
        exports = ExportService.list_exports(view["dataset"] or 0)
    except NotFound:
        return [], [], None
    told = progress(_jobs(view["dataset"]))
    may = [one["id"] for one in exports if actor.may_change(one["owner_id"])]
    now = [[one["id"] for one in exports], may]
    if now == shown:
        return told, no_update, no_update
    return told, files(exports, may), now


def ask_first(clicks: list[int | None]) -> tuple[Any, Any, Any]:
    chosen = ctx.triggered_id
    if chosen is None or not any(clicks):
        return no_update, no_update, no_update
    export = ExportService.get_export(chosen["export"])
    return QUESTION.format(file_name=export["file_name"]), True, export["id"]


def delete(confirmed: int | None, asked: int | None, changed: int) -> int | Any:
    if not confirmed or asked is None:
        return no_update
    ExportService.delete_export(asked)
    tell("The export is deleted.")
    return changed + 1


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.version, "options"),
        Output(Ids.version, "value"),
        Output(Ids.format, "options"),
        Output(Ids.format, "value"),
        Output(Ids.form, "hidden"),
        Output(Ids.start, "disabled"),
        Input(PageIds.view, "data"),
        Input(PageIds.stamp, "data"),
        State(Ids.format, "value"),
    )(offer)
    app.callback(
        Output(Ids.size, "children"),
        Input(Ids.version, "value"),
        Input(Ids.format, "value"),
        State(PageIds.view, "data"),
    )(show_size)
    app.callback(
        Output(Ids.changed, "data"),
        Input(Ids.start, "n_clicks"),
        State(Ids.version, "value"),
        State(Ids.format, "value"),
        State(PageIds.view, "data"),
        State(Ids.changed, "data"),
        prevent_initial_call=True,
    )(start)
    app.callback(
        Output(Ids.progress, "children"),
        Output(Ids.files, "children"),
        Output(Ids.shown, "data"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.changed, "data"),
        Input(PageIds.view, "data"),
        State(Ids.shown, "data"),
    )(show_exports)
    app.callback(
        Output(Ids.confirm, "message"),
        Output(Ids.confirm, "displayed"),
        Output(Ids.asked, "data"),
        Input({"type": Ids.delete, "export": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )(ask_first)
    app.callback(
        Output(Ids.changed, "data", allow_duplicate=True),
        Input(Ids.confirm, "submit_n_clicks"),
        State(Ids.asked, "data"),
        State(Ids.changed, "data"),
        prevent_initial_call=True,
    )(delete)


def _jobs(dataset_id: int) -> list[JobView]:
    """Those that have not ended; else the newest, when it ended badly."""
    subject, kind = f"dataset:{dataset_id}", JobKind.EXPORT_DATASET
    running = [
        job for job in JobService.list_jobs(statuses=ACTIVE, kind=kind) if job["subject"] == subject
    ]
    latest = JobService.find_latest(subject, kind)
    if running or latest is None or latest["status"] not in ENDED_BADLY:
        return running
    return [latest]
