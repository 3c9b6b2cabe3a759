"""One session on the page of streams: its chart, numbers, alerts, and what can be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from diagnostics.streaming.descriptions import ALGORITHMS
from layouts.components.alarm_state import severity_badge
from layouts.components.attributes import attributes
from layouts.components.disclosure import disclosure
from layouts.components.frame import definition_list, empty_state, field, icon, section
from layouts.components.moments import moment
from layouts.components.quantities import count
from layouts.components.tables import table
from layouts.figures.streams import live_figure
from layouts.figures.template import graph_config

VERBS = {
    "pause": ("Pause", "pause", "secondary"),
    "resume": ("Resume", "play", "secondary"),
    "stop": ("Stop", "stop", "secondary"),
    "delete": ("Delete", "trash", "danger"),
}
POSSIBLE = {
    "created": ("stop", "delete"),
    "running": ("pause", "stop"),
    "paused": ("resume", "stop"),
    "stopped": ("delete",),
    "error": ("stop", "delete"),
}
LATE_MS = 3_000
SPEEDS = {0.0: "as fast as it goes", 1.0: "as recorded", 10.0: "10 times", 100.0: "100 times"}


class Ids:
    section = "streams-live"
    head = "streams-live-head"
    chart = "streams-live-chart"
    shown = "streams-live-shown"
    columns = "streams-live-columns"
    numbers = "streams-live-numbers"
    latency = "streams-live-latency"
    alerts = "streams-live-alerts"
    alerts_shown = "streams-live-alerts-shown"
    verb = "streams-live-verb"
    confirm = "streams-live-confirm"
    gone = "streams-live-gone"
    acknowledge = "streams-live-acknowledge"
    dataset = "streams-live-dataset"
    recording = "streams-live-recording"
    samples = "streams-live-samples"
    speed = "streams-live-speed"
    replay = "streams-live-replay"
    source = "streams-live-source"
    table_speed = "streams-live-table-speed"
    replay_table = "streams-live-replay-table"


def place(*, is_chosen: bool) -> Component:
    """Where the chosen session is shown; hidden without one."""
    chart = dcc.Graph(id=Ids.chart, figure=live_figure([], [], None), config=graph_config("stream"))
    which = field(
        "Columns in the chart", dcc.Dropdown([], [], id=Ids.columns, multi=True, clearable=False)
    )
    live = [
        html.Div(id=Ids.head),
        html.P(id=Ids.latency, className="page-lead", role="status"),
        which,
        html.Div(chart, **attributes(aria_label="Values and scores")),
        html.Div(id=Ids.numbers),
        disclosure("Replay a recording", _replay()),
        disclosure("Replay a table", _replay_table()),
    ]
    kept = [
        dcc.Store(id=Ids.shown),
        dcc.ConfirmDialog(id=Ids.confirm),
        dcc.Location(id=Ids.gone, refresh="callback-nav"),
    ]
    parts = [section("Live", live), section("Alerts", html.Div(id=Ids.alerts))]
    return html.Div([*kept, *parts], id=Ids.section, hidden=not is_chosen)


def head(session: Mapping[str, Any], state: Component, *, may_change: bool) -> Component:
    """State, settings and verbs of the session."""
    columns = session["columns"]
    judge = ALGORITHMS[session["algorithm"]].display_name
    items: list[tuple[str, Any]] = [
        ("Name", session["name"] or "none"),
        ("State", state),
        ("Session", html.Code(session["id"])),
        ("Judges", f"{judge}, window {session['window_size']}"),
        ("Threshold", f"{session['threshold']:g}"),
        ("Columns", "those of the first point" if columns is None else ", ".join(columns)),
    ]
    if session["error_message"]:
        items.append(("What happened", session["error_message"]))
    verbs = [_verb(verb, session) for verb in POSSIBLE[session["status"]] if may_change]
    return html.Div([definition_list(items), html.Div(verbs, className="section-actions")])


def statistics_table(statistics: Mapping[str, Mapping[str, Any]]) -> Component:
    if not statistics:
        return empty_state(
            "No point yet",
            "Send points to this session with an API key that has the scope anomaly:write, as in "
            "the guide, or replay a recording or a table below.",
            icon_name="activity",
        )
    rows = [
        [
            name,
            count(one["count"]),
            *(_number(one[key]) for key in ("mean", "std", "min", "max")),
            count(one["anomaly_count"]),
        ]
        for name, one in statistics.items()
    ]
    titles = ("Column", "Values", "Mean", "Standard deviation", "Lowest", "Highest", "Unusual")
    return table(titles, rows, label="Statistics of the columns", numbers=range(1, 7))


def alerts_table(alerts: Sequence[Mapping[str, Any]], *, may_change: bool) -> Component:
    if not alerts:
        return empty_state(
            "No alert", "Points whose score is above the threshold are listed here.",
            icon_name="check-circle",
        )  # fmt: skip
    rows = [
        [
            severity_badge(one["severity"]),
            moment(one["timestamp"]),
            count(one["sequence"]),
            _number(one["anomaly_score"]),
            ", ".join(one["details"]["anomaly_columns"]),
            _seen(one, may_change=may_change),
        ]
        for one in alerts
    ]
    titles = ("Severity", "Time", "Point", "Score", "Unusual columns", "Acknowledged")
    return table(titles, rows, label="Alerts", numbers=(2, 3))


def latency(judged_ms: float | None, shown_ms: float | None) -> str:
    """How long the newest point took to its verdict, and from there to this page."""
    if judged_ms is None or shown_ms is None:
        return ""
    told = f"The newest point was judged {judged_ms:,.0f} ms after it came in"
    if shown_ms > LATE_MS:  # it was there before this page
        return f"{told}."
    return f"{told}, and shown {shown_ms:,.0f} ms after that."


def _verb(verb: str, session: Mapping[str, Any]) -> Component:
    text, icon_name, color = VERBS[verb]
    return dbc.Button(
        [icon(icon_name), f" {text}"],
        id={"type": Ids.verb, "verb": verb, "id": session["id"]},
        color=color,
        outline=True,
        size="sm",
    )


def _seen(alert: Mapping[str, Any], *, may_change: bool) -> Any:
    if alert["acknowledged_at"] is not None:
        return moment(alert["acknowledged_at"])
    if not may_change:
        return "no"
    return dbc.Button(
        "Acknowledge",
        id={"type": Ids.acknowledge, "id": alert["id"]},
        color="secondary",
        outline=True,
        size="sm",
    )


def _replay() -> Component:
    samples = dbc.Input(id=Ids.samples, type="number", value=2048, min=256, max=2**20, step=1)
    fields = [
        field("Data set", dcc.Dropdown([], id=Ids.dataset, placeholder="choose", clearable=False)),
        field(
            "Recording",
            dcc.Dropdown([], id=Ids.recording, placeholder="all, by name", clearable=False),
        ),
        field("Samples of a window", samples, hint="Each window becomes a point."),
        field("Speed", _speeds(Ids.speed)),
    ]
    return html.Div(
        [
            html.P("RMS, peak, kurtosis and others of each window go into this session as points."),
            html.Div(fields, className="field-row"),
            dbc.Button("Replay", id=Ids.replay, color="secondary"),
        ]
    )


def _replay_table() -> Component:
    fields = [
        field(
            "Source",
            dcc.Dropdown([], id=Ids.source, placeholder="choose", clearable=False),
            hint="Each row becomes a point, with the time of its time column.",
        ),
        field(
            "Speed",
            _speeds(Ids.table_speed),
            hint="A row lasts until the time of the next; without a time column, 1 s.",
        ),
    ]
    return html.Div(
        [
            html.P(
                "The columns that this session judges go into it row by row; if it has none yet, "
                "all columns of numbers that have one in the first row."
            ),
            html.Div(fields, className="field-row"),
            dbc.Button("Replay", id=Ids.replay_table, color="secondary"),
        ]
    )


def _speeds(where: str) -> Component:
    speeds = [{"label": text, "value": value} for value, text in SPEEDS.items()]
    return dcc.Dropdown(speeds, 0.0, id=where, clearable=False)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"
