"""The versions of a data set, and what differs between two of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_ag_grid as dag
import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.components import frame
from layouts.components.frame import badge, field
from layouts.components.grids import GRID
from layouts.components.links import path_to
from layouts.components.moments import moment
from layouts.components.quantities import count
from layouts.components.tables import table

Values = Mapping[str, Any]

BLOCK = 100
UNLABELLED = "no label"
KINDS = {"relabelled": "relabelled", "added": "added", "removed": "removed"}
SIGNS = {"added": "plus-lg", "removed": "dash-lg", "relabelled": "tag"}
LEVELS = {"added": "success", "removed": "danger", "relabelled": "info"}


class Ids:
    """``listed`` says of which kind of change the recordings are listed."""

    list = "dataset-versions-list"
    older = "dataset-versions-older"
    newer = "dataset-versions-newer"
    compare = "dataset-versions-compare"
    diff = "dataset-versions-diff"
    kind = "dataset-versions-kind"
    changes = "dataset-versions-changes"
    grid = "dataset-versions-grid"
    restore = "dataset-versions-restore"
    asked = "dataset-versions-asked"
    confirm = "dataset-versions-confirm"


def section() -> Component:
    """All versions, and the comparison of two."""
    choices = html.Div(
        [
            field("From", dbc.Select([], id=Ids.older)),
            field("To", dbc.Select([], id=Ids.newer)),
        ],
        className="field-row mb-3",
    )
    kinds = field(
        "Recordings that were",
        dbc.Select([{"label": text, "value": kind} for kind, text in KINDS.items()], id=Ids.kind),
    )
    changes = html.Div(
        [html.Div(kinds, className="field-row mb-2 mt-3"), _grid()], id=Ids.changes, hidden=True
    )
    compared = frame.section("What changed", [choices, html.Div(id=Ids.diff), changes])
    return html.Div(
        [
            dcc.Store(id=Ids.asked),
            dcc.ConfirmDialog(id=Ids.confirm),
            html.Div(id=Ids.list),
            html.Div(compared, id=Ids.compare, hidden=True),
        ],
    )


def versions(rows: Sequence[Values], *, can_change: bool) -> Component:
    """Newest first, with what each changed, by whom, when and why."""
    cells = []
    for row in rows:
        newest = row is rows[0]
        restore = dbc.Button(
            "Restore",
            id={"type": Ids.restore, "version": row["number"]},
            size="sm",
            color="secondary",
            outline=True,
        )
        cells.append(
            [
                html.Span(f"Version {row['number']}", className="unbroken"),
                _changes(row["added_count"], row["removed_count"], row["relabelled_count"]),
                html.Span(row["reason"], className="version-reason"),
                count(row["recording_count"]),
                row["created_by"],
                moment(row["created_at"]),
                html.Code(row["content_hash"][:12], title=row["content_hash"]),
                restore if can_change and not newest else "",
            ]
        )
    heads = ("Version", "Changed", "Why", "Recordings", "By", "Made", "Content", "")
    return frame.section("Versions", table(heads, cells, label="Versions", numbers={3}))


def diff(found: Values) -> Component:
    """Counts, which labels became which, and who made the versions in between and why."""
    counts = _changes(found["added"], found["removed"], found["relabelled"])
    if not found["transitions"]:
        return html.P("The two versions have the same recordings and labels.")
    rows = [
        [
            _change_badge(one["kind"]),
            "" if one["kind"] == "added" else one["before"] or UNLABELLED,
            "" if one["kind"] == "removed" else one["after"] or UNLABELLED,
            count(one["count"]),
        ]
        for one in found["transitions"]
    ]
    steps = [
        html.Li(
            [
                html.Strong(f"Version {step['number']}"),
                f" by {step['created_by']}, ",
                moment(step["created_at"]),
                html.Div(step["reason"], className="version-reason"),
            ]
        )
        for step in found["steps"]
    ]
    heads = ("Change", "From", "To", "Recordings")
    return html.Div(
        [
            html.P(counts),
            html.Div(
                [
                    table(heads, rows, label="Changes by class", numbers={3}),
                    html.Div([html.H3("Who, when and why"), html.Ul(steps, className="steps")]),
                ],
                className="two-columns",
            ),
        ]
    )


def change_rows(changes: Sequence[Values], dataset_id: int) -> list[dict[str, Any]]:
    """Plain values for the grid of changed recordings."""
    return [
        {
            "id": f"{one['kind']}-{one['recording_id']}",
            "name": one["name"],
            "href": path_to("/signals", {"dataset": dataset_id, "recording": one["recording_id"]}),
            "before": "" if one["kind"] == "added" else one["before"] or UNLABELLED,
            "after": "" if one["kind"] == "removed" else one["after"] or UNLABELLED,
        }
        for one in changes
    ]


def _changes(added: int, removed: int, relabelled: int) -> Component | str:
    counts = {"added": added, "removed": removed, "relabelled": relabelled}
    shown: list[Any] = [
        badge(f"{count(number)} {kind}", LEVELS[kind], icon_name=SIGNS[kind])
        for kind, number in counts.items()
        if number
    ]
    return html.Span(shown, className="change-badges") if shown else "–"


def _change_badge(kind: str) -> Component:
    return badge(kind, LEVELS[kind], icon_name=SIGNS[kind])


def _grid() -> Component:
    columns = [
        {"field": "name", "headerName": "Recording", "cellRenderer": "DatasetLink"},
        {"field": "before", "headerName": "From"},
        {"field": "after", "headerName": "To"},
    ]
    return dag.AgGrid(
        id=Ids.grid,
        columnDefs=columns,
        rowModelType="infinite",
        getRowId="params.data.id",
        defaultColDef={"sortable": False, "resizable": True, "minWidth": 90, "flex": 1},
        dashGridOptions={**GRID, "cacheBlockSize": BLOCK},
        className="datasets-grid",
        style={"width": "100%", "height": "320px"},
        dangerously_allow_code=False,
    )
