"""Several recordings by the same plot: a section of the signals page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.analysis import card
from layouts.analysis.plots import exports
from layouts.analysis.settings import Settings, value_of
from layouts.components.frame import definition_list, field, icon, section
from layouts.components.links import page_link
from layouts.components.quantities import quantity
from layouts.figures.signals import empty
from layouts.figures.template import graph_config

MOST = 5
PLOTS = {
    "waveform": "Waveform",
    "spectrum": "Amplitude spectrum",
    "density": "Power spectral density",
    "envelope": "Envelope spectrum",
}
LAYOUTS = {"overlay": "in one plot", "multiples": "one plot each"}


class Ids:
    """``chosen`` holds the setting; ``chooser`` shows it by names."""

    chosen = "signals-with"
    plot = "signals-compare"
    layout = "signals-layout"
    dataset = "signals-compare-dataset"
    chooser = "signals-compare-chooser"
    shown = "signals-compare-shown"
    graph = "signals-compare-graph"
    table = "signals-compare-table"
    card = "signals-compare-graph-card"
    csv = "signals-compare-graph-csv"
    png = "signals-compare-graph-png"
    svg = "signals-compare-graph-svg"
    download = "signals-compare-download"
    files = "signals-compare-files"
    refused = "signals-compare-refused"


def place(settings: Settings) -> Component:
    """A chooser; plot and table come with the first recording that is chosen."""
    chooser = dcc.Dropdown(
        [],
        [],
        id=Ids.chooser,
        multi=True,
        clearable=False,
        placeholder=f"Choose up to {MOST}",
        labels={"search": "Search recordings"},
    )
    choices = [
        field("From data set", dbc.Select(id=Ids.dataset, size="sm")),
        field("Recordings beside the shown one", chooser, class_name="signals-chooser"),
        _choice(settings, Ids.plot, "compare", "By", PLOTS),
        _choice(settings, Ids.layout, "layout", "Shown", LAYOUTS),
        dcc.Input(id=Ids.chosen, type="hidden", value=value_of(settings, "with")),
    ]
    graph = dcc.Loading(
        dcc.Graph(
            id=Ids.graph, figure=empty(""), config=graph_config("comparison", with_picture=False)
        ),
        delay_show=400,
        overlay_style={"visibility": "visible", "opacity": 0.5},
    )
    shown = [graph, html.Div(id=Ids.table), card.place(Ids.card)]
    files = exports(Ids.csv, Ids.png, Ids.svg, "the comparison")
    return section(
        "Compare",
        [
            html.Div(choices, className="field-row signals-fields"),
            html.P(id=Ids.refused, className="plot-note", role="status"),
            html.Div(shown, id=Ids.shown, hidden=True),
            dcc.Download(id=Ids.download),
        ],
        actions=[html.Div(files, id=Ids.files, className="section-actions", hidden=True)],
        class_name="signals-comparison",
    )


def made(view: Mapping[str, Any]) -> Component:
    """How the curves were made; the first one's card, as the others are made alike."""
    shown = [curve for curve in view["curves"] if not curve["refused"]]
    names = ", ".join(f"{one['name']}, {one['channel']}" for one in shown)
    return definition_list([("Recordings", names), *view["card"]])


def table(curves: Sequence[Mapping[str, Any]]) -> Component:
    """What each curve is: unit and rate, the time, what was done, or why it is not there."""
    heads = ("Recording", "Channel", "Unit", "Rate", "Time", "Resolution", "Remarks")
    head = html.Tr([html.Th(text, scope="col") for text in heads])
    return html.Table(
        [html.Thead(head), html.Tbody([_row(curve) for curve in curves])],
        className="plain-table signals-compared",
    )


def _row(curve: Mapping[str, Any]) -> Component:
    label = f" · {curve['label']}" if curve["label"] else ""
    link = page_link(f"{curve['name']}{label}", "/signals", {"recording": curve["recording_id"]})
    remarks: Any = "; ".join(curve["remarks"])
    if curve["refused"]:
        remarks = [icon("exclamation-triangle"), f" Not shown. {curve['refused']}"]
    resolution = curve["resolution_hz"]
    return html.Tr(
        [
            html.Th(link, scope="row"),
            html.Td(curve["channel"]),
            html.Td(curve["unit"]),
            html.Td(quantity(curve["sample_rate_hz"], "Hz", digits=6)),
            html.Td(_time(curve)),
            html.Td("" if resolution is None else quantity(resolution, "Hz")),
            html.Td(remarks),
        ]
    )


def _time(curve: Mapping[str, Any]) -> str:
    if curve["start_s"] is None:
        return ""
    return f"{curve['start_s']:.5g} to {curve['stop_s']:.5g} s"


def _choice(
    settings: Settings, component_id: str, name: str, label: str, of: Mapping[str, str]
) -> Component:
    options = [{"label": title, "value": value} for value, title in of.items()]
    control = dbc.Select(options, value_of(settings, name), id=component_id, size="sm")
    return field(label, control)
