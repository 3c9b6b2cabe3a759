"""Several recordings by the same plot: which, and how they are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from callbacks.analysis.settings import connect
from callbacks.signals_plots import is_generated, place
from layouts.analysis.compare import MOST, Ids, made, table
from layouts.analysis.settings import Ids as SettingIds
from layouts.components.links import number_of
from layouts.components.recordings import choice_label
from layouts.figures import overview as figures
from layouts.figures.signals import mark_generated
from layouts.signals import Ids as PageIds
from services.errors import Invalid, NotFound
from services.recording_service import RecordingService
from services.signal_overview_service import SignalOverviewService
from services.signal_view_service import SignalViewService

Shown = Mapping[str, Any]
Options = list[dict[str, Any]]
# A zoom of the frequencies is one of both plots where these are the same.
LINES = {"spectrum": "lines", "density": "lines", "envelope": "envelope"}
NOTHING: tuple[Any, ...] = (no_update, no_update, [], [], True, True)


def offer_datasets(options: Options, chosen: str | None) -> tuple[Options, str | None]:
    """The same as for the page, and its own first."""
    return options, chosen


def offer_recordings(
    search: str | None, dataset: str | None, chosen: str | None, shown: Shown | None
) -> tuple[Options, Any]:
    """Recordings of a data set that a text finds, and those that are chosen already."""
    if dataset is None or shown is None:
        raise PreventUpdate
    ids = _ids(chosen)
    listed = {
        one["id"]: choice_label(one)
        for one in SignalViewService.list_choices(int(dataset), None, search or "")
    }
    beside = {one: label for one in ids if (label := _name(one, listed)) is not None}
    listed.pop(shown["recording"], None)
    full = len(beside) >= MOST
    options = [
        {"label": label, "value": str(one), "disabled": full and one not in beside}
        for one, label in {**beside, **listed}.items()
    ]
    searched = ctx.triggered_id == Ids.chooser
    return options, no_update if searched else [str(one) for one in beside]


def draw(
    shown: Shown | None, drawn: Mapping[str, Any], chosen: str | None, plot: str, layout: str
) -> tuple[Any, ...]:
    """The figure, its height, the table below, and what is refused; hidden while nothing is
    chosen."""
    if shown is None:
        raise PreventUpdate
    ids = [one for one in _ids(chosen) if one != shown["recording"]]
    if not ids:
        return *NOTHING, ""
    settings = with_zoom(drawn, plot) | {"with": ids, "compare": plot, "layout": layout}
    try:
        view = SignalOverviewService.compare(*place(shown), settings)
    except (Invalid, NotFound) as error:
        return *NOTHING, error.message
    figure = figures.comparison(view, settings)
    if any(is_generated({"recording": one["recording_id"]}) for one in view["curves"]):
        mark_generated(figure)
    figure.update_layout(uirevision=f"{shown['recording']} {shown['channel']} {plot}")
    panels = sum(not curve["refused"] for curve in view["curves"])
    height = figures.comparison_height(panels, apart=layout == "multiples")
    style = {"height": f"{height}px"}
    return figure, style, table(view["curves"]), made(view), False, False, ""


def save(
    clicks: int | None,
    shown: Shown | None,
    drawn: Mapping[str, Any],
    chosen: str | None,
    plot: str,
    layout: str,
) -> dict[str, str]:
    """The points of the curves as a file."""
    if not clicks or shown is None:
        raise PreventUpdate
    settings = with_zoom(drawn, plot) | {"with": _ids(chosen), "compare": plot, "layout": layout}
    file = SignalOverviewService.export_comparison(*place(shown), settings)
    return {"filename": file["file_name"], "content": file["content"], "type": "text/csv"}


def with_zoom(drawn: Mapping[str, Any], plot: str) -> dict[str, Any]:
    """The settings of the analysis, and its zoom where that is one of the same lines."""
    settings = dict(drawn["settings"])
    if LINES.get(plot) != LINES.get(drawn["kind"]):
        settings.pop("zoom_low", None)
        settings.pop("zoom_high", None)
    return settings


def register(app: Dash) -> None:
    connect(app, (Ids.chosen, Ids.plot, Ids.layout))
    app.callback(
        Output(Ids.dataset, "options"),
        Output(Ids.dataset, "value"),
        Input(PageIds.dataset, "options"),
        Input(PageIds.dataset, "value"),
    )(offer_datasets)
    app.callback(
        Output(Ids.chooser, "options"),
        Output(Ids.chooser, "value"),
        Input(Ids.chooser, "search_value"),
        Input(Ids.dataset, "value"),
        Input(Ids.chosen, "value"),
        Input(PageIds.target, "data"),
    )(offer_recordings)
    app.callback(
        Output(Ids.graph, "figure"),
        Output(Ids.graph, "style"),
        Output(Ids.table, "children"),
        Output(Ids.card, "children"),
        Output(Ids.shown, "hidden"),
        Output(Ids.files, "hidden"),
        Output(Ids.refused, "children"),
        Input(PageIds.shown, "data"),
        Input(SettingIds.drawn, "data"),
        Input(Ids.chosen, "value"),
        Input(Ids.plot, "value"),
        Input(Ids.layout, "value"),
    )(draw)
    app.callback(
        Output(Ids.download, "data"),
        Input(Ids.csv, "n_clicks"),
        State(PageIds.shown, "data"),
        State(SettingIds.drawn, "data"),
        State(Ids.chosen, "value"),
        State(Ids.plot, "value"),
        State(Ids.layout, "value"),
        prevent_initial_call=True,
    )(save)
    app.clientside_callback(
        ClientsideFunction("signals_overview", "choose"),
        Input(Ids.chooser, "value"),
        State(Ids.chosen, "value"),
        prevent_initial_call=True,
    )


def _ids(text: str | None) -> list[int]:
    """The numbers in the setting; an address may hold anything."""
    found = [number_of(part) for part in (text or "").split(",")]
    return list(dict.fromkeys(one for one in found if one is not None))[:MOST]


def _name(recording_id: int, listed: Mapping[int, str]) -> str | None:
    """Also of a recording of another data set; None if there is none."""
    if recording_id in listed:
        return listed[recording_id]
    try:
        return choice_label(RecordingService.get_recording(recording_id))
    except NotFound:
        return None
