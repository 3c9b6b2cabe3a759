"""The audit log: what happened, who did it, and to what. For admins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_ag_grid as dag
import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.attributes import attributes
from layouts.components.frame import field, icon, page_head
from layouts.components.grids import GRID
from layouts.components.links import path_to
from layouts.page import ADMINS, Group, Page

BLOCK = 100
LONGEST_TEXT = 200
COLUMNS: tuple[dict[str, Any], ...] = (
    {"field": "at", "headerName": "Time", "cellRenderer": "AuditMoment", "minWidth": 175},
    {"field": "type", "headerName": "What", "minWidth": 250, "flex": 1},
    {"field": "actor", "headerName": "Who", "minWidth": 170, "flex": 1, "tooltipField": "actor"},
    {
        "field": "object",
        "headerName": "Object",
        "minWidth": 170,
        "flex": 1,
        "tooltipField": "object",
    },
    {
        "field": "details",
        "headerName": "Details",
        "minWidth": 220,
        "flex": 3,
        "tooltipField": "details",
    },
)


class Ids:
    """``shown`` is what the table was last asked for."""

    type = "audit-type"
    actor = "audit-actor"
    object = "audit-object"
    since = "audit-since"
    until = "audit-until"
    grid = "audit-grid"
    found = "audit-found"
    csv = "audit-csv"
    shown = "audit-shown"


def build(
    type: str = "",
    actor: str = "",
    object: str = "",
    since: str = "",
    until: str = "",
    **_view: Any,
) -> Component:
    """The address holds the filters; days are in the time zone of the profile."""
    csv = dbc.Button(
        [icon("download"), " CSV"],
        id=Ids.csv,
        href=path_to("/api/v1/events.csv"),
        external_link=True,
        color="secondary",
        outline=True,
    )
    return html.Div(
        [
            page_head(
                "Audit log",
                lead="What was changed, by whom, and when. Nobody can edit it here.",
                actions=[csv],
            ),
            dcc.Store(id=Ids.shown),
            _filters(type, actor, object, since, until),
            html.P(id=Ids.found, role="status", className="page-lead"),
            _grid(),
        ],
        className="audit-page",
    )


def type_options(types: Sequence[str]) -> list[dict[str, str]]:
    """Whole groups of types, and each of them."""
    groups = sorted({name.split(".")[0] for name in types if "." in name})
    return [{"label": f"{name}: all", "value": f"{name}."} for name in groups] + [
        {"label": name, "value": name} for name in types
    ]


def grid_rows(events: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Plain values for the grid."""
    return [
        {
            "id": str(event["id"]),
            "at": event["created_at"].isoformat(),
            "type": event["type"],
            "actor": _named(event["actor_name"], event["actor"]),
            "object": _named(event["object_name"], event["object"]),
            "details": "; ".join(f"{name}: {_plain(v)}" for name, v in event["payload"].items()),
        }
        for event in events
    ]


def _named(name: str | None, kept: str) -> str:
    return f"{name} ({kept})" if name else kept


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return "none" if value is None else str(value)


def _filters(kind: str, actor: str, thing: str, since: str, until: str) -> Component:
    # What the address names stays chosen, whether there is such an event or not.
    options = [{"label": kind, "value": kind}] if kind else []
    types = dcc.Dropdown(options, kind or None, id=Ids.type, placeholder="all")
    return html.Div(
        [
            field("What", types, class_name="audit-type"),
            field("Who", _text(Ids.actor, actor), hint="a name, or cli, worker"),
            field("Object", _text(Ids.object, thing), hint="such as user:3 or a name"),
            field("From", dbc.Input(id=Ids.since, type="date", value=since)),
            field("To", dbc.Input(id=Ids.until, type="date", value=until)),
        ],
        className="field-row audit-filters",
    )


def _text(component_id: str, value: str) -> Component:
    given = value[:LONGEST_TEXT]
    return dbc.Input(id=component_id, value=given, debounce=400, maxlength=LONGEST_TEXT)


def _grid() -> Component:
    grid = dag.AgGrid(
        id=Ids.grid,
        columnDefs=list(COLUMNS),
        rowModelType="infinite",
        getRowId="params.data.id",
        defaultColDef={"resizable": True, "sortable": False},
        dashGridOptions={
            **GRID,
            "cacheBlockSize": BLOCK,
            "tooltipShowDelay": 300,
            "localeText": {"noRowsToShow": "Nothing is found.", "noMatchingRows": "Nothing."},
            "suppressFieldDotNotation": True,
        },
        style={"width": "100%", "height": "calc(100vh - 380px)", "minHeight": "360px"},
        dangerously_allow_code=False,
    )
    return html.Div(grid, **attributes(aria_label="Events"), role="region")


PAGE = Page("audit", "Audit log", "/audit", build, Group.ADMIN, "journal-text", roles=ADMINS)
