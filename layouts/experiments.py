"""Experiments: all that were made, found by a search, a hundred thousand as quickly as ten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_ag_grid as dag
import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts import experiments_saved, experiments_selection
from layouts.components.attributes import attributes
from layouts.components.frame import empty_state, field, icon, link_button, page_head
from layouts.components.grids import GRID
from layouts.components.links import page_link, path_to
from layouts.experiments_columns import column_definitions, column_options, shown_columns
from layouts.page import Group, Page

BLOCK = 100
LONGEST_QUERY = 1_000
EXAMPLES = (
    ("pump inner", "words that begin so, in name, tags, classifier, data set or notes"),
    ('"inner race"', "these words in a row"),
    ("tag:best,new -tag:old", "one of two tags, and not a third"),
    ("accuracy:>0.95", "a metric or setting by its name; also >=, <, <="),
    ("learning_rate:0.001..0.01", "from one value to another"),
    ("created:>7d", "made within the last seven days; <7d is longer ago, and dates work, too"),
    ("model:cnn1d dataset:rig status:finished owner:me", "classifier, data set, state, owner"),
    ("(fan OR pump) NOT status:failed", "one or the other, and what is left out"),
    ("leak:known", "tests that ask for what was learned; leak:none finds the clean ones"),
    ("archived:yes", "those that were put out of sight; archived:any finds both"),
    ("runs:yes", "single runs of repeated experiments; repeated:3 are those of one of them"),
    ("sort:-accuracy", "in this order, the largest first"),
)


class Ids:
    """``shown`` is what the table was last asked for: query, sort, columns, total.

    ``stamp`` counts changes after which the table asks again, ``followed`` is what jobs were like.
    """

    query = "experiments-query"
    error = "experiments-error"
    meant = "experiments-meant"
    options = "experiments-options"
    grid = "experiments-grid"
    columns = "experiments-columns"
    column_filter = "experiments-column-filter"
    csv = "experiments-csv"
    compare = "experiments-compare"
    compare_place = "experiments-compare-place"
    vote = "experiments-vote"
    found = "experiments-found"
    shown = "experiments-shown"
    stamp = "experiments-stamp"
    followed = "experiments-followed"
    place = "experiments-place"
    empty = "experiments-empty"


def build(query: str = "", sort: str = "", columns: str = "", **_view: Any) -> Component:
    """The address holds the query, the order of the table's head and the chosen columns."""
    chosen = shown_columns(columns)
    new = link_button("New experiment", "/new-experiment", icon_name="plus-lg")
    repeated = dbc.Button(
        [icon("layers"), " Repeated experiments"],
        href=path_to("/repeated"),
        color="secondary",
        outline=True,
    )
    return html.Div(
        [
            page_head(
                "Experiments",
                lead="One classifier each, trained on a version of a data set and tested once on"
                " groups that were held out.",
                actions=[repeated, new],
            ),
            dcc.Store(id=Ids.shown),
            dcc.Store(id=Ids.stamp, data=0),
            dcc.Store(id=Ids.followed),
            html.Div(id=Ids.empty),
            html.Div(
                [
                    _search(query),
                    _tools(chosen),
                    experiments_selection.bar(),
                    _grid(chosen, sort),
                ],
                id=Ids.place,
            ),
        ],
        className="experiments-page",
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


def compare_link(chosen: Sequence[Mapping[str, Any]]) -> tuple[str, str, bool]:
    """Where the chosen rows with a result are compared, where they vote together, and whether
    they are too few."""
    numbers = [row["id"] for row in chosen if row["score"] is not None]
    named = {"experiments": ",".join(numbers)}
    return path_to("/compare", named), path_to("/vote", named), len(numbers) < 2


def query_error(query: str, message: str, position: int, until: int) -> list[Component]:
    """What is wrong with a query, and the query itself with the place marked."""
    end = max(until, position + 1)
    wrong = query[position:end] or "␣"
    return [
        html.Span([icon("exclamation-triangle"), f" Character {position + 1}: {message}"]),
        html.Pre(
            [query[:position], html.Mark(wrong, title="here"), query[end:]],
            className="query-place",
        ),
    ]


def meant(suggestions: Sequence[str]) -> list[Any]:
    """Searches that were probably meant."""
    if not suggestions:
        return []
    links = [page_link(html.Code(text), "/experiments", {"query": text}) for text in suggestions]
    return ["Did you mean ", *links, "?"]


def sort_of(request: Mapping[str, Any]) -> str:
    """The order that the head of the table asks for, as the address writes it."""
    asked = (request.get("sortModel") or [{}])[0]
    minus = "-" if asked.get("sort") == "desc" else ""
    return f"{minus}{asked['colId']}" if asked.get("colId") else ""


def _search(query: str) -> Component:
    entry = dbc.Input(
        id=Ids.query,
        type="search",
        value=query[:LONGEST_QUERY] or None,
        debounce=400,
        maxlength=LONGEST_QUERY,
        placeholder="tag:best accuracy:>0.95 pump",
        autoComplete="off",
    )
    # The list is filled by the script beside it, which also gives the field its role.
    offers = html.Ul(
        id=Ids.options,
        role="listbox",
        className="query-offers",
        hidden=True,
        **attributes(aria_label="Completions"),
    )
    rows = [
        html.Tr(
            [html.Td(page_link(html.Code(text), "/experiments", {"query": text})), html.Td(told)]
        )
        for text, told in EXAMPLES
    ]
    examples = html.Details(
        [html.Summary("How to search"), html.Table(html.Tbody(rows), className="plain-table")],
        className="query-help",
    )
    return html.Div(
        [
            field("Search", html.Div([entry, offers], className="query-field")),
            html.Div(id=Ids.error, className="query-error", role="status"),
            html.Div(id=Ids.meant, className="query-meant", role="status"),
            examples,
        ],
        className="experiments-search",
    )


def _tools(chosen: Sequence[str]) -> Component:
    csv = html.A(
        [icon("download"), " CSV"],
        id=Ids.csv,
        className="btn btn-outline-secondary",
        title="All that the search finds, with the chosen columns, as a table",
    )
    compare = dcc.Link(
        [icon("layout-split"), " Compare chosen"],
        id=Ids.compare,
        href=path_to("/compare"),
        className="btn btn-outline-secondary",
    )
    vote = dcc.Link(
        [icon("people"), " Vote together"],
        id=Ids.vote,
        href=path_to("/vote"),
        className="btn btn-outline-secondary",
    )
    # There is nothing to press before two rows are chosen.
    place = html.Div(
        [compare, vote], id=Ids.compare_place, hidden=True, className="experiments-chosen"
    )
    found = html.Span(id=Ids.found, className="job-told", role="status")
    return html.Div(
        [experiments_saved.panel(), _column_choice(chosen), csv, place, found],
        className="field-row experiments-tools",
    )


def _column_choice(chosen: Sequence[str]) -> Component:
    # Not that of Dash's own components: it calls itself a list box, and takes no name for it.
    choice = dbc.Checklist(
        column_options(), list(chosen), id=Ids.columns, class_name="column-choice"
    )
    summary = html.Summary(
        [icon("layout-three-columns"), " Columns"], className="btn btn-outline-secondary"
    )
    narrow = dbc.Input(id=Ids.column_filter, type="search", placeholder="Part of a name")
    named = attributes(aria_label="Columns")
    panel = html.Div(
        [field("Find a column", narrow), html.Div(choice, role="group", **named)],
        className="shell-panel column-panel",
    )
    return html.Details([summary, panel], className="shell-dropdown")


def _grid(chosen: Sequence[str], sort: str) -> Component:
    return dag.AgGrid(
        id=Ids.grid,
        columnDefs=column_definitions(chosen, sort),
        rowModelType="infinite",
        getRowId="params.data.id",
        defaultColDef={
            "sortable": True,
            "resizable": True,
            "minWidth": 100,
            "flex": 1,
            "wrapHeaderText": True,
            "autoHeaderHeight": True,
        },
        dashGridOptions={
            **GRID,
            "cacheBlockSize": BLOCK,
            "rowSelection": {"mode": "multiRow", "headerCheckbox": False},
            "tooltipShowDelay": 300,
            "maintainColumnOrder": True,
            "localeText": {
                "noRowsToShow": "Nothing is found.",
                "noMatchingRows": "Nothing is found.",
            },
            "suppressFieldDotNotation": True,
        },
        className="experiments-grid",
        style={"width": "100%", "height": "calc(100vh - 410px)", "minHeight": "360px"},
        dangerously_allow_code=False,
    )


PAGE = Page("experiments", "Experiments", "/experiments", build, Group.LEARN, "graph-up")
