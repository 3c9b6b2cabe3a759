"""What happens on the page of one data set."""

from __future__ import annotations

from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component

from callbacks.errors import tell
from layouts.components.frame import page_head
from layouts.components.links import path_to
from layouts.dataset import (
    BLOCK,
    Ids,
    content,
    figures,
    grid_rows,
    head,
    not_there,
    nothing_yet,
    version_options,
    versions,
)
from layouts.shell import Ids as Shell
from models import Role
from services import actor
from services.dataset_service import DatasetService
from services.datasets.selection import RecordingFilter
from services.datasets.views import DatasetDetails
from services.recording_service import RecordingService

QUESTIONS = {
    "archive": "Archive “{name}”? It goes out of the lists; experiments on it stay.",
    "restore": "Bring “{name}” back into the lists?",
    "delete": "Delete “{name}” with its {recording_count} recordings and their files? "
    "This cannot be undone.",
    "remove": "Take {selected} recordings out of “{name}”? Older versions keep them.",
}


def show_dataset(
    view: dict[str, Any], _stamp: int
) -> tuple[Component, list[dict[str, Any]], int | None, bool, Component | list[Any]]:
    """Heading, versions to choose from, and whether there are recordings to list."""
    dataset = _details(view)
    if dataset is None:
        return page_head("Dataset"), [], None, True, not_there(view["dataset"])
    can_change = _may_change(dataset)
    numbers = [one["number"] for one in dataset["versions"]]
    chosen = view["version"] if view["version"] in numbers else dataset["version"]
    told = versions(dataset["versions"]) if numbers else nothing_yet(dataset, can_change=can_change)
    heading = head(dataset, can_change=can_change)
    return heading, version_options(dataset["versions"]), chosen, not numbers, told


def show_version(
    version: str | int | None, view: dict[str, Any]
) -> tuple[Component | list[Any], Component | list[Any], bool]:
    """Counts of a version; only the newest can be changed."""
    dataset = _details(view)
    if dataset is None or not version:
        return [], [], True
    number = int(version)
    statistics = DatasetService.get_dataset_statistics(dataset["id"], number)
    frozen = number != dataset["version"] or not _may_change(dataset)
    return figures(dataset, statistics, number), content(statistics), frozen


def give_rows(
    request: dict[str, Any] | None,
    view: dict[str, Any],
    version: str | int | None,
    search: str | None,
    warned: bool,
) -> dict[str, Any] | Any:
    if request is None or not version or view["dataset"] is None:
        return {"rowData": [], "rowCount": 0}
    chosen = RecordingFilter(search or "", None, bool(warned))
    asked = (request.get("sortModel") or [{}])[0]
    rows = RecordingService.list_recordings(
        view["dataset"],
        int(version),
        BLOCK,
        int(request["startRow"]),
        chosen,
        asked.get("colId", "name"),
        descending=asked.get("sort") == "desc",
    )
    total = RecordingService.count_recordings(view["dataset"], int(version), chosen)
    return {"rowData": grid_rows(rows), "rowCount": total}


def count_selected(selected: list[dict[str, Any]] | None) -> tuple[str, bool, bool]:
    number = len(selected or [])
    told = f"{number} selected" if number else "Select recordings in the table to change them."
    return told, not number, not number


def relabel(
    clicks: int | None,
    view: dict[str, Any],
    selected: list[dict[str, Any]] | None,
    label: str | None,
    reason: str | None,
    stamp: int,
) -> tuple[int, list[Any]] | Any:
    if not clicks or not selected:
        return no_update, no_update
    labels = {int(row["id"]): label or None for row in selected}
    number = DatasetService.relabel(view["dataset"], labels, reason or "")
    tell(f"Version {number} has the new labels.")
    return stamp + 1, []


def ask_first(
    clicks: list[int | None],
    remove: int | None,
    view: dict[str, Any],
    selected: list[dict[str, Any]] | None,
) -> tuple[str, bool, str] | Any:
    chosen = ctx.triggered_id
    if chosen is None or not (any(clicks) or remove):
        return no_update, no_update, no_update
    verb = "remove" if chosen == Ids.remove else chosen["verb"]
    dataset = _details(view)
    if dataset is None:
        return no_update, no_update, no_update
    question = QUESTIONS[verb].format(
        name=dataset["name"],
        recording_count=dataset["recording_count"],
        selected=len(selected or []),
    )
    return question, True, verb


