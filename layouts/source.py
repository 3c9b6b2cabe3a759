"""One source: what its columns amount to, its first rows, how it is read, its versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.anomalies import title_of
from layouts.components.detection_state import share, state_badge
from layouts.components.frame import (
    alert,
    empty_state,
    field,
    icon,
    link_button,
    page_head,
    section,
)
from layouts.components.job_state import job_progress
from layouts.components.links import page_link, path_to
from layouts.components.moments import moment
from layouts.components.quantities import count
from layouts.components.tables import table
from layouts.jobs import job_actions
from layouts.page import Group, Page
from layouts.sources import KINDS

Values = Mapping[str, Any]

ROLES = {"feature": "value", "key": "key", "time": "time", "label": "label"}
# What a select has for "look yourself" and for "there is none".
FOUND, NONE = "*", "-"
SHOWN_ROWS = 20


class Ids:
    """``known`` holds what was drawn, so that a pulse draws nothing twice."""

    id = "source-id"
    known = "source-known"
    head = "source-head"
    progress = "source-progress"
    body = "source-body"
    settings = "source-settings"
    name = "source-name"
    codes = "source-codes"
    time = "source-time"
    save = "source-save"
    again = "source-again"
    changed = "source-changed"
    delete = "source-delete"
    confirm = "source-confirm"


def build(source_id: str = "", **_view: Any) -> Component:
    return html.Div(
        [
            dcc.Store(id=Ids.id, data=source_id),
            dcc.Store(id=Ids.known),
            dcc.Store(id=Ids.changed, data=0),
            dcc.ConfirmDialog(id=Ids.confirm),
            html.Div(page_head("Source"), id=Ids.head),
            html.Div(id=Ids.progress),
            html.Div(id=Ids.body),
            html.Div(section("How it is read", _settings()), id=Ids.settings, hidden=True),
        ],
        className="features-page sources-page",
    )


def not_there() -> Component:
    return empty_state(
        "There is no such source",
        "It may be deleted.",
        link_button("All sources", "/sources", icon_name="table"),
        icon_name="table",
    )


def head(source: Values, *, may_change: bool, may_detect: bool) -> Component:
    lead = [
        state_badge(source["status"]),
        f" {KINDS[source['kind']]}",
        f", version {source['version']}" if source["version"] else "",
        f". Made by {source['owner_name']}, ",
        moment(source["created_at"]),
        ".",
    ]
    actions: list[Component] = [
        dbc.Button(
            [icon("trash"), " Delete"],
            id=Ids.delete,
            color="danger",
            outline=True,
            style=None if may_change else {"display": "none"},
        )
    ]
    may_read = may_change and source["kind"] != "table" and source["status"] != "pending"
    again = dbc.Button(
        [icon("arrow-repeat"), " Read again"],
        id=Ids.again,
        color="secondary",
        outline=True,
        style=None if may_read else {"display": "none"},
    )
    actions.insert(0, again)
    if may_detect and source["version"]:
        detect = dbc.Button(
            [icon("search"), " Detect anomalies"],
            href=path_to("/new-detection", {"source": source["id"]}),
            color="primary",
        )
        actions.insert(0, detect)
    return page_head(source["name"], lead=lead, actions=actions)


def progress(source: Values, job: Values | None, *, may_change: bool) -> list[Component]:
    """Of the reading, or why it failed."""
    if source["status"] == "pending" and job is not None:
        buttons = html.Div(job_actions(job) if may_change else [], className="section-actions")
        return [section("Reading", [job_progress(job), buttons])]
    if source["error_message"]:
        return [alert(source["error_message"], "danger")]
    return []


def body(
    source: Values, profile: Values, versions: Sequence[Values], detections: Sequence[Values]
) -> list[Component]:
    notes = [alert(text, "info") for text in source["notes"]]
    suspects = [
        alert(
            f"{one['value']:g} stands far from all other values in "
            f"{', '.join(one['columns'][:8])}. If it means “no value”, say so below.",
            "warning",
        )
        for one in profile["suspects"]
    ]
    told = f"{count(profile['row_count'])} rows, {count(len(profile['columns']))} columns."
    return [
        section("Columns", [html.P(told), *notes, *suspects, _columns(source, profile)]),
        section("First rows", _first_rows(profile)),
        section("Detections", _detections(detections, source)),
        section("Versions", _versions(versions)),
    ]


def time_options(columns: Sequence[Values]) -> list[dict[str, str]]:
    fixed = [
        {"label": "found by looking", "value": FOUND},
        {"label": "there is none", "value": NONE},
    ]
    return fixed + [{"label": one["name"], "value": f"={one['name']}"} for one in columns]


def _columns(source: Values, profile: Values) -> Component:
    roles = {one["name"]: one["role"] for one in source["columns"]}
    rows = []
    for one in profile["columns"]:
        quantiles = one.get("quantiles") or [None] * 5
        unit = f" [{one['unit']}]" if one["unit"] else ""
        rows.append(
            [
                f"{one['name']}{unit}",
                one["type"],
                ROLES.get(roles.get(one["name"], "feature"), ""),
                share(one["missing"] / max(1, profile["row_count"])) if one["missing"] else "–",
                count(one["distinct"]),
                _number(one.get("min")),
                _number(quantiles[1]),
                _number(quantiles[2]),
                _number(quantiles[3]),
                _number(one.get("max")),
                _number(one.get("mean")) if "mean" in one else _frequent(one),
            ]
        )
    heads = (
        *("Column", "Type", "Taken as", "Missing", "Different"),
        *("Least", "25 %", "Median", "75 %", "Most", "Mean, or most frequent"),
    )
    return table(heads, rows, label="Columns", numbers={3, 4, 5, 6, 7, 8, 9})


def _first_rows(profile: Values) -> Component:
    names = [one["name"] for one in profile["columns"]]
    first = profile["rows"][:SHOWN_ROWS]
    rows = [["–" if cell is None else _cell(cell) for cell in row] for row in first]
    numbers = {
        n for n, one in enumerate(profile["columns"]) if one["type"] in ("integer", "number")
    }
    return table(names, rows, label="First rows", numbers=numbers)


def _detections(detections: Sequence[Values], source: Values) -> Component:
    if not detections:
        return html.P("Nothing was detected in it yet.", className="figure-note")
    rows = [
        [
            page_link(title_of(one["algorithm"]), f"/anomalies/{one['id']}"),
            state_badge(one["status"]),
            "–" if one["anomaly_count"] is None else count(one["anomaly_count"]),
            share(one["anomaly_rate"]),
            moment(one["created_at"]),
        ]
        for one in detections
    ]
    heads = ("Algorithm", "State", "Anomalies", "Share", "Made")
    more = page_link("All of them", "/anomalies", {"source": source["id"]})
    return html.Div([table(heads, rows, label="Detections", numbers={2, 3}), html.P(more)])


def _versions(versions: Sequence[Values]) -> Component:
    rows = [
        [
            str(one["number"]),
            count(one["row_count"]),
            count(one["column_count"]),
            ", ".join(one["missing_codes"]) or "–",
            one["time_column"] or "–",
            html.Code(one["content_hash"][:12], title=one["content_hash"]),
            moment(one["created_at"]),
        ]
        for one in versions
    ]
    heads = ("Version", "Rows", "Columns", "Read as missing", "Time", "Content", "Made")
    return table(heads, rows, label="Versions", numbers={0, 1, 2})


def _settings() -> Component:
    fields = html.Div(
        [
            field("Name", dbc.Input(id=Ids.name, maxlength=255, autocomplete="off")),
            field(
                "Missing values are written as",
                dbc.Input(id=Ids.codes, maxlength=400, autocomplete="off"),
                hint="Beside empty cells, NaN, NA and ?. With commas between them.",
            ),
            field("Time of each row", dbc.Select([], id=Ids.time)),
        ],
        className="features-fields",
    )
    save = dbc.Button("Save", id=Ids.save, color="secondary", outline=True, class_name="mt-3")
    told = "Other codes or another time column make a new version; detections keep theirs."
    return html.Div([fields, html.P(told, className="figure-note"), save])


def _number(value: Any) -> str:
    return "–" if value is None else f"{value:.4g}".replace("-", "−")


def _cell(cell: Any) -> str:
    return f"{cell:.6g}" if isinstance(cell, float) else str(cell)


def _frequent(one: Values) -> str:
    values = one.get("values", [])
    return ", ".join(f"{value['value']} ({count(value['count'])})" for value in values[:3])


PAGE = Page(
    "source",
    "Source",
    "/sources/<source_id>",
    build,
    Group.DATA,
    "table",
    parent=("Sources", "/sources"),
    in_navigation=False,
)
