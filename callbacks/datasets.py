"""The list of data sets, block by block as it is scrolled."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from layouts.components.quantities import count
from layouts.datasets import PAGE_SIZE, Ids, grid_rows, nothing_yet
from layouts.page import WRITERS
from services import actor
from services.dataset_service import DatasetService


def show_empty(_id: str) -> tuple[Component | None, bool]:
    """What belongs here, as long as there is nothing."""
    total = DatasetService.count_datasets() + DatasetService.count_datasets(archived=True)
    if total:
        return None, False
    return nothing_yet(may_add=actor.reader().role in WRITERS), True


def give_rows(
    request: dict[str, Any] | None, search: str | None, archived: bool
) -> tuple[dict[str, Any] | Any, str | Any]:
    """A block of the list, and how many there are."""
    if request is None:
        return no_update, no_update
    first = int(request["startRow"])
    asked = (request.get("sortModel") or [{}])[0]
    rows = DatasetService.list_datasets(
        PAGE_SIZE,
        first,
        search,
        archived=bool(archived),
        sort=asked.get("colId", "name"),
        descending=asked.get("sort") == "desc",
    )
    total = DatasetService.count_datasets(search, archived=bool(archived))
    found = "1 data set" if total == 1 else f"{count(total)} data sets"
    return {"rowData": grid_rows(rows), "rowCount": total}, found


def register(app: Dash) -> None:
    app.callback(Output(Ids.empty, "children"), Output(Ids.place, "hidden"), Input(Ids.grid, "id"))(
        show_empty
    )
    app.callback(
        Output(Ids.grid, "getRowsResponse"),
        Output(Ids.found, "children"),
        Input(Ids.grid, "getRowsRequest"),
        State(Ids.search, "value"),
        State(Ids.archived, "value"),
    )(give_rows)
    app.clientside_callback(
        ClientsideFunction("grids", "ask_again"),
        Input(Ids.search, "value"),
        Input(Ids.archived, "value"),
        State(Ids.grid, "id"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("datasets", "write_list_address"),
        Input(Ids.search, "value"),
        Input(Ids.archived, "value"),
    )