def act(
    confirmed: int | None,
    verb: str | None,
    view: dict[str, Any],
    selected: list[dict[str, Any]] | None,
    reason: str | None,
    stamp: int,
) -> tuple[int | Any, str | Any, list[Any] | Any]:
    dataset_id = view["dataset"]
    if not confirmed or verb is None:  # the dialogue has only just been put into the page
        return no_update, no_update, no_update
    if verb == "delete":
        DatasetService.delete_dataset(dataset_id, delete_file=True)
        tell("The data set is deleted.")
        return no_update, path_to("/datasets"), []
    if verb == "remove":
        ids = [int(row["id"]) for row in selected or []]
        number = DatasetService.remove_recordings(dataset_id, ids, reason or "")
        tell(f"Version {number} is without them.")
    elif verb == "archive":
        DatasetService.archive_dataset(dataset_id)
        tell("The data set is archived.")
    else:
        DatasetService.restore_dataset(dataset_id)
        tell("The data set is back.")
    return stamp + 1, no_update, []


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.head, "children"),
        Output(Ids.version, "options"),
        Output(Ids.version, "value"),
        Output(Ids.recordings, "hidden"),
        Output(Ids.versions, "children"),
        Input(Ids.view, "data"),
        Input(Ids.stamp, "data"),
    )(show_dataset)
    app.callback(
        Output(Ids.figures, "children"),
        Output(Ids.content, "children"),
        Output(Ids.change, "hidden"),
        Input(Ids.version, "value"),
        State(Ids.view, "data"),
    )(show_version)
    app.callback(
        Output(Ids.grid, "getRowsResponse"),
        Input(Ids.grid, "getRowsRequest"),
        State(Ids.view, "data"),
        State(Ids.version, "value"),
        State(Ids.search, "value"),
        State(Ids.warned, "value"),
    )(give_rows)
    app.clientside_callback(
        ClientsideFunction("datasets", "ask_again"),
        Input(Ids.version, "value"),
        Input(Ids.search, "value"),
        Input(Ids.warned, "value"),
        State(Ids.grid, "id"),
        prevent_initial_call=True,
    )
    app.callback(
        Output(Ids.told, "children"),
        Output(Ids.relabel, "disabled"),
        Output(Ids.remove, "disabled"),
        Input(Ids.grid, "selectedRows"),
    )(count_selected)
    app.callback(
        Output(Ids.stamp, "data"),
        Output(Ids.grid, "selectedRows"),
        Input(Ids.relabel, "n_clicks"),
        State(Ids.view, "data"),
        State(Ids.grid, "selectedRows"),
        State(Ids.label, "value"),
        State(Ids.reason, "value"),
        State(Ids.stamp, "data"),
        prevent_initial_call=True,
    )(relabel)
    app.callback(
        Output(Ids.confirm, "message"),
        Output(Ids.confirm, "displayed"),
        Output(Ids.asked, "data"),
        Input({"type": Ids.act, "verb": ALL}, "n_clicks"),
        Input(Ids.remove, "n_clicks"),
        State(Ids.view, "data"),
        State(Ids.grid, "selectedRows"),
        prevent_initial_call=True,
    )(ask_first)
    app.callback(
        Output(Ids.stamp, "data", allow_duplicate=True),
        Output(Shell.location, "pathname", allow_duplicate=True),
        Output(Ids.grid, "selectedRows", allow_duplicate=True),
        Input(Ids.confirm, "submit_n_clicks"),
        State(Ids.asked, "data"),
        State(Ids.view, "data"),
        State(Ids.grid, "selectedRows"),
        State(Ids.reason, "value"),
        State(Ids.stamp, "data"),
        prevent_initial_call=True,
    )(act)


def _details(view: dict[str, Any]) -> DatasetDetails | None:
    if view["dataset"] is None:
        return None
    return DatasetService.get_dataset_details(view["dataset"])


def _may_change(dataset: DatasetDetails) -> bool:
    acting = actor.reader()
    if acting.role is Role.VIEWER:
        return False
    return acting.role is Role.ADMIN or dataset["owner_id"] == acting.user_id
