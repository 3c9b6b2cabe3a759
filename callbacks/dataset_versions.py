"""The versions of a data set: compare two, go back to one."""

from __future__ import annotations

from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update

from callbacks.dataset import details
from callbacks.errors import tell
from layouts.components.choices import with_the_rest
from layouts.components.grids import NO_ROWS
from layouts.components.versions import numbered_versions
from layouts.dataset import Ids as Page
from layouts.dataset_versions import BLOCK, KINDS, Ids, change_rows, diff, versions
from services import actor
from services.paging import MOST_OFFERED
from services.version_service import VersionService

Number = str | int | None
View = dict[str, Any]
QUESTION = (
    "Make a new version with the recordings and labels of version {number}? "
    "The versions since then stay."
)


def show_versions(view: View, _stamp: int) -> tuple[Any, Any, Any, Any, Any, Any]:
    """All versions, and the two that are compared: those of the address, or the last two."""
    dataset = details(view)
    if dataset is None or not dataset["versions"]:
        return [], [], None, [], None, True
    rows = dataset["versions"]
    can_change = actor.may_change(dataset["owner_id"]) and dataset["archived_at"] is None
    options = with_the_rest(numbered_versions(rows), cut=len(rows) >= MOST_OFFERED)
    numbers = [row["number"] for row in rows]
    older, newer = numbers[min(1, len(numbers) - 1)], numbers[0]
    wanted = view.get("compare")
    if wanted and set(wanted) <= set(numbers):
        older, newer = wanted
    return versions(rows, can_change=can_change), options, older, options, newer, len(rows) < 2


def show_diff(older: Number, newer: Number, view: View) -> tuple[Any, Any, Any, Any]:
    """What differs, and the kinds of change of which the recordings are listed."""
    if not older or not newer or view["dataset"] is None:
        return [], [], None, True
    found = VersionService.diff_versions(view["dataset"], int(older), int(newer))
    counts = {
        "relabelled": found["relabelled"],
        "added": found["added"],
        "removed": found["removed"],
    }
    kinds = [{"label": f"{KINDS[k]} ({n})", "value": k} for k, n in counts.items() if n]
    first = kinds[0]["value"] if kinds else None
    return diff(found), kinds, first, not kinds


def give_changes(
    request: dict[str, Any] | None, older: Number, newer: Number, kind: str | None, view: View
) -> dict[str, Any] | Any:
    """A block of the recordings that were changed."""
    if request is None:
        return no_update
    if not older or not newer or not kind or view["dataset"] is None:
        return NO_ROWS
    start = int(request["startRow"])
    place = (view["dataset"], int(older), int(newer))
    rows = VersionService.list_changes(*place, kind, BLOCK, start)
    answer: dict[str, Any] = {"rowData": change_rows(rows, view["dataset"])}
    if len(rows) < BLOCK:  # until then the list goes on
        answer["rowCount"] = start + len(rows)
    return answer


def ask_first(clicks: list[int | None], view: View) -> tuple[Any, Any, Any]:
    chosen = ctx.triggered_id
    dataset = details(view) if chosen is not None and any(clicks) else None
    if dataset is None or chosen is None:
        return no_update, no_update, no_update
    asked = {"number": chosen["version"], "based_on": dataset["version"]}
    return QUESTION.format(**asked), True, asked


def restore(
    confirmed: int | None, asked: dict[str, int] | None, view: View, stamp: int
) -> int | Any:
    if not confirmed or asked is None:
        return no_update
    number = VersionService.restore_version(
        view["dataset"], asked["number"], based_on=asked["based_on"]
    )
    tell(f"Version {number} is the same as version {asked['number']}.")
    return stamp + 1


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.list, "children"),
        Output(Ids.older, "options"),
        Output(Ids.older, "value"),
        Output(Ids.newer, "options"),
        Output(Ids.newer, "value"),
        Output(Ids.compare, "hidden"),
        Input(Page.view, "data"),
        Input(Page.stamp, "data"),
    )(show_versions)
    app.callback(
        Output(Ids.diff, "children"),
        Output(Ids.kind, "options"),
        Output(Ids.kind, "value"),
        Output(Ids.changes, "hidden"),
        Input(Ids.older, "value"),
        Input(Ids.newer, "value"),
        State(Page.view, "data"),
    )(show_diff)
    app.callback(
        Output(Ids.grid, "getRowsResponse"),
        Input(Ids.grid, "getRowsRequest"),
        State(Ids.older, "value"),
        State(Ids.newer, "value"),
        State(Ids.kind, "value"),
        State(Page.view, "data"),
    )(give_changes)
    app.clientside_callback(
        ClientsideFunction("grids", "ask_again"),
        Input(Ids.older, "value"),
        Input(Ids.newer, "value"),
        Input(Ids.kind, "value"),
        State(Ids.grid, "id"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("datasets", "write_comparison"),
        Input(Ids.older, "value"),
        Input(Ids.newer, "value"),
        State(Ids.newer, "options"),
    )
    app.callback(
        Output(Ids.confirm, "message"),
        Output(Ids.confirm, "displayed"),
        Output(Ids.asked, "data"),
        Input({"type": Ids.restore, "version": ALL}, "n_clicks"),
        State(Page.view, "data"),
        prevent_initial_call=True,
    )(ask_first)
    app.callback(
        Output(Page.stamp, "data", allow_duplicate=True),
        Input(Ids.confirm, "submit_n_clicks"),
        State(Ids.asked, "data"),
        State(Page.view, "data"),
        State(Page.stamp, "data"),
        prevent_initial_call=True,
    )(restore)
