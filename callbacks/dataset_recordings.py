"""The list of recordings of a version: block by block, and changes of many at once."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, html, no_update

from callbacks.dataset import details
from callbacks.errors import tell
from layouts.components.grids import NO_ROWS
from layouts.components.links import path_to
from layouts.components.quantities import count
from layouts.dataset import Ids as Page
from layouts.dataset_recordings import (
    BLOCK,
    Ids,
    column_definitions,
    column_options,
    conditions,
    fitting,
    grid_rows,
    relabel_plan,
)
from services import actor
from services.dataset_service import DatasetService
from services.datasets.selection import RecordingFilter, Selection, parse_conditions
from services.errors import Invalid
from services.recording_service import RecordingService
from services.version_service import VersionService

Version = str | int | None
View = dict[str, Any]
Shown = dict[str, Any]
# So many recordings show which attributes are numbers.
LOOKED_AT = 50
# Beside the attributes, statistics count these for every data set.
OWN_GROUPS = ("machine", "bearing", "load")


def describe(version: Version, view: View, shown: Shown | None) -> tuple[Any, Any, Any, Any, Any]:
    """Columns for the attributes that there are, classes to choose from, and who may change."""
    dataset = details(view)
    if dataset is None or not version:
        return no_update, no_update, no_update, [], True
    statistics = DatasetService.get_dataset_statistics(dataset["id"], int(version))
    extra = [name for name in statistics["groups"] if name not in OWN_GROUPS]
    extra = sorted({*extra, *statistics["left_out"]})
    numeric = _numeric(dataset["id"], int(version))
    frozen = int(version) != dataset["version"] or dataset["archived_at"] is not None
    is_new = shown is None or shown["opened"] != view["opened"]
    return (
        column_definitions(extra, numeric),
        fitting(view["filters"], numeric) if is_new else no_update,
        column_options(extra),
        [html.Option(value=label) for label in statistics["classes"]],
        frozen or not actor.may_change(dataset["owner_id"]),
    )


def give_rows(
    request: dict[str, Any] | None, view: View, version: Version, search: str | None
) -> tuple[Any, Any, Any, Any]:
    """A block of the list; with the first one, how many there are and the way to their CSV."""
    if request is None:
        return (no_update,) * 4
    if not version or view["dataset"] is None:
        return NO_ROWS, "", no_update, no_update
    shown = {"search": search or "", "where": conditions(request.get("filterModel"))}
    chosen = _filter(shown)
    asked = (request.get("sortModel") or [{}])[0]
    start = int(request["startRow"])
    place = (view["dataset"], int(version))
    rows, total = RecordingService.page_of_recordings(
        *place,
        BLOCK,
        start,
        chosen,
        asked.get("colId", "name"),
        descending=asked.get("sort") == "desc",
    )
    answer = {"rowData": grid_rows(rows), "rowCount": total}
    if start:
        return answer, no_update, no_update, no_update
    told = {**shown, "total": total, "opened": view["opened"]}
    return answer, _found(total, chosen), _csv(place, shown), told


def count_selected(
    selected: list[dict[str, Any]] | None, every: bool, shown: Shown | None
) -> tuple[str, bool, bool]:
    number = int((shown or {}).get("total", 0)) if every else len(selected or [])
    if every:
        told = f"All {count(number)} that match the search and the filters are selected."
    else:
        told = f"{count(number)} selected" if number else "Select recordings in the list."
    return told, not number, not number


def plan(
    relabel: int | None,
    remove: int | None,
    view: View,
    version: Version,
    selected: list[dict[str, Any]] | None,
    every: bool,
    shown: Shown | None,
    label: str | None,
    reason: str | None,
) -> tuple[Any, Any, Any, Any]:
    """What would change, to be looked at before it is done."""
    clicked = relabel if ctx.triggered_id == Ids.relabel else remove
    if not clicked or not version:
        return no_update, no_update, no_update, no_update
    planned: dict[str, Any] = {
        "verb": "relabel" if ctx.triggered_id == Ids.relabel else "remove",
        "ids": [] if every else [int(row["id"]) for row in selected or []],
        "shown": shown if every else None,
        "label": label or None,
        "reason": reason or "",
        "based_on": int(version),
    }
    if planned["verb"] == "relabel":
        found = VersionService.preview_relabel(view["dataset"], _selection(planned), label)
        return True, "Relabel recordings?", relabel_plan(found), planned
    number = int((shown or {}).get("total", 0)) if every else len(selected or [])
    told = (
        f"{count(number)} recordings go out of the data set. "
        f"Version {planned['based_on']} and older ones keep them."
    )
    return True, "Take recordings out?", told, planned


def carry_out(
    clicks: int | None, planned: dict[str, Any] | None, view: View, stamp: int
) -> tuple[Any, Any, Any, Any]:
    """Make the version that was planned."""
    if not clicks or planned is None:
        return no_update, no_update, no_update, no_update
    given = (view["dataset"], _selection(planned))
    why, based_on = planned["reason"], planned["based_on"]
    if planned["verb"] == "relabel":
        number = VersionService.relabel_selected(*given, planned["label"], why, based_on)
        tell(f"Version {number} has the new labels.")
    else:
        number = VersionService.remove_selected(*given, why, based_on)
        tell(f"Version {number} is without them.")
    return stamp + 1, False, [], False


def put_off(clicks: int | None) -> Any:
    return False if clicks else no_update


def register(app: Dash) -> None:
    _register_list(app)
    app.callback(
        Output(Ids.told, "children"),
        Output(Ids.relabel, "disabled"),
        Output(Ids.remove, "disabled"),
        Input(Ids.grid, "selectedRows"),
        Input(Ids.every, "value"),
        Input(Ids.shown, "data"),
    )(count_selected)
    app.callback(
        Output(Ids.plan, "is_open"),
        Output(Ids.plan_title, "children"),
        Output(Ids.plan_text, "children"),
        Output(Ids.planned, "data"),
        Input(Ids.relabel, "n_clicks"),
        Input(Ids.remove, "n_clicks"),
        State(Page.view, "data"),
        State(Page.version, "value"),
        State(Ids.grid, "selectedRows"),
        State(Ids.every, "value"),
        State(Ids.shown, "data"),
        State(Ids.label, "value"),
        State(Ids.reason, "value"),
        prevent_initial_call=True,
    )(plan)
    app.callback(
        Output(Page.stamp, "data", allow_duplicate=True),
        Output(Ids.plan, "is_open", allow_duplicate=True),
        Output(Ids.grid, "selectedRows"),
        Output(Ids.every, "value"),
        Input(Ids.carry_out, "n_clicks"),
        State(Ids.planned, "data"),
        State(Page.view, "data"),
        State(Page.stamp, "data"),
        prevent_initial_call=True,
    )(carry_out)
    app.callback(
        Output(Ids.plan, "is_open", allow_duplicate=True),
        Input(Ids.put_off, "n_clicks"),
        prevent_initial_call=True,
    )(put_off)


def _register_list(app: Dash) -> None:
    app.callback(
        Output(Ids.grid, "columnDefs"),
        Output(Ids.grid, "filterModel"),
        Output(Ids.columns, "options"),
        Output(Ids.known_labels, "children"),
        Output(Ids.change, "hidden"),
        Input(Page.version, "value"),
        State(Page.view, "data"),
        State(Ids.shown, "data"),
    )(describe)
    app.callback(
        Output(Ids.grid, "getRowsResponse"),
        Output(Ids.found, "children"),
        Output(Ids.csv, "href"),
        Output(Ids.shown, "data"),
        Input(Ids.grid, "getRowsRequest"),
        State(Page.view, "data"),
        State(Page.version, "value"),
        State(Ids.search, "value"),
    )(give_rows)
    app.clientside_callback(
        ClientsideFunction("grids", "ask_again"),
        Input(Page.version, "value"),
        Input(Ids.search, "value"),
        State(Ids.grid, "id"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("datasets", "show_columns"),
        Input(Ids.columns, "value"),
        Input(Ids.grid, "columnDefs"),
        State(Ids.grid, "id"),
    )
    app.clientside_callback(
        ClientsideFunction("datasets", "clear_filters"),
        Output(Ids.search, "value"),
        Input(Ids.clear, "n_clicks"),
        State(Ids.grid, "id"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("datasets", "write_address"),
        Input(Page.version, "value"),
        Input(Ids.shown, "data"),
        State(Page.version, "options"),
    )


def _numeric(dataset_id: int, version: int) -> list[str]:
    """Attributes that hold numbers, and nothing else, in the first recordings."""
    found: dict[str, bool] = {}
    for one in RecordingService.list_recordings(dataset_id, version, limit=LOOKED_AT):
        for name, value in one["attributes"].items():
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            found[name] = found.get(name, True) and is_number
    return sorted(name for name, is_number in found.items() if is_number)


def _filter(shown: Shown) -> RecordingFilter:
    try:
        found = parse_conditions(shown["where"])
    except Invalid as error:
        # Of an address that somebody wrote: say so, and show what can be shown.
        tell(error.message, "error")
        found = ()
    return RecordingFilter(shown["search"], conditions=found)


def _selection(planned: dict[str, Any]) -> Selection:
    if planned["shown"] is None:
        return Selection(tuple(planned["ids"]))
    shown = planned["shown"]
    return Selection(
        chosen=RecordingFilter(shown["search"], None, False, parse_conditions(shown["where"]))
    )


def _found(total: int, chosen: RecordingFilter) -> str:
    one = total == 1
    told = f"{count(total)} {'recording' if one else 'recordings'}"
    return told if chosen.is_open else f"{told} {'matches' if one else 'match'}"


def _csv(place: tuple[int, int], shown: Shown) -> str:
    query = {"version": place[1], "search": shown["search"], "where": shown["where"]}
    address = path_to(f"/api/v1/datasets/{place[0]}/recordings.csv")
    return f"{address}?{urlencode(query, doseq=True)}"
