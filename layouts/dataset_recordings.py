"""The recordings of a version: a list that is searched, filtered, and changed many at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import dash_ag_grid as dag
import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from diagnostics.importers.attribute_titles import title_of
from layouts.components import frame
from layouts.components.frame import field, icon
from layouts.components.grids import GRID
from layouts.components.links import path_to
from layouts.components.quantities import count
from layouts.components.tables import table

Values = Mapping[str, Any]

BLOCK = 100
ATTRIBUTE = "attribute."
UNLABELLED = "no label"
NO_MATCH = "No recording matches."
# Column, heading, whether it holds numbers, whether it is shown at first.
COLUMNS = (
    ("name", "Name", False, True),
    ("label", "Class", False, True),
    ("bearing", "Bearing", False, True),
    ("machine", "Machine", False, True),
    ("load", "Load", False, True),
    ("speed_rpm", "Speed, rpm", True, True),
    ("sample_rate_hz", "Rate, Hz", True, True),
    ("duration_s", "Length, s", True, True),
    ("channels", "Channels", False, True),
    ("warning", "Warnings", False, True),
    ("sample_count", "Samples", True, False),
    ("origin", "Origin", False, False),
    ("source_file", "File", False, False),
    ("importer", "Importer", False, False),
    ("speed_source", "Speed from", False, False),
)
NUMERIC = frozenset(name for name, _, numeric, _ in COLUMNS if numeric)
FILTERED = frozenset(name for name, *_ in COLUMNS) - {"channels"}
# How the grid calls comparisons, and how addresses and services do.
KINDS = {
    "contains": "contains",
    "equals": "equals",
    "startsWith": "starts",
    "greaterThanOrEqual": "least",
    "lessThanOrEqual": "most",
    "inRange": "between",
    "blank": "blank",
    "notBlank": "present",
}
ONLY_NUMBERS = ("least", "most", "between")
TEXT_KINDS = ["contains", "equals", "startsWith", "blank", "notBlank"]
NUMBER_KINDS = [
    "greaterThanOrEqual",
    "lessThanOrEqual",
    "inRange",
    "equals",
    "blank",
    "notBlank",
]


class Ids:
    """``shown`` is what the list was last asked for: search and filters, as the API writes them."""

    section = "dataset-recordings-section"
    search = "dataset-recordings-search"
    grid = "dataset-recordings-grid"
    shown = "dataset-recordings-shown"
    columns = "dataset-recordings-columns"
    clear = "dataset-recordings-clear"
    csv = "dataset-recordings-csv"
    found = "dataset-recordings-found"
    change = "dataset-recordings-change"
    every = "dataset-recordings-every"
    label = "dataset-recordings-label"
    known_labels = "dataset-recordings-known-labels"
    reason = "dataset-recordings-reason"
    relabel = "dataset-recordings-relabel"
    remove = "dataset-recordings-remove"
    told = "dataset-recordings-told"
    plan = "dataset-recordings-plan"
    plan_title = "dataset-recordings-plan-title"
    plan_text = "dataset-recordings-plan-text"
    planned = "dataset-recordings-planned"
    carry_out = "dataset-recordings-carry-out"
    put_off = "dataset-recordings-put-off"


def filter_model(query: Mapping[str, Any]) -> dict[str, Any]:
    """The filters of an address as the grid takes them; what is not understood is left out."""
    kinds = {ours: theirs for theirs, ours in KINDS.items()}
    model: dict[str, Any] = {}
    for column, text in query.items():
        known = column in FILTERED or column.startswith(ATTRIBUTE)
        kind, _, value = str(text).partition(":")
        if not known or kind not in kinds:
            continue
        made: dict[str, Any] = {"filterType": "text", "type": kinds[kind]}
        if column in NUMERIC or kind in ONLY_NUMBERS:
            low, _, high = value.partition(":")
            made = {"filterType": "number", "type": kinds[kind]}
            made |= {"filter": _number(low), "filterTo": _number(high)}
        else:
            made["filter"] = value
        model[column] = {key: part for key, part in made.items() if part not in (None, "")}
    return model


def conditions(model: Mapping[str, Any] | None) -> list[str]:
    """The filters of the grid as addresses and the API write them."""
    found = []
    for column, asked in (model or {}).items():
        kind = KINDS.get(str(asked.get("type")))
        if kind is None:
            continue
        value = str(asked.get("filter", ""))
        if kind == "between":
            value = f"{value}:{asked.get('filterTo', '')}"
        alone = kind in ("blank", "present")
        found.append(f"{column}:{kind}" if alone else f"{column}:{kind}:{value}")
    return found


def section(search: str) -> Component:
    """The list, what narrows it down, and what is done with those that are selected."""
    tools = html.Div(
        [
            field(
                "Search",
                dbc.Input(
                    id=Ids.search, type="search", debounce=300, maxlength=120, value=search or None
                ),
            ),
            _column_choice(),
            dbc.Button("Clear the filters", id=Ids.clear, color="secondary", outline=True),
            html.A(
                [icon("download"), " CSV"],
                id=Ids.csv,
                className="btn btn-outline-secondary",
                title="The list as it is filtered here, as a table",
            ),
            html.Span(id=Ids.found, className="job-told", role="status"),
        ],
        className="field-row mb-3",
    )
    parts = [
        dcc.Store(id=Ids.shown),
        dcc.Store(id=Ids.planned),
        tools,
        _grid(),
        _change(),
        _plan(),
    ]
    return html.Div(frame.section("Recordings", parts), id=Ids.section)


def fitting(model: Mapping[str, Any], numeric: Collection[str]) -> dict[str, Any]:
    """The filters of an address with numbers where a column compares numbers."""
    fitted = dict(model)
    for name in numeric:
        asked = fitted.get(ATTRIBUTE + name)
        if asked is None or asked["filterType"] == "number":
            continue
        if "filter" in asked:
            asked = {**asked, "filter": _number(asked["filter"])}
        fitted[ATTRIBUTE + name] = {**asked, "filterType": "number"}
    return fitted


def column_definitions(
    extra: Sequence[str] = (), numeric: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Columns of the list; ``extra`` are attributes, hidden until they are chosen, and
    ``numeric`` those of them that hold numbers."""
    columns: list[dict[str, Any]] = []
    for name, title, is_numeric, is_shown in COLUMNS:
        columns.append({**_column(name, title, numeric=is_numeric), "hide": not is_shown})
    columns[0] |= {"cellRenderer": "RecordingLink", "minWidth": 170, "lockVisible": True}
    for column in columns:
        if column["colId"] == "warning":
            column |= {"cellRenderer": "RecordingWarnings"}
    for name in extra:
        column = _column(ATTRIBUTE + name, title_of(name), numeric=name in numeric)
        columns.append({**column, "hide": True})
    return columns


