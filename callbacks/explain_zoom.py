"""The methods side by side on the explain page, with the samples of the time zoomed to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dash import Dash, Input, Output, Patch, State
from dash.exceptions import PreventUpdate

from layouts.explain import Ids as PageIds
from layouts.explain_comparison import Ids
from services.explanation_view_service import ExplanationViewService

# All rows share their time, so the first axis that says something speaks for all.
_END = re.compile(r"xaxis\d*\.range\[([01])\]$")
_BOTH = re.compile(r"xaxis\d*\.range$")
_ALL = re.compile(r"xaxis\d*\.autorange$")


def zoom(event: Mapping[str, Any] | None, shown: Mapping[str, Any] | None) -> Patch:
    """The same picture with the samples and the relevance of the time that was zoomed to."""
    span = span_of(event or {})
    if span is None or not shown or "start_s" not in shown:
        raise PreventUpdate
    key = shown["key"]
    closer = ExplanationViewService.zoom(
        *(key["experiment"], key["recording"], key["class"]),
        [(name, parameters) for name, parameters in shown["there"]],
        shown["start_s"],
        span,
    )
    change = Patch()
    for row, picture in enumerate(closer):
        colour, line = change["data"][2 * row], change["data"][2 * row + 1]
        colour["x"], colour["z"] = picture["edges_s"], [picture["attribution"]]
        line["x"], line["y"] = picture["times_s"], picture["samples"]
    return change


def span_of(event: Mapping[str, Any]) -> tuple[float | None, float | None] | None:
    """Begin and end that a drag, a wheel or a double click chose; None for other events.

    Examples
    --------
    >>> span_of({"xaxis2.range[0]": 1, "xaxis2.range[1]": 2}), span_of({"xaxis.autorange": True})
    ((1.0, 2.0), (None, None))
    """
    ends: dict[int, float] = {}
    for name, value in event.items():
        if _ALL.fullmatch(name) and value:
            return None, None
        if _BOTH.fullmatch(name):
            return float(value[0]), float(value[1])
        end = _END.fullmatch(name)
        if end:
            ends[int(end[1])] = float(value)
    return (ends[0], ends[1]) if len(ends) == 2 else None


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.side_by_side, "figure"),
        Input(Ids.side_by_side, "relayoutData"),
        State(PageIds.shown, "data"),
        prevent_initial_call=True,
    )(zoom)
