"""What is done to the samples before they are analysed: a panel of the signals page."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.analysis.controls import Choices, choice, number, reset
from layouts.analysis.settings import Settings, value_of
from layouts.components.disclosure import disclosure
from layouts.components.quantities import quantity


class Ids:
    told = "signals-processing-told"
    reset = "signals-processing-reset"
    unit = "signals-unit"
    high_pass = "signals-high-pass"
    detrend = "signals-detrend"
    filter = "signals-filter"
    filter_low = "signals-filter-low"
    filter_high = "signals-filter-high"
    filter_low_field = "signals-filter-low-field"
    filter_high_field = "signals-filter-high-field"
    rate = "signals-rate"


CONTROLS = (
    Ids.unit,
    Ids.high_pass,
    Ids.detrend,
    Ids.filter,
    Ids.filter_low,
    Ids.filter_high,
    Ids.rate,
)
UNITS: Choices = {
    "none": "as recorded",
    "g": "g, acceleration",
    "m/s²": "m/s², acceleration",
    "mm/s": "mm/s, velocity",
    "µm": "µm, displacement",
}
DETRENDS: Choices = {"none": "kept", "mean": "take the mean off", "linear": "take a line off"}
FILTERS: Choices = {
    "none": "none",
    "low": "low-pass",
    "high": "high-pass",
    "band": "band-pass",
    "stop": "band-stop",
}
_DETRENDED = {"mean": "mean taken off", "linear": "straight line taken off"}
# Which edges each kind of filter has.
HAS_LOW = ("high", "band", "stop")
HAS_HIGH = ("low", "band", "stop")


def panel(settings: Settings) -> Component:
    """Closed at first; the line beside its title says what is done."""
    kind = value_of(settings, "filter")
    fields = [
        choice(settings, Ids.unit, "Unit", UNITS),
        number(
            settings,
            Ids.high_pass,
            "Integrate from [Hz]",
            hint="as needed",
        ),
        choice(settings, Ids.detrend, "Trend", DETRENDS),
        choice(settings, Ids.filter, "Filter", FILTERS),
        html.Div(
            number(settings, Ids.filter_low, "Filter from [Hz]"),
            id=Ids.filter_low_field,
            hidden=kind not in HAS_LOW,
        ),
        html.Div(
            number(settings, Ids.filter_high, "Filter to [Hz]"),
            id=Ids.filter_high_field,
            hidden=kind not in HAS_HIGH,
        ),
        number(settings, Ids.rate, "Sampling rate [Hz]", hint="as recorded"),
        reset(Ids.reset, "As recorded"),
    ]
    return disclosure(
        "Processing",
        html.Div(fields, className="field-row signals-fields"),
        summary_id=Ids.told,
        summary=summary(settings),
    )


def summary(settings: Settings) -> str:
    """What is done, in a line.

    Examples
    --------
    >>> summary({}), summary({"unit": "mm/s", "filter": "low", "filter_high": 2000.0})
    ('as recorded', 'low-pass to 2 kHz · in mm/s')
    """
    parts = [
        _DETRENDED.get(value_of(settings, "detrend"), ""),
        _filter(settings),
        _unit(settings),
        f"at {_hertz(settings['rate'])}" if settings.get("rate") else "",
    ]
    return " · ".join(part for part in parts if part) or "as recorded"


def _unit(settings: Settings) -> str:
    unit, edge = settings.get("unit"), settings.get("high_pass")
    if unit not in UNITS or unit == "none":
        return ""
    return f"in {unit}, integrated from {_hertz(edge)}" if edge else f"in {unit}"


def _filter(settings: Settings) -> str:
    kind = value_of(settings, "filter")
    if kind not in FILTERS or kind == "none":
        return ""
    low = settings.get("filter_low") if kind in HAS_LOW else None
    high = settings.get("filter_high") if kind in HAS_HIGH else None
    words = [FILTERS[kind]]
    words += [f"from {_hertz(low)}"] if low else []
    words += [f"to {_hertz(high)}"] if high else []
    return " ".join(words)


def _hertz(value: Any) -> str:
    return quantity(float(value), "Hz")
