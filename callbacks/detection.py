"""What happens on the page of one detection."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from callbacks.deleting import register_deletion
from callbacks.errors import tell
from layouts import shell
from layouts.components.frame import page_head
from layouts.components.grids import NO_ROWS
from layouts.components.links import path_to
from layouts.detection import (
    BLOCK,
    Ids,
    column_definitions,
    column_table,
    grid_rows,
    head,
    not_there,
    progress,
)
from layouts.figures import anomalies as figures
from services import actor
from services.anomalies.rows import AnomalyRowService
from services.anomalies.windows import signal_of
from services.anomaly_service import AnomalyService
from services.errors import NotFound
from services.job_service import JobService


def show_detection(_pulse: Any, detection_id: str, known: dict[str, Any] | None) -> tuple[Any, ...]:
    """Heading and progress; the rest once it has ended, and when the line was moved."""
    try:
        one = AnomalyService.get_detection(detection_id)
    except NotFound:
        return page_head("Detection"), not_there(), True, None
    may_change = actor.may_change(one["owner_id"])
    job = None
    if one["status"] in ("pending", "running") and one["job_id"] is not None:
        job = JobService.get_job(one["job_id"])
    told = progress(one, job, may_change=may_change)
    now = {
        "id": detection_id,
        "status": one["status"],
        "threshold": one["threshold"],
        "calibrated": one["calibrated_threshold"],
        "flagged": one["anomaly_count"],
        "names": list(one["anomalies"][0]["column_values"]) if one["anomalies"] else [],
        "may_change": may_change,
    }
    if now == known:
        return no_update, told, no_update, no_update
    return head(one, may_change=may_change), told, one["status"] != "success", now


def draw(known: dict[str, Any] | None) -> tuple[Any, ...]:
    """Figures, columns, and what the slider needs."""
    if known is None or known["status"] != "success":
        raise PreventUpdate
    scores = AnomalyRowService.get_scores(known["id"])
    one = AnomalyService.get_detection(known["id"])
    linked = signal_of(one["source_id"], {}) is not None
    return (
        figures.distribution(scores),
        figures.over_time(scores),
        figures.plane(scores),
        column_table(one),
        column_definitions(known["names"], linked=linked),
        scores["levels"],
        round(known["calibrated"], 2) if known["calibrated"] is not None else 1.0,
        not known["may_change"],
    )


def give_rows(
    request: dict[str, Any] | None, known: dict[str, Any] | None, only: bool
) -> tuple[Any, Any]:
    """A block of rows, those with the highest scores first unless sorted otherwise."""
    if request is None:
        return no_update, no_update
    if known is None or known["status"] != "success":
        return NO_ROWS, no_update
    asked = (request.get("sortModel") or [{"colId": "anomaly_score", "sort": "desc"}])[0]
    found = AnomalyRowService.list_rows(
        known["id"],
        BLOCK,
        int(request["startRow"]),
        asked["colId"],
        descending=asked["sort"] == "desc",
        only_anomalies=bool(only),
    )
    source_id = AnomalyService.get_detection(known["id"])["source_id"]
    links = [signal_of(source_id, row["column_values"] or {}) for row in found["rows"]]
    addresses = [path_to(*link) if link else None for link in links]
    rows = grid_rows(found["rows"], known["names"], addresses)
    return {"rowData": rows, "rowCount": found["total"]}, f"{found['total']:,} rows"


def move_line(value: float | None, known: dict[str, Any] | None) -> Any:
    """Flag anew once the slider is let go; not when it was only put where the line is."""
    if value is None or known is None or known["status"] != "success":
        return no_update
    present = known["calibrated"]
    if not known["may_change"] or (present is not None and abs(present - value) < 0.005):
        return no_update
    one = AnomalyService.set_threshold(known["id"], "calibrated", float(value))
    tell(f"{one['anomaly_count']:,} rows are flagged now.")
    now = {"threshold": one["threshold"], "calibrated": one["calibrated_threshold"]}
    return {**known, **now, "flagged": one["anomaly_count"]}


def redraw_head(known: dict[str, Any] | None) -> Any:
    if known is None:
        raise PreventUpdate
    return head(AnomalyService.get_detection(known["id"]), may_change=known["may_change"])


def ask_first(_detection_id: str) -> str:
    return "Delete this detection with its scores, labels stay with the source?"


def delete(detection_id: str) -> str:
    AnomalyService.delete_detection(detection_id)
    tell("The detection is deleted.")
    return path_to("/anomalies")


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.head, "children"),
        Output(Ids.progress, "children"),
        Output(Ids.body, "hidden"),
        Output(Ids.known, "data"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.id, "data"),
        State(Ids.known, "data"),
    )(show_detection)
    app.callback(
        Output(Ids.scores, "figure"),
        Output(Ids.time, "figure"),
        Output(Ids.plane, "figure"),
        Output(Ids.columns, "children"),
        Output(Ids.grid, "columnDefs"),
        Output(Ids.levels, "data"),
        Output(Ids.slider, "value"),
        Output(Ids.slider, "disabled"),
        Input(Ids.known, "data"),
    )(draw)
    app.callback(
        Output(Ids.grid, "getRowsResponse"),
        Output(Ids.found, "children"),
        Input(Ids.grid, "getRowsRequest"),
        State(Ids.known, "data"),
        State(Ids.only, "value"),
    )(give_rows)
    # The grid has asked once before the detection was known.
    app.clientside_callback(
        ClientsideFunction("grids", "ask_again"),
        Input(Ids.known, "data"),
        Input(Ids.only, "value"),
        State(Ids.grid, "id"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("anomalies", "above"),
        Output(Ids.above, "children"),
        Input(Ids.slider, "value"),
        Input(Ids.levels, "data"),
        State(Ids.scores, "id"),
        State(Ids.line, "id"),
        State(Ids.known, "data"),
    )
    app.callback(
        Output(Ids.known, "data", allow_duplicate=True),
        Input(Ids.line, "data"),
        State(Ids.known, "data"),
        prevent_initial_call=True,
    )(move_line)
    app.callback(
        Output(Ids.head, "children", allow_duplicate=True),
        Input(Ids.known, "data"),
        prevent_initial_call=True,
    )(redraw_head)
    register_deletion(app, Ids, ask_first, delete)
