"""One data set: what is in it, its recordings, its versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_ag_grid as dag
import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts import dataset_exports
from layouts.components.frame import (
    alert,
    badge,
    empty_state,
    field,
    icon,
    link_button,
    page_head,
    section,
)
from layouts.components.links import path_to
from layouts.components.moments import duration, moment
from layouts.components.quantities import count, quantity
from layouts.components.tables import table
from layouts.page import Group, Page

BLOCK = 100
# What a warning is about, by its code.
PROBLEMS = {
    "missing_values": "values that are NaN or infinite",
    "constant": "a constant channel",
    "clipped": "a clipped channel",
    "identical_channels": "channels that are the same",
    "no_speed": "no speed",
    "implausible_rate": "a sampling rate to look at",
    "short": "few turns of the shaft",
    "note": "something to look at",
}

Values = Mapping[str, Any]


class Ids:
    """``stamp`` changes when a new version was made; ``view`` is what the address says."""

    view = "dataset-view"
    stamp = "dataset-stamp"
    head = "dataset-head"
    figures = "dataset-figures"
    content = "dataset-content"
    version = "dataset-version"
    search = "dataset-search"
    warned = "dataset-warned"
    grid = "dataset-grid"
    change = "dataset-change"
    label = "dataset-label"
    reason = "dataset-reason"
    relabel = "dataset-relabel"
    remove = "dataset-remove"
    told = "dataset-told"
    recordings = "dataset-recordings"
    versions = "dataset-versions"
    act = "dataset-act"
    asked = "dataset-asked"
    confirm = "dataset-confirm"


def build(dataset_id: str = "", version: str = "", **_view: Any) -> Component:
    view = {
        "dataset": int(dataset_id) if dataset_id.isdecimal() else None,
        "version": int(version) if version.isdecimal() else None,
    }
    return html.Div(
        [
            dcc.Store(id=Ids.view, data=view),
            dcc.Store(id=Ids.stamp, data=0),
            dcc.Store(id=Ids.asked),
            dcc.ConfirmDialog(id=Ids.confirm),
            html.Div(page_head("Dataset"), id=Ids.head),
            html.Div(id=Ids.figures),
            html.Div(id=Ids.content),
            html.Div(_recordings(), id=Ids.recordings),
            dataset_exports.section(),
            html.Div(id=Ids.versions),
        ],
        className="dataset-page",
    )


def head(dataset: Values, *, can_change: bool) -> Component:
    lead: list[Any] = [dataset["description"]] if dataset["description"] else []
    if dataset["origin"] == "generated":
        lead.append(badge("generated", "info", icon_name="cpu"))
    if dataset["archived_at"] is not None:
        lead.append(badge("archived", "secondary", icon_name="archive"))
    actions: list[Component] = []
    if can_change:
        actions += _actions(dataset)
    if dataset["version"] is not None:
        address = f"/signals?dataset={dataset['id']}"
        actions.append(
            link_button("Look at the signals", address, icon_name="soundwave", color="secondary")
        )
        actions.append(_export(dataset))
    if can_change and dataset["archived_at"] is None:
        address = f"/import?dataset={dataset['id']}"
        actions.append(link_button("Import", address, icon_name="box-arrow-in-down"))
    return page_head(dataset["name"], lead=lead or None, actions=actions)


def figures(dataset: Values, statistics: Values, version: int | None) -> Component:
    rates = ", ".join(quantity(rate, "Hz", 6) for rate in statistics["sample_rates_hz"][:4])
    cards = [
        ("Recordings", count(statistics["num_signals"]), f"by {dataset['owner_name']}"),
        ("Classes", str(len(statistics["classes"])), "labels in this version"),
        ("Length", duration(statistics["duration_s"]), "of signal"),
        ("Sampling rates", rates or "–", ", ".join(statistics["units"])),
        ("Version", str(version or "–"), f"of {len(dataset['versions'])}"),
    ]
    return html.Div(
        [
            html.Div(
                [
                    html.Span(title, className="figure-note"),
                    html.Span(value, className="figure-value"),
                    html.Span(note, className="figure-note"),
                ],
                className="section-card figure-card",
            )
            for title, value, note in cards
        ],
        className="card-grid",
    )


def content(statistics: Values) -> Component:
    """Counts by class and by group, and the warnings."""
    classes = section("Classes", _bars("Label", statistics["classes"]))
    groups: list[Component] = [
        html.Details(
            [
                html.Summary(f"{name.replace('_', ' ')}: {len(values)}"),
                _bars(name.replace("_", " "), values),
            ],
            open=name == "bearing",
        )
        for name, values in statistics["groups"].items()
    ]
    grouped = section(
        "Groups",
        [
            html.P(
                "Recordings of one group must not be on both sides of a split.",
                className="page-lead mb-2",
            ),
            *(groups or [html.P("Nothing is known that the recordings could be grouped by.")]),
        ],
    )
    parts: list[Component] = [html.Div([classes, grouped], className="two-columns")]
    if statistics["warnings"]:
        parts.insert(0, _warnings(statistics["warnings"], statistics["warning_messages"]))
    return html.Div(parts)


def nothing_yet(dataset: Values, *, can_change: bool) -> Component:
    address = f"/import?dataset={dataset['id']}"
    action = link_button("Import recordings", address, icon_name="box-arrow-in-down")
    return empty_state(
        "This data set is empty",
        "Import files; each import makes a version with all recordings that are good.",
        action if can_change else None,
    )


def not_there(number: object) -> Component:
    return empty_state(
        "There is no such data set",
        f"Data set {number} was deleted or never existed.",
        link_button("All data sets", "/datasets", icon_name="collection"),
    )


def versions(rows: Sequence[Values]) -> Component:
    cells = [
        [
            f"Version {row['number']}",
            row["reason"],
            count(row["recording_count"]),
            row["created_by"],
            moment(row["created_at"]),
            html.Code(row["content_hash"][:12], title=row["content_hash"]),
        ]
        for row in rows
    ]
    heads = ("Version", "Why", "Recordings", "By", "Made", "Content")
    return section("Versions", table(heads, cells, label="Versions", numbers={2}))


def version_options(rows: Sequence[Values]) -> list[dict[str, Any]]:
    return [{"label": f"Version {row['number']}", "value": row["number"]} for row in rows]


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
            "speed_rpm": None if one["speed_rpm"] is None else f"{one['speed_rpm']:g}",
            "sample_rate_hz": quantity(one["sample_rate_hz"], "Hz", 6),
            "duration_s": duration(one["duration_s"]),
            "channels": ", ".join(f"{c['name']} [{c['unit']}]" for c in one["channels"]),
            "warnings": " ".join(w["message"] for w in one["warnings"]),
        }
        for one in recordings
    ]


def _actions(dataset: Values) -> list[Component]:
    archived = dataset["archived_at"] is not None
    verbs = {
        "restore" if archived else "archive": "Restore" if archived else "Archive",
        "delete": "Delete",
    }
    return [
        dbc.Button(
            text,
            id={"type": Ids.act, "verb": verb},
            color="danger" if verb == "delete" else "secondary",
            outline=True,
        )
        for verb, text in verbs.items()
    ]


def _export(dataset: Values) -> Component:
    """A plain link: Dash would look for a page under it."""
    return html.A(
        [icon("download"), " CSV"],
        href=path_to(f"/api/v1/datasets/{dataset['id']}/recordings.csv"),
        className="btn btn-outline-secondary",
        title="The list of recordings as a table",
    )


def _bars(title: str, counts: Mapping[str, int]) -> Component:
    most = max(counts.values(), default=1)
    rows = [
        [
            name,
            count(number),
            html.Div(
                html.Div(style={"width": f"{100 * number / most:.1f}%"}), className="count-bar"
            ),
        ]
        for name, number in counts.items()
    ]
    return table((title, "Recordings", ""), rows, label=f"Recordings by {title}", numbers={1})


def _warnings(counts: Mapping[str, int], messages: Mapping[str, int]) -> Component:
    texts = [f"{PROBLEMS.get(code, code)} ({number})" for code, number in counts.items()]
    told = [
        html.Li(text if number == 1 else f"{text} ({number} recordings)")
        for text, number in messages.items()
    ]
    details = html.Details([html.Summary("What was found"), html.Ul(told)])
    return alert([html.Strong("Warnings: "), ", ".join(texts), ".", details], "warning")


def _recordings() -> Component:
    filters = html.Div(
        [
            field("Search", dbc.Input(id=Ids.search, type="search", debounce=300, maxlength=120)),
            field("Version", dbc.Select([], id=Ids.version)),
            dbc.Checkbox(id=Ids.warned, label="Only with warnings", value=False),
        ],
        className="field-row mb-3",
    )
    change = html.Div(
        [
            field("Label for the selected", dbc.Input(id=Ids.label, maxlength=120)),
            field("Why", dbc.Input(id=Ids.reason, maxlength=200)),
            dbc.Button("Relabel", id=Ids.relabel, color="secondary", disabled=True),
            dbc.Button(
                "Take out of the data set",
                id=Ids.remove,
                color="danger",
                outline=True,
                disabled=True,
            ),
            html.Span(id=Ids.told, className="job-told", role="status"),
        ],
        id=Ids.change,
        className="field-row mt-3",
    )
    return section("Recordings", [filters, _grid(), change])


def _grid() -> Component:
    columns: list[dict[str, Any]] = [
        {"field": "name", "headerName": "Name", "cellRenderer": "DatasetLink", "minWidth": 150},
        {"field": "label", "headerName": "Label"},
        {"field": "bearing", "headerName": "Bearing", "minWidth": 140},
        {"field": "machine", "headerName": "Machine", "minWidth": 110},
        {"field": "load", "headerName": "Load", "maxWidth": 100},
        {"field": "speed_rpm", "headerName": "Speed, rpm", "maxWidth": 100},
        {"field": "sample_rate_hz", "headerName": "Rate", "maxWidth": 100},
        {"field": "duration_s", "headerName": "Length", "maxWidth": 100},
        {"field": "channels", "headerName": "Channels", "minWidth": 110, "sortable": False},
        {
            "field": "warnings",
            "headerName": "Warnings",
            "cellRenderer": "RecordingWarnings",
            "minWidth": 130,
            "tooltipField": "warnings",
            "sortable": False,
        },
    ]
    return dag.AgGrid(
        id=Ids.grid,
        columnDefs=columns,
        rowModelType="infinite",
        getRowId="params.data.id",
        defaultColDef={
            "sortable": True,
            "resizable": True,
            "minWidth": 90,
            "flex": 1,
            "wrapHeaderText": True,
        },
        dashGridOptions={
            "cacheBlockSize": BLOCK,
            "theme": "themeQuartz",
            "rowSelection": {"mode": "multiRow", "headerCheckbox": False},
            "tooltipShowDelay": 300,
        },
        className="datasets-grid",
        style={"width": "100%", "height": "440px"},
        dangerously_allow_code=False,
    )


PAGE = Page(
    "dataset",
    "Dataset",
    "/datasets/<dataset_id>",
    build,
    Group.DATA,
    "collection",
    parent=("Datasets", "/datasets"),
    in_navigation=False,
)
