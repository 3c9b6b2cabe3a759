"""Sources: those that there are, and a form that makes another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from diagnostics.tables.kinds import SUFFIXES
from layouts.components.detection_state import state_badge
from layouts.components.frame import empty_state, field, icon, page_head, section
from layouts.components.links import number_of, page_link
from layouts.components.moments import moment
from layouts.components.quantities import count
from layouts.components.tables import table
from layouts.page import Group, Page

Values = Mapping[str, Any]

LEAD = (
    "Rows that can be searched for anomalies: tables of process values, feature sets, and "
    "recordings through the features of their windows."
)
KINDS = {
    "table": "Table from a file",
    "feature_set": "Feature set",
    "dataset": "Data set, by windows",
    "recording": "Recording, by windows",
    "database_view": "Table or view of a database",
}


class Ids:
    """``upload`` is written by ``assets/sources.js``: the file that has arrived whole; ``asked``
    is the number of what the address names."""

    place = "sources-place"
    asked = "sources-asked"
    text = "sources-text"
    form = "sources-form"
    kind = "sources-kind"
    choose = "sources-choose"
    told = "sources-told"
    upload = "sources-upload"
    of_table = "sources-of-table"
    of_other = "sources-of-other"
    of_windows = "sources-of-windows"
    object = "sources-object"
    of_recording = "sources-of-recording"
    recording = "sources-recording"
    window = "sources-window"
    of_view = "sources-of-view"
    database = "sources-database"
    view = "sources-view"
    order = "sources-order"
    name = "sources-name"
    codes = "sources-codes"
    make = "sources-make"
    changed = "sources-changed"


def build(kind: str = "", object: str = "", **_view: Any) -> Component:
    """The address may name what a source is to be made from: its kind and its number."""
    kind = kind if kind in KINDS else "table"
    search = dbc.Input(id=Ids.text, type="search", debounce=300, maxlength=255, value="")
    return html.Div(
        [
            page_head("Sources", lead=LEAD),
            dcc.Store(id=Ids.changed, data=0),
            dcc.Store(id=Ids.upload),
            dcc.Store(id=Ids.asked, data=number_of(object)),
            html.Div(section("New source", _form(kind)), id=Ids.form, hidden=True),
            html.Div(field("Name contains", search), className="sources-search"),
            html.Div(id=Ids.place),
        ],
        className="features-page sources-page",
    )


def source_table(
    sources: Sequence[Values], total: int, *, may_add: bool, is_narrowed: bool
) -> Component:
    """All sources, newest first, or what to do while there is none."""
    if not sources:
        if is_narrowed:
            return empty_state("No source has such a name", "Search for another part of it.")
        told = (
            "Choose a file above, or take a feature set, a data set or a recording."
            if may_add
            else "An analyst can make one."
        )
        return empty_state("No sources yet", told, icon_name="table")
    rows = [
        [
            page_link(one["name"], f"/sources/{one['id']}"),
            KINDS[one["kind"]],
            state_badge(one["status"]),
            count(one["row_count"]) if one["row_count"] is not None else "–",
            count(one["column_count"]) if one["column_count"] is not None else "–",
            str(one["version"] or "–"),
            one["owner_name"],
            moment(one["created_at"]),
        ]
        for one in sources
    ]
    heads = ("Name", "Kind", "State", "Rows", "Columns", "Version", "By", "Made")
    shown: list[Component] = [table(heads, rows, label="Sources", numbers={3, 4, 5})]
    if total > len(sources):
        told = f"The newest {count(len(sources))} of {count(total)}. Search to find others."
        shown.append(html.P(told, className="figure-note"))
    return section("Sources", shown)


def _form(kind: str) -> Component:
    kinds = [{"label": title, "value": name} for name, title in KINDS.items()]
    named = dbc.Input(id=Ids.name, maxlength=255, autocomplete="off")
    codes = dbc.Input(id=Ids.codes, maxlength=400, autocomplete="off", placeholder="-200, ?")
    fields = html.Div(
        [
            field("Made from", dbc.Select(kinds, kind, id=Ids.kind)),
            *_what(),
            field("Name", named, hint="Without one it is called by what it is made from."),
            field(
                "Missing values are written as",
                codes,
                hint="Beside empty cells, NaN, NA and ?. With commas between them.",
            ),
        ],
        className="features-fields",
    )
    make = dbc.Button(
        [icon("plus-lg"), " Make source"], id=Ids.make, color="primary", class_name="mt-3"
    )
    return html.Div([fields, make])


def _what() -> list[Component]:
    """A file, or what there is already; the kind says which of them are shown."""
    choose = dbc.Button(
        [icon("upload"), " Choose a file"], id=Ids.choose, color="secondary", outline=True
    )
    told = html.Div(
        f"{', '.join(SUFFIXES)}; text may be packed with gzip.",
        id=Ids.told,
        className="form-text",
        role="status",
    )
    window = dbc.Input(id=Ids.window, type="number", value=4096, min=256, step=1)
    file = [html.Span("File", className="form-label"), html.Div(choose), told]
    wide: dict[str, Any] = {"className": "features-wide", "hidden": True}
    return [
        html.Div(file, id=Ids.of_table, className="field features-wide"),
        html.Div(field("Which", dbc.Select([], id=Ids.object)), id=Ids.of_other, **wide),
        html.Div(field("Recording", dbc.Select([], id=Ids.recording)), id=Ids.of_recording, **wide),
        html.Div(field("Window [samples]", window), id=Ids.of_windows, hidden=True),
        html.Div(_of_database(), id=Ids.of_view, **wide),
    ]


def _of_database() -> list[Component]:
    return [
        field(
            "Database",
            dbc.Select([], id=Ids.database),
            hint="Those that an admin names in the setting SOURCE_DATABASES.",
        ),
        field("Table or view", dbc.Select([], id=Ids.view)),
        field(
            "In the order of",
            dbc.Select([], id=Ids.order),
            hint="Rows are read as they are now, and kept; “Read again” makes the next version.",
        ),
    ]


PAGE = Page("sources", "Sources", "/sources", build, Group.DATA, "table")
