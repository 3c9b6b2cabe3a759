"""What happens on the page of streams beside the session that is looked at."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, State
from dash.development.base_component import Component

from callbacks.errors import tell
from layouts.components.links import path_to
from layouts.streams import PAGE_SIZE, Ids, about, parameter_fields, sessions_table
from services.errors import Invalid
from services.streaming_service import StreamingService


def show_sessions(_tick: int | None, page: int | None) -> tuple[Any, Any, Any]:
    sessions = StreamingService.list_sessions(PAGE_SIZE, ((page or 1) - 1) * PAGE_SIZE)
    pages = max(1, -(-StreamingService.count_sessions() // PAGE_SIZE))
    return sessions_table(sessions), pages, pages == 1


def open_form(_clicks: int | None, is_open: bool) -> bool:
    return not is_open


def show_algorithm(algorithm: str) -> tuple[list[Any], list[Component]]:
    return about(algorithm), parameter_fields(algorithm)


def start(
    _clicks: int | None,
    name: str | None,
    algorithm: str,
    window: int | None,
    threshold: float | None,
    columns: str | None,
    values: list[Any],
    value_ids: list[dict[str, Any]],
) -> str:
    """Start a session, and go to it."""
    if window is None or threshold is None or None in values:
        raise Invalid("A number is missing or out of its range; the text under it says which.")
    names = [part.strip() for part in (columns or "").split(",") if part.strip()]
    made = StreamingService.start_session(
        algorithm=algorithm,
        window_size=window,
        threshold=threshold,
        columns=names or None,
        config={one["name"]: value for one, value in zip(value_ids, values, strict=True)},
        name=name or "",
    )
    tell("The session takes points now.", "info")
    return path_to("/streams", {"id": made["id"]})


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.table, "children"),
        Output(Ids.pages, "max_value"),
        Output(Ids.pager, "hidden"),
        Input(Ids.list_tick, "n_intervals"),
        Input(Ids.pages, "active_page"),
    )(show_sessions)
    app.callback(
        Output(Ids.form, "is_open"),
        Input(Ids.open_form, "n_clicks"),
        State(Ids.form, "is_open"),
        prevent_initial_call=True,
    )(open_form)
    app.callback(
        Output(Ids.about, "children"),
        Output(Ids.parameters, "children"),
        Input(Ids.algorithm, "value"),
    )(show_algorithm)
    app.callback(
        Output(Ids.place, "href"),
        Input(Ids.start, "n_clicks"),
        State(Ids.name, "value"),
        State(Ids.algorithm, "value"),
        State(Ids.window, "value"),
        State(Ids.threshold, "value"),
        State(Ids.columns, "value"),
        State({"type": Ids.parameter, "name": ALL}, "value"),
        State({"type": Ids.parameter, "name": ALL}, "id"),
        prevent_initial_call=True,
    )(start)
