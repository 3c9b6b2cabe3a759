"""The part of the page of deployments where a model is asked about a whole data set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.frame import empty_state, field, section
from layouts.components.job_state import job_badge
from layouts.components.links import page_link
from layouts.components.moments import moment
from layouts.components.quantities import count
from layouts.components.tables import table
from layouts.components.versions import version_name

Values = Mapping[str, Any]


class Ids:
    section = "deployment-batches"
    form = "deployment-batches-form"
    version = "deployment-batches-version"
    go = "deployment-batches-go"
    table = "deployment-batches-table"
    asked = "deployment-batches-asked"


def build() -> Component:
    """The model and its version are those that are chosen above."""
    choose = dcc.Dropdown(
        [],
        id=Ids.version,
        clearable=False,
        placeholder="Choose a data set",
        labels={"search": "Search by name"},
    )
    return html.Div(
        section(
            "Whole data sets",
            [
                html.P(
                    "A job asks the model and version that are chosen above about every recording,"
                    " and keeps what it says.",
                    className="figure-note",
                ),
                html.Div(
                    [
                        field("Data set", choose),
                        dbc.Button("Ask about all recordings", id=Ids.go, color="primary"),
                    ],
                    id=Ids.form,
                    className="field-row",
                    hidden=True,
                ),
                dcc.Store(id=Ids.asked, data=0),
                html.Div(id=Ids.table, className="mt-3"),
            ],
        ),
        id=Ids.section,
    )


def batch_table(batches: Sequence[Values], total: int) -> list[Component]:
    """The newest batches, each with the way to its page."""
    if not batches:
        return [
            empty_state(
                "No data set was asked about yet",
                "Publish a model, choose a data set, and ask about all of its recordings.",
                icon_name="collection",
            )
        ]
    rows = [
        [
            page_link(f"no. {one['id']}", f"/deployments/batches/{one['id']}"),
            f"{one['model']}, version {one['version']}",
            page_link(version_name(one), f"/datasets/{one['dataset_id']}"),
            job_badge(one["status"]),
            found(one),
            one["owner_name"],
            moment(one["created_at"]),
        ]
        for one in batches
    ]
    heads = ["Batch", "Model", "Data set", "State", "Found", "By", "Asked"]
    parts: list[Component] = [table(heads, rows, label="Data sets that models were asked about")]
    if total > len(batches):
        parts.append(
            html.P(f"The newest {len(batches)} of {count(total)}.", className="figure-note")
        )
    return parts


def found(batch: Values) -> str:
    """What a batch came to, in a line."""
    summary = batch["summary"]
    if summary is None:
        return batch["error"] or f"{count(batch['recordings'])} recordings"
    named = [f"{count(n)} {name}" for name, n in summary["predicted"].items() if n]
    if summary["refused"]:
        named.append(f"{count(summary['refused'])} refused")
    return ", ".join(named)
