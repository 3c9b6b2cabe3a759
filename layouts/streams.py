"""Streams: sessions that judge points as they come, and one of them live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from diagnostics.streaming.descriptions import ALGORITHMS, DEFAULT
from layouts.components.attributes import attributes
from layouts.components.frame import badge, empty_state, field, page_head, section
from layouts.components.links import page_link
from layouts.components.moments import moment
from layouts.components.quantities import count
from layouts.components.tables import pagination, table
from layouts.page import Group, Page
from layouts.streams_live import place as live_place

PAGE_SIZE = 25
TICK_MS, LIST_MS = 1000, 5000
STATES = {
    "created": ("created", "secondary", "circle"),
    "running": ("running", "success", "play-circle"),
    "paused": ("paused", "warning", "pause-circle"),
    "stopped": ("stopped", "secondary", "stop-circle"),
    "error": ("error", "danger", "x-octagon"),
}


class Ids:
    chosen = "streams-chosen"
    tick = "streams-tick"
    list_tick = "streams-list-tick"
    table = "streams-table"
    pages = "streams-pages"
    pager = "streams-pager"
    name = "streams-name"
    algorithm = "streams-algorithm"
    about = "streams-about"
    window = "streams-window"
    threshold = "streams-threshold"
    columns = "streams-columns"
    parameters = "streams-parameters"
    parameter = "streams-parameter"
    start = "streams-start"
    form = "streams-form"
    open_form = "streams-open-form"
    place = "streams-place"


def build(id: str | None = None, **_view: Any) -> Component:
    """The address holds the session that is looked at."""
    opened = dbc.Button("New session", id=Ids.open_form, color="primary")
    return html.Div(
        [
            page_head(
                "Streams",
                lead="Points are judged as they come, each against those before it.",
                actions=[opened],
            ),
            dcc.Location(id=Ids.place, refresh="callback-nav"),
            dcc.Store(id=Ids.chosen, data=id),
            dcc.Interval(id=Ids.tick, interval=TICK_MS),
            dcc.Interval(id=Ids.list_tick, interval=LIST_MS),
            dbc.Collapse(_form(), id=Ids.form, is_open=False),
            live_place(is_chosen=id is not None),
            section(
                "Sessions", [html.Div(id=Ids.table), html.Div(pagination(Ids.pages), id=Ids.pager)]
            ),
        ],
        className="streams-page",
    )


def state_badge(state: str) -> Component:
    text, level, icon_name = STATES[state]
    return badge(text, level, icon_name=icon_name)


def sessions_table(sessions: Sequence[Mapping[str, Any]]) -> Component:
    if not sessions:
        return empty_state(
            "No session yet",
            "A session takes the points of one machine or sensor and says which are unusual. "
            "Start one above, then send points with an API key, or replay a recording or a table.",
            icon_name="activity",
        )
    rows = [
        [
            page_link(title_of(one), "/streams", {"id": one["id"]}),
            ALGORITHMS[one["algorithm"]].display_name,
            state_badge(one["status"]),
            count(one["total_points"]),
            count(one["total_alerts"]),
            moment(one["created_at"]),
        ]
        for one in sessions
    ]
    head = ("Session", "Algorithm", "State", "Points", "Alerts", "Started")
    return table(head, rows, label="Sessions", numbers=(3, 4))


def title_of(session: Mapping[str, Any]) -> str:
    return str(session["name"] or f"…{session['id'][-6:]}")


def about(algorithm: str) -> list[Any]:
    """What the chosen algorithm is good and bad at."""
    one = ALGORITHMS[algorithm]
    parts = [html.P(one.description, className="mb-1")]
    told = [html.Li(text) for text in (*one.pros, *(f"but: {text}" for text in one.cons))]
    return [*parts, html.Ul(told), html.P(f"Best for: {one.best_for}", className="page-lead")]


def parameter_fields(algorithm: str) -> list[Component]:
    """A field for each parameter, made of the algorithm's own description."""
    return [_parameter(algorithm, one) for one in ALGORITHMS[algorithm].parameters]


def _parameter(algorithm: str, one: Any) -> Component:
    control = dbc.Input(
        id={"type": Ids.parameter, "name": one.name},
        type="number",
        value=one.default,
        min=one.min_value,
        max=one.max_value,
        step=1 if one.type == "integer" else "any",
    )
    # The label is around its field: one that names the id of a pattern is not found.
    label = html.Span(one.label, className="form-label")
    hint = dbc.FormText(f"{one.description} {one.min_value:.10g} to {one.max_value:.10g}.")
    return html.Div([html.Label([label, control]), hint], className="field")


def _form() -> Component:
    kinds = [{"label": one.display_name, "value": name} for name, one in ALGORITHMS.items()]
    fields = [
        field("Name", dbc.Input(id=Ids.name, maxlength=200, autocomplete="off")),
        field("Algorithm", dcc.Dropdown(kinds, DEFAULT, id=Ids.algorithm, clearable=False)),
        field(
            "Window, points",
            dbc.Input(id=Ids.window, type="number", value=100, min=10, max=10_000, step=1),
            hint="How many points back it looks. 10 to 10,000.",
        ),
        field(
            "Threshold",
            dbc.Input(id=Ids.threshold, type="number", value=3, min=1, max=10, step="any"),
            hint="The score above which a point is an alert. 1 to 10.",
        ),
        field(
            "Columns",
            dbc.Input(id=Ids.columns, autocomplete="off", placeholder="all"),
            hint="Names with commas between them; empty takes those of the first point.",
        ),
    ]
    return section(
        "New session",
        [
            html.Div(fields, className="field-row"),
            html.Div(id=Ids.parameters, className="field-row"),
            html.Div(id=Ids.about, **attributes(aria_live="polite")),
            dbc.Button("Start session", id=Ids.start, color="primary"),
        ],
    )


PAGE = Page("streams", "Streams", "/streams", build, Group.OPERATE, "activity")
