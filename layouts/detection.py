"""One detection: how scores spread, where the line is, which rows stand out and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_ag_grid as dag
import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.anomalies import title_of
from layouts.components.detection_state import learnt_from, share, state_badge
from layouts.components.frame import (
    alert,
    empty_state,
    field,
    icon,
    link_button,
    page_head,
    section,
)
from layouts.components.grids import GRID
from layouts.components.job_state import job_progress
from layouts.components.links import page_link, path_to
from layouts.components.moments import duration, moment
from layouts.components.quantities import count
from layouts.components.tables import table
from layouts.figures.signals import empty
from layouts.figures.template import graph_config
from layouts.jobs import job_actions
from layouts.page import Group, Page

Values = Mapping[str, Any]

BLOCK = 100
NONE_FLAGGED = "No row is flagged. Switch “Only anomalies” off to see all."


class Ids:
    """``known`` is what was drawn; ``levels`` how many rows lie above each step of the slider;
    ``line`` where the slider was let go; ``row`` the chosen row of the source; ``asked`` counts
    explanations that were asked for."""

    id = "detection-id"
    known = "detection-known"
    levels = "detection-levels"
    head = "detection-head"
    progress = "detection-progress"
    body = "detection-body"
    slider = "detection-slider"
    line = "detection-line"
    above = "detection-above"
    scores = "detection-scores"
    time = "detection-time"
    plane = "detection-plane"
    columns = "detection-columns"
    only = "detection-only"
    grid = "detection-grid"
    found = "detection-found"
    row = "detection-row"
    about_row = "detection-about-row"
    method = "detection-method"
    explain = "detection-explain"
    asked = "detection-asked"
    explanation = "detection-explanation"
    label = "detection-label"
    labelled = "detection-labelled"
    metrics = "detection-metrics"
    delete = "detection-delete"
    confirm = "detection-confirm"


def build(detection_id: str = "", **_view: Any) -> Component:
    stores = {
        Ids.id: detection_id,
        Ids.known: None,
        Ids.levels: None,
        Ids.line: None,
        Ids.row: None,
        Ids.asked: 0,
        Ids.labelled: 0,
    }
    body = [
        section("Scores and threshold", _threshold()),
        html.Div(
            [
                section("In their order", _graph(Ids.time, "scores")),
                section("Projection", _graph(Ids.plane, "projection")),
            ],
            className="two-columns",
        ),
        section("Columns", html.Div(id=Ids.columns)),
        section("Rows", _rows()),
        section("Chosen row", _chosen()),
        section("Labels", html.Div(id=Ids.metrics, role="status")),
    ]
    return html.Div(
        [
            *[dcc.Store(id=name, data=data) for name, data in stores.items()],
            dcc.ConfirmDialog(id=Ids.confirm),
            html.Div(page_head("Detection"), id=Ids.head),
            html.Div(id=Ids.progress),
            html.Div(body, id=Ids.body, hidden=True, className="features-body"),
        ],
        className="features-page anomalies-page",
    )


def not_there() -> Component:
    return empty_state(
        "There is no such detection",
        "It may be deleted.",
        link_button("All detections", "/anomalies", icon_name="search"),
        icon_name="search",
    )


def head(one: Values, *, may_change: bool) -> Component:
    lead: list[Any] = [
        state_badge(one["status"]),
        " ",
        page_link(one["source_name"], f"/sources/{one['source_id']}"),
        f". By {one['owner_name']}, ",
        moment(one["created_at"]),
        ".",
    ]
    if one["status"] == "success":
        told = (
            f" {count(one['anomaly_count'])} of {count(one['total_rows'])} rows are flagged "
            f"({share(one['anomaly_rate'])}), in {duration(one['duration_ms'] / 1e3)}."
        )
        lead.append(told)
    lead += learnt_from(one["fit_on"], one["source_id"])
    downloads = [
        _download(one, name, title) for name, title in (("csv", "CSV"), ("parquet", "Parquet"))
    ]
    again = dbc.Button(
        [icon("arrow-repeat"), " Detect again"],
        href=path_to("/new-detection", {"copy": one["id"]}),
        color="secondary",
        outline=True,
    )
    delete = dbc.Button(
        [icon("trash"), " Delete"],
        id=Ids.delete,
        color="danger",
        outline=True,
        style=None if may_change else {"display": "none"},
    )
    shown = [*downloads, again] if one["status"] == "success" else [again]
    return page_head(title_of(one["algorithm"]), lead=lead, actions=[*shown, delete])


def progress(one: Values, job: Values | None, *, may_change: bool) -> list[Component]:
    if one["status"] in ("pending", "running") and job is not None:
        buttons = html.Div(job_actions(job) if may_change else [], className="section-actions")
        return [section("Detecting", [job_progress(job), buttons])]
    if one["error_message"]:
        return [alert(one["error_message"], "danger")]
    if one["status"] == "cancelled":
        return [alert("It was cancelled before it ended.", "warning")]
    return [alert(text, "info") for text in one["notes"]]


def column_table(one: Values) -> Component:
    """How often each column has a part in what is flagged, the most often first."""
    ordered = sorted(one["column_summaries"], key=lambda part: -part["anomaly_count"])
    rows = [
        [
            part["column"],
            part["dtype"],
            count(part["anomaly_count"]),
            share(part["anomaly_rate"]),
            f"{part['mean_anomaly_score']:.2f}" if part["anomaly_count"] else "–",
            _number(part["min_value"]),
            _number(part["max_value"]),
            ", ".join(map(str, part["top_anomaly_indices"])) or "–",
        ]
        for part in ordered
    ]
    heads = (
        *("Column", "Type", "Has a part in", "Share of rows", "Their mean score"),
        *("Least", "Most", "Rows, most unusual first"),
    )
    return table(heads, rows, label="Columns", numbers={2, 3, 4, 5, 6})


def column_definitions(names: Sequence[str], *, linked: bool) -> list[dict[str, Any]]:
    """The row, its score and flag, then its values."""
    number = {"type": "numericColumn", "width": 110}
    first = {"cellRenderer": "RecordingLink"} if linked else {}
    columns: list[dict[str, Any]] = [
        {
            "colId": "row_index",
            "field": "row",
            "headerName": "Row",
            "pinned": "left",
            **number,
            **first,
        },
        {"colId": "anomaly_score", "field": "score", "headerName": "Score", **number},
        {"field": "raw", "headerName": "Raw score", "sortable": False, **number},
        {"field": "flag", "headerName": "Anomaly", "sortable": False, "width": 100},
    ]
    for place, name in enumerate(names):
        column = {"field": f"v{place}", "headerName": name, "sortable": False, "width": 130}
        columns.append(column)
    return columns


def grid_rows(
    rows: Sequence[Values], names: Sequence[str], links: Sequence[str | None]
) -> list[dict[str, Any]]:
    """Plain values for the grid; a row of a recording leads to its window."""
    return [
        {
            "id": str(one["row_index"]),
            "row": one["row_index"],
            "score": f"{one['anomaly_score']:.3f}",
            "raw": f"{one['raw_score']:.4g}",
            "flag": "yes" if one["is_anomaly"] else "",
            "href": link,
            **{
                f"v{place}": _value((one["column_values"] or {}).get(name))
                for place, name in enumerate(names)
            },
        }
        for one, link in zip(rows, links, strict=True)
    ]


def _threshold() -> list[Component]:
    slider = dbc.Input(
        id=Ids.slider, type="range", min=0, max=1, step=0.01, value=0.5, class_name="form-range"
    )
    named = field("Threshold of the calibrated score, 0 to 1", slider)
    above = html.P(id=Ids.above, className="plot-note", role="status")
    return [_graph(Ids.scores, "distribution", 260), named, above]


def _graph(name: str, file_name: str, height: int = 320) -> Component:
    return dcc.Graph(
        id=name,
        figure=empty(""),
        config=graph_config(file_name),
        style={"height": f"{height}px"},
    )


def _rows() -> list[Component]:
    only = dbc.Switch(id=Ids.only, label="Only anomalies", value=True)
    found = html.Span(id=Ids.found, className="job-told", role="status")
    grid = dag.AgGrid(
        id=Ids.grid,
        columnDefs=[],
        rowModelType="infinite",
        getRowId="params.data.id",
        defaultColDef={"sortable": True, "resizable": True, "minWidth": 80},
        dashGridOptions={
            **GRID,
            "cacheBlockSize": BLOCK,
            "rowSelection": {
                "mode": "singleRow",
                "enableClickSelection": True,
                "checkboxes": False,
            },
            "suppressFieldDotNotation": True,
            "localeText": {
                "noRowsToShow": "No row is flagged. Switch “Only anomalies” off to see all."
            },
        },
        className="datasets-grid",
        style={"width": "100%", "height": "420px"},
        dangerously_allow_code=False,
    )
    note = "Values are kept of the rows with the highest scores. Choose a row to see why."
    return [
        html.Div([only, found], className="field-row mb-3"),
        grid,
        html.P(note, className="figure-note"),
    ]


def _chosen() -> list[Component]:
    methods = [{"label": "SHAP", "value": "shap"}, {"label": "LIME", "value": "lime"}]
    ask = dbc.Button(
        [icon("question-circle"), " Explain"], id=Ids.explain, color="secondary", outline=True
    )
    return [
        html.Div(id=Ids.about_row),
        html.Div(
            [
                field("By", dbc.Select(methods, "shap", id=Ids.method)),
                ask,
            ],
            className="field-row mb-3",
        ),
        html.Div(id=Ids.explanation, role="status"),
    ]


def _download(one: Values, name: str, title: str) -> Component:
    """A plain link: Dash would look for a page under it."""
    return html.A(
        [icon("download"), f" {title}"],
        href=path_to(f"/api/v1/anomaly/{one['id']}/rows", {"format": name}),
        className="btn btn-outline-secondary",
        title=f"All rows with their scores as {title}",
        download="",
    )


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}".replace("-", "−")


def _value(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.5g}" if isinstance(value, float) else str(value)


PAGE = Page(
    "detection",
    "Detection",
    "/anomalies/<detection_id>",
    build,
    Group.OPERATE,
    "search",
    parent=("Anomalies", "/anomalies"),
    in_navigation=False,
)
