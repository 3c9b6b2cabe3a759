"""All recordings of the shown channel: as a trend or a waterfall, when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import plotly.graph_objects as go
from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from callbacks.analysis.compare import with_zoom
from callbacks.analysis.settings import connect
from callbacks.signals_plots import is_generated
from layouts.analysis.controls import setting_of
from layouts.analysis.overview import (
    QUANTITIES,
    STACKED,
    Ids,
    feature_options,
    hidden_parts,
    made,
    note,
    set_options,
)
from layouts.analysis.settings import Ids as SettingIds
from layouts.figures import overview as figures
from layouts.figures.signals import mark_generated
from layouts.signals import Ids as PageIds
from services.errors import Invalid, NotFound
from services.feature_set_service import FeatureSetService
from services.recording_service import RecordingService
from services.signal_overview_service import SignalOverviewService

HEIGHT = 420
CONTROLS = (
    Ids.overview,
    Ids.quantity,
    Ids.feature_set,
    Ids.feature,
    Ids.stacked,
    Ids.stacking,
    Ids.among,
    Ids.sorting,
)
SETTINGS = tuple(setting_of(control) for control in CONTROLS[1:])
MOST_SETS = 100
Options = list[dict[str, str]]


class Drawn(NamedTuple):
    """A figure with its height in pixels, and what is told of it."""

    figure: go.Figure
    height: int
    shown: str
    notes: list[str]
    more: str = ""


def show_parts(overview: str | None, quantity: str | None) -> tuple[bool, ...]:
    """Only the choices that matter for what is shown."""
    return tuple(hidden_parts(overview or "", quantity or "").values())


def offer_sets(
    channel: Mapping[str, Any] | None, quantity: str | None, chosen: str | None
) -> tuple[Options, str | None]:
    """The feature sets of the data set, the newest first."""
    if channel is None or quantity != "feature":
        raise PreventUpdate
    dataset_id = RecordingService.get_recording(channel["recording"])["dataset_id"]
    options = set_options(FeatureSetService.list_feature_sets(MOST_SETS, 0, dataset_id))
    return options, _kept(chosen, options)


def offer_features(
    feature_set: str | None, quantity: str | None, chosen: str | None
) -> tuple[Options, str | None]:
    """The features of the chosen set."""
    if not feature_set or quantity != "feature":
        raise PreventUpdate
    try:
        found = FeatureSetService.get_feature_set(int(feature_set))
    except (ValueError, NotFound):
        raise PreventUpdate from None
    options = feature_options(found["features"])
    return options, _kept(chosen, options)


def draw(
    channel: Mapping[str, Any] | None, drawn: Mapping[str, Any], overview: str | None, *chosen: str
) -> tuple[Any, ...]:
    """The figure, its height, and how it came about: in short, and its card; and whether there
    is no figure, no card and no file. What is refused is a sentence alone."""
    if channel is None or not overview:
        return *(no_update for _ in range(6)), True
    try:
        figure, height, shown, notes, more = _draw(channel, _settings(drawn, overview, chosen))
    except (Invalid, NotFound) as error:
        return no_update, no_update, error.message, [], True, True, True
    if is_generated(channel):
        mark_generated(figure)
    name = RecordingService.get_recording(channel["recording"])["name"]
    told, card = note(notes, more), made(shown, name, notes)
    return figure, {"height": f"{height}px"}, told, card, False, False, False


def save(
    clicks: int | None,
    channel: Mapping[str, Any] | None,
    drawn: Mapping[str, Any],
    overview: str | None,
    *chosen: str,
) -> dict[str, str]:
    """The numbers of the trend or the waterfall as a file."""
    if not clicks or channel is None or not overview:
        raise PreventUpdate
    asked = (channel["recording"], channel["channel"], _settings(drawn, overview, chosen))
    file = SignalOverviewService.export_overview(*asked)
    return {"filename": file["file_name"], "content": file["content"], "type": "text/csv"}


def register(app: Dash) -> None:
    connect(app, CONTROLS)
    app.clientside_callback(
        ClientsideFunction("signals_overview", "channel"),
        Output(Ids.channel, "data"),
        Input(PageIds.shown, "data"),
        State(Ids.channel, "data"),
    )
    app.callback(
        *(Output(part, "hidden") for part in hidden_parts("")),
        Input(Ids.overview, "value"),
        Input(Ids.quantity, "value"),
    )(show_parts)
    app.callback(
        Output(Ids.feature_set, "options"),
        Output(Ids.feature_set, "value"),
        Input(Ids.channel, "data"),
        Input(Ids.quantity, "value"),
        State(Ids.feature_set, "value"),
    )(offer_sets)
    app.callback(
        Output(Ids.feature, "options"),
        Output(Ids.feature, "value"),
        Input(Ids.feature_set, "value"),
        Input(Ids.quantity, "value"),
        State(Ids.feature, "value"),
    )(offer_features)
    app.callback(
        Output(Ids.graph, "figure"),
        Output(Ids.graph, "style"),
        Output(Ids.note, "children"),
        Output(Ids.card, "children"),
        Output(Ids.drawn, "hidden"),
        Output(Ids.made, "hidden"),
        Output(Ids.files, "hidden"),
        Input(Ids.channel, "data"),
        Input(SettingIds.drawn, "data"),
        *(Input(control, "value") for control in CONTROLS),
    )(draw)
    app.callback(
        Output(Ids.download, "data"),
        Input(Ids.csv, "n_clicks"),
        State(Ids.channel, "data"),
        State(SettingIds.drawn, "data"),
        *(State(control, "value") for control in CONTROLS),
        prevent_initial_call=True,
    )(save)
    app.clientside_callback(
        ClientsideFunction("signals_overview", "open"),
        Input(Ids.graph, "clickData"),
        State(Ids.graph, "figure"),
        prevent_initial_call=True,
    )


def _settings(drawn: Mapping[str, Any], overview: str, chosen: Sequence[str]) -> dict[str, Any]:
    settings = with_zoom(drawn, chosen[SETTINGS.index("stacked")])
    return settings | {"over": overview, **dict(zip(SETTINGS, chosen, strict=True))}


def _kept(chosen: str | None, options: Options) -> str | None:
    """What was chosen, if it is still there, or the first."""
    values = [one["value"] for one in options]
    return chosen if chosen in values else next(iter(values), None)


def _draw(channel: Mapping[str, Any], settings: Mapping[str, Any]) -> Drawn:
    asked = (channel["recording"], channel["channel"], settings)
    if settings["over"] == "trend":
        view = SignalOverviewService.trend(*asked)
        shown = f"trend of {QUANTITIES[settings['quantity']]}"
        return Drawn(
            figures.trend(view, asked[0]), figures.trend_height(view), shown, view["notes"]
        )
    rows = SignalOverviewService.waterfall(*asked)
    shown = f"waterfall of {STACKED[settings['stacked']]}"
    if settings["stacking"] == "cascade":
        more = figures.cascade_scale(rows)
        drawn = figures.waterfall_cascade(rows, asked[0])
        return Drawn(drawn, HEIGHT, shown, rows["notes"], more)
    drawn = figures.waterfall_picture(rows, settings.get("y") or "db", asked[0])
    return Drawn(drawn, HEIGHT, shown, rows["notes"])
