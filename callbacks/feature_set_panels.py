"""Ask for an analysis of a feature set, follow its job, show what came of it."""

from __future__ import annotations

from functools import partial
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, html, no_update

from callbacks.errors import tell
from layouts import shell
from layouts.feature_set import Ids as Page
from layouts.feature_set_panels import PANELS, Ids, Panel, progress, result
from layouts.page import WRITERS
from services import actor
from services.errors import NotFound
from services.feature_analysis_service import FeatureAnalysisService

Known = dict[str, Any] | None
GONE = "This feature set is not there any more. Somebody deleted it."


def show_panel(
    panel: Panel,
    _pulse: dict[str, Any],
    _changed: int,
    method: str,
    known: Known,
    shown: list[Any] | None,
) -> tuple[Any, Any, Any, Any]:
    """Progress, and the newest answer of the method; drawn anew only when it is another one."""
    if known is None:
        return no_update, no_update, no_update, no_update
    try:
        job = FeatureAnalysisService.find_job(known["id"], panel.kind)
        briefs = FeatureAnalysisService.list_analyses(known["id"], panel.kind)
    except NotFound:
        return "", html.P(GONE, className="page-lead"), None, {"display": "none"}
    newest = next((one for one in briefs if one["method"] == method), None)
    mine = job is not None and actor.may_change(job["owner_id"])
    told = progress(job, briefs[0]["created_at"] if briefs else None, may=mine)
    button = None if actor.reader().role in WRITERS else {"display": "none"}
    now = [known["id"], method, newest["id"] if newest else None]
    if now == shown:
        return told, no_update, no_update, button
    view = FeatureAnalysisService.find_analysis(known["id"], panel.kind, method)
    address = {"dataset": known["dataset"], "channel": known["channel"]}
    return told, result(panel, view, address), now, button


def ask(
    panel: Panel,
    clicks: int | None,
    method: str,
    most: float | None,
    threshold: float | None,
    known: Known,
    changed: int,
) -> int | Any:
    if not clicks or known is None:
        return no_update
    given = {"num_features": most, "threshold": threshold} if panel.kind == "selection" else None
    FeatureAnalysisService.request_analysis(known["id"], panel.kind, method, given)
    tell("It is being computed. What is seen appears here.", "info")
    return changed + 1


def register(app: Dash) -> None:
    for panel in PANELS:
        app.callback(
            Output(panel.id("told"), "children"),
            Output(panel.id("result"), "children"),
            Output(panel.id("shown"), "data"),
            Output(panel.id("run"), "style"),
            Input(shell.Ids.pulse, "data"),
            Input(Ids.changed, "data"),
            Input(panel.id("method"), "value"),
            Input(Page.known, "data"),
            State(panel.id("shown"), "data"),
        )(partial(show_panel, panel))
        app.callback(
            Output(Ids.changed, "data", allow_duplicate=True),
            Input(panel.id("run"), "n_clicks"),
            State(panel.id("method"), "value"),
            State(Ids.most, "value"),
            State(Ids.threshold, "value"),
            State(Page.known, "data"),
            State(Ids.changed, "data"),
            prevent_initial_call=True,
        )(partial(ask, panel))
    app.clientside_callback(
        ClientsideFunction("features", "open"),
        Input(Ids.map, "clickData"),
        State(Ids.map, "figure"),
        prevent_initial_call=True,
    )
