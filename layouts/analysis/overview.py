"""All recordings of the shown channel, as a trend or a waterfall: a section of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.analysis import card
from layouts.analysis.controls import choice, setting_of
from layouts.analysis.plots import exports
from layouts.analysis.settings import Settings, value_of
from layouts.components.frame import definition_list, field, section
from layouts.figures.signals import empty
from layouts.figures.template import graph_config

View = Mapping[str, Any]

OVERVIEWS = {"": "Off", "trend": "Trend", "waterfall": "Waterfall"}
QUANTITIES = {
    "levels": "RMS, peak, crest factor, kurtosis",
    "velocity": "velocity RMS 10–1000 Hz",
    "bearing": "envelope at the fault frequencies",
    "feature": "an extracted feature",
}
STACKED = {"spectrum": "amplitude spectra", "envelope": "envelope spectra"}
STACKINGS = {"picture": "heat map", "cascade": "cascade"}
AMONG = {"none": "of the same bearing", "dataset": "all of the data set"}
SORTINGS = {"time": "time, if known", "name": "name"}


class Ids:
    """``channel`` changes with the recording and the channel, not with the time; ``drawn`` and
    ``made`` hold the figure and its card, which a refusal has none of."""

    channel = "signals-overview-channel"
    overview = "signals-over"
    of_trend = "signals-overview-of-trend"
    of_feature = "signals-overview-of-feature"
    of_waterfall = "signals-overview-of-waterfall"
    choices = "signals-overview-choices"
    quantity = "signals-quantity"
    feature_set = "signals-features"
    feature = "signals-feature"
    stacked = "signals-stacked"
    stacking = "signals-stacking"
    among = "signals-among"
    sorting = "signals-sort"
    shown = "signals-overview-shown"
    drawn = "signals-overview-drawn"
    made = "signals-overview-made"
    graph = "signals-overview-graph"
    note = "signals-overview-note"
    card = "signals-overview-graph-card"
    csv = "signals-overview-graph-csv"
    png = "signals-overview-graph-png"
    svg = "signals-overview-graph-svg"
    download = "signals-overview-download"
    files = "signals-overview-files"


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
                _named(settings, Ids.feature_set, "Feature set"),
                _named(settings, Ids.feature, "Feature"),
            ],
            id=Ids.of_feature,
            className="field-row signals-fields",
        ),
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
    figure = dcc.Graph(
        id=Ids.graph, figure=empty(""), config=graph_config("overview", with_picture=False)
    )
    graph = dcc.Loading(
        html.Div(figure, id=Ids.drawn),
        delay_show=400,
        overlay_style={"visibility": "visible", "opacity": 0.5},
    )
    told = html.P(id=Ids.note, className="plot-note", role="status")
    shown = [graph, told, html.Div(card.place(Ids.card), id=Ids.made)]
    files = exports(Ids.csv, Ids.png, Ids.svg, "all recordings")
    return section(
        "All recordings of this channel",
        [
            dcc.Store(id=Ids.channel),
            html.Div(choices, id=Ids.choices, className="field-row signals-fields", hidden=True),
            html.Div(shown, id=Ids.shown, hidden=True),
            dcc.Download(id=Ids.download),
        ],
        actions=[
            html.Div(files, id=Ids.files, className="section-actions", hidden=True),
            kinds,
        ],
        class_name="signals-overview",
    )


def note(told: Sequence[str], more: str = "") -> str:
    """Which recordings these are, and what to do with them; the card has the rest.

    Examples
    --------
    >>> note(["channel “a”", "recordings of the same bearing", "in order of names"])
    'Channel “a”; recordings of the same bearing; in order of names. Click to open a recording.'
    """
    said = "; ".join(told)
    return " ".join(f"{said[:1].upper()}{said[1:]}. {more} Click to open a recording.".split())


def made(shown: str, name: str, notes: Sequence[str]) -> Component:
    """What is shown, of which recordings, and how it was made."""
    return definition_list(
        [
            ("Recordings", f"all of the channel of {name}"),
            ("Shown", shown),
            ("Made", "; ".join(notes)),
        ]
    )


def set_options(sets: Sequence[View]) -> list[dict[str, str]]:
    """Feature sets to choose from."""
    return [
        {"label": f"{one['name']}, version {one['number']}", "value": str(one["id"])}
        for one in sets
    ]


def feature_options(features: Sequence[View]) -> list[dict[str, str]]:
    """Columns of a feature set to choose from, each with its domain."""
    return [
        {
            "label": f"{one['title']} ({one['domain']})" if one["domain"] else one["title"],
            "value": one["name"],
        }
        for one in features
    ]


def _named(settings: Settings, component_id: str, label: str) -> Component:
    """A list that is filled with the recording; until then it has what the address names."""
    chosen = value_of(settings, setting_of(component_id))
    first = [{"label": chosen, "value": chosen}] if chosen else []
    return field(label, dbc.Select(first, chosen, id=component_id, size="sm"))


def hidden_parts(overview: str, quantity: str = "") -> Mapping[str, bool]:
    """What is of no use for what is shown."""
    return {
        Ids.choices: not overview,
        Ids.of_trend: overview != "trend",
        Ids.of_feature: overview != "trend" or quantity != "feature",
        Ids.of_waterfall: overview != "waterfall",
        Ids.shown: not overview,
    }
