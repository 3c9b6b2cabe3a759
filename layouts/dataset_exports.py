"""The part of the page of a data set that makes files of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.components import frame
from layouts.components.attributes import attributes
from layouts.components.frame import field, icon
from layouts.components.job_state import job_progress
from layouts.components.links import path_to
from layouts.components.moments import moment
from layouts.components.quantities import file_size
from layouts.components.tables import table

Values = Mapping[str, Any]

LEAD = (
    "A version as one file, to be read by other programs or imported again: samples, labels, "
    "units and whatever is known about the recordings."
)


class Ids:
    """``changed`` counts what was started or deleted here; ``shown`` is what the list shows."""

    form = "dataset-exports-form"
    version = "dataset-exports-version"
    format = "dataset-exports-format"
    size = "dataset-exports-size"
    start = "dataset-exports-start"
    changed = "dataset-exports-changed"
    shown = "dataset-exports-shown"
    progress = "dataset-exports-progress"
    files = "dataset-exports-files"
    delete = "dataset-exports-delete"
    asked = "dataset-exports-asked"
    confirm = "dataset-exports-confirm"


def section() -> Component:
    """What stands on the page; the rest comes when it is known which data set it is."""
    form = html.Div(
        [
            field("Version", dbc.Select([], id=Ids.version)),
            field("Format", dbc.Select([], id=Ids.format)),
            dbc.Button(
                [icon("file-earmark-arrow-down"), " Export"],
                id=Ids.start,
                color="secondary",
                disabled=True,
            ),
            html.Span(id=Ids.size, className="job-told", role="status"),
        ],
        id=Ids.form,
        className="field-row mb-3",
        hidden=True,
    )
    return frame.section(
        "Exports",
        [
            html.P(LEAD, className="page-lead mb-2"),
            dcc.Store(id=Ids.changed, data=0),
            dcc.Store(id=Ids.shown),
            dcc.Store(id=Ids.asked),
            dcc.ConfirmDialog(id=Ids.confirm),
            form,
            html.Div(id=Ids.progress),
            html.Div(id=Ids.files),
        ],
    )


def format_options(formats: Sequence[Values]) -> list[dict[str, str]]:
    return [{"label": one["title"], "value": one["name"]} for one in formats]


def estimate(size: int) -> str:
    return f"About {file_size(size)}"


def progress(jobs: Sequence[Values]) -> Component:
    """Of the exports that run or wait, and what became of one that failed."""
    return html.Div([job_progress(job) for job in jobs], className="mb-3")


def files(exports: Sequence[Values], deletable: Sequence[int]) -> Component:
    """The finished files; ``deletable`` are the exports that may be deleted by who looks."""
    if not exports:
        return html.P("No version has been exported yet.", className="page-lead")
    heads = ("File", "Version", "Format", "Size", "By", "Made", "Kept until", "")
    rows = [
        [
            _download(one),
            f"Version {one['version']}",
            one["title"],
            file_size(one["size"]),
            one["owner_name"],
            moment(one["created_at"]),
            moment(one["kept_until"]),
            _delete(one) if one["id"] in deletable else "",
        ]
        for one in exports
    ]
    return table(heads, rows, label="Exports", numbers={3})


def _download(export: Values) -> Component:
    """A plain link: Dash would look for a page under it."""
    return html.A(
        [icon("download"), " ", export["file_name"]],
        href=path_to(f"/api/v1/exports/{export['id']}/download"),
        title=f"Download {export['file_name']}",
        download=export["file_name"],
    )


def _delete(export: Values) -> Component:
    name = f"Delete {export['file_name']}"
    # Not dbc.Button: it takes no label of its own.
    return html.Button(
        icon("trash"),
        id={"type": Ids.delete, "export": export["id"]},
        className="btn btn-outline-danger btn-sm",
        type="button",
        title=name,
        **attributes(aria_label=name),
    )
