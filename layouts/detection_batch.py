"""One batch: how far each source is, and what was found in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.anomalies import title_of
from layouts.components.attributes import attributes
from layouts.components.detection_state import OVER, share, state_badge
from layouts.components.frame import empty_state, icon, link_button, page_head, section
from layouts.components.links import page_link
from layouts.components.moments import duration, moment
from layouts.components.quantities import count
from layouts.components.tables import table
from layouts.page import Group, Page

Values = Mapping[str, Any]


class Ids:
    id = "detection-batch-id"
    head = "detection-batch-head"
    body = "detection-batch-body"
    cancel = "detection-batch-cancel"
    delete = "detection-batch-delete"
    confirm = "detection-batch-confirm"
    changed = "detection-batch-changed"
    known = "detection-batch-known"


def build(batch_id: str = "", **_view: Any) -> Component:
    return html.Div(
        [
            dcc.Store(id=Ids.id, data=batch_id),
            dcc.Store(id=Ids.changed, data=0),
            dcc.Store(id=Ids.known),
            dcc.ConfirmDialog(id=Ids.confirm),
            html.Div(page_head("Batch"), id=Ids.head),
            html.Div(id=Ids.body),
        ],
        className="features-page anomalies-page",
    )


def not_there() -> Component:
    return empty_state(
        "There is no such batch",
        "It may be deleted.",
        link_button("All detections", "/anomalies", icon_name="search"),
        icon_name="search",
    )


def head(batch: Values, *, may_change: bool) -> Component:
    lead = [
        state_badge(batch["status"]),
        f" {title_of(batch['algorithm'])} on {batch['total_sources']} sources. "
        f"By {batch['owner_name']}, ",
        moment(batch["created_at"]),
        ".",
    ]
    is_over = batch["status"] in OVER
    cancel = dbc.Button(
        [icon("stop-circle"), " Cancel"],
        id=Ids.cancel,
        color="secondary",
        outline=True,
        style=None if may_change and not is_over else {"display": "none"},
    )
    delete = dbc.Button(
        [icon("trash"), " Delete"],
        id=Ids.delete,
        color="danger",
        outline=True,
        style=None if may_change and is_over else {"display": "none"},
    )
    return page_head(batch["name"], lead=lead, actions=[cancel, delete])


def body(batch: Values) -> list[Component]:
    ended = batch["progress_percent"]
    bar = html.Div(
        html.Div(className="progress-bar", style={"width": f"{ended:.0f}%"}),
        className="progress job-bar",
        role="progressbar",
        **attributes(
            aria_label="Sources that have ended",
            aria_valuenow=f"{ended:.0f}",
            aria_valuemin="0",
            aria_valuemax="100",
        ),
    )
    failed = f", {batch['failed_sources']} failed" if batch["failed_sources"] else ""
    told = (
        f"{batch['completed_sources']} of {batch['total_sources']} sources are done{failed}. "
        f"{count(batch['total_anomalies'])} of {count(batch['total_rows_analyzed'])} rows are "
        f"flagged; mean share {share(batch['average_anomaly_rate'])}."
    )
    took = f" It took {duration(batch['duration_ms'] / 1e3)}." if batch["duration_ms"] else ""
    return [
        section("Progress", [bar, html.P(f"{told}{took}", className="plot-note", role="status")]),
        section("Sources", _items(batch)),
    ]


def _items(batch: Values) -> Component:
    rows = []
    for one in batch["results"]:
        found: Any = "–"
        if one["detection_id"]:
            found = page_link("Detection", f"/anomalies/{one['detection_id']}")
        rows.append(
            [
                page_link(one["source_name"], f"/sources/{one['source_id']}"),
                state_badge(one["status"]),
                "–" if one["total_rows"] is None else count(one["total_rows"]),
                "–" if one["anomaly_count"] is None else count(one["anomaly_count"]),
                share(one["anomaly_rate"]),
                found,
                one["error_message"] or "",
            ]
        )
    heads = ("Source", "State", "Rows", "Anomalies", "Share", "Found", "Why not")
    return table(heads, rows, label="Sources of the batch", numbers={2, 3, 4})


PAGE = Page(
    "detection_batch",
    "Batch of detections",
    "/anomaly-batches/<batch_id>",
    build,
    Group.OPERATE,
    "search",
    parent=("Anomalies", "/anomalies"),
    in_navigation=False,
)
