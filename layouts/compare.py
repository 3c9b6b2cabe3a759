"""The compare page: experiments side by side, with what their differences rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts import compare_parts
from layouts.components.frame import alert, empty_state, field, link_button, page_head
from layouts.components.links import numbers_in
from layouts.page import Group, Page

MOST = 6


class Ids:
    """``view`` holds what the address says."""

    view = "compare-view"
    chooser = "compare-chooser"
    windows = "compare-windows"
    result = "compare-result"
    address = "compare-address"


def build(experiments: str = "", windows: str = "", **_view: str) -> Component:
    """The query names what to compare, so that a link opens the same view."""
    view = {"experiments": numbers_in(experiments), "windows": windows == "1"}
    chooser = dcc.Dropdown(
        [],
        [],
        id=Ids.chooser,
        multi=True,
        clearable=False,
        closeOnSelect=False,
        placeholder=f"Choose 2 to {MOST}, the one to compare with first",
        labels={"search": "Search by name or number"},
    )
    switch = dbc.Switch(
        id=Ids.windows, value=view["windows"], label="Test windows too (they are not independent)"
    )
    return html.Div(
        [
            page_head(
                "Compare",
                lead="Experiments on the recordings that all of them were tested on: what they "
                "differ in, and whether the data can tell.",
            ),
            dcc.Store(id=Ids.view, data=view),
            dcc.Store(id=Ids.address),
            html.Div(
                [field("Experiments with a result", chooser, class_name="compare-chooser"), switch],
                className="section-card compare-choice",
            ),
            dcc.Loading(
                html.Div(id=Ids.result, className="evaluation-result"),
                delay_show=400,
                overlay_style={"visibility": "visible", "opacity": 0.5},
            ),
        ],
        className="compare-page",
    )


def options(choices: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """For the chooser; the number tells experiments of one name apart."""
    return [
        {
            "label": f"{choice['name']} (experiment {choice['experiment_id']})",
            "value": choice["experiment_id"],
        }
        for choice in choices
    ]


def nothing_chosen(known: int) -> Component:
    """In place of a result."""
    if known < 2:
        return empty_state(
            "Nothing to compare yet",
            "A comparison needs two finished experiments that were tested on common recordings. "
            "Train another one on the same data, with another classifier or seed.",
            link_button("New experiment", "/new-experiment", icon_name="plus-lg"),
            icon_name="layout-split",
        )
    return empty_state(
        "Choose two experiments or more",
        "Search for them above. The first is the one that the others are held against; the "
        "address of this page then shows the same comparison to a colleague.",
        icon_name="layout-split",
    )


def refused(sentence: str) -> Component:
    """Why these cannot be compared."""
    return alert(sentence, "warning")


def result(data: Mapping[str, Any], sentences: Sequence[str], windows: bool) -> list[Component]:
    """The whole comparison."""
    return compare_parts.result(data, sentences, windows)


PAGE = Page("compare", "Compare", "/compare", build, Group.UNDERSTAND, "layout-split")
