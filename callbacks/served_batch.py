"""What happens on the page of one batch of predictions."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update

from callbacks.deleting import register_deletion
from callbacks.errors import tell
from layouts import shell
from layouts.components.frame import page_head
from layouts.components.links import number_of, path_to
from layouts.served_batch import (
    EVERY,
    ROWS,
    Ids,
    head,
    not_there,
    predicted_options,
    row_table,
    summary,
)
from services import actor
from services.deployment.batch_service import BatchPredictionService
from services.errors import NotFound
from services.job_service import JobService


def show_batch(
    _pulse: Any, _changed: int, batch_id: str, known: list[Any] | None
) -> tuple[Any, Any, Any, Any, Any]:
    """Head and summary; drawn anew only when something is different."""
    number = number_of(batch_id)
    try:
        if number is None:
            raise NotFound("There is no such batch.")
        batch = BatchPredictionService.get_batch(number)
        job = None if batch["job_id"] is None else JobService.get_job(batch["job_id"])
    except NotFound:
        return page_head("Batch of predictions"), not_there(), [], True, None
    now = [batch["status"], batch["fraction"], None if job is None else job["message"]]
    if now == known:
        return (no_update,) * 5
    return (
        head(batch, may_change=actor.may_change(batch["owner_id"])),
        summary(batch, job),
        predicted_options(batch),
        batch["completed_at"] is None,
        now,
    )


def show_rows(
    known: list[Any] | None, predicted: str | None, page: int | None, batch_id: str
) -> tuple[Any, int, bool]:
    number = number_of(batch_id)
    if known is None or number is None:
        return [], 1, True
    chosen = "" if predicted in (None, EVERY) else str(predicted)
    found = BatchPredictionService.list_rows(number, ROWS, ((page or 1) - 1) * ROWS, chosen)
    pages = max(1, -(-BatchPredictionService.count_rows(number, chosen) // ROWS))
    return row_table(found), pages, pages == 1


def first_page(_predicted: str | None) -> int:
    return 1


def cancel(clicks: int | None, batch_id: str, changed: int) -> Any:
    if not clicks:
        return no_update
    batch = BatchPredictionService.get_batch(int(batch_id))
    if batch["job_id"] is not None:
        JobService.cancel(batch["job_id"])
    tell("The job is asked to stop; nothing is kept of what it found.")
    return changed + 1


def ask_first(_batch_id: str) -> str:
    return "Delete this batch with all that was said? Model and recordings stay."


def delete(batch_id: str) -> str:
    BatchPredictionService.delete_batch(int(batch_id))
    tell("The batch is deleted.")
    return path_to("/deployments")


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.head, "children"),
        Output(Ids.summary, "children"),
        Output(Ids.predicted, "options"),
        Output(Ids.answers, "hidden"),
        Output(Ids.known, "data"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.changed, "data"),
        Input(Ids.id, "data"),
        State(Ids.known, "data"),
    )(show_batch)
    app.callback(
        Output(Ids.rows, "children"),
        Output(Ids.pages, "max_value"),
        Output(Ids.pager, "hidden"),
        Input(Ids.known, "data"),
        Input(Ids.predicted, "value"),
        Input(Ids.pages, "active_page"),
        State(Ids.id, "data"),
    )(show_rows)
    app.callback(
        Output(Ids.pages, "active_page"),
        Input(Ids.predicted, "value"),
        prevent_initial_call=True,
    )(first_page)
    app.callback(
        Output(Ids.changed, "data"),
        Input(Ids.cancel, "n_clicks"),
        State(Ids.id, "data"),
        State(Ids.changed, "data"),
        prevent_initial_call=True,
    )(cancel)
    register_deletion(app, Ids, ask_first, delete)
