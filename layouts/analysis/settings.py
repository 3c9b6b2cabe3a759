"""The settings of the signals page: one flat dict in the address, the page and the services.

The controls hold them while the page is open. ``assets/signals_settings.js`` gathers them into
the store ``settings``, and sets them after a step back or forward. A setting that has its
default is in neither the store nor the address.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

MOST_CHARACTERS = 120

Value = str | float | bool | None
Settings = Mapping[str, Any]


class Ids:
    """``drawn`` are the kind of the plot and the settings that the server draws it by,
    ``processed`` those that change the samples; ``schema`` is what may be in the settings."""

    settings = "signals-settings"
    drawn = "signals-drawn"
    processed = "signals-processed"
    schema = "signals-schema"


class Form(enum.StrEnum):
    """What a control holds, and how it stands in the address."""

    NUMBER = "number"
    TEXT = "text"
    SWITCH = "switch"


@dataclass(frozen=True)
class Setting:
    """``redraws`` is off where the plot of the analysis stays as it is, ``is_step`` where a
    change is nothing to go back to; ``processes`` is on where the samples change."""

    form: Form
    default: Value = None
    redraws: bool = True
    is_step: bool = True
    processes: bool = False


def _number(default: float | None = None) -> Setting:
    return Setting(Form.NUMBER, default)


def _text(default: str = "") -> Setting:
    return Setting(Form.TEXT, default)


def _sample(form: Form, default: Value = None) -> Setting:
    return Setting(form, default, processes=True)


def _cursor(form: Form, default: Value = None) -> Setting:
    return Setting(form, default, redraws=False, is_step=False)


def _beside(default: str = "") -> Setting:
    return Setting(Form.TEXT, default, redraws=False)


# The control of a setting has the id “signals-” and its name, with hyphens.
SETTINGS: dict[str, Setting] = {
    # Processing
    "unit": _sample(Form.TEXT, "none"),
    "high_pass": _sample(Form.NUMBER),
    "detrend": _sample(Form.TEXT, "none"),
    "filter": _sample(Form.TEXT, "none"),
    "filter_low": _sample(Form.NUMBER),
    "filter_high": _sample(Form.NUMBER),
    "rate": _sample(Form.NUMBER),
    # Plot
    "detector": _text("peak"),
    "window": _text("hann"),
    "averaging": _text("none"),
    "segment": _number(),
    "overlap": _number(0.5),
    "cycles": _number(6),
    "x": _text("hz"),
    "y": _text("none"),  # as suits the plot
    "zoom_low": _number(),
    "zoom_high": _number(),
    # Envelope
    "low": _number(),
    "high": _number(),
    "squared": Setting(Form.SWITCH, False),
    "band": _text("middle"),
    # Overlay
    "bearing": _text("recording"),
    "speed": _number(),
    "speed_source": _text("none"),
    "harmonics": _number(3),
    "tolerance": _number(2),
    "sidebands": _number(0),
    "shaft": Setting(Form.SWITCH, False),
    # Cursors
    "cursor": _cursor(Form.TEXT, "none"),
    "at": _cursor(Form.NUMBER),
    "spacing": _cursor(Form.NUMBER),
    "count": _cursor(Form.NUMBER, 5),
    # Comparison and overview
    "with": _beside(),
    "layout": _beside("overlay"),
    "compare": _beside("spectrum"),
    "over": _beside(),
    "quantity": _beside("levels"),
    "features": _beside(),
    "feature": _beside(),
    "stacked": _beside("spectrum"),
    "stacking": _beside("picture"),
    "among": _beside("none"),
    "sort": _beside("time"),
}


def stores(kind: str, settings: Settings) -> Component:
    """What the settings are kept in."""
    schema = {
        name: {
            "form": one.form.value,
            "default": one.default,
            "redraws": one.redraws,
            "is_step": one.is_step,
            "processes": one.processes,
        }
        for name, one in SETTINGS.items()
    }
    return html.Div(
        [
            dcc.Store(id=Ids.settings, data=dict(settings)),
            dcc.Store(id=Ids.drawn, data={"kind": kind, "settings": drawn_by(settings)}),
            dcc.Store(id=Ids.processed, data=processed_by(settings)),
            dcc.Store(id=Ids.schema, data=schema),
        ]
    )


def settings_of(query: Mapping[str, str]) -> dict[str, Value]:
    """The settings that an address names; what cannot be one is left out.

    Examples
    --------
    >>> settings_of({"unit": "mm/s", "low": "2e3", "high": "x", "detector": "peak", "a": "b"})
    {'unit': 'mm/s', 'low': 2000.0}
    """
    found = {name: _value(SETTINGS[name], query[name]) for name in SETTINGS if name in query}
    return {
        name: value
        for name, value in found.items()
        if value is not None and value != SETTINGS[name].default
    }


def drawn_by(settings: Settings) -> dict[str, Any]:
    """Without those that the browser shows by itself."""
    return {name: value for name, value in settings.items() if SETTINGS[name].redraws}


def processed_by(settings: Settings) -> dict[str, Any]:
    """Those that change the samples, and so all that is shown of them."""
    return {name: value for name, value in settings.items() if SETTINGS[name].processes}


def value_of(settings: Settings, name: str) -> Any:
    """What a control shows: the setting, or its default.

    Examples
    --------
    >>> value_of({}, "detector"), value_of({"detector": "rms"}, "detector")
    ('peak', 'rms')
    """
    return settings.get(name, SETTINGS[name].default)


def number_in(text: str) -> float | None:
    """A number from an address, within what numbers of machines can be.

    Examples
    --------
    >>> number_in("0.5"), number_in("nan"), number_in("1e99")
    (0.5, None, None)
    """
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) < 1e9 else None


def _value(setting: Setting, text: str) -> Value:
    if setting.form is Form.NUMBER:
        return number_in(text)
    if setting.form is Form.SWITCH:
        return {"true": True, "false": False}.get(text)
    return text if len(text) <= MOST_CHARACTERS else None
