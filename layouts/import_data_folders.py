"""Folders of the server on the import page: look into one, tick files or whole sub-folders."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.attributes import attributes
from layouts.components.frame import field, icon
from layouts.components.moments import moment
from layouts.components.quantities import file_size, plural

PAGE_SIZE = 100


class Ids:
    """``chosen`` holds the folder and the names that were ticked, ``path`` where one looks;
    ``redrawn`` changes when ticks must be drawn that nobody clicked."""

    place = "import-data-folder-place"
    folder = "import-data-folder"
    path = "import-data-folder-path"
    search = "import-data-folder-search"
    pages = "import-data-folder-pages"
    entries = "import-data-folder-entries"
    way = "import-data-folder-way"
    open = "import-data-folder-open"
    take = "import-data-folder-take"
    tick = "import-data-folder-tick"
    chosen = "import-data-folder-chosen"
    redrawn = "import-data-folder-redrawn"
    told = "import-data-folder-told"
    clear = "import-data-folder-clear"


def folder_browser(preview: int | None) -> Component:
    """Hidden until it is known that the settings allow folders.

    What was chosen for a ``preview`` that the address names is asked for; until then it is unknown.
    """
    chosen = None if preview is None else {"folder": "", "names": [], "unknown": True}
    pages = dbc.Pagination(
        id=Ids.pages, active_page=1, max_value=1, fully_expanded=False, previous_next=True
    )
    return html.Div(
        [
            dcc.Store(id=Ids.chosen, data=chosen),
            dcc.Store(id=Ids.path, data=""),
            dcc.Store(id=Ids.redrawn),
            html.H3("From a folder of the server"),
            html.Div(
                [
                    field("Folder", dbc.Select([], id=Ids.folder)),
                    field(
                        "Name",
                        dbc.Input(id=Ids.search, type="search", debounce=300, maxlength=120),
                    ),
                ],
                className="field-row",
            ),
            html.Div(
                [
                    html.Nav(
                        id=Ids.way, className="folder-way", **attributes(aria_label="Open folder")
                    ),
                    dbc.Button(
                        "Choose this whole folder",
                        id=Ids.take,
                        color="secondary",
                        outline=True,
                        size="sm",
                    ),
                ],
                className="folder-head",
            ),
            html.Div(id=Ids.entries),
            html.Div(pages, className="import-pages"),
            html.Div(
                [
                    html.Span(id=Ids.told, **attributes(aria_live="polite")),
                    dbc.Button("Choose none", id=Ids.clear, color="link", size="sm"),
                ],
                className="folder-told",
            ),
        ],
        id=Ids.place,
        className="folder-browser",
        hidden=True,
    )


def way(folder: str, path: str) -> list[Component]:
    """Where one is: a button for each folder above."""
    parts = [part for part in path.split("/") if part]
    above = ["/".join(parts[:n]) for n in range(len(parts) + 1)]
    names = [folder, *parts]
    shown: list[Component] = []
    for name, place in zip(names, above, strict=True):
        is_here = place == above[-1]
        shown.append(
            html.Span(name, **attributes(aria_current="true")) if is_here else _open(place, name)
        )
        if not is_here:
            shown.append(html.Span("/"))
    return shown


def entries(
    view: Mapping[str, Any], chosen: Collection[str], *, covered: bool = False
) -> Component:
    """The rows of one page of a folder. ``covered``: a folder above them is ticked."""
    if not view["entries"]:
        return html.P("Nothing here." if not view["total"] else "", className="import-source")
    rows = [_entry(one, covered or one["name"] in chosen, covered) for one in view["entries"]]
    return html.Ul(rows, className="folder-list")


def told(chosen: Mapping[str, Any] | None) -> str:
    """What has been ticked, in words."""
    names: Sequence[str] = (chosen or {}).get("names", [])
    folders = [name for name in names if name.endswith("/") or not name]
    files = len(names) - len(folders)
    parts = [
        plural(number, word)
        for number, word in ((files, "file"), (len(folders), "whole folder"))
        if number
    ]
    return f"Chosen: {' and '.join(parts)} of “{(chosen or {})['folder']}”." if parts else ""


def _entry(entry: Mapping[str, Any], is_ticked: bool, is_covered: bool) -> Component:
    last = entry["name"].rstrip("/").rpartition("/")[2]
    readable = entry["is_folder"] or entry["is_read"]
    tick = dbc.Checkbox(
        id={"type": Ids.tick, "name": entry["name"]},
        label=html.Span(
            [icon("folder" if entry["is_folder"] else "file-earmark"), " ", last],
            className="folder-name",
        ),
        value=is_ticked,
        disabled=is_covered or not readable,
    )
    facts: list[Any] = [_open(entry["name"].rstrip("/"), "Open", f"Open the folder {last}")]
    if not entry["is_folder"]:
        size = file_size(entry["size"]) if readable else "not read"
        facts = [html.Span(size), moment(entry["changed_at"])]
    return html.Li([tick, html.Span(facts, className="folder-facts")])


def _open(place: str, text: str, label: str = "") -> Component:
    named = attributes(aria_label=label) if label else {}
    return html.Button(
        text, id={"type": Ids.open, "path": place}, type="button", className="link-button", **named
    )
