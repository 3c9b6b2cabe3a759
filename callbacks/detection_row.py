"""What happens with one row of a detection: chosen, explained, labelled."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update

from callbacks.errors import tell
from layouts import shell
from layouts.components.links import path_to
from layouts.detection import Ids
from layouts.detection_parts import about_row, explanation, metrics
from layouts.page import WRITERS
from services import actor
from services.anomalies.explanations import AnomalyExplanationService
from services.anomalies.labels import AnomalyLabelService
from services.anomalies.rows import AnomalyRowService
from services.anomalies.windows import signal_of
from services.anomaly_service import AnomalyService
from services.errors import Conflict, Invalid, NotFound

SAYS: dict[str, bool | None] = {"yes": True, "no": False, "none": None}


def choose(selected: list[dict[str, Any]] | None, on_time: Any, on_plane: Any) -> int | Any:
    """A row of the table, or a point of a figure."""
    if ctx.triggered_id == Ids.grid:
        return int(selected[0]["row"]) if selected else no_update
    clicked = on_time if ctx.triggered_id == Ids.time else on_plane
    points = (clicked or {}).get("points") or []
    return int(points[0]["customdata"]) if points else no_update


def tell_row(row: int | None, known: dict[str, Any] | None) -> Any:
    link = None
    if row is not None and known is not None:
        source_id = AnomalyService.get_detection(known["id"])["source_id"]
        link = signal_of(source_id, AnomalyRowService.get_values(known["id"], row))
    address = None if link is None else path_to(*link)
    return about_row(row, address, Ids.label, may_label=actor.reader().role in WRITERS)


def ask(
    clicks: int | None, row: int | None, method: str, known: dict[str, Any] | None, asked: int
) -> Any:
    if not clicks or known is None:
        return no_update
    if row is None:
        raise Invalid("Choose a row first.")
    AnomalyExplanationService.explain(known["id"], [row], method=method, wait=0)
    return asked + 1


def show_explanation(
    _pulse: Any, asked: int, row: int | None, method: str, known: dict[str, Any] | None
) -> Any:
    """What is known of the chosen row by now."""
    if known is None or row is None or not asked:
        return []
    found = AnomalyExplanationService.find_explanation(known["id"], row, method=method)
    return [] if found is None else explanation(found)


def label(
    clicks: list[int | None], row: int | None, known: dict[str, Any] | None, labelled: int
) -> Any:
    if not any(clicks) or known is None or not isinstance(ctx.triggered_id, dict):
        return no_update
    if row is None:
        raise Invalid("Choose a row first.")
    said = SAYS[ctx.triggered_id["say"]]
    AnomalyLabelService.set_labels(known["id"], [{"row_index": row, "is_anomaly": said}])
    words = {True: "an anomaly", False: "a false alarm", None: "without a label"}
    tell(f"Row {row} is {words[said]} now.")
    return labelled + 1


def show_metrics(known: dict[str, Any] | None, _labelled: int) -> Any:
    if known is None:
        return []
    try:
        return metrics(AnomalyLabelService.get_metrics(known["id"]))
    except (NotFound, Conflict):
        return metrics(None)


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.row, "data"),
        Input(Ids.grid, "selectedRows"),
        Input(Ids.time, "clickData"),
        Input(Ids.plane, "clickData"),
        prevent_initial_call=True,
    )(choose)
    app.callback(
        Output(Ids.about_row, "children"), Input(Ids.row, "data"), State(Ids.known, "data")
    )(tell_row)
    app.callback(
        Output(Ids.asked, "data"),
        Input(Ids.explain, "n_clicks"),
        State(Ids.row, "data"),
        State(Ids.method, "value"),
        State(Ids.known, "data"),
        State(Ids.asked, "data"),
        prevent_initial_call=True,
    )(ask)
    app.callback(
        Output(Ids.explanation, "children"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.asked, "data"),
        Input(Ids.row, "data"),
        Input(Ids.method, "value"),
        State(Ids.known, "data"),
    )(show_explanation)
    app.callback(
        Output(Ids.labelled, "data"),
        Input({"type": Ids.label, "say": ALL}, "n_clicks"),
        State(Ids.row, "data"),
        State(Ids.known, "data"),
        State(Ids.labelled, "data"),
        prevent_initial_call=True,
    )(label)
    app.callback(
        Output(Ids.metrics, "children"), Input(Ids.known, "data"), Input(Ids.labelled, "data")
    )(show_metrics)
