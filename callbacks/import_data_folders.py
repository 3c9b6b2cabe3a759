"""Server folders on the import page."""

from __future__ import annotations

import math
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component

from layouts.import_data import Ids as page
from layouts.import_data_folders import PAGE_SIZE, Ids, entries, told, way
from services.errors import Forbidden, NotFound
from services.import_folder_service import ImportFolderService
from services.import_service import ImportService

Chosen = dict[str, Any]
HIDDEN = {"display": "none"}


def show_folders(
    _page: str, preview: int | None
) -> tuple[list[dict[str, str]], str | None, bool, Chosen | None]:
    """The folders that may be opened, and what was chosen for the preview of the address.

    The part of the page is hidden when there are none.
    """
    try:
        names = ImportFolderService.list_folders()
    except Forbidden:
        return [], None, True, None
    options = [{"label": name, "value": name} for name in names]
    chosen = None if preview is None else _chosen_for(preview)
    remembered = (chosen or {}).get("folder")
    value = remembered if remembered in names else next(iter(names), None)
    return options, value, not names, chosen


def show_entries(
    folder: str | None,
    path: str,
    search: str | None,
    number: int | None,
    _redrawn: int | str | None,
    chosen: Chosen | None,
) -> tuple[list[Component], Component | list[Any], int, dict[str, str]]:
    """Where one is, what lies there, and how many pages it has."""
    if not folder:
        return [], [], 1, HIDDEN
    offset = PAGE_SIZE * ((number or 1) - 1)
    view = ImportFolderService.browse(folder, path, search or "", PAGE_SIZE, offset)
    ticked = _names(chosen, folder)
    pages = max(math.ceil(view["total"] / PAGE_SIZE), 1)
    shown = entries(view, ticked, covered=_covered(path, ticked))
    return way(folder, view["path"]), shown, pages, {} if pages > 1 else HIDDEN


def open_folder(_folder: str | None, clicks: list[int | None]) -> tuple[Any, Any, Any]:
    """Go into the folder whose name was clicked; another root begins at its top."""
    opened = ctx.triggered_id
    if isinstance(opened, dict) and any(clicks):
        return opened["path"], "", 1
    if opened == Ids.folder:
        return "", "", 1
    return no_update, no_update, no_update


def tick(
    values: list[bool],
    ids: list[dict[str, str]],
    folder: str | None,
    path: str,
    chosen: Chosen | None,
) -> Chosen | Any:
    """Keep what is ticked, also in folders that are not open."""
    if not folder or not ids:
        return no_update
    names = _names(chosen, folder)
    if _covered(path, names):
        return no_update
    shown = [one["name"] for one in ids]
    ticked = [name for name, value in zip(shown, values, strict=True) if value]
    # A folder that is ticked as a whole has all that was ticked in it.
    wanted = [name for name in names if name not in shown]
    wanted = [name for name in wanted if not any(name.startswith(t) for t in _folders(ticked))]
    wanted += ticked
    return no_update if set(wanted) == set(names) else _keep(folder, wanted)


def take_whole(
    clicks: int | None, folder: str | None, path: str, chosen: Chosen | None
) -> tuple[Chosen | Any, int | Any]:
    """Tick the folder that is open; the number of clicks lets its rows be drawn anew."""
    if not clicks or not folder:
        return no_update, no_update
    whole = f"{path}/" if path else ""
    others = [name for name in _names(chosen, folder) if not name.startswith(whole)]
    return _keep(folder, [*others, whole]), clicks


def clear(clicks: int | None) -> tuple[Any | None, int | Any]:
    return (None, -clicks) if clicks else (no_update, no_update)


def forget_imported(finished: int | None) -> tuple[Any | None, Any]:
    """What was imported is not chosen any more."""
    return (no_update, no_update) if finished is None else (None, f"import {finished}")


def show_chosen(chosen: Chosen | None) -> tuple[str, dict[str, str]]:
    """What is ticked, in words."""
    text = told(chosen)
    return text, {} if text else HIDDEN


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.folder, "options"),
        Output(Ids.folder, "value"),
        Output(Ids.place, "hidden"),
        Output(Ids.chosen, "data"),
        Input(page.target, "id"),
        State(page.preview, "data"),
    )(show_folders)
    app.callback(
        Output(Ids.way, "children"),
        Output(Ids.entries, "children"),
        Output(Ids.pages, "max_value"),
        Output(Ids.pages, "style"),
        Input(Ids.folder, "value"),
        Input(Ids.path, "data"),
        Input(Ids.search, "value"),
        Input(Ids.pages, "active_page"),
        Input(Ids.redrawn, "data"),
        # Not when a tick changes it: drawn anew, the row would lose the focus of the keyboard.
        State(Ids.chosen, "data"),
    )(show_entries)
    app.callback(
        Output(Ids.path, "data"),
        Output(Ids.search, "value"),
        Output(Ids.pages, "active_page"),
        Input(Ids.folder, "value"),
        Input({"type": Ids.open, "path": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )(open_folder)
    _register_choosing(app)
    app.callback(
        Output(Ids.told, "children"),
        Output(Ids.clear, "style"),
        Input(Ids.chosen, "data"),
    )(show_chosen)


def _register_choosing(app: Dash) -> None:
    ticks = {"type": Ids.tick, "name": ALL}
    app.callback(
        Output(Ids.chosen, "data", allow_duplicate=True),
        Input(ticks, "value"),
        State(ticks, "id"),
        State(Ids.folder, "value"),
        State(Ids.path, "data"),
        State(Ids.chosen, "data"),
        prevent_initial_call=True,
    )(tick)
    app.callback(
        Output(Ids.chosen, "data", allow_duplicate=True),
        Output(Ids.redrawn, "data", allow_duplicate=True),
        Input(Ids.take, "n_clicks"),
        State(Ids.folder, "value"),
        State(Ids.path, "data"),
        State(Ids.chosen, "data"),
        prevent_initial_call=True,
    )(take_whole)
    app.callback(
        Output(Ids.chosen, "data", allow_duplicate=True),
        Output(Ids.redrawn, "data", allow_duplicate=True),
        Input(Ids.clear, "n_clicks"),
        prevent_initial_call=True,
    )(clear)
    app.callback(
        Output(Ids.chosen, "data", allow_duplicate=True),
        Output(Ids.redrawn, "data", allow_duplicate=True),
        Input(page.finished, "data"),
        prevent_initial_call=True,
    )(forget_imported)


def _chosen_for(preview: int) -> Chosen | None:
    try:
        asked = ImportService.get_sources(preview)
    except NotFound:
        return None
    return _keep(asked["folder"], asked["names"])


def _names(chosen: Chosen | None, folder: str) -> list[str]:
    """What is ticked in a folder; files come from one folder at a time."""
    return list(chosen["names"]) if chosen and chosen["folder"] == folder else []


def _keep(folder: str, names: list[str]) -> Chosen | None:
    return {"folder": folder, "names": names} if names else None


def _folders(names: list[str]) -> list[str]:
    return [name for name in names if name.endswith("/") or not name]


def _covered(path: str, names: list[str]) -> bool:
    """Whether a folder is ticked that the open one lies in, or is."""
    inside = f"{path}/" if path else ""
    return any(inside.startswith(name) for name in _folders(names))
