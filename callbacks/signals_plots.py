"""The plot on the signals page that follows the chosen time, by its settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import Dash, Input, Output, State, ctx, html, no_update
from dash.exceptions import PreventUpdate

from layouts.analysis import card, kurtogram
from layouts.analysis.plots import Ids, Kind, told
from layouts.analysis.settings import Ids as SettingIds
from layouts.figures import analysis as figures
from layouts.figures.signals import mark_generated
from layouts.signals import Ids as PageIds
from services.errors import Invalid
from services.recording_service import RecordingService
from services.signal_view_service import SignalViewService

Shown = Mapping[str, Any]
Drawn = Mapping[str, Any]
Found = Mapping[str, Any]


def draw_plot(shown: Shown | None, drawn: Drawn) -> tuple[Any, ...]:
    """The chosen plot of the time that is shown: the figure, what is told of it, its card, and
    the bands that were used."""
    if shown is None:
        raise PreventUpdate
    kind, settings = Kind(drawn["kind"]), drawn["settings"]
    try:
        view = SignalViewService.plot(kind.value, *place(shown), settings)
    except Invalid as error:
        # What stands in the picture is not read out.
        spoken = html.Span(error.message, className="visually-hidden")
        return figures.refused(error.message), [spoken], [], no_update, no_update, None
    figure = figures.analysis(view, settings)
    known = RecordingService.get_recording(shown["recording"])
    if known["origin"] == "generated":
        mark_generated(figure)
    figure.update_layout(uirevision=_revision(shown, kind, view, settings))
    low, high = _used(view) if kind is Kind.ENVELOPE else (no_update, no_update)
    return (
        figure,
        told(view, settings),
        card.rows(known, shown["channel"], view["card"]),
        low,
        high,
        kurtogram.found(view) if kind is Kind.KURTOGRAM else None,
    )


def show_bands(drawn: Drawn, found: Found | None) -> tuple[bool, bool, str]:
    """The fields of the envelope's band, and what a kurtogram found, each with its own plot."""
    hidden = drawn["kind"] != Kind.KURTOGRAM or found is None
    return drawn["kind"] != Kind.ENVELOPE, hidden, kurtogram.told(found) if found else ""


def use_band(
    clicked: Mapping[str, Any] | None,
    best: int | None,
    found: Found | None,
    drawn: Drawn,
) -> tuple[float, float, str, None]:
    """The envelope spectrum of the band that was clicked on, or of the best one."""
    if drawn["kind"] != Kind.KURTOGRAM or found is None:
        raise PreventUpdate
    if ctx.triggered_id == kurtogram.Ids.best:
        cell = kurtogram.best(found) if best else None
    else:
        cell = _clicked_cell(clicked, found)
    if cell is None:
        raise PreventUpdate
    # The click is forgotten, or the same one could not be made again.
    return cell["low_hz"], cell["high_hz"], Kind.ENVELOPE.value, None


def place(shown: Shown) -> tuple[int, int, float | None, float | None]:
    """Recording, channel, begin and end, as the services take them."""
    return shown["recording"], shown["channel"], shown["start"], shown["stop"]


def is_generated(shown: Shown) -> bool:
    return RecordingService.get_recording(shown["recording"])["origin"] == "generated"


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.plot, "figure"),
        Output(Ids.note, "children"),
        Output(Ids.card, "children"),
        Output(Ids.low, "placeholder"),
        Output(Ids.high, "placeholder"),
        Output(kurtogram.Ids.cells, "data"),
        Input(PageIds.shown, "data"),
        Input(SettingIds.drawn, "data"),
    )(draw_plot)
    app.callback(
        Output(Ids.bands, "hidden"),
        Output(kurtogram.Ids.bar, "hidden"),
        Output(kurtogram.Ids.told, "children"),
        Input(SettingIds.drawn, "data"),
        Input(kurtogram.Ids.cells, "data"),
    )(show_bands)
    app.callback(
        Output(Ids.low, "value", allow_duplicate=True),
        Output(Ids.high, "value", allow_duplicate=True),
        Output(Ids.kind, "value"),
        Output(Ids.plot, "clickData"),
        Input(Ids.plot, "clickData"),
        Input(kurtogram.Ids.best, "n_clicks"),
        State(kurtogram.Ids.cells, "data"),
        State(SettingIds.drawn, "data"),
        prevent_initial_call=True,
    )(use_band)


def _clicked_cell(clicked: Mapping[str, Any] | None, found: Found) -> kurtogram.Cell | None:
    if not clicked or not clicked.get("points"):
        return None
    point = clicked["points"][0]
    frequency_hz = float(point["x"]) / found["x_factor"]
    return kurtogram.cell_at(found["rows"], round(point["y"]), frequency_hz)


def _used(view: Mapping[str, Any]) -> tuple[str, str]:
    """The ends of the band, for fields that are empty."""
    low_hz, high_hz = view["band"]
    return f"{low_hz:.5g}", f"{high_hz:.5g}"


def _revision(shown: Shown, kind: Kind, view: Mapping[str, Any], settings: Drawn) -> str:
    """What was zoomed to by hand stays as long as this stays the same, whatever the time."""
    axes = f"{view['axis']} {view['value_unit']} {settings.get('y')}"
    return f"{kind} {shown['recording']} {shown['channel']} {axes} {view['band']}"
