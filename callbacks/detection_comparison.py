"""What happens on the page of one comparison."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from callbacks.deleting import register_deletion
from callbacks.errors import tell
from layouts import shell
from layouts.components.frame import page_head
from layouts.components.links import path_to
from layouts.detection_comparison import (
    PAGE_SIZE,
    Ids,
    body,
    head,
    not_there,
    progress,
    record_table,
)
from services import actor
from services.anomalies.comparisons import AnomalyComparisonService
from services.errors import NotFound
from services.job_service import JobService


def show_comparison(_pulse: Any, comparison_id: str, known: str | None) -> tuple[Any, ...]:
    try:
        one = AnomalyComparisonService.get_comparison(comparison_id)
    except NotFound:
        return page_head("Comparison"), [], not_there(), None
    may_change = actor.may_change(one["owner_id"])
    job = None
    if one["status"] in ("pending", "running") and one["job_id"] is not None:
        job = JobService.get_job(one["job_id"])
    told = progress(one, job, may_change=may_change)
    if one["status"] == known:
        return no_update, told, no_update, no_update
    shown = body(one) if one["algorithm_results"] else []
    return head(one, may_change=may_change), told, shown, one["status"]


def show_records(known: str | None, page: int | None, comparison_id: str) -> tuple[Any, int, bool]:
    if known is None:
        raise PreventUpdate
    one = AnomalyComparisonService.get_comparison(comparison_id)
    first = ((page or 1) - 1) * PAGE_SIZE
    found = AnomalyComparisonService.list_records(comparison_id, PAGE_SIZE, first)
    pages = max(1, -(-found["total"] // PAGE_SIZE))
    return record_table(one, found["records"], found["total"]), pages, pages == 1


def ask_first(_comparison_id: str) -> str:
    return "Delete this comparison? The source stays."


def delete(comparison_id: str) -> str:
    AnomalyComparisonService.delete_comparison(comparison_id)
    tell("The comparison is deleted.")
    return path_to("/anomalies")


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.head, "children"),
        Output(Ids.progress, "children"),
        Output(Ids.body, "children"),
        Output(Ids.known, "data"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.id, "data"),
        State(Ids.known, "data"),
    )(show_comparison)
    app.callback(
        Output(Ids.records, "children"),
        Output(Ids.pages, "max_value"),
        Output(Ids.pager, "hidden"),
        Input(Ids.known, "data"),
        Input(Ids.pages, "active_page"),
        State(Ids.id, "data"),
    )(show_records)
    register_deletion(app, Ids, ask_first, delete)
