"""The data sets: a list, and the way to each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_ag_grid as dag
import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from layouts.components.frame import empty_state, field, link_button, page_head
from layouts.components.links import path_to
from layouts.components.moments import duration
from layouts.page import Group, Page

PAGE_SIZE = 100


class Ids:
    search = "datasets-search"
    archived = "datasets-archived"
    grid = "datasets-grid"
    place = "datasets-place"
    empty = "datasets-empty"


def build(**_view: Any) -> Component:
    action = link_button("Import", "/import", icon_name="box-arrow-in-down")
    filters = html.Div(
        [
            field("Search", dbc.Input(id=Ids.search, type="search", debounce=300, maxlength=120)),
            dbc.Checkbox(id=Ids.archived, label="Archived ones", value=False),
        ],
        className="field-row mb-3",
    )
    return html.Div(
        [
            page_head(
                "Datasets",
                lead="Recordings that belong together. Every change makes a new version, so that "
                "an experiment can always be read with the data it was made on.",
                actions=[action],
            ),
            html.Div(id=Ids.empty),
            html.Div([filters, _grid()], id=Ids.place),
        ]
    )


def nothing_yet(*, may_add: bool) -> Component:
    action = link_button("Import recordings", "/import", icon_name="box-arrow-in-down")
    return empty_state(
        "No data sets yet",
        "A data set holds recordings of machines with what they show. Import files to make one.",
        action if may_add else None,
        icon_name="collection",
    )


def grid_rows(datasets: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Plain values for the grid."""
    return [
        {
            "id": str(one["id"]),
            "name": one["name"],
            "href": path_to(f"/datasets/{one['id']}"),
            "generated": one["origin"] == "generated",
            "version": one["version"],
            "recordings": one["recording_count"],
            "classes": one["class_count"],
            "length": duration(one["duration_s"]),
            "warnings": one["warning_count"],
            "owner": one["owner_name"],
            "created_at": one["created_at"].isoformat(),
        }
        for one in datasets
    ]


def _grid() -> Component:
    number = {"type": "numericColumn", "maxWidth": 130}
    columns: list[dict[str, Any]] = [
        {"field": "name", "headerName": "Name", "cellRenderer": "DatasetLink", "minWidth": 220},
        {"field": "version", "headerName": "Version", **number},
        {"field": "recordings", "headerName": "Recordings", **number},
        {"field": "classes", "headerName": "Classes", **number},
        {"field": "length", "headerName": "Length"},
        {"field": "warnings", "headerName": "With warnings", **number},
        {"field": "owner", "headerName": "Owner"},
        {
            "field": "created_at",
            "headerName": "Made",
            "cellRenderer": "DatasetMoment",
            "minWidth": 180,
        },
    ]
    return dag.AgGrid(
        id=Ids.grid,
        columnDefs=columns,
        rowModelType="infinite",
        getRowId="params.data.id",
        defaultColDef={"sortable": False, "resizable": True, "minWidth": 90, "flex": 1},
        dashGridOptions={
            "cacheBlockSize": PAGE_SIZE,
            "theme": "themeQuartz",
            "suppressCellFocus": False,
        },
        className="datasets-grid",
        style={"width": "100%", "height": "calc(100vh - 280px)", "minHeight": "320px"},
        dangerously_allow_code=False,
    )


PAGE = Page("datasets", "Datasets", "/datasets", build, Group.DATA, "collection")
