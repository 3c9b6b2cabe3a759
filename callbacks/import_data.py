"""What happens on the import page."""

from __future__ import annotations

from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from callbacks.errors import tell
from layouts import shell
from layouts.components.job_state import job_progress
from layouts.import_data import NOT_CHOSEN, SHARED, Ids, dataset_options, matches, nothing_yet
from layouts.import_data_preview import lacking, preview_table, result
from models import JobStatus, Role
from services import actor
from services.dataset_service import DatasetService
from services.errors import Invalid, ServiceError
from services.import_service import ImportService
from services.job_service import ACTIVE, JobService, JobView

MOST_MATCHES = 8
NOTHING = (None, "", NOT_CHOSEN)

Own = dict[str, dict[str, Any]]


def show_datasets(
    _finished: int | None, chosen: int | None
) -> tuple[list[dict[str, Any]], int | None, str]:
    """The data sets that the person may add to; without any, a new one is made."""
    acting = actor.reader()
    mine = [
        one
        for one in DatasetService.list_datasets()
        if acting.role is Role.ADMIN or one["owner_id"] == acting.user_id
    ]
    ids = [one["id"] for one in mine]
    value = chosen if chosen in ids else None
    return dataset_options(mine), value, "existing" if ids else "new"


def start_preview(uploads: list[dict[str, str]] | None, profile: str | None) -> int | None:
    if not uploads:
        return None
    return ImportService.start_preview([one["id"] for one in uploads], _chosen(profile))


def follow_preview(
    _pulse: dict[str, Any], job_id: int | None, ready: int | None
) -> tuple[Component | list[Any], int | Any | None]:
    """Progress while the job looks; ``ready`` changes once, when it has ended."""
    # What has not changed is not sent: it would draw the table anew under the person's hands.
    nothing = no_update if ready is None else None
    if job_id is None:
        return [], nothing
    job = JobService.get_job(job_id)
    if job["status"] is not JobStatus.DONE:
        return job_progress(job), nothing
    return [], no_update if ready == job_id else job_id


def show_preview(ready: int | None, *values: Any) -> tuple[Component, Component | list[Any], bool]:
    """The table, what the pattern finds, and whether the import cannot begin."""
    if ready is None:
        return nothing_yet(), [], True
    *typed, own_values, own_ids = values
    files = _previewed(ready)
    shared, own = _shared(typed), _own(own_values, own_ids)
    shown, labels = _matched(files, shared)
    can_import = any(file["recording_count"] for file in files)
    return preview_table(files, shared, own, labels), shown, not can_import


def start_import(
    clicks: int | None,
    ready: int | None,
    target: str,
    dataset_id: int | None,
    name: str | None,
    profile: str | None,
    *values: Any,
) -> int | Any:
    if not clicks or ready is None:
        return no_update
    *typed, own_values, own_ids = values
    files = _previewed(ready)
    shared, own = _shared(typed), _own(own_values, own_ids)
    still = lacking(files, shared, own)
    if still:
        more = f" {len(still) - 1} more files need something, too." if len(still) > 1 else ""
        raise Invalid(f"{still[0]}{more}")
    chosen = None if target == "new" else dataset_id
    if target != "new" and chosen is None:
        raise Invalid("Choose the data set that the recordings belong to.")
    ids = [file["upload_id"] for file in files]
    job_id = ImportService.start_import(ids, chosen, _chosen(profile), shared, own, name or "")
    tell("The import has begun.", "info")
    return job_id


def follow_import(
    _pulse: dict[str, Any], job_id: int | None, finished: int | None
) -> tuple[Component | list[Any] | Any, int | Any | None]:
    """Progress, then what became of each file; ``finished`` changes once, at the end."""
    if job_id is None or finished == job_id:
        return no_update, no_update
    job = JobService.get_job(job_id)
    if job["status"] in ACTIVE:
        return job_progress(job), no_update
    return _result(job), job_id


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.dataset, "options"),
        Output(Ids.dataset, "value"),
        Output(Ids.target, "value"),
        Input(Ids.finished, "data"),
        State(Ids.dataset, "value"),
    )(show_datasets)
    app.callback(
        Output(Ids.preview, "data"),
        Input(Ids.uploads, "data"),
        Input(Ids.profile, "value"),
        prevent_initial_call=True,
    )(start_preview)
    app.callback(
        Output(Ids.progress, "children"),
        Output(Ids.ready, "data"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.preview, "data"),
        State(Ids.ready, "data"),
    )(follow_preview)
    own = {"type": Ids.own, "file": ALL, "name": ALL}
    app.callback(
        Output(Ids.table, "children"),
        Output(Ids.matches, "children"),
        Output(Ids.start, "disabled"),
        Input(Ids.ready, "data"),
        *[Input(one, "value") for one in SHARED.values()],
        State(own, "value"),
        State(own, "id"),
    )(show_preview)
    app.callback(
        Output(Ids.job, "data"),
        Input(Ids.start, "n_clicks"),
        State(Ids.ready, "data"),
        State(Ids.target, "value"),
        State(Ids.dataset, "value"),
        State(Ids.name, "value"),
        State(Ids.profile, "value"),
        *[State(one, "value") for one in SHARED.values()],
        State(own, "value"),
        State(own, "id"),
        prevent_initial_call=True,
    )(start_import)
    app.callback(
        Output(Ids.result, "children"),
        Output(Ids.finished, "data"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.job, "data"),
        State(Ids.finished, "data"),
    )(follow_import)
    app.clientside_callback(
        ClientsideFunction("import_data", "keep"),
        Input(Ids.job, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("import_data", "refresh"),
        Input(Ids.finished, "data"),
        prevent_initial_call=True,
    )


def _chosen(profile: str | None) -> str:
    return "" if profile in NOTHING else str(profile)


def _previewed(job_id: int) -> list[dict[str, Any]]:
    outcome = JobService.get_job(job_id)["result"] or {}
    files: list[dict[str, Any]] = outcome.get("files", [])
    return files


def _shared(typed: list[Any]) -> dict[str, Any]:
    values = dict(zip(SHARED, typed, strict=True))
    return {name: value for name, value in values.items() if value not in NOTHING}


def _own(values: list[Any], ids: list[dict[str, str]]) -> Own:
    own: Own = {}
    for value, one in zip(values, ids, strict=True):
        if value not in NOTHING and value != []:
            own.setdefault(one["file"], {})[one["name"]] = value
    return own


def _matched(
    files: list[dict[str, Any]], shared: dict[str, Any]
) -> tuple[Component | list[Any], dict[str, str]]:
    """What the pattern finds in the first names, and the labels it gives to recordings."""
    pattern = shared.get("pattern")
    if not pattern:
        return [], {}
    by_recording = shared.get("pattern_on") == "recording"
    names = {
        f"{file['file_name']}\n{recording['key']}": (
            recording["key"] if by_recording else file["file_name"]
        )
        for file in files
        for recording in file["recordings"]
    }
    try:
        found = ImportService.try_pattern(pattern, list(dict.fromkeys(names.values())))
    except ServiceError as error:
        return matches([], error.message), {}
    labels = {one["name"]: (one["found"] or {}).get("label") for one in found}
    by_key = {key: label for key, name in names.items() if (label := labels[name])}
    return matches(found[:MOST_MATCHES]), by_key


def _result(job: JobView) -> Component:
    dataset_id = int(job["subject"].partition(":")[2] or 0)
    dataset = DatasetService.get_dataset_details(dataset_id)
    outcome = job["result"] if job["status"] is JobStatus.DONE else None
    return result(job, outcome, dataset["name"] if dataset else "deleted data set")
