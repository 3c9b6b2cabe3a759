"""One batch: what a served model said of each recording of a data set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from diagnostics.training.heads import HEADS
from layouts.components.frame import (
    alert,
    definition_list,
    empty_state,
    field,
    icon,
    link_button,
    page_head,
    section,
)
from layouts.components.head_numbers import amount
from layouts.components.job_state import job_badge, job_progress
from layouts.components.links import page_link, path_to
from layouts.components.moments import moment
from layouts.components.quantities import count
from layouts.components.tables import table
from layouts.components.versions import version_name
from layouts.page import Group, Page

Values = Mapping[str, Any]
ROWS = 50
# A value that is empty would show nothing at all; no class begins with a blank.
EVERY = " all"
SIDES = {
    "train": "training",
    "validation": "validation",
    "test": "test",
    "windows": "all parts (random windows)",
}


class Ids:
    id = "served-batch-id"
    head = "served-batch-head"
    summary = "served-batch-summary"
    answers = "served-batch-answers"
    predicted = "served-batch-predicted"
    rows = "served-batch-rows"
    pager = "served-batch-pager"
    pages = "served-batch-pages"
    cancel = "served-batch-cancel"
    delete = "served-batch-delete"
    confirm = "served-batch-confirm"
    changed = "served-batch-changed"
    known = "served-batch-known"


def build(model_batch_id: str = "", **_view: Any) -> Component:
    pages = dbc.Pagination(id=Ids.pages, max_value=1, active_page=1, fully_expanded=False)
    return html.Div(
        [
            dcc.Store(id=Ids.id, data=model_batch_id),
            dcc.Store(id=Ids.changed, data=0),
            dcc.Store(id=Ids.known),
            dcc.ConfirmDialog(id=Ids.confirm),
            html.Div(page_head("Batch of predictions"), id=Ids.head),
            html.Div(id=Ids.summary),
            html.Div(
                section(
                    "Recordings",
                    [
                        field("Shown", dbc.Select([], EVERY, id=Ids.predicted)),
                        html.Div(id=Ids.rows, className="mt-3"),
                        html.Div(pages, id=Ids.pager, hidden=True),
                    ],
                ),
                id=Ids.answers,
                hidden=True,
            ),
        ],
        className="features-page",
    )


def not_there() -> Component:
    return empty_state(
        "There is no such batch",
        "It may be deleted.",
        link_button("Deployments", "/deployments", icon_name="box-seam"),
        icon_name="box-seam",
    )


def head(batch: Values, *, may_change: bool) -> Component:
    lead = [
        job_badge(batch["status"]),
        f" {batch['model']}, version {batch['version']}, on ",
        page_link(version_name(batch), f"/datasets/{batch['dataset_id']}"),
        f". By {batch['owner_name']}, ",
        moment(batch["created_at"]),
        ".",
    ]
    under_way = batch["status"] in ("waiting", "running", "paused")
    cancel = dbc.Button(
        [icon("stop-circle"), " Cancel"],
        id=Ids.cancel,
        color="secondary",
        outline=True,
        style=None if may_change and under_way else {"display": "none"},
    )
    delete = dbc.Button(
        [icon("trash"), " Delete"],
        id=Ids.delete,
        color="danger",
        outline=True,
        style=None if may_change and not under_way else {"display": "none"},
    )
    actions: list[Component] = [cancel, delete]
    if batch["completed_at"]:
        actions.insert(
            0,
            html.A(
                [icon("download"), " CSV"],
                href=path_to(f"/api/v1/model-batches/{batch['id']}/rows.csv"),
                className="btn btn-outline-secondary",
            ),
        )
    return page_head("Batch of predictions", lead=lead, actions=actions)


def summary(batch: Values, job: Values | None) -> list[Component]:
    """How far it is; at its end what it came to."""
    found = batch["summary"]
    if found is None:
        if batch["status"] == "failed":
            return [alert(batch["error"] or "The work that was to ask is gone.", "danger")]
        return [section("Progress", [job_progress(job)])] if job else []
    shares = [[name, count(n)] for name, n in found["predicted"].items()]
    facts: list[tuple[str, Any]] = [
        ("Recordings", count(found["recordings"])),
        ("Refused", count(found["refused"])),
        ("Learned from", f"{count(found['learned_from'])} (not counted in the accuracy)"),
        ("Accuracy", accuracy(found["scored"])),
    ]
    return [
        section(
            "Result",
            [
                definition_list(facts),
                table(["Class", "Recordings"], shares, numbers={1}, label="Recordings by class"),
            ],
        )
    ]


def accuracy(scored: Values) -> str:
    """Share of right answers with its number and interval, or why there is none."""
    if not scored["recordings"]:
        return "not known: no recording has a class of the model that it did not learn from"
    told = (
        f"{100 * scored['accuracy']:.1f} % ({count(scored['right'])} of"
        f" {count(scored['recordings'])} recordings that it did not learn from)"
    )
    if scored["low"] is None:
        return f"{told}. {scored.get('no_interval', '')}".strip()
    return f"{told}, 95 % interval {100 * scored['low']:.1f} to {100 * scored['high']:.1f} %"


def predicted_options(batch: Values) -> list[dict[str, str]]:
    found = batch["summary"] or {"predicted": {}, "refused": 0, "recordings": 0}
    named = [
        {"label": f"{name} ({count(n)})", "value": name} for name, n in found["predicted"].items()
    ]
    return [
        {"label": f"All recordings ({count(found['recordings'])})", "value": EVERY},
        *named,
        {"label": f"Refused ({count(found['refused'])})", "value": "refused"},
    ]


def row_table(rows: Sequence[Values]) -> Component:
    if not rows:
        return html.P("No recording is of this kind.", className="figure-note")
    beside = any(one["estimates"] for one in rows)
    heads = [
        "Recording",
        "Said",
        "Probability",
        "Windows",
        "Of them agree",
        *(["Beside the class"] if beside else []),
        "Label",
        "In the experiment",
        "Why not",
    ]
    return table(
        heads,
        [
            [
                page_link(one["recording"], f"/signals?recording={one['recording_id']}"),
                one["predicted"] or "–",
                "–" if one["probability"] is None else f"{100 * one['probability']:.1f} %",
                count(one["windows"]),
                "–" if one["agreement"] is None else f"{100 * one['agreement']:.0f} %",
                *([_estimates(one)] if beside else []),
                one["label"] or "–",
                SIDES.get(one["side"], "–") if one["side"] else "not used",
                one["error"] or "",
            ]
            for one in rows
        ],
        numbers={2, 3, 4},
        label="What was said of the recordings",
    )


def _estimates(row: Values) -> str:
    told = [
        f"{HEADS[one['name']].title.lower()} {amount(one['name'], one['value'])}"
        for one in row["estimates"]
    ]
    return ", ".join(told) or "–"


PAGE = Page(
    "served_batch",
    "Batch of predictions",
    "/deployments/batches/<model_batch_id>",
    build,
    Group.OPERATE,
    "box-seam",
    parent=("Deployments", "/deployments"),
    in_navigation=False,
)
