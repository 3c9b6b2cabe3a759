"""The signals page: one recording, from its waveform to its envelope spectrum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from diagnostics.importers.attribute_titles import title_and_unit
from layouts import signals_prediction
from layouts.analysis import audio, card, compare, overall, overview, peaks, quality
from layouts.analysis.plots import Kind, analysis, exports
from layouts.analysis.settings import Settings, number_in, settings_of, stores
from layouts.components.attributes import attributes
from layouts.components.frame import (
    alert,
    badge,
    definition_list,
    empty_state,
    field,
    icon,
    link_button,
    page_head,
    section,
)
from layouts.components.links import number_of, page_link, path_to
from layouts.components.quantities import count, quantity
from layouts.figures import signals as figures
from layouts.figures.template import graph_config
from layouts.page import Group, Page


class Ids:
    """``view`` holds what the address says, ``target`` what is to be drawn anew, and
    ``shown`` the channel and the time that are on the screen, also after each zoom;
    ``length`` is how many seconds the recording lasts."""

    view = "signals-view"
    target = "signals-target"
    shown = "signals-shown"
    length = "signals-length"
    body = "signals-body"
    empty = "signals-empty"
    plots = "signals-plots"
    empty_dataset = "signals-empty-dataset"
    dataset = "signals-dataset"
    recording = "signals-recording"
    finder = "signals-finder"
    find = "signals-find"
    channel = "signals-channel"
    previous = "signals-previous"
    next = "signals-next"
    waveform = "signals-waveform"
    start = "signals-start"
    stop = "signals-stop"
    whole = "signals-whole"
    span = "signals-span"
    waveform_csv = "signals-waveform-csv"
    waveform_png = "signals-waveform-png"
    waveform_svg = "signals-waveform-svg"
    waveform_card = "signals-waveform-card"
    waveform_note = "signals-waveform-note"
    download = "signals-download"
    statistics = "signals-statistics"
    details = "signals-details"


# Attributes of imported recordings end in their unit.


def build(
    dataset: str = "",
    recording: str = "",
    channel: str = "",
    plot: str = "",
    start: str = "",
    stop: str = "",
    **others: str,
) -> Component:
    """The query names what to show and by which settings, so that a link opens the same view."""
    view = {
        "dataset": number_of(dataset),
        "recording": number_of(recording),
        "channel": number_of(channel),
        "start": number_in(start),
        "stop": number_in(stop),
    }
    kind = plot if plot in set(Kind) else Kind.SPECTRUM.value
    settings = settings_of(others)
    return html.Div(
        [
            page_head("Signals"),
            dcc.Store(id=Ids.view, data=view),
            dcc.Store(id=Ids.target),
            dcc.Store(id=Ids.shown),
            dcc.Store(id=Ids.length),
            stores(kind, settings),
            dcc.Download(id=Ids.download),
            html.Div(id=Ids.empty),
            _body(kind, settings),
        ]
    )


def _body(kind: str, settings: Settings) -> Component:
    """Everything that is there when there is a data set."""
    several = [compare.place(settings), overview.place(settings), quality.place()]
    plots = [analysis(kind, settings), peaks.place(), *several, signals_prediction.place()]
    right = html.Div([overall.place(), _statistics(), _details()], className="signals-side")
    columns = html.Div([html.Div(plots), right], className="signals-columns")
    return html.Div(
        [
            _choices(),
            html.Div(id=Ids.empty_dataset),
            html.Div([_waveform(), columns], id=Ids.plots),
        ],
        id=Ids.body,
        hidden=True,
    )


def nothing_imported() -> Component:
    """In place of the page while there is no data set."""
    return empty_state(
        "No recordings yet",
        [
            "Import recordings first: here you see their waveform, spectra and statistics. Or ",
            page_link("begin with a generated demo data set", "/"),
            ".",
        ],
        link_button("Import recordings", path_to("/import"), icon_name="upload"),
        icon_name="soundwave",
    )


def nothing_in_dataset(name: str) -> Component:
    """In place of the plots while the chosen data set is empty."""
    return empty_state(
        "This data set is empty",
        f"“{name}” holds no recordings. Import some into it, or choose another data set.",
        link_button("Import recordings", path_to("/import"), icon_name="upload"),
        icon_name="soundwave",
    )


def statistics_table(statistics: Sequence[Mapping[str, Any]]) -> Component:
    """Name and value with unit, one row each."""
    rows = [
        html.Tr(
            [
                html.Th(one["title"], scope="row"),
                html.Td(quantity(one["value"], one["unit"]), className="signals-number"),
            ]
        )
        for one in statistics
    ]
    return html.Table(html.Tbody(rows), className="plain-table")


def recording_details(recording: Mapping[str, Any]) -> list[Component]:
    """What is known about the recording, and what to be careful about."""
    items: list[tuple[str, str]] = [
        ("Label", recording["label"] or "none"),
        ("Sampling rate", quantity(recording["sample_rate_hz"], "Hz", digits=6)),
        ("Samples", count(recording["sample_count"])),
        ("Duration", quantity(recording["duration_s"], "s")),
        ("Channels", ", ".join(f"{one['name']} [{one['unit']}]" for one in recording["channels"])),
        ("Speed", _speed(recording)),
        ("Load", recording["load"] or "unknown"),
        ("Bearing", recording["bearing"] or "unknown"),
        ("Machine", recording["machine"] or "unknown"),
        *(_attribute(name, value) for name, value in recording["attributes"].items()),
    ]
    warnings = [alert(one["message"], "warning") for one in recording["warnings"]]
    marks = (
        [badge("generated", "info", icon_name="stars")]
        if recording["origin"] == "generated"
        else []
    )
    # An attribute may say again what stands above, as the load of public data sets does.
    return [*marks, *warnings, definition_list(list(dict.fromkeys(items)))]


def _choices() -> Component:
    step = [
        _step(Ids.previous, "chevron-left", "Previous recording"),
        _step(Ids.next, "chevron-right", "Next recording"),
    ]
    return html.Div(
        [
            field("Data set", dbc.Select(id=Ids.dataset)),
            html.Div(
                field("Find", dbc.Input(id=Ids.find, type="search", debounce=300, maxlength=120)),
                id=Ids.finder,
                hidden=True,
            ),
            field(
                "Recording",
                dbc.Select(id=Ids.recording),
                class_name="signals-recording",
            ),
            html.Div(step, className="signals-step"),
            field("Channel", dbc.Select(id=Ids.channel)),
        ],
        className="field-row signals-choices",
    )


def _waveform() -> Component:
    span = [
        field("From [s]", _seconds(Ids.start)),
        field("To [s]", _seconds(Ids.stop)),
        dbc.Button("Whole recording", id=Ids.whole, color="secondary", outline=True),
    ]
    files = exports(Ids.waveform_csv, Ids.waveform_png, Ids.waveform_svg, "the shown time")
    config = graph_config("waveform", with_picture=False)
    config["doubleClick"] = "autosize"
    graph = dcc.Graph(
        id=Ids.waveform, figure=figures.empty(""), config=config, style={"height": "240px"}
    )
    hint = "Drag or turn the wheel to choose a time; everything below follows. Double click: all."
    return section(
        "Waveform",
        [
            graph,
            html.P([hint, " ", html.Span(id=Ids.span, role="status")], className="plot-note"),
            html.P(id=Ids.waveform_note, className="plot-note", role="status"),
            audio.place(),
            card.place(Ids.waveform_card),
        ],
        actions=[html.Div(span, className="field-row signals-span"), *files],
    )


def _statistics() -> Component:
    return section("Statistics", html.Div(id=Ids.statistics))


def _details() -> Component:
    return section("Recording", html.Div(id=Ids.details))


def _step(component_id: str, icon_name: str, label: str) -> Component:
    return html.Button(
        icon(icon_name),
        id=component_id,
        className="btn btn-outline-secondary",
        type="button",
        **attributes(aria_label=label),
    )


def _seconds(component_id: str) -> Component:
    return dbc.Input(id=component_id, type="number", step="any", debounce=True, size="sm")


def _speed(recording: Mapping[str, Any]) -> str:
    if recording["speed_rpm"] is None:
        return "unknown"
    source = f" ({recording['speed_source']})" if recording["speed_source"] else ""
    return f"{recording['speed_rpm']:.5g} rpm{source}"


def _attribute(name: str, value: object) -> tuple[str, str]:
    """``load_hp`` with 3.0 becomes “Load” and “3 hp”."""
    title, unit = title_and_unit(name)
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return title, f"{text} {unit}".rstrip()


PAGE = Page("signals", "Signals", "/signals", build, Group.DATA, "soundwave")
