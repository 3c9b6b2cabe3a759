"""What happens on the signals page. Which time is shown is kept by ``assets/signals.js``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from dash import ClientsideFunction, Dash, Input, Output, Patch, State, ctx, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks.errors import tell
from callbacks.signals_plots import is_generated, place, span_of
from layouts.components.quantities import quantity
from layouts.figures import signals as figures
from layouts.signals import (
    Ids,
    nothing_imported,
    nothing_in_dataset,
    part_note,
    recording_details,
    statistics_table,
)
from services.dataset_service import DatasetService
from services.errors import Invalid, NotFound
from services.recording_service import RecordingService
from services.signal_export_service import SignalExportService, Stretch
from services.signal_view_service import MOST_LISTED, SignalViewService
from services.signals.choices import RecordingChoice

Shown = Mapping[str, Any]
Options = list[dict[str, str]]


def offer_datasets(view: Mapping[str, Any]) -> tuple[Options, Any, bool, Any]:
    """The data sets, the one that the address names or the first, and whether there is any."""
    datasets, wanted = DatasetService.list_names(), _dataset_of(view)
    options = [{"label": one["name"], "value": str(one["id"])} for one in datasets]
    listed = {one["id"] for one in datasets}
    if wanted is not None and wanted not in listed:
        named = DatasetService.get_dataset_details(wanted)
        if named is not None:  # archived
            options.append({"label": named["name"], "value": str(named["id"])})
    if not options:
        return [], None, True, nothing_imported()
    return options, _among(options, wanted), False, []


def offer_recordings(
    dataset: str | None, view: Mapping[str, Any], options: Options
) -> tuple[Options, Any, bool, Any, bool]:
    """The recordings of the data set, and the one that the address names or the first."""
    if dataset is None:
        raise PreventUpdate
    recordings = SignalViewService.list_choices(int(dataset), view.get("recording"))
    if not recordings:
        name = next(one["label"] for one in options if one["value"] == dataset)
        return [], None, True, nothing_in_dataset(name), True
    offered = _recording_options(recordings)
    few = SignalViewService.count_choices(int(dataset)) <= MOST_LISTED
    return offered, _among(offered, view.get("recording")), False, [], few


def find_recordings(
    search: str | None, chosen: str | None, dataset: str | None, offered: Options
) -> Options:
    """Other recordings to choose from: those a text finds, or the neighbours of the last one."""
    if dataset is None or (len(offered) < MOST_LISTED and search is None):
        raise PreventUpdate
    at_the_end = offered and chosen in (offered[0]["value"], offered[-1]["value"])
    if ctx.triggered_id == Ids.recording and (search or not at_the_end):
        raise PreventUpdate
    including = int(chosen) if chosen else None
    return _recording_options(SignalViewService.list_choices(int(dataset), including, search or ""))


def offer_channels(
    recording: str | None, view: Mapping[str, Any]
) -> tuple[Options, Any, list[Component]]:
    """The channels of the recording, and what is known about it."""
    if recording is None:
        raise PreventUpdate
    known = RecordingService.get_recording(int(recording))
    options = [
        {"label": f"{one['name']} [{one['unit']}]", "value": str(position)}
        for position, one in enumerate(known["channels"])
    ]
    here = view.get("recording") == known["id"]
    wanted = view.get("channel") if here else None
    return options, _among(options, wanted), recording_details(known)


def draw_waveform(target: Shown | None) -> go.Figure:
    """The waveform anew: another recording, channel, or a time that was typed."""
    if target is None:
        raise PreventUpdate
    wave = SignalViewService.waveform(*place(target))
    span = (wave["start_s"], wave["stop_s"])
    drawn = figures.waveform(wave["times_s"], wave["values"], wave["unit"], span)
    if is_generated(target):
        figures.mark_generated(drawn)
    # A zoom by hand outlives a Patch as long as this stays the same.
    return drawn.update_layout(uirevision=str(target["stamp"]))


def zoom_waveform(event: Mapping[str, Any] | None, target: Shown | None) -> Patch:
    """The same picture with the samples of the time that was zoomed to."""
    span = span_of(event)
    if span is None or target is None:
        raise PreventUpdate
    place = (target["recording"], target["channel"])
    wave = SignalViewService.waveform(*place, *span)
    change = Patch()
    change["data"][0]["x"] = figures.line_values(wave["times_s"])
    change["data"][0]["y"] = figures.line_values(wave["values"].astype("f4"))
    return change


def show_statistics(shown: Shown | None) -> list[Any]:
    """The eight features of the time that is shown."""
    if shown is None:
        raise PreventUpdate
    try:
        found = SignalViewService.statistics(*place(shown))
    except Invalid as error:
        return [error.message]
    note = html.P(part_note(found), className="plot-note")
    return [statistics_table(found["statistics"]), note]


def save_waveform(clicks: int | None, shown: Shown | None) -> dict[str, str]:
    """The samples of the time that is shown, as a file."""
    if not clicks or shown is None:
        raise PreventUpdate
    file = SignalExportService.export_waveform(Stretch(*place(shown)))
    return {"filename": file["file_name"], "content": file["content"], "type": "text/csv"}


def save_plot(
    clicks: int | None, shown: Shown | None, kind: str, low: float | None, high: float | None
) -> dict[str, str]:
    """The numbers of the plot that is shown, as a file."""
    if not clicks or shown is None:
        raise PreventUpdate
    file = SignalExportService.export_plot(kind, Stretch(*place(shown), low, high))
    return {"filename": file["file_name"], "content": file["content"], "type": "text/csv"}


def show_span(shown: Shown | None) -> str:
    """In words, for those who do not see the plot."""
    if shown is None or (shown["start"] is None and shown["stop"] is None):
        return "Shown: the whole recording."
    start, stop = shown["start"] or 0.0, shown["stop"]
    if stop is None:
        return f"Shown: {start:.6g} s to the end."
    return f"Shown: {start:.6g} to {stop:.6g} s ({quantity(stop - start, 's')})."


def register(app: Dash) -> None:
    _register_choices(app)
    app.callback(Output(Ids.waveform, "figure"), Input(Ids.target, "data"))(draw_waveform)
    app.callback(
        Output(Ids.waveform, "figure", allow_duplicate=True),
        Input(Ids.waveform, "relayoutData"),
        State(Ids.target, "data"),
        prevent_initial_call=True,
    )(zoom_waveform)
    app.callback(Output(Ids.statistics, "children"), Input(Ids.shown, "data"))(show_statistics)
    app.callback(Output(Ids.span, "children"), Input(Ids.shown, "data"))(show_span)
    app.callback(
        Output(Ids.download, "data"),
        Input(Ids.waveform_csv, "n_clicks"),
        State(Ids.shown, "data"),
        prevent_initial_call=True,
    )(save_waveform)
    app.callback(
        Output(Ids.download, "data", allow_duplicate=True),
        Input(Ids.plot_csv, "n_clicks"),
        State(Ids.shown, "data"),
        State(Ids.kind, "value"),
        State(Ids.low, "value"),
        State(Ids.high, "value"),
        prevent_initial_call=True,
    )(save_plot)
    _register_browser(app)


def _register_choices(app: Dash) -> None:
    app.callback(
        Output(Ids.dataset, "options"),
        Output(Ids.dataset, "value"),
        Output(Ids.body, "hidden"),
        Output(Ids.empty, "children"),
        Input(Ids.view, "data"),
    )(offer_datasets)
    app.callback(
        Output(Ids.recording, "options"),
        Output(Ids.recording, "value"),
        Output(Ids.plots, "hidden"),
        Output(Ids.empty_dataset, "children"),
        Output(Ids.finder, "hidden"),
        Input(Ids.dataset, "value"),
        Input(Ids.view, "data"),
        State(Ids.dataset, "options"),
    )(offer_recordings)
    app.callback(
        Output(Ids.recording, "options", allow_duplicate=True),
        Input(Ids.find, "value"),
        Input(Ids.recording, "value"),
        State(Ids.dataset, "value"),
        State(Ids.recording, "options"),
        prevent_initial_call=True,
    )(find_recordings)
    app.callback(
        Output(Ids.channel, "options"),
        Output(Ids.channel, "value"),
        Output(Ids.details, "children"),
        Input(Ids.recording, "value"),
        Input(Ids.view, "data"),
    )(offer_channels)


def _register_browser(app: Dash) -> None:
    """What happens without asking the server: see ``assets/signals.js``."""
    app.clientside_callback(
        ClientsideFunction("signals", "aim"),
        Output(Ids.target, "data"),
        Input(Ids.recording, "value"),
        Input(Ids.channel, "value"),
        Input(Ids.view, "data"),
        State(Ids.shown, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("signals", "choose"),
        Output(Ids.target, "data", allow_duplicate=True),
        Input(Ids.start, "value"),
        Input(Ids.stop, "value"),
        Input(Ids.whole, "n_clicks"),
        State(Ids.shown, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("signals", "show"),
        Output(Ids.shown, "data"),
        Input(Ids.target, "data"),
        Input(Ids.waveform, "relayoutData"),
    )
    app.clientside_callback(
        ClientsideFunction("signals", "tell"),
        Output(Ids.start, "value"),
        Output(Ids.stop, "value"),
        Input(Ids.shown, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("signals", "write"),
        Input(Ids.shown, "data"),
        Input(Ids.kind, "value"),
        Input(Ids.low, "value"),
        Input(Ids.high, "value"),
        State(Ids.dataset, "value"),
    )
    app.clientside_callback(
        ClientsideFunction("signals", "step"),
        Output(Ids.recording, "value", allow_duplicate=True),
        Input(Ids.previous, "n_clicks"),
        Input(Ids.next, "n_clicks"),
        State(Ids.recording, "options"),
        State(Ids.recording, "value"),
        prevent_initial_call=True,
    )


def _recording_options(recordings: Sequence[RecordingChoice]) -> Options:
    return [
        {
            "label": f"{one['name']} · {one['label']}" if one["label"] else one["name"],
            "value": str(one["id"]),
        }
        for one in recordings
    ]


def _dataset_of(view: Mapping[str, Any]) -> int | None:
    """The data set that the address names, or that of the recording that it names."""
    if view.get("dataset") is not None or view.get("recording") is None:
        return view.get("dataset")
    try:
        return RecordingService.get_recording(view["recording"])["dataset_id"]
    except NotFound as error:
        tell(error.message, "warning")
        return None


def _among(options: Options, wanted: object) -> str:
    """The wanted option, or the first."""
    values = [one["value"] for one in options]
    return str(wanted) if str(wanted) in values else values[0]
