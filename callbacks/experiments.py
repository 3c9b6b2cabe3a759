"""The table of experiments: what a search finds, block by block."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from dash import ClientsideFunction, Dash, Input, Output, State, no_update

from layouts import experiments_selection, shell
from layouts.components.grids import NO_ROWS
from layouts.components.links import path_to
from layouts.components.quantities import plural
from layouts.experiments import (
    BLOCK,
    Ids,
    compare_link,
    meant,
    nothing_yet,
    query_error,
    sort_of,
)
from layouts.experiments_columns import (
    chosen_values,
    column_definitions,
    column_options,
    grid_rows,
    searched_as,
)
from layouts.page import WRITERS
from services import actor
from services.experiment_service import ExperimentService
from services.search.parsing import QueryError
from services.search_service import SearchService

FILTERS = "archived:any"


def show_empty(_stamp: int) -> tuple[Any, bool, bool]:
    """What belongs here, as long as there is nothing; and whether something can be changed."""
    may_change = actor.reader().role in WRITERS
    if ExperimentService.count_experiments() or SearchService.find_ids(FILTERS, 1):
        return None, False, not may_change
    return nothing_yet(may_add=may_change), True, True


def choose(rows: list[dict[str, Any]] | None) -> tuple[str, str, bool]:
    """The chosen experiments, side by side on the compare page or voting together."""
    return compare_link(rows or [])


def list_columns(_grid: str) -> list[dict[str, Any]]:
    return column_options(SearchService.list_values())


def show_columns(columns: list[str] | None) -> list[dict[str, Any]]:
    return column_definitions(columns or [])


def give_rows(
    request: dict[str, Any] | None, query: str | None, columns: list[str] | None
) -> tuple[Any, ...]:
    """A block of the table; with the first one, how many there are and what to say of them."""
    if request is None:
        return (no_update,) * 6
    text, sort, start = query or "", sort_of(request), int(request["startRow"])
    values = chosen_values(columns or [])
    try:
        found = SearchService.find_experiments(text, BLOCK, start, values, searched_as(sort))
    except QueryError as error:
        wrong = query_error(text, error.message, error.position, error.until)
        return NO_ROWS, "", wrong, [], no_update, no_update
    answer = {"rowData": grid_rows(found["results"]), "rowCount": found["total_count"]}
    if start:
        return answer, *(no_update,) * 5
    shown = {"query": text, "sort": sort, "columns": columns, "total": found["total_count"]}
    told = plural(found["total_count"], "experiment")
    return answer, told, [], meant(found["suggestions"]), _csv(text, sort, values), shown


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.empty, "children"),
        Output(Ids.place, "hidden"),
        Output(experiments_selection.Ids.bar, "hidden"),
        Input(Ids.stamp, "data"),
    )(show_empty)
    app.callback(Output(Ids.columns, "options"), Input(Ids.grid, "id"))(list_columns)
    app.callback(
        Output(Ids.grid, "columnDefs"), Input(Ids.columns, "value"), prevent_initial_call=True
    )(show_columns)
    app.callback(
        Output(Ids.grid, "getRowsResponse"),
        Output(Ids.found, "children"),
        Output(Ids.error, "children"),
        Output(Ids.meant, "children"),
        Output(Ids.csv, "href"),
        Output(Ids.shown, "data"),
        Input(Ids.grid, "getRowsRequest"),
        State(Ids.query, "value"),
        State(Ids.columns, "value"),
    )(give_rows)
    app.callback(
        Output(Ids.compare, "href"),
        Output(Ids.vote, "href"),
        Output(Ids.compare_place, "hidden"),
        Input(Ids.grid, "selectedRows"),
        prevent_initial_call=True,
    )(choose)
    _register_in_browser(app)


def _register_in_browser(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("grids", "ask_again"),
        Input(Ids.query, "value"),
        Input(Ids.grid, "columnDefs"),
        Input(Ids.stamp, "data"),
        State(Ids.grid, "id"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("experiments", "follow_jobs"),
        # Of this page, so that it is not called on others.
        Output(Ids.followed, "data"),
        Input(shell.Ids.pulse, "data"),
        State(Ids.followed, "data"),
        State(Ids.grid, "id"),
    )
    app.clientside_callback(
        ClientsideFunction("experiments", "write_address"), Input(Ids.shown, "data")
    )
    app.clientside_callback(
        ClientsideFunction("experiments", "narrow_columns"),
        Input(Ids.column_filter, "value"),
        Input(Ids.columns, "options"),
        State(Ids.columns, "id"),
    )


def _csv(query: str, sort: str, values: list[str]) -> str:
    given = {"query": query, "sort": searched_as(sort), "values": ",".join(values)}
    asked = {name: text for name, text in given.items() if text}
    address = path_to("/api/v1/experiments.csv")
    return f"{address}?{urlencode(asked)}" if asked else address
