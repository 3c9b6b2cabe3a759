"""What happens on the import page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from callbacks.errors import tell
from layouts import shell
from layouts.components.choices import with_the_rest
from layouts.components.job_state import job_progress
from layouts.import_data import PAGE_SIZE, SHARED, Ids, dataset_options, matches, nothing_yet
from layouts.import_data_folders import Ids as folders
from layouts.import_data_preview import lacking, preview_table, summary
from layouts.import_data_profiles import NOT_CHOSEN
from layouts.import_data_profiles import Ids as profiles
from layouts.import_data_result import result
from models import JobStatus, Role
from services import actor
from services.dataset_service import DatasetService
from services.errors import Invalid, NotFound, ServiceError
from services.import_profile_service import ImportProfileService
from services.import_service import ImportService
from services.job_service import ACTIVE, JobService, JobView
from services.paging import MOST_OFFERED

MOST_MATCHES = 8
HIDDEN = {"display": "none"}
NOTHING = (None, "", NOT_CHOSEN)

Own = dict[str, dict[str, Any]]


def show_datasets(
    finished: int | None, chosen: int | None, name: str | None = None
) -> tuple[list[dict[str, Any]], int | None, str, str | Any | None]:
    """The data sets that the person may add to, or a new one where there is none.

    The name that was typed stands until an import has taken it.
    """
    acting = actor.reader()
    owner = None if acting.role is Role.ADMIN else acting.user_id
    named = DatasetService.get_dataset_details(chosen) if chosen else None
    may_add = (
        named is not None and named["archived_at"] is None and owner in (None, named["owner_id"])
    )
    mine = DatasetService.list_names(chosen if may_add else None, owner_id=owner)
    ids = [one["id"] for one in mine]
    value = chosen if chosen in ids else None
    taken = finished is not None and name and name.strip() in {one["name"] for one in mine}
    options = with_the_rest(dataset_options(mine), cut=len(mine) >= MOST_OFFERED)
    return options, value, "existing" if ids else "new", "" if taken else no_update


def start_preview(
    uploads: list[dict[str, str]] | None,
    chosen: dict[str, Any] | None,
    profile: str | None,
    present: int | None,
) -> int | Any | None:
    """Look into what is chosen, unless the preview that the address names did."""
    if uploads is None or (chosen or {}).get("unknown"):  # it is still being asked for
        return no_update
    ids = [one["id"] for one in uploads]
    folder, names = _from_folder(chosen)
    if not ids and not names:
        return None
    base, _ = _resolved(profile)
    if present is not None and ImportService.is_preview_of(present, ids, base, folder, names):
        return no_update
    return ImportService.start_preview(ids, base, folder, names, instead_of=present)


def follow_preview(
    _pulse: dict[str, Any], job_id: int | None, ready: int | None
) -> tuple[Component | list[Any], int | Any | None]:
    """Progress while the job looks; ``ready`` changes once, when it has ended."""
    # What has not changed is not sent: it would draw the table anew under the person's hands.
    nothing = no_update if ready is None else None
    if job_id is None:
        return [], nothing
    try:
        job = JobService.get_job(job_id)
    except NotFound:  # a tab may remember a site that was set up anew
        return [], nothing
    if job["status"] is not JobStatus.DONE:
        return job_progress(job), nothing
    return [], no_update if ready == job_id else job_id


def narrow(
    ready: int | None, only: str | None, search: str | None
) -> tuple[bool, int, int, dict[str, str]]:
    """Whether filters are hidden, how many pages they leave, the first of them, and its look."""
    if ready is None:
        return True, 1, 1, HIDDEN
    try:
        count = ImportService.count_preview(ready, _chosen(only), search or "")
    except NotFound:
        return True, 1, 1, HIDDEN
    pages = max(math.ceil(count / PAGE_SIZE), 1)
    return False, pages, 1, {} if pages > 1 else HIDDEN


def show_preview(
    ready: int | None,
    page: int | None,
    only: str | None,
    search: str | None,
    profile: str | None,
    kept: Own | None,
    *values: Any,
) -> tuple[Component | list[Any], Component, Component | list[Any], bool, Own]:
    """What all files came to, one page of them, what the pattern finds, whether the import
    cannot begin, and what was typed for single files on all pages."""
    *typed, own_values, own_ids = values
    own = _with_shown(kept, own_values, own_ids)
    try:
        preview = None if ready is None else ImportService.get_preview(ready)
    except NotFound:
        preview = None
    if ready is None or preview is None:
        return [], nothing_yet(), [], True, own
    offset = PAGE_SIZE * ((page or 1) - 1)
    files = ImportService.list_preview(ready, PAGE_SIZE, offset, _chosen(only), search or "")
    shared = {**_resolved(profile)[1], **_shared(typed)}
    shown, labels = _matched(files, shared)
    readable = preview["looked_at"] - preview["unreadable"]
    common = {w["code"] for w in preview["warnings"] if w["files"] == readable > 1}
    lacks = ImportService.find_lacking(ready, shared, own)
    return (
        summary(preview, lacks),
        preview_table(files, shared, own, labels, common),
        shown,
        not preview["recordings"],
        own,
    )


def start_import(
    clicks: int | None,
    ready: int | None,
    target: str,
    dataset_id: int | None,
    name: str | None,
    skip: bool | None,
    profile: str | None,
    kept: Own | None,
    *values: Any,
) -> int | Any:
    preview = ImportService.get_preview(ready) if clicks and ready is not None else None
    if preview is None:
        return no_update
    *typed, own_values, own_ids = values
    # Not what was kept alone: a value that was typed just now is only in its entry yet.
    own = _with_shown(kept, own_values, own_ids)
    base, saved = _resolved(profile)
    shared = {**saved, **_shared(typed)}
    still = lacking(ImportService.find_lacking(preview["job_id"], shared, own))
    if still:
        raise Invalid(still)
    chosen = None if target == "new" else dataset_id
    if target != "new" and chosen is None:
        raise Invalid("Choose the data set that the recordings belong to.")
    job_id = ImportService.start_import(
        preview["upload_ids"],
        chosen,
        base,
        shared,
        own,
        name or "",
        folder=preview["folder"],
        names=preview["names"],
        skip_elsewhere=bool(skip),
    )
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
        Output(Ids.name, "value"),
        Input(Ids.finished, "data"),
        State(Ids.dataset, "value"),
        State(Ids.name, "value"),
    )(show_datasets)
    app.callback(
        Output(Ids.preview, "data"),
        Input(Ids.uploads, "data"),
        Input(folders.chosen, "data"),
        Input(profiles.profile, "value"),
        State(Ids.preview, "data"),
        prevent_initial_call=True,
    )(start_preview)
    app.callback(
        Output(Ids.progress, "children"),
        Output(Ids.ready, "data"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.preview, "data"),
        State(Ids.ready, "data"),
    )(follow_preview)
    app.callback(
        Output(Ids.narrowing, "hidden"),
        Output(Ids.pages, "max_value"),
        Output(Ids.pages, "active_page"),
        Output(Ids.pages, "style"),
        Input(Ids.ready, "data"),
        Input(Ids.only, "value"),
        Input(Ids.search, "value"),
    )(narrow)
    _register_import(app)


def _register_import(app: Dash) -> None:
    """What shows the files, takes what is typed, and imports."""
    own = {"type": Ids.own, "file": ALL, "name": ALL}
    shared = SHARED.values()
    app.callback(
        Output(Ids.grouped, "children"),
        Output(Ids.table, "children"),
        Output(Ids.matches, "children"),
        Output(Ids.start, "disabled"),
        Output(Ids.typed, "data"),
        Input(Ids.ready, "data"),
        Input(Ids.pages, "active_page"),
        Input(Ids.only, "value"),
        Input(Ids.search, "value"),
        Input(profiles.profile, "value"),
        State(Ids.typed, "data"),
        *[Input(one, "value") for one in shared],
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
        State(Ids.skip, "value"),
        State(profiles.profile, "value"),
        State(Ids.typed, "data"),
        *[State(one, "value") for one in shared],
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
        Input(Ids.preview, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("import_data", "refresh"),
        Input(Ids.finished, "data"),
        prevent_initial_call=True,
    )


def _chosen(value: str | None) -> str:
    return "" if value in NOTHING else str(value)


def _resolved(profile: str | None) -> tuple[str, dict[str, Any]]:
    """The built-in profile, and values of the saved one; one that is gone counts as none."""
    try:
        return ImportProfileService.resolve(_chosen(profile))
    except Invalid:
        return "", {}


def _from_folder(chosen: dict[str, Any] | None) -> tuple[str, list[str]]:
    return (chosen["folder"], chosen["names"]) if chosen and chosen["names"] else ("", [])


def _shared(typed: list[Any]) -> dict[str, Any]:
    values = dict(zip(SHARED, typed, strict=True))
    return {name: value for name, value in values.items() if value not in NOTHING}


def _with_shown(kept: Own | None, values: list[Any], ids: list[dict[str, str]]) -> Own:
    """What was kept, with the entries that are shown instead of what was kept of them."""
    typed = {file: dict(one) for file, one in (kept or {}).items()}
    for value, one in zip(values, ids, strict=True):
        of_file = typed.setdefault(one["file"], {})
        of_file.pop(one["name"], None)
        if value not in NOTHING and value != []:
            of_file[one["name"]] = value
    return {file: one for file, one in typed.items() if one}


def _matched(
    files: Sequence[Mapping[str, Any]], shared: dict[str, Any]
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
