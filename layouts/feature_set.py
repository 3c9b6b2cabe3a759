"""One feature set: its windows, how classes differ in them, and what methods see."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import dash_ag_grid as dag
import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts import feature_set_panels as panels
from layouts.components.channels import channel_title
from layouts.components.disclosure import disclosure
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
from layouts.components.grids import GRID
from layouts.components.links import number_of, page_link, path_to
from layouts.components.moments import moment
from layouts.components.quantities import count, plural
from layouts.components.tables import table
from layouts.features import TITLES
from layouts.figures.features import NO_LABEL
from layouts.figures.signals import empty
from layouts.figures.template import graph_config
from layouts.page import Group, Page

Values = Mapping[str, Any]

BLOCK = 100
# What stands for all classes: an empty value of a select shows nothing.
ALL = "*"
FORMATS = {"csv": "CSV", "parquet": "Parquet", "hdf5": "HDF5"}


class Ids:
    """``set`` is the number in the address; ``known`` what the page needs of the set."""

    set = "feature-set-id"
    known = "feature-set-known"
    head = "feature-set-head"
    about = "feature-set-about"
    body = "feature-set-body"
    label = "feature-set-label"
    grid = "feature-set-grid"
    found = "feature-set-found"
    feature = "feature-set-feature"
    distribution = "feature-set-distribution"
    meaning = "feature-set-meaning"
    delete = "feature-set-delete"
    confirm = "feature-set-confirm"


def build(feature_set_id: str = "", **_view: Any) -> Component:
    body = [
        section("Windows", _windows()),
        section("Distribution by class", _distribution()),
        panels.place(),
    ]
    return html.Div(
        [
            dcc.Store(id=Ids.set, data=number_of(feature_set_id)),
            dcc.Store(id=Ids.known),
            dcc.ConfirmDialog(id=Ids.confirm),
            html.Div(page_head("Feature set"), id=Ids.head),
            html.Div(id=Ids.about),
            html.Div(body, id=Ids.body, hidden=True, className="features-body"),
        ],
        className="features-page",
    )


def not_there(number: object) -> Component:
    return empty_state(
        "There is no such feature set",
        f"Feature set {'?' if number is None else number} does not exist. It may be deleted.",
        link_button("All feature sets", "/features", icon_name="table"),
        icon_name="table",
    )


def head(made: Values, *, may_delete: bool, may_train: bool) -> Component:
    lead = [
        f"{count(made['row_count'])} windows, {count(made['feature_count'])} features of ",
        page_link(
            f"{made['dataset_name']}, version {made['dataset_version']}",
            f"/datasets/{made['dataset_id']}",
            {"version": made["dataset_version"]},
        ),
        f". Made by {made['owner_name']}, ",
        moment(made["created_at"]),
        ".",
    ]
    actions: list[Component] = [_download(made, name, title) for name, title in FORMATS.items()]
    if may_train:
        train = dbc.Button(
            [icon("mortarboard"), " Train a classifier on this"],
            href=path_to("/new-experiment", {"features": made["id"]}),
            color="primary",
        )
        judge = dbc.Button(
            [icon("search"), " Find anomalies in this"],
            href=path_to("/sources", {"kind": "feature_set", "object": made["id"]}),
            color="secondary",
        )
        actions[:0] = [train, judge]
    delete = dbc.Button(
        [icon("trash"), " Delete"],
        id=Ids.delete,
        color="danger",
        outline=True,
        style=None if may_delete else {"display": "none"},
    )
    title = f"{made['name']}, version {made['number']}"
    return page_head(title, lead=lead, actions=[*actions, delete])


def about(made: Values) -> list[Component]:
    """How the set was made, and what is not in it."""
    config, summary = made["config"], made["summary"]
    classes = ", ".join(
        f"{label or NO_LABEL} {count(number)}" for label, number in summary["labels"].items()
    )
    rows = [
        ("Domains", ", ".join(TITLES.get(name, name) for name in made["domains"])),
        ("Windows by class", classes),
        ("Kept together", f"{config.get('group_by', '–')}: {count(summary['groups'])} groups"),
        ("Recordings", count(summary["recordings"])),
        ("Learned from by", _uses(made)),
    ]
    if "window" in config:
        overlap = f", {100 * config['overlap']:.0f} % overlap" if config["overlap"] else ""
        rows.insert(1, ("Window", f"{count(config['window'])} samples{overlap}"))
        rows.insert(2, ("Channel", channel_of(made)))
    notes = [alert(text, "info") for text in summary["notes"]]
    if made["parent_id"] is not None:
        of = page_link("the set they were chosen from", f"/features/{made['parent_id']}")
        notes.append(html.P(["Selected columns; see ", of, "."]))
    if summary["unknown"]:
        missing = [[name, why] for name, why in summary["unknown"].items()]
        listed = table(("Feature", "Why"), missing, label="Features without numbers")
        told = f"{count(len(missing))} features have no number in any window"
        notes.append(disclosure(told, listed))
    return [section("How it was made", [definition_list(rows), *notes])]


def _uses(made: Values) -> Any:
    """The experiments that learned from the set, as a search."""
    number = made["experiment_count"]
    if not number:
        return "no experiment yet"
    told = plural(number, "experiment")
    name = re.sub(r'(["\\])', r"\\\1", made["name"])
    return page_link(told, "/experiments", {"query": f'features:"{name}"'})


def channel_of(made: Values) -> str:
    """What the recordings call the channel, which need not be the same in each."""
    place, names = made["config"]["channel"], made["channels"]
    return channel_title(place, names) if names else str(place)


def label_options(labels: Mapping[str, int]) -> list[dict[str, str]]:
    every = {"label": "all", "value": ALL}
    return [every] + [{"label": one or NO_LABEL, "value": one or "-"} for one in labels]


def feature_options(features: Sequence[Values]) -> list[dict[str, str]]:
    return [{"label": one["title"], "value": one["name"]} for one in features]


def column_definitions(features: Sequence[Values]) -> list[dict[str, Any]]:
    """Where a window lies, then its numbers."""
    first = {"colId": "recording_id", "field": "recording", "headerName": "Recording"}
    columns: list[dict[str, Any]] = [
        {**first, "cellRenderer": "RecordingLink", "width": 170, "pinned": "left"},
        {"colId": "start_s", "field": "start_s", "headerName": "From [s]", **_NUMBER},
        {"colId": "label", "field": "label", "headerName": "Class", "width": 130},
        {"colId": "group", "field": "group", "headerName": "Group", "width": 150},
    ]
    for place, one in enumerate(features):
        unit = f" [{one['unit']}]" if one["unit"] else ""
        columns.append(
            {
                "colId": one["name"],
                "field": f"f{place}",
                "headerName": f"{one['title']}{unit}",
                "headerTooltip": one["about"] or one["name"],
                **_NUMBER,
            }
        )
    return columns


def grid_rows(rows: Sequence[Values], dataset_id: int, channel: int) -> list[dict[str, Any]]:
    """Plain values for the grid; each row leads to its window on the signals page."""
    return [
        {
            "id": str(one["row"]),
            "recording": one["recording"] or "–",
            "href": signal_address(dataset_id, channel, one),
            "start_s": _number(one["start_s"]),
            "label": one["label"] or NO_LABEL,
            "group": one["group"],
            **{f"f{place}": _number(value) for place, value in enumerate(one["values"])},
        }
        for one in rows
    ]


def signal_address(dataset_id: int, channel: int, row: Values) -> str:
    query = {
        "dataset": dataset_id,
        "recording": row["recording_id"],
        "channel": channel,
        "start": row["start_s"],
        "stop": row["stop_s"],
    }
    return path_to("/signals", query)


def meaning(view: Values, known: Values) -> list[Any]:
    """What the chosen feature is, how many numbers of it are missing, and where it is followed."""
    one = view["feature"]
    told: list[Any] = [html.P([html.Strong(one["title"]), " ", html.Code(one["name"])])]
    told += [html.P(text) for text in (one["about"], one["meaning"], one["pitfall"]) if text]
    missing = {label or NO_LABEL: n for label, n in view["unknown"].items() if n}
    if missing:
        parts = ", ".join(f"{label} {count(n)}" for label, n in missing.items())
        told.append(html.P(f"Not known in some windows: {parts}."))
    if known["recording"] is not None:
        query = {
            "dataset": known["dataset"],
            "recording": known["recording"],
            "channel": known["channel"],
            "over": "trend",
            "quantity": "feature",
            "features": known["id"],
            "feature": one["name"],
        }
        told.append(html.P(page_link("Follow it over the recordings", "/signals", query)))
    return told


_NUMBER = {"type": "numericColumn", "width": 125}


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _download(made: Values, name: str, title: str) -> Component:
    """A plain link: Dash would look for a page under it."""
    return html.A(
        [icon("download"), f" {title}"],
        href=path_to(f"/api/v1/feature-sets/{made['id']}/download", {"format": name}),
        className="btn btn-outline-secondary",
        title=f"All windows as {title}",
        download="",
    )


def _windows() -> list[Component]:
    choice = html.Div(
        [
            field("Class", dbc.Select([], ALL, id=Ids.label)),
            html.Span(id=Ids.found, className="job-told", role="status"),
        ],
        className="field-row mb-3",
    )
    grid = dag.AgGrid(
        id=Ids.grid,
        columnDefs=[],
        rowModelType="infinite",
        getRowId="params.data.id",
        defaultColDef={
            "sortable": True,
            "resizable": True,
            "minWidth": 90,
            "wrapHeaderText": True,
            "autoHeaderHeight": True,
        },
        dashGridOptions={
            **GRID,
            "cacheBlockSize": BLOCK,
            "tooltipShowDelay": 300,
            "suppressFieldDotNotation": True,
            "localeText": {"noRowsToShow": "No windows."},
        },
        className="datasets-grid",
        style={"width": "100%", "height": "420px"},
        dangerously_allow_code=False,
    )
    return [choice, grid]


def _distribution() -> list[Component]:
    graph = dcc.Graph(
        id=Ids.distribution,
        figure=empty(""),
        config=graph_config("distribution"),
        style={"height": "320px"},
    )
    side = html.Div(id=Ids.meaning, className="features-meaning")
    return [
        html.Div(field("Feature", dbc.Select([], id=Ids.feature)), className="features-choice"),
        html.Div([graph, side], className="two-columns"),
    ]


PAGE = Page(
    "feature_set",
    "Feature set",
    "/features/<feature_set_id>",
    build,
    Group.DATA,
    "table",
    parent=("Features", "/features"),
    in_navigation=False,
)
