"""What happens on the page of one source."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, ctx, no_update

from callbacks.deleting import register_deletion
from callbacks.errors import tell
from layouts import shell
from layouts.components.frame import page_head
from layouts.components.links import path_to
from layouts.page import WRITERS
from layouts.source import FOUND, NONE, Ids, body, head, not_there, progress, time_options
from services import actor
from services.anomaly_service import AnomalyService
from services.errors import NotFound
from services.job_service import JobService
from services.paging import MOST_OFFERED
from services.source_service import SourceService

RECENT = 5


def show_source(
    _pulse: Any, changed: int, source_id: str, known: list[Any] | None
) -> tuple[Any, ...]:
    """Head and progress each time; the rest only when it is another version."""
    try:
        source = SourceService.get_source(source_id)
    except NotFound:
        return page_head("Source"), [], not_there(), True, None
    may_change = actor.may_change(source["owner_id"])
    may_detect = actor.reader().role in WRITERS
    job = None
    if source["status"] == "pending" and source["job_id"] is not None:
        job = JobService.get_job(source["job_id"])
    drawn = head(source, may_change=may_change, may_detect=may_detect)
    told = progress(source, job, may_change=may_change)
    total = AnomalyService.count_detections(source_id)
    now = [source["version"], source["status"], total, changed]
    if now == known:
        return no_update, told, no_update, no_update, no_update
    if source["version"] is None:
        return drawn, told, [], True, now
    shown = body(
        source,
        SourceService.get_profile(source_id),
        SourceService.list_versions(source_id, MOST_OFFERED),
        AnomalyService.list_briefs(source_id, RECENT),
    )
    return drawn, told, shown, not may_change, now


def fill_settings(known: list[Any] | None, source_id: str) -> tuple[Any, ...]:
    if known is None:
        return "", "", [], FOUND
    source = SourceService.get_source(source_id)
    column = source["time_column"]
    chosen = FOUND if column is None else NONE if column == "" else f"={column}"
    codes = ", ".join(source["missing_codes"])
    return source["name"], codes, time_options(source["columns"]), chosen


def save(
    clicks: int | None,
    name: str | None,
    codes: str | None,
    time: str | None,
    source_id: str,
    changed: int,
) -> Any:
    if not clicks or ctx.triggered_id != Ids.save:
        return no_update
    before = SourceService.get_source(source_id)
    given: dict[str, Any] = {"name": name or ""}
    asked = [one.strip() for one in (codes or "").split(",") if one.strip()]
    if asked != before["missing_codes"]:
        given["missing_codes"] = asked
    column = None if time in (None, FOUND) else "" if time == NONE else str(time)[1:]
    if column != before["time_column"] and time != FOUND:
        given["time_column"] = column
    SourceService.update_source(source_id, **given)
    tell("Saved.")
    return changed + 1


def read_again(clicks: int | None, source_id: str, changed: int) -> Any:
    """Take the rows as they are now; without a change there is no new version."""
    if not clicks:
        return no_update
    SourceService.update_source(source_id, read_again=True)
    tell("The source is being read again.", "info")
    return changed + 1


def ask_first(source_id: str) -> str:
    name = SourceService.get_source(source_id)["name"]
    return f"Delete the source “{name}” with all its versions and detections?"


def delete(source_id: str) -> str:
    SourceService.delete_source(source_id)
    tell("The source is deleted.")
    return path_to("/sources")


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.head, "children"),
        Output(Ids.progress, "children"),
        Output(Ids.body, "children"),
        Output(Ids.settings, "hidden"),
        Output(Ids.known, "data"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.changed, "data"),
        Input(Ids.id, "data"),
        State(Ids.known, "data"),
    )(show_source)
    app.callback(
        Output(Ids.name, "value"),
        Output(Ids.codes, "value"),
        Output(Ids.time, "options"),
        Output(Ids.time, "value"),
        Input(Ids.known, "data"),
        State(Ids.id, "data"),
        prevent_initial_call=True,
    )(fill_settings)
    app.callback(
        Output(Ids.changed, "data"),
        Input(Ids.save, "n_clicks"),
        State(Ids.name, "value"),
        State(Ids.codes, "value"),
        State(Ids.time, "value"),
        State(Ids.id, "data"),
        State(Ids.changed, "data"),
        prevent_initial_call=True,
    )(save)
    app.callback(
        Output(Ids.changed, "data", allow_duplicate=True),
        Input(Ids.again, "n_clicks"),
        State(Ids.id, "data"),
        State(Ids.changed, "data"),
        prevent_initial_call=True,
    )(read_again)
    register_deletion(app, Ids, ask_first, delete)
