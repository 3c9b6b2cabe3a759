"""Controls of settings: labelled, small, and filled with what the address says."""

from __future__ import annotations

from collections.abc import Mapping

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from layouts.analysis.settings import SETTINGS, Settings, value_of
from layouts.components.frame import field

Choices = Mapping[str, str]
PREFIX = "signals-"


def setting_of(component_id: str) -> str:
    """The setting that a control holds.

    Examples
    --------
    >>> setting_of("signals-zoom-low")
    'zoom_low'
    """
    return component_id.removeprefix(PREFIX).replace("-", "_")


def number(
    settings: Settings, component_id: str, label: str, *, hint: str = "", step: str = "any"
) -> Component:
    """A number; empty for what is usual, which the hint in the field names."""
    control = dbc.Input(
        id=component_id,
        type="number",
        step=step,
        debounce=True,
        size="sm",
        value=value_of(settings, setting_of(component_id)),
        placeholder=hint,
    )
    return field(label, control)


def choice(settings: Settings, component_id: str, label: str, of: Choices) -> Component:
    """One of some words."""
    control = dbc.Select(
        [{"label": title, "value": value} for value, title in of.items()],
        value_of(settings, setting_of(component_id)),
        id=component_id,
        size="sm",
    )
    return field(label, control)


def switch(settings: Settings, component_id: str, label: str) -> Component:
    return dbc.Switch(
        id=component_id, label=label, value=bool(value_of(settings, setting_of(component_id)))
    )


def reset(component_id: str, label: str) -> Component:
    """Sets the controls of its panel to what is usual."""
    return html.Button(
        label, id=component_id, className="btn btn-outline-secondary btn-sm", type="button"
    )


def is_usual(settings: Settings, *names: str) -> bool:
    """Whether none of these settings differs from its default.

    Examples
    --------
    >>> is_usual({"x": "cpm"}, "window", "detector"), is_usual({"x": "cpm"}, "x")
    (True, False)
    """
    return all(value_of(settings, name) == SETTINGS[name].default for name in names)
