"""Experiments: all that were made, how far they are and what their test said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_ag_grid as dag
import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from diagnostics.training.classifiers import CLASSIFIERS
from layouts.components.experiment_state import EXPERIMENT_STATES
from layouts.components.frame import empty_state, field, icon, link_button, page_head
from layouts.components.links import path_to
from layouts.page import Group, Page

# The browser sorts and filters these; older experiments are counted below the table.
SHOWN = 1000
CLASSIFIER_TITLES = {card.name: card.title for card in CLASSIFIERS}


class Ids:
    grid = "experiments-grid"
    words = "experiments-words"
    known = "experiments-known"
    place = "experiments-place"
    empty = "experiments-empty"
    note = "experiments-note"
    compare = "experiments-compare"
    compare_place = "experiments-compare-place"


def build(**_view: Any) -> Component:
    new = link_button("New experiment", "/new-experiment", icon_name="plus-lg")
    return html.Div(
        [
            page_head(
                "Experiments",
                lead="One classifier each, trained on a version of a data set and tested once on"
                " groups that were held out.",
                actions=[new],
            ),
            dcc.Store(id=Ids.known),
            html.Div(id=Ids.empty),
            html.Div(
                [_filter(), _grid(), html.P(id=Ids.note, className="figure-note")], id=Ids.place
            ),
        ]
    )


def nothing_yet(*, may_add: bool) -> Component:
    action = link_button("New experiment", "/new-experiment", icon_name="plus-lg")
    return empty_state(
        "No experiments yet",
        "Train a classifier on a data set and see what it is worth on bearings, machines or"
        " loads that it has never met.",
        action if may_add else None,
        icon_name="graph-up",
    )


def grid_rows(experiments: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Plain values for the grid; numbers stay numbers, so that they sort as such."""
    return [_row(experiment) for experiment in experiments]


def note(shown: int, total: int) -> str:
    if total <= shown:
        return f"{total:,} {'experiment' if total == 1 else 'experiments'}."
    return f"The newest {shown:,} of {total:,} experiments."


def _row(experiment: Mapping[str, Any]) -> dict[str, Any]:
    score = _score(experiment["summary"])
    text, level, icon_name = EXPERIMENT_STATES[experiment["state"]]
    if experiment["state"] == "training":
        text = f"training, {experiment['fraction']:.0%}"
    return {
        "id": str(experiment["id"]),
        "name": experiment["name"],
        "href": path_to(f"/experiments/{experiment['id']}"),
        "state": text,
        "level": level,
        "icon": icon_name,
        "classifier": CLASSIFIER_TITLES.get(experiment["classifier"], experiment["classifier"]),
        "dataset": f"{experiment['dataset_name']}, version {experiment['version_number']}",
        "generated": experiment["generated"],
        "dataset_href": path_to(f"/datasets/{experiment['dataset_id']}"),
        "group_by": experiment["group_by"],
        "owner": experiment["owner_name"],
        "created_at": experiment["created_at"].isoformat(),
        **score,
    }


def _score(summary: Mapping[str, Any] | None) -> dict[str, Any]:
    """Balanced accuracy over recordings, which does not reward naming the largest class."""
    if summary is None:
        return {"score": None, "interval": "", "recordings": None}
    score = summary["recordings"]["balanced_accuracy"]
    low, high = score["low"], score["high"]
    interval = "no interval" if low is None else f"{low:.2f} to {high:.2f}"
    return {
        "score": score["value"],
        "interval": interval,
        "recordings": summary["n"]["recordings"],
    }


def _filter() -> Component:
    entry = dbc.Input(
        id=Ids.words, type="search", placeholder="Name, state, data, owner…", debounce=False
    )
    compare = dcc.Link(
        [icon("layout-split"), " Compare chosen"],
        id=Ids.compare,
        href=path_to("/compare"),
        className="btn btn-outline-secondary",
    )
    # There is nothing to press before two rows are chosen.
    place = html.Div(compare, id=Ids.compare_place, hidden=True)
    return html.Div([field("Filter", entry), place], className="experiments-filter field-row")


def compare_link(chosen: Sequence[Mapping[str, Any]]) -> tuple[str, bool]:
    """Where the chosen rows with a result are compared, and whether they are too few."""
    numbers = [row["id"] for row in chosen if row["score"] is not None]
    address = path_to("/compare", {"experiments": ",".join(numbers)})
    return address, len(numbers) < 2


def grid_options(words: str = "") -> dict[str, Any]:
    """What the grid does beside its columns; every word must be found in a row."""
    return {
        "domLayout": "autoHeight",
        "pagination": True,
        "paginationPageSize": 25,
        "paginationPageSizeSelector": [25, 100],
        "animateRows": False,
        "theme": "themeQuartz",
        "tooltipShowDelay": 300,
        "quickFilterText": words,
        "rowSelection": {"mode": "multiRow", "headerCheckbox": False},
        "selectionColumnDef": {"minWidth": 40, "maxWidth": 40},
    }


def _grid() -> Component:
    columns: list[dict[str, Any]] = [
        {
            "field": "name",
            "headerName": "Name",
            "cellRenderer": "ExperimentLink",
            "minWidth": 200,
            "flex": 2,
        },
        {
            "field": "state",
            "headerName": "State",
            "cellRenderer": "ExperimentState",
            "minWidth": 130,
        },
        {"field": "classifier", "tooltipField": "classifier", "headerName": "Classifier"},
        {
            "field": "dataset",
            "tooltipField": "dataset",
            "headerName": "Data",
            "cellRenderer": "ExperimentData",
            "minWidth": 150,
        },
        {"field": "group_by", "tooltipField": "group_by", "headerName": "Split by"},
        {
            "field": "score",
            "headerName": "Test balanced accuracy",
            "headerTooltip": "Mean share of recordings found over the classes, on the test side",
            "cellRenderer": "ExperimentScore",
            "type": "numericColumn",
            "minWidth": 165,
        },
        {
            "field": "recordings",
            "headerName": "n",
            "headerTooltip": "Recordings on the test side",
            "type": "numericColumn",
            "maxWidth": 60,
            "minWidth": 60,
        },
        {"field": "owner", "headerName": "Owner", "minWidth": 80},
        {
            "field": "created_at",
            "headerName": "Made",
            "cellRenderer": "ExperimentMoment",
            "minWidth": 170,
        },
    ]
    return dag.AgGrid(
        id=Ids.grid,
        columnDefs=columns,
        rowData=[],
        getRowId="params.data.id",
        defaultColDef={
            "sortable": True,
            "resizable": True,
            "minWidth": 100,
            "flex": 1,
            "wrapHeaderText": True,
            "autoHeaderHeight": True,
        },
        dashGridOptions=grid_options(),
        className="experiments-grid",
        style={"width": "100%", "height": None},
        dangerously_allow_code=False,
    )


PAGE = Page("experiments", "Experiments", "/experiments", build, Group.LEARN, "graph-up")
