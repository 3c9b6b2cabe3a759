"""What happens on the signals page. Which time is shown is kept by ``assets/signals.js``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks.analysis import (
    audio,
    compare,
    cursors,
    overall,
    overlay,
    overview,
    peaks,
    pictures,
    quality,
    settings,
    waveform,
)
from callbacks.errors import tell
from callbacks.signals_plots import place
from layouts.analysis import plots
from layouts.analysis.settings import Ids as SettingIds
from layouts.components.choices import with_the_rest
from layouts.components.recordings import choice_label
from layouts.signals import (
    Ids,
    nothing_imported,
    nothing_in_dataset,
    recording_details,
    statistics_table,
)
from services.dataset_service import DatasetService
from services.errors import Invalid, NotFound
from services.paging import MOST_OFFERED
from services.recording_service import RecordingService
from services.signal_view_service import MOST_LISTED, SignalViewService
from services.signals.choices import RecordingChoice

PARTS = (
    settings,
    waveform,
    pictures,
    overall,
    overlay,
    cursors,
    peaks,
    audio,
    compare,
    overview,
    quality,
)

Shown = Mapping[str, Any]
Options = list[dict[str, str]]


def offer_datasets(view: Mapping[str, Any]) -> tuple[Options, Any, bool, Any]:
    """The data sets, the one that the address names or the first, and whether there is any."""
    wanted = _dataset_of(view)
    datasets = DatasetService.list_names(wanted)
    options = [{"label": one["name"], "value": str(one["id"])} for one in datasets]
    if not options:
        return [], None, True, nothing_imported()
    options = with_the_rest(options, cut=len(datasets) >= MOST_OFFERED)
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
    _tell_missing(offered, view.get("recording"), dataset, view)
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
) -> tuple[Options, Any, list[Component], float]:
    """The channels of the recording, what is known about it, and how many seconds it lasts."""
    if recording is None:
        raise PreventUpdate
    known = RecordingService.get_recording(int(recording))
    options = [
        {"label": f"{one['name']} [{one['unit']}]", "value": str(position)}
        for position, one in enumerate(known["channels"])
    ]
    here = view.get("recording") == known["id"]
    wanted = view.get("channel") if here else None
    return options, _among(options, wanted), recording_details(known), known["duration_s"]


def show_statistics(shown: Shown | None, processed: Mapping[str, Any]) -> list[Any]:
    """The eight features of the time that is shown."""
    if shown is None:
        raise PreventUpdate
    try:
        found = SignalViewService.statistics(*place(shown), processed)
    except Invalid as error:
        return [error.message]
    told = [*plots.part_note(found), *(f" {note}" for note in found["notes"])]
    told.append(" RMS and peak hold the mean, too; the overall values are without it.")
    return [statistics_table(found["statistics"]), html.P(told, className="plot-note")]


def register(app: Dash) -> None:
    _register_choices(app)
    app.callback(
        Output(Ids.statistics, "children"),
        Input(Ids.shown, "data"),
        Input(SettingIds.processed, "data"),
    )(show_statistics)
    _register_browser(app)
    for part in PARTS:
        part.register(app)


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
        Output(Ids.length, "data"),
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
        State(Ids.length, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("signals", "choose"),
        Output(Ids.target, "data", allow_duplicate=True),
        Input(Ids.start, "value"),
        Input(Ids.stop, "value"),
        Input(Ids.whole, "n_clicks"),
        State(Ids.shown, "data"),
        State(Ids.length, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("signals", "show"),
        Output(Ids.shown, "data"),
        Input(Ids.target, "data"),
        Input(Ids.waveform, "relayoutData"),
        State(Ids.length, "data"),
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
        Input(plots.Ids.kind, "value"),
        Input(SettingIds.settings, "data"),
        State(Ids.dataset, "value"),
        State(SettingIds.schema, "data"),
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


def _tell_missing(offered: Options, wanted: object, dataset: str, view: Mapping[str, Any]) -> None:
    """A link to a recording that is not here shows another one: not without a word."""
    addressed = view.get("dataset") == int(dataset)
    if wanted is None or not addressed or str(wanted) in {one["value"] for one in offered}:
        return
    tell(f"There is no recording {wanted} in this data set. The first is shown.", "warning")


def _recording_options(recordings: Sequence[RecordingChoice]) -> Options:
    return [{"label": choice_label(one), "value": str(one["id"])} for one in recordings]


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
