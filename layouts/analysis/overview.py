"""All recordings of the shown channel, as a trend or a waterfall: a section of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.analysis.controls import choice
from layouts.analysis.settings import Settings, value_of
from layouts.components.frame import section
from layouts.figures.signals import empty
from layouts.figures.template import graph_config

OVERVIEWS = {"": "Off", "trend": "Trend", "waterfall": "Waterfall"}
QUANTITIES = {
    "levels": "RMS, peak, crest factor, kurtosis",
    "velocity": "velocity RMS 10–1000 Hz",
    "bearing": "envelope at the fault frequencies",
}
STACKED = {"spectrum": "amplitude spectra", "envelope": "envelope spectra"}
STACKINGS = {"picture": "heat map", "cascade": "cascade"}
AMONG = {"none": "of the same bearing", "dataset": "all of the data set"}
SORTINGS = {"time": "time, if known", "name": "name"}


class Ids:
    """``channel`` changes with the recording and the channel, not with the time."""

    channel = "signals-overview-channel"
    overview = "signals-over"
    of_trend = "signals-overview-of-trend"
    of_waterfall = "signals-overview-of-waterfall"
    choices = "signals-overview-choices"
    quantity = "signals-quantity"
    stacked = "signals-stacked"
    stacking = "signals-stacking"
    among = "signals-among"
    sorting = "signals-sort"
    shown = "signals-overview-shown"
    graph = "signals-overview-graph"
    note = "signals-overview-note"


def place(settings: Settings) -> Component:
    """Nothing is computed before a trend or a waterfall is asked for."""
    kinds = dbc.RadioItems(
        [{"label": title, "value": value} for value, title in OVERVIEWS.items()],
        value_of(settings, "over"),
        id=Ids.overview,
        inline=True,
        className="signals-kinds",
        inputClassName="btn-check",
        labelClassName="btn btn-outline-secondary btn-sm",
        labelCheckedClassName="active",
    )
    choices = [
        html.Div(choice(settings, Ids.quantity, "Trend of", QUANTITIES), id=Ids.of_trend),
        html.Div(
            [
                choice(settings, Ids.stacked, "Waterfall of", STACKED),
                choice(settings, Ids.stacking, "Shown as", STACKINGS),
            ],
            id=Ids.of_waterfall,
            className="field-row signals-fields",
        ),
        choice(settings, Ids.among, "Recordings", AMONG),
        choice(settings, Ids.sorting, "In order of", SORTINGS),
    ]
    graph = dcc.Loading(
        dcc.Graph(id=Ids.graph, figure=empty(""), config=graph_config("overview")),
        delay_show=400,
        overlay_style={"visibility": "visible", "opacity": 0.5},
    )
    shown = [graph, html.P(id=Ids.note, className="plot-note", role="status")]
    return section(
        "All recordings of this channel",
        [
            dcc.Store(id=Ids.channel),
            html.Div(choices, id=Ids.choices, className="field-row signals-fields", hidden=True),
            html.Div(shown, id=Ids.shown, hidden=True),
        ],
        actions=[kinds],
        class_name="signals-overview",
    )


def note(told: Sequence[str], more: str = "") -> list[str]:
    """How the picture came about, as one paragraph; a click opens the recording.

    Examples
    --------
    >>> note(["all recordings of the data set", "in order of names"])
    ['All recordings of the data set; in order of names. Click to open a recording.']
    """
    said = "; ".join(told)
    return [" ".join(f"{said[:1].upper()}{said[1:]}. {more} Click to open a recording.".split())]


def hidden_parts(overview: str) -> Mapping[str, bool]:
    """What is of no use for what is shown."""
    return {
        Ids.choices: not overview,
        Ids.of_trend: overview != "trend",
        Ids.of_waterfall: overview != "waterfall",
        Ids.shown: not overview,
    }
