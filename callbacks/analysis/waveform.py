"""The waveform of the time that is shown, at any zoom, and the files of what is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import Dash, Input, Output, Patch, State, ctx
from dash.exceptions import PreventUpdate

from callbacks.signals_plots import place
from layouts.analysis import card, plots
from layouts.analysis.settings import Ids as SettingIds
from layouts.components.quantities import quantity
from layouts.figures import signals as figures
from layouts.signals import Ids
from services.errors import Invalid
from services.recording_service import RecordingService
from services.signal_export_service import CsvFile, SignalExportService, Stretch
from services.signal_view_service import SignalViewService

Shown = Mapping[str, Any]
Settings = Mapping[str, Any]


def draw_waveform(
    target: Shown | None, processed: Settings, shown: Shown | None
) -> tuple[Any, ...]:
    """The waveform anew: another recording, channel, processing, or a time that was typed."""
    if target is None:
        raise PreventUpdate
    # Another processing is of the time that was zoomed to, if that is of the same recording.
    zoomed = ctx.triggered_id == SettingIds.processed and shown is not None
    wave, note = _read(shown if zoomed and shown is not None else target, processed)
    span = (wave["start_s"], wave["stop_s"])
    drawn = figures.waveform(wave["times_s"], wave["values"], wave["unit"], span)
    known = RecordingService.get_recording(target["recording"])
    if known["origin"] == "generated":
        figures.mark_generated(drawn)
    # A zoom by hand outlives a Patch as long as this stays the same.
    drawn.update_layout(uirevision=str(target["stamp"]))
    return drawn, card.rows(known, target["channel"], wave["card"]), note


def zoom_waveform(
    event: Mapping[str, Any] | None, target: Shown | None, processed: Settings
) -> tuple[Any, ...]:
    """The same picture with the samples of the time that was zoomed to."""
    span = span_of(event)
    if span is None or target is None:
        raise PreventUpdate
    wave, note = _read({**target, "start": span[0], "stop": span[1]}, processed)
    change = Patch()
    change["data"][0]["x"] = figures.line_values(wave["times_s"])
    change["data"][0]["y"] = figures.line_values(wave["values"].astype("f4"))
    known = RecordingService.get_recording(target["recording"])
    return change, card.rows(known, target["channel"], wave["card"]), note


def span_of(event: Mapping[str, Any] | None) -> tuple[float | None, float | None] | None:
    """Start and stop that a drag, a wheel or a double click chose; None for other events."""
    if not event:
        return None
    if event.get("xaxis.autorange"):
        return None, None
    start, stop = event.get("xaxis.range") or (
        event.get("xaxis.range[0]"),
        event.get("xaxis.range[1]"),
    )
    return None if start is None or stop is None else (float(start), float(stop))


def show_span(shown: Shown | None) -> str:
    """In words, for those who do not see the plot."""
    if shown is None or (shown["start"] is None and shown["stop"] is None):
        return "Shown: the whole recording."
    start, stop = shown["start"] or 0.0, shown["stop"]
    if stop is None:
        return f"Shown: {start:.6g} s to the end."
    return f"Shown: {start:.6g} to {stop:.6g} s ({quantity(stop - start, 's')})."


def save_waveform(clicks: int | None, shown: Shown | None, processed: Settings) -> dict[str, str]:
    """The samples of the time that is shown, as a file."""
    if not clicks or shown is None:
        raise PreventUpdate
    return _sent(SignalExportService.export_waveform(Stretch(*place(shown), processed)))


def save_plot(clicks: int | None, shown: Shown | None, drawn: Mapping[str, Any]) -> dict[str, str]:
    """The numbers of the plot that is shown, as a file."""
    if not clicks or shown is None:
        raise PreventUpdate
    stretch = Stretch(*place(shown), drawn["settings"])
    return _sent(SignalExportService.export_plot(drawn["kind"], stretch))


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.waveform, "figure"),
        Output(Ids.waveform_card, "children"),
        Output(Ids.waveform_note, "children"),
        Input(Ids.target, "data"),
        Input(SettingIds.processed, "data"),
        State(Ids.shown, "data"),
    )(draw_waveform)
    app.callback(
        Output(Ids.waveform, "figure", allow_duplicate=True),
        Output(Ids.waveform_card, "children", allow_duplicate=True),
        Output(Ids.waveform_note, "children", allow_duplicate=True),
        Input(Ids.waveform, "relayoutData"),
        State(Ids.target, "data"),
        State(SettingIds.processed, "data"),
        prevent_initial_call=True,
    )(zoom_waveform)
    app.callback(Output(Ids.span, "children"), Input(Ids.shown, "data"))(show_span)
    app.callback(
        Output(Ids.download, "data"),
        Input(Ids.waveform_csv, "n_clicks"),
        State(Ids.shown, "data"),
        State(SettingIds.processed, "data"),
        prevent_initial_call=True,
    )(save_waveform)
    app.callback(
        Output(Ids.download, "data", allow_duplicate=True),
        Input(plots.Ids.csv, "n_clicks"),
        State(Ids.shown, "data"),
        State(SettingIds.drawn, "data"),
        prevent_initial_call=True,
    )(save_plot)


def _read(shown: Shown, processed: Settings) -> tuple[Mapping[str, Any], str]:
    """The waveform, and what to say of it; as recorded where it cannot be processed so."""
    try:
        wave = SignalViewService.waveform(*place(shown), settings=processed)
    except Invalid as error:
        if not processed:
            raise
        wave = SignalViewService.waveform(*place(shown))
        return wave, f"Shown as recorded. {error.message}"
    return wave, " ".join(wave["notes"])


def _sent(file: CsvFile) -> dict[str, str]:
    return {"filename": file["file_name"], "content": file["content"], "type": "text/csv"}
