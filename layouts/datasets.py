"""The data sets: a list, and the way to each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_ag_grid as dag
import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from layouts.components.frame import empty_state, field, link_button, page_head
from layouts.components.grids import GRID
from layouts.components.links import path_to
from layouts.components.moments import duration
from layouts.components.quantities import count
from layouts.page import Group, Page

PAGE_SIZE = 100
WARNED = "Recordings that have a quality warning"


class Ids:
    search = "datasets-search"
    archived = "datasets-archived"
    grid = "datasets-grid"
    place = "datasets-place"
    found = "datasets-found"
    empty = "datasets-empty"


def build(search: str = "", archived: str = "", **_view: Any) -> Component:
    """The query holds the search and whether archived ones are listed."""
    action = link_button("Import", "/import", icon_name="box-arrow-in-down")
    filters = html.Div(
        [
            field(
                "Search",
                dbc.Input(
                    id=Ids.search, type="search", debounce=300, maxlength=120, value=search or None
                ),
            ),
            dbc.Checkbox(id=Ids.archived, label="Archived ones", value=archived == "yes"),
            html.Span(id=Ids.found, className="job-told", role="status"),
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
            "archived": one["archived_at"] is not None,
            "description": one["description"],
            "version": one["version"],
            "recording_count": count(one["recording_count"]),
            "class_count": one["class_count"],
            "duration_s": duration(one["duration_s"]),
            "warning_count": count(one["warning_count"]),
            "owner": one["owner_name"],
            "changed_at": one["changed_at"].isoformat(),
            "created_at": one["created_at"].isoformat(),
        }
        for one in datasets
    ]


def _grid() -> Component:
    number = {"type": "numericColumn", "maxWidth": 130}
    moment = {"cellRenderer": "DatasetMoment", "minWidth": 170}
    columns: list[dict[str, Any]] = [
        {
            "field": "name",
            "headerName": "Name",
            "cellRenderer": "DatasetLink",
            "minWidth": 220,
            "flex": 2,
            "tooltipField": "description",
        },
        {"field": "version", "headerName": "Version", **number},
        {"field": "recording_count", "headerName": "Recordings", **number},
        {"field": "class_count", "headerName": "Classes", **number},
        {"field": "duration_s", "headerName": "Length", **number},
        {"field": "warning_count", "headerName": "Warnings", "headerTooltip": WARNED, **number},
        {"field": "owner", "headerName": "Owner"},
        {"field": "changed_at", "headerName": "Changed", **moment},
        {"field": "created_at", "headerName": "Made", **moment},
    ]
    return dag.AgGrid(
        id=Ids.grid,
        columnDefs=columns,
        rowModelType="infinite",
        getRowId="params.data.id",
        defaultColDef={"sortable": True, "resizable": True, "minWidth": 90, "flex": 1},
        dashGridOptions={
            **GRID,
            "cacheBlockSize": PAGE_SIZE,
            "tooltipShowDelay": 400,
            "localeText": {"noRowsToShow": "No data set matches."},
        },
        className="datasets-grid",
        style={"width": "100%", "height": "calc(100vh - 280px)", "minHeight": "320px"},
        dangerously_allow_code=False,
    )


PAGE = Page("datasets", "Datasets", "/datasets", build, Group.DATA, "collection")
