"""The import page: choose a data set and files, check what was found, import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from diagnostics.importers.archives import SUFFIX
from diagnostics.importers.registry import IMPORTERS, PACKED
from diagnostics.signals.signal import Unit
from layouts.components.attributes import attributes
from layouts.components.frame import empty_state, field, icon, page_head, section
from layouts.components.links import number_of
from layouts.import_data_folders import folder_browser
from layouts.import_data_profiles import NOT_CHOSEN, profile_field
from layouts.page import WRITERS, Group, Page

PAGE_SIZE = 20
# What a person typed is there again after a reload of the tab.
KEPT: dict[str, Any] = {"persistence": True, "persistence_type": "session"}
ONLY = {
    "": "all files",
    "problems": "unread or lacking",
    "unreadable": "cannot be read",
    "lacking": "lack a value",
    "warned": "with warnings",
}


class Ids:
    """``uploads`` is written by ``assets/uploader.js``: the files that have arrived whole.

    ``preview`` and ``job`` hold the jobs that look and import, ``ready`` and ``finished`` the
    same once they have ended. ``own`` are the entries for one file, ``typed`` what was typed
    into them on all pages of the preview. The address keeps ``preview`` and ``job`` over a reload.
    """

    target = "import-data-target"
    dataset = "import-data-dataset"
    name = "import-data-name"
    uploader = "import-data-uploader"
    choose = "import-data-choose"
    choose_folder = "import-data-choose-folder"
    told = "import-data-told"
    files = "import-data-files"
    uploads = "import-data-uploads"
    preview = "import-data-preview"
    ready = "import-data-ready"
    progress = "import-data-progress"
    rate = "import-data-rate"
    unit = "import-data-unit"
    speed = "import-data-speed"
    label = "import-data-label"
    load = "import-data-load"
    machine = "import-data-machine"
    bearing = "import-data-bearing"
    pattern = "import-data-pattern"
    pattern_on = "import-data-pattern-on"
    channels = "import-data-channels"
    matches = "import-data-matches"
    table = "import-data-table"
    grouped = "import-data-grouped"
    narrowing = "import-data-narrowing"
    only = "import-data-only"
    search = "import-data-search"
    pages = "import-data-pages"
    own = "import-data-own"
    typed = "import-data-typed"
    skip = "import-data-skip"
    start = "import-data-start"
    job = "import-data-job"
    finished = "import-data-finished"
    result = "import-data-result"


# What may be typed for all files, by the name that the import service knows it under.
SHARED = {
    "sample_rate_hz": Ids.rate,
    "unit": Ids.unit,
    "speed_rpm": Ids.speed,
    "label": Ids.label,
    "load": Ids.load,
    "machine": Ids.machine,
    "bearing": Ids.bearing,
    "pattern": Ids.pattern,
    "pattern_on": Ids.pattern_on,
    "channels": Ids.channels,
}


def build(dataset: str = "", job: str = "", preview: str = "", **_view: Any) -> Component:
    seen, chosen = number_of(preview), number_of(dataset)
    action = dbc.Button(
        [icon("box-arrow-in-down"), " Import"], id=Ids.start, color="primary", disabled=True
    )
    return html.Div(
        [
            page_head(
                "Import",
                lead="Nothing is stored before you have seen what was found in the files.",
                actions=[action],
            ),
            *[dcc.Store(id=one) for one in (Ids.uploads, Ids.ready, Ids.finished, Ids.typed)],
            dcc.Store(id=Ids.preview, data=seen),
            dcc.Store(id=Ids.job, data=number_of(job)),
            html.Div(id=Ids.result),
            html.Div(
                [html.Div([_target(chosen), _profile()]), _files(seen)], className="two-columns"
            ),
            _values(),
            _preview(),
        ],
        className="import-page",
    )


def nothing_yet() -> Component:
    return empty_state(
        "Nothing to look at yet",
        "Choose files above. What is in them, what is missing and what looks wrong is shown "
        "here before anything is stored.",
        icon_name="file-earmark-binary",
    )


def dataset_options(datasets: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"label": f"{one['name']} ({one['recording_count']} recordings)", "value": one["id"]}
        for one in datasets
    ]


def matches(found: Sequence[Mapping[str, Any]], problem: str = "") -> Component:
    """What a pattern takes out of the first names."""
    if problem:
        return html.P(problem, className="pattern-problem", role="alert")
    rows = [
        html.Li([html.Span(one["name"], className="pattern-name"), *_found(one["found"])])
        for one in found
    ]
    return html.Ul(rows, className="pattern-matches")


def _found(values: Mapping[str, str] | None) -> list[Component]:
    if values is None:
        return [html.Span("does not fit", className="pattern-miss")]
    return [
        html.Span([html.Span(f"{name} "), html.Strong(value)], className="pattern-value")
        for name, value in values.items()
    ]


def _preview() -> Component:
    only = [{"label": text, "value": name or NOT_CHOSEN} for name, text in ONLY.items()]
    narrowing = html.Div(
        [
            field("Show", dbc.Select(only, NOT_CHOSEN, id=Ids.only)),
            field(
                "Name of the file",
                dbc.Input(id=Ids.search, type="search", debounce=300, maxlength=120),
            ),
        ],
        className="field-row import-narrowing",
    )
    pages = dbc.Pagination(
        id=Ids.pages,
        active_page=1,
        max_value=1,
        fully_expanded=False,
        first_last=True,
        previous_next=True,
    )
    return section(
        "Preview",
        [
            html.Div(id=Ids.progress),
            html.Div(id=Ids.grouped),
            html.Div([narrowing], id=Ids.narrowing, hidden=True),
            html.Div(nothing_yet(), id=Ids.table),
            html.Div(pages, className="import-pages"),
        ],
    )


def _target(chosen: int | None) -> Component:
    # An address that names a data set counts more than what this tab remembers.
    kept = KEPT if chosen is None else {}
    options = [
        {"label": "Add to a data set", "value": "existing"},
        {"label": "Make a new one", "value": "new"},
    ]
    return section(
        "Data set",
        [
            dbc.RadioItems(options, "existing", id=Ids.target, inline=True, class_name="mb-2"),
            field(
                "Data set",
                dcc.Dropdown([], chosen, id=Ids.dataset, placeholder="choose", **kept),
                class_name="import-existing",
            ),
            field(
                "Name of the new data set",
                dbc.Input(id=Ids.name, maxlength=120, autocomplete="off", **KEPT),
                class_name="import-new",
            ),
            dbc.Checkbox(
                id=Ids.skip,
                label="Leave out recordings that another data set has",
                class_name="mt-3",
                **KEPT,
            ),
        ],
        class_name="import-target",
    )


def _files(seen: int | None) -> Component:
    buttons = html.Div(
        [
            dbc.Button([icon("files"), " Choose files"], id=Ids.choose, color="secondary"),
            dbc.Button(
                [icon("folder"), " Choose a folder"],
                id=Ids.choose_folder,
                color="secondary",
                outline=True,
            ),
        ],
        className="section-actions",
    )
    return section(
        "Files",
        [
            html.Div(
                [
                    icon("cloud-upload"),
                    html.P("Drop files, folders or zip archives here."),
                    buttons,
                    html.Details([html.Summary("What is read"), html.P(_kinds())]),
                ],
                id=Ids.uploader,
                className="upload-place",
            ),
            html.P(id=Ids.told, className="upload-summary", **attributes(aria_live="polite")),
            html.Div(id=Ids.files),
            folder_browser(seen),
        ],
    )


def _profile() -> Component:
    return section("How the files are laid out", [profile_field()])


def _kinds() -> str:
    kinds = [f"{one.title} ({', '.join(one.suffixes)})" for one in IMPORTERS]
    return f"{', '.join(kinds)}; all of them packed ({PACKED}), too, and archives ({SUFFIX})."


def _values() -> Component:
    units = [
        {"label": "not known", "value": NOT_CHOSEN},
        *({"label": u.value, "value": u.value} for u in Unit),
    ]
    parts = [
        html.Div(
            [
                field("Sampling rate in Hz", _number(Ids.rate)),
                field("Unit", dbc.Select(units, NOT_CHOSEN, id=Ids.unit, **KEPT)),
                field("Speed in rpm", _number(Ids.speed)),
                field("Label", _text(Ids.label)),
                field("Load", _text(Ids.load)),
                field("Machine", _text(Ids.machine)),
                field("Bearing", _text(Ids.bearing)),
            ],
            className="import-values",
        ),
        _pattern(),
        html.Div(id=Ids.matches, **attributes(aria_live="polite")),
    ]
    return section(
        "Where a file does not say it",
        [
            html.P(
                "Used for every file that does not declare the value. A pattern takes label, "
                "load and other values out of names, and counts more than what a profile found.",
                className="page-lead mb-2",
            ),
            *parts,
        ],
    )


def _pattern() -> Component:
    on = [
        {"label": "the file name, with folders", "value": "file"},
        {"label": "the name of the array", "value": "recording"},
    ]
    pattern = "{label}/{load_hp}_*.mat"
    return html.Div(
        [
            field(
                "Pattern",
                dbc.Input(
                    id=Ids.pattern,
                    maxlength=200,
                    debounce=400,
                    placeholder=pattern,
                    autocomplete="off",
                    **KEPT,
                ),
                hint="{name} takes what stands there; {name:digits} and {name:letters} only "
                "these; * takes anything. With / it covers folders.",
                class_name="import-pattern",
            ),
            field("looks at", dbc.Select(on, "file", id=Ids.pattern_on, **KEPT)),
            field(
                "Channels",
                _text(Ids.channels),
                hint="Columns or variables with commas between; all when empty.",
                class_name="import-columns",
            ),
        ],
        className="field-row import-pattern-row",
    )


def _number(component_id: str) -> Component:
    return dbc.Input(id=component_id, type="number", min=0, step="any", debounce=True, **KEPT)


def _text(component_id: str) -> Component:
    return dbc.Input(id=component_id, maxlength=120, debounce=True, autocomplete="off", **KEPT)


PAGE = Page(
    "import_data", "Import", "/import", build, Group.DATA, "box-arrow-in-down", roles=WRITERS
)
