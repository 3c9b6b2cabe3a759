"""What happens on the page of one batch."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update

from callbacks.deleting import register_deletion
from callbacks.errors import tell
from layouts import shell
from layouts.components.frame import page_head
from layouts.components.links import path_to
from layouts.detection_batch import Ids, body, head, not_there
from services import actor
from services.anomalies.batches import AnomalyBatchService
from services.errors import NotFound


def show_batch(
    _pulse: Any, _changed: int, batch_id: str, known: list[Any] | None
) -> tuple[Any, Any, Any]:
    try:
        batch = AnomalyBatchService.get_batch(batch_id)
    except NotFound:
        return page_head("Batch"), not_there(), None
    now = [batch["status"], *(one["status"] for one in batch["results"])]
    if now == known:
        return no_update, no_update, no_update
    return head(batch, may_change=actor.may_change(batch["owner_id"])), body(batch), now


def cancel(clicks: int | None, batch_id: str, changed: int) -> Any:
    if not clicks:
        return no_update
    batch = AnomalyBatchService.cancel_batch(batch_id)
    tell(f"{batch['completed_sources']} of {batch['total_sources']} sources are done and stay.")
    return changed + 1


def ask_first(_batch_id: str) -> str:
    return "Delete this batch with its detections? The sources stay."


def delete(batch_id: str) -> str:
    AnomalyBatchService.delete_batch(batch_id)
    tell("The batch is deleted.")
    return path_to("/anomalies")


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.head, "children"),
        Output(Ids.body, "children"),
        Output(Ids.known, "data"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.changed, "data"),
        Input(Ids.id, "data"),
        State(Ids.known, "data"),
    )(show_batch)
    app.callback(
        Output(Ids.changed, "data"),
        Input(Ids.cancel, "n_clicks"),
        State(Ids.id, "data"),
        State(Ids.changed, "data"),
        prevent_initial_call=True,
    )(cancel)
    register_deletion(app, Ids, ask_first, delete)
