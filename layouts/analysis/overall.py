"""The few numbers that vibration is first judged by, beside the plots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.components.frame import section
from layouts.components.quantities import quantity


class Ids:
    values = "signals-overall"


def place() -> Component:
    return section("Overall values", html.Div(id=Ids.values))


def table(values: Sequence[Mapping[str, Any]]) -> Component:
    """Name, band and value with unit; how it was made, or why there is none, below the name."""
    return html.Table(
        html.Tbody([_row(one) for one in values]), className="plain-table signals-overall"
    )


def _row(one: Mapping[str, Any]) -> Component:
    band = _band(*one["band"]) if one["band"] is not None else ""
    if one["value"] is None:
        name, value = [one["title"]], html.Td(one["note"], className="signals-overall-note")
    else:
        told = ", ".join(part for part in (band, one["note"]) if part)
        name = [one["title"], html.Div(told, className="signals-overall-note")]
        value = html.Td(quantity(one["value"], one["unit"]), className="signals-number")
    return html.Tr([html.Th(name, scope="row"), value])


def _band(low_hz: float, high_hz: float) -> str:
    return f"{quantity(low_hz, 'Hz')} to {quantity(high_hz, 'Hz')}"