def column_options(extra: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Columns to choose from; the name is always there."""
    own = [{"label": title, "value": name} for name, title, *_ in COLUMNS[1:]]
    return own + [{"label": title_of(n), "value": ATTRIBUTE + n} for n in extra]


def grid_rows(recordings: Sequence[Values]) -> list[dict[str, Any]]:
    """Plain values for the grid."""
    return [
        {
            "id": str(one["id"]),
            "name": one["name"],
            "href": path_to("/signals", {"dataset": one["dataset_id"], "recording": one["id"]}),
            "label": one["label"] or "",
            "bearing": one["bearing"] or "",
            "machine": one["machine"] or "",
            "load": one["load"] or "",
            "speed_rpm": None if one["speed_rpm"] is None else f"{one['speed_rpm']:.6g}",
            "sample_rate_hz": f"{one['sample_rate_hz']:.10g}",
            "duration_s": f"{one['duration_s']:.4g}",
            "channels": ", ".join(f"{c['name']} [{c['unit']}]" for c in one["channels"]),
            "warning": " ".join(w["message"] for w in one["warnings"]),
            "sample_count": count(one["sample_count"]),
            "origin": one["origin"],
            "generated": one["origin"] == "generated",
            "source_file": one["source_file"],
            "importer": one["importer"],
            "speed_source": one["speed_source"],
            **{ATTRIBUTE + name: _plain(value) for name, value in one["attributes"].items()},
        }
        for one in recordings
    ]


def relabel_plan(found: Values) -> list[Any]:
    """What relabelling would change, before it is done."""
    after = found["after"] or UNLABELLED
    rows = [
        [label or UNLABELLED, icon("arrow-right", title="becomes"), after, count(number)]
        for label, number in found["before"].items()
    ]
    parts: list[Any] = [
        table(("From", "", "To", "Recordings"), rows, label="Changes", numbers={3})
        if rows
        else html.P("Nothing would change.")
    ]
    if found["unchanged"]:
        have = "has" if found["unchanged"] == 1 else "have"
        parts.append(html.P(f"{count(found['unchanged'])} {have} this label already."))
    parts.append(
        html.P(f"Version {found['version'] + 1} will be made; version {found['version']} stays.")
    )
    return parts


def _column_choice() -> Component:
    shown = [name for name, _, _, is_shown in COLUMNS if is_shown]
    # Not that of Dash's own components: it calls itself a list box, and takes no name for it.
    choice = dbc.Checklist(column_options(), shown, id=Ids.columns, class_name="column-choice")
    summary = html.Summary(
        [icon("layout-three-columns"), " Columns"], className="btn btn-outline-secondary"
    )
    named: Any = {"role": "group", "aria-label": "Columns"}
    panel = html.Div(choice, className="shell-panel column-panel", **named)
    return html.Details([summary, panel], className="shell-dropdown")


def _column(name: str, title: str, *, numeric: bool) -> dict[str, Any]:
    column: dict[str, Any] = {"colId": name, "field": name, "headerName": title}
    if name in ("label", "bearing", "machine"):
        column["minWidth"] = 120
    if not numeric:
        column["tooltipField"] = name  # what is longer than its column
    if numeric:
        column |= {"type": "numericColumn", "minWidth": 100, "maxWidth": 130}
    if name == "channels":
        return column | {"filter": False}
    kinds = NUMBER_KINDS if numeric else TEXT_KINDS
    return column | {
        "filter": "agNumberColumnFilter" if numeric else "agTextColumnFilter",
        "filterParams": {
            "filterOptions": kinds,
            "maxNumConditions": 1,
            "buttons": ["reset"],
            "debounceMs": 400,
        },
    }


def _grid() -> Component:
    return dag.AgGrid(
        id=Ids.grid,
        columnDefs=column_definitions(),
        rowModelType="infinite",
        getRowId="params.data.id",
        defaultColDef={
            "sortable": True,
            "resizable": True,
            "floatingFilter": True,
            "minWidth": 90,
            "flex": 1,
            "wrapHeaderText": True,
            "autoHeaderHeight": True,
        },
        dashGridOptions={
            **GRID,
            "cacheBlockSize": BLOCK,
            "rowSelection": {"mode": "multiRow", "headerCheckbox": False},
            "tooltipShowDelay": 300,
            "localeText": {"noRowsToShow": NO_MATCH, "noMatchingRows": NO_MATCH},
            "suppressFieldDotNotation": True,
        },
        className="datasets-grid",
        style={"width": "100%", "height": "480px"},
        dangerously_allow_code=False,
    )


def _change() -> Component:
    """What can be done with the selected ones; only shown to who may."""
    return html.Div(
        [
            dbc.Checkbox(id=Ids.every, label="All that match", value=False),
            field(
                "New class",
                dbc.Input(
                    id=Ids.label,
                    maxlength=120,
                    list=Ids.known_labels,
                    autoComplete="off",
                    placeholder="empty: no label",
                ),
            ),
            html.Datalist(id=Ids.known_labels),
            field("Why", dbc.Input(id=Ids.reason, maxlength=500)),
            dbc.Button("Relabel …", id=Ids.relabel, color="secondary", disabled=True),
            dbc.Button(
                "Take out of the data set …",
                id=Ids.remove,
                color="danger",
                outline=True,
                disabled=True,
            ),
            html.Span(id=Ids.told, className="job-told", role="status"),
        ],
        id=Ids.change,
        className="field-row change-row mt-3",
        hidden=True,
    )


def _plan() -> Component:
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle(id=Ids.plan_title)),
            dbc.ModalBody(id=Ids.plan_text),
            dbc.ModalFooter(
                [
                    dbc.Button("Change nothing", id=Ids.put_off, color="secondary", outline=True),
                    dbc.Button("Make the version", id=Ids.carry_out),
                ]
            ),
        ],
        id=Ids.plan,
        is_open=False,
    )


def _plain(value: Any) -> str:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value:.10g}" if number else str(value)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
