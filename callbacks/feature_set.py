"""What happens on the page of one feature set; its panels have a file of their own."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from callbacks.errors import tell
from layouts.components.frame import page_head
from layouts.components.grids import NO_ROWS
from layouts.components.links import path_to
from layouts.feature_set import (
    ALL,
    BLOCK,
    Ids,
    about,
    column_definitions,
    feature_options,
    grid_rows,
    head,
    label_options,
    meaning,
    not_there,
)
from layouts.figures import features as figures
from layouts.page import WRITERS
from layouts.shell import Ids as Shell
from services import actor
from services.errors import NotFound
from services.feature_set_service import FeatureSetService

QUESTION = (
    "Delete “{name}”, version {number}, with what was seen in it? "
    "The data set stays; the features can be extracted again."
)


def show_set(number: int | None) -> tuple[Any, ...]:
    """Heading, how it was made, columns of the table, and what to choose from."""
    try:
        if number is None:
            raise NotFound("There is no such feature set.")
        made = FeatureSetService.get_feature_set(number)
    except NotFound:
        return page_head("Feature set"), not_there(number), True, [], [], ALL, [], None, None
    features = made["features"]
    known = {
        "id": made["id"],
        "dataset": made["dataset_id"],
        "channel": int(made["config"].get("channel", 0)),
        "recording": _first_recording(number),
        "name": made["name"],
        "number": made["number"],
        "experiments": made["experiment_count"],
    }
    return (
        head(
            made,
            may_delete=actor.may_change(made["owner_id"]),
            may_train=actor.reader().role in WRITERS,
        ),
        about(made),
        False,
        column_definitions(features),
        label_options(made["summary"]["labels"]),
        ALL,
        feature_options(features),
        features[0]["name"],
        known,
    )


def give_rows(
    request: dict[str, Any] | None, known: dict[str, Any] | None, label: str | None
) -> tuple[Any, Any]:
    """A block of the windows, and how many there are."""
    if request is None:
        return no_update, no_update
    if known is None:
        return NO_ROWS, no_update
    asked = (request.get("sortModel") or [{}])[0]
    chosen = None if label in (None, ALL) else ("" if label == "-" else label)
    found = FeatureSetService.list_rows(
        known["id"],
        BLOCK,
        int(request["startRow"]),
        asked.get("colId", ""),
        descending=asked.get("sort") == "desc",
        label=chosen,
    )
    total = found["total"]
    rows = grid_rows(found["rows"], known["dataset"], known["channel"])
    return {"rowData": rows, "rowCount": total}, f"{total:,} windows"


def show_distribution(feature: str | None, known: dict[str, Any] | None) -> tuple[go.Figure, Any]:
    if not feature or known is None:
        raise PreventUpdate
    found = FeatureSetService.get_distribution(known["id"], feature)
    return figures.distribution(found), meaning(found, known)


def ask_first(clicks: int | None, known: dict[str, Any] | None) -> tuple[Any, Any]:
    if not clicks or known is None:
        return no_update, no_update
    question = QUESTION.format(name=known["name"], number=known["number"])
    return f"{question}{_kept(known['experiments'])}", True


def delete(confirmed: int | None, known: dict[str, Any] | None) -> Any:
    if not confirmed or known is None:
        return no_update
    kept = FeatureSetService.delete_feature_set(known["id"])
    tell(f"The feature set is deleted.{_kept(kept)}")
    return path_to("/features")


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.head, "children"),
        Output(Ids.about, "children"),
        Output(Ids.body, "hidden"),
        Output(Ids.grid, "columnDefs"),
        Output(Ids.label, "options"),
        Output(Ids.label, "value"),
        Output(Ids.feature, "options"),
        Output(Ids.feature, "value"),
        Output(Ids.known, "data"),
        Input(Ids.set, "data"),
    )(show_set)
    app.callback(
        Output(Ids.grid, "getRowsResponse"),
        Output(Ids.found, "children"),
        Input(Ids.grid, "getRowsRequest"),
        State(Ids.known, "data"),
        State(Ids.label, "value"),
    )(give_rows)
    # The grid has asked once before the set was known.
    app.clientside_callback(
        ClientsideFunction("grids", "ask_again"),
        Input(Ids.known, "data"),
        Input(Ids.label, "value"),
        State(Ids.grid, "id"),
        prevent_initial_call=True,
    )
    app.callback(
        Output(Ids.distribution, "figure"),
        Output(Ids.meaning, "children"),
        Input(Ids.feature, "value"),
        State(Ids.known, "data"),
    )(show_distribution)
    app.callback(
        Output(Ids.confirm, "message"),
        Output(Ids.confirm, "displayed"),
        Input(Ids.delete, "n_clicks"),
        State(Ids.known, "data"),
        prevent_initial_call=True,
    )(ask_first)
    app.callback(
        Output(Shell.location, "pathname", allow_duplicate=True),
        Input(Ids.confirm, "submit_n_clicks"),
        State(Ids.known, "data"),
        prevent_initial_call=True,
    )(delete)


def _kept(experiments: int) -> str:
    """What deleting leaves with those that learned from it."""
    if not experiments:
        return ""
    what = "1 experiment" if experiments == 1 else f"{experiments} experiments"
    return f" Its columns and numbers are kept with {what} that learned from it."


def _first_recording(number: int) -> int | None:
    """One whose trend can be opened; None for tables of somebody's own without recordings."""
    rows = FeatureSetService.list_rows(number, 1)["rows"]
    return rows[0]["recording_id"] or None if rows else None
