"""The plot of the signals page that follows the chosen time, and what it is set by."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.analysis import card, cursors, kurtogram, overlay, plot_settings, processing
from layouts.analysis.controls import Choices, choice, number, switch
from layouts.analysis.settings import Settings, value_of
from layouts.components.attributes import attributes
from layouts.components.frame import icon, section
from layouts.components.quantities import count, quantity
from layouts.figures import signals as figures
from layouts.figures.template import graph_config


class Ids:
    kind = "signals-kind"
    bands = "signals-bands"
    low = "signals-low"
    high = "signals-high"
    band = "signals-band"
    squared = "signals-squared"
    plot = "signals-plot"
    note = "signals-plot-note"
    card = "signals-plot-card"
    csv = "signals-plot-csv"
    png = "signals-plot-png"
    svg = "signals-plot-svg"


class Kind(enum.StrEnum):
    """The plots that follow the chosen time."""

    SPECTRUM = "spectrum"
    DENSITY = "density"
    ENVELOPE = "envelope"
    CEPSTRUM = "cepstrum"
    SPECTROGRAM = "spectrogram"
    SCALOGRAM = "scalogram"
    KURTOGRAM = "kurtogram"


KINDS = {
    Kind.SPECTRUM: "Spectrum",
    Kind.DENSITY: "Power density",
    Kind.ENVELOPE: "Envelope",
    Kind.CEPSTRUM: "Cepstrum",
    Kind.SPECTROGRAM: "Spectrogram",
    Kind.SCALOGRAM: "Scalogram",
    Kind.KURTOGRAM: "Kurtogram",
}
CONTROLS = (Ids.low, Ids.high, Ids.band, Ids.squared)
# So many of the chosen samples are as good as all: a few less are transformed far more quickly.
_NEARLY_ALL = 0.99
BANDS: Choices = {"middle": "middle of the spectrum", "kurtogram": "best of the kurtogram"}


def analysis(kind: str, settings: Settings) -> Component:
    """The choice of a plot, the panels of its settings, the plot, and how it was made."""
    panels = [
        processing.panel(settings),
        plot_settings.panel(settings),
        overlay.panel(settings),
    ]
    below = [kurtogram.bar(), html.P(id=Ids.note, className="plot-note", role="status")]
    below.append(cursors.place(settings))
    return section(
        "Analysis",
        [
            html.Div([_kinds(kind), _bands(settings)], className="signals-controls"),
            html.Div(panels, className="signals-panels"),
            _graph(),
            *below,
            card.place(Ids.card),
        ],
        actions=exports(Ids.csv, Ids.png, Ids.svg, "this plot"),
        class_name="signals-analysis",
    )


def exports(csv: str, png: str, svg: str, of: str) -> list[Component]:
    """The numbers and the picture of a figure, as files."""
    return [
        _export(csv, "CSV", f"Numbers of {of}"),
        _export(png, "PNG", f"Picture of {of} with how it was made"),
        _export(svg, "SVG", f"Picture of {of} with how it was made, to be scaled"),
    ]


def told(view: Mapping[str, Any], settings: Settings) -> list[Any]:
    """How a plot was computed, in short; the card has it all."""
    words = [_WORDS[Kind(view["kind"])](view, settings)]
    if view["resolution_hz"] is not None:
        words.append(f"resolution {quantity(view['resolution_hz'], 'Hz')}")
    made = ", ".join(word for word in words if word)
    parts = part_note(view, f"{made};" if made else "")
    return [*parts, *(f" {note}" for note in view["notes"])]


def part_note(part: Mapping[str, Any], told: str = "") -> list[Any]:
    """How a plot was computed, and from which part when that is not all that was chosen."""
    between = f"{part['start_s']:.6g} to {part['stop_s']:.6g} s"
    if part["sample_count"] == part["chosen_count"]:
        return [f"{told} {count(part['sample_count'])} samples, {between}."]
    if part["sample_count"] >= _NEARLY_ALL * part["chosen_count"]:
        used = f"{count(part['sample_count'])} of {count(part['chosen_count'])}"
        return [f"{told} {used} samples, {between}."]
    capped = (
        f"Computed from the middle {count(part['sample_count'])} of the "
        f"{count(part['chosen_count'])} chosen samples ({between}). Zoom in to use all of them."
    )
    return [f"{told} ", html.Strong([icon("exclamation-triangle"), " ", capped])]


def _window(view: Mapping[str, Any], settings: Settings) -> str:
    name = plot_settings.WINDOWS.get(value_of(settings, "window"), "")
    words = f"{name[:1].upper()}{name[1:]} window"
    return f"{words} of {count(view['segment'])} samples" if view["segment"] else words


def _envelope(view: Mapping[str, Any], settings: Settings) -> str:
    low_hz, high_hz = view["band"]
    return f"Envelope of {quantity(low_hz, 'Hz')} to {quantity(high_hz, 'Hz')}"


_WORDS: dict[Kind, Callable[[Mapping[str, Any], Settings], str]] = {
    Kind.SPECTRUM: _window,
    Kind.DENSITY: _window,
    Kind.ENVELOPE: _envelope,
    Kind.CEPSTRUM: _window,
    Kind.SPECTROGRAM: _window,
    # What is to be said of these comes with them.
    Kind.SCALOGRAM: lambda _view, _settings: "",
    Kind.KURTOGRAM: lambda _view, _settings: "",
}


def _kinds(kind: str) -> Component:
    return dbc.RadioItems(
        [{"label": title, "value": value.value} for value, title in KINDS.items()],
        kind,
        id=Ids.kind,
        inline=True,
        className="signals-kinds",
        inputClassName="btn-check",
        labelClassName="btn btn-outline-secondary btn-sm",
        labelCheckedClassName="active",
    )


def _bands(settings: Settings) -> Component:
    return html.Div(
        [
            number(settings, Ids.low, "Band from [Hz]"),
            number(settings, Ids.high, "to [Hz]"),
            choice(settings, Ids.band, "or", BANDS),
            switch(settings, Ids.squared, "Squared"),
        ],
        id=Ids.bands,
        className="field-row signals-band",
        hidden=True,
    )


def _graph() -> Component:
    config = graph_config("signal", with_picture=False)
    config["doubleClick"] = "autosize"
    return dcc.Loading(
        dcc.Graph(id=Ids.plot, figure=figures.empty(""), config=config, style={"height": "340px"}),
        delay_show=400,
        overlay_style={"visibility": "visible", "opacity": 0.5},
    )


def _export(component_id: str, text: str, label: str) -> Component:
    return html.Button(
        [icon("download"), f" {text}"],
        id=component_id,
        className="btn btn-outline-secondary btn-sm",
        type="button",
        title=label,
        **attributes(aria_label=f"{text}: {label}"),
    )
