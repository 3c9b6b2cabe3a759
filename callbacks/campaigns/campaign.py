"""One campaign: watched, paused, taken up again, stopped, enlarged, evaluated, deleted."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update

from callbacks.errors import tell
from layouts import shell
from layouts.campaigns.campaign import Ids, head, not_there, pair_note, settings, summary
from layouts.campaigns.campaign_parts import PAGE_SIZE, trials_table
from layouts.campaigns.campaign_parts import Ids as PartIds
from layouts.campaigns.campaign_parts import importance as importance_of
from layouts.components.links import path_to
from layouts.components.titles import setting_title
from layouts.figures.campaigns import (
    curves_figure,
    front_figure,
    history_figure,
    pair_figure,
    parallel_figure,
    slices_figure,
    surface_of,
    timeline_figure,
)
from models.base import now
from services import actor
from services.campaigns.campaign_service import CampaignService
from services.campaigns.views import CampaignView
from services.errors import NotFound

VERBS: dict[str, tuple[Callable[[int], object], str]] = {
    "pause": (CampaignService.pause_campaign, "is asked to pause"),
    "resume": (CampaignService.resume_campaign, "goes on"),
    "stop": (CampaignService.stop_campaign, "begins no more trials"),
    "stop-now": (partial(CampaignService.stop_campaign, at_once=True), "is stopped"),
    "measure": (CampaignService.request_importance, "is measured"),
}
NO_NUMBER = "The address has to end with the number of a campaign, and does not."
ORDERS = {
    "newest": ("number", True),
    "number": ("number", False),
    "epochs": ("epochs", True),
}


def show_campaign(
    _pulse: dict[str, Any], chosen: int | None, shown: dict[str, Any] | None
) -> tuple[Any, ...]:
    """Head, summary, importance and settings; a part is drawn anew only when it has changed."""
    try:
        if chosen is None:
            raise NotFound(NO_NUMBER)
        campaign = CampaignService.get_campaign(chosen)
    except NotFound as error:
        return not_there(error.message), None, None, None, True, True, True, None
    may = actor.may_change(campaign["owner_id"])
    begun = any(campaign["trials"].values())
    best = campaign["best_trial"] is not None
    looked = [campaign["final_job_id"], campaign["final"] is None]
    measured = (campaign["importance"] or {}).get("at")
    present = {
        "head": [campaign["name"], campaign["state"], may, best, *looked],
        "importance": [measured, campaign["trials"]["complete"], may],
        "settings": [campaign["id"], best],
    }
    parts: dict[str, Callable[[], Any]] = {
        "head": lambda: head(campaign, can_change=may),
        "importance": lambda: importance_of(campaign, can_change=may),
        "settings": lambda: settings(campaign),
    }
    drawn = {
        name: no_update if shown and shown[name] == present[name] else draw()
        for name, draw in parts.items()
    }
    return (
        *(drawn["head"], summary(campaign), drawn["importance"], drawn["settings"]),
        *(not begun, not begun, not may or campaign["final_job_id"] is not None, present),
    )


def show_figures(
    _pulse: dict[str, Any], chosen: int | None, drawn: list[Any] | None = None
) -> tuple[Any, ...]:
    """What is drawn of scores by trial, by epoch and over time, and of the settings.

    Drawn anew only when a trial has begun or ended, or an epoch was added.
    """
    try:
        campaign = CampaignService.get_campaign(chosen or 0)
    except NotFound:
        return (no_update,) * 11
    curves = CampaignService.list_curves(campaign["id"])
    measured = (campaign["importance"] or {}).get("at")
    seen = [campaign["id"], sorted(campaign["trials"].items()), len(curves), measured]
    present: list[Any] = json.loads(json.dumps(seen))  # as a store gives it back
    if present == drawn:
        return (no_update,) * 11
    history = CampaignService.get_history(campaign["id"])
    points = CampaignService.list_points(campaign["id"])
    metric, space = campaign["metric"], campaign["space"]
    enough = len(points) > 1 and bool(space)
    done, several = campaign["trials"]["complete"], len(campaign["metrics"]) > 1
    maximises = campaign["direction"] == "maximize"
    note = f"The newest {len(points)} of {done} finished trials are drawn."
    return (
        history_figure(history, metric, maximises=maximises),
        curves_figure(curves, metric),
        max((point["epoch"] for point in curves), default=0) < 2,
        timeline_figure(history, now()),
        front_figure(points, campaign["metrics"], maximises=maximises) if several else no_update,
        not (several and points),
        parallel_figure(points, space, metric) if enough else no_update,
        slices_figure(points, space, metric) if enough else no_update,
        not enough,
        note if done > len(points) else "",
        present,
    )


def show_choices(chosen: int | None) -> tuple[Any, ...]:
    """Settings that can be held against each other; at first the two that decide most."""
    try:
        campaign = CampaignService.get_campaign(chosen or 0)
    except NotFound:
        return [], None, [], None
    space = list(campaign["space"])
    first, second = [*space, *space][:2] if space else (None, None)
    for one in (campaign["importance"] or {}).get("surfaces", [])[:1]:
        first, second = one["x"], one["y"]
    options = [{"label": setting_title(name), "value": name} for name in space]
    return options, first, options, second


def show_pair(
    _drawn: list[Any] | None, x_name: str | None, y_name: str | None, chosen: int | None
) -> tuple[Any, Any]:
    """Two settings, and what a model expects between the trials where one was fitted."""
    if not x_name or not y_name:
        return no_update, no_update
    campaign = CampaignService.get_campaign(chosen or 0)
    points, space = CampaignService.list_points(campaign["id"]), campaign["space"]
    if len(points) < 2 or not {x_name, y_name} <= set(space):
        return no_update, no_update
    pair, importance = (x_name, y_name), campaign["importance"]
    surface = surface_of(importance, pair)
    return (
        pair_figure(points, space, pair, campaign["metric"], surface),
        pair_note(importance, surface, len(points)),
    )


def show_trials(
    _pulse: dict[str, Any], state: str | None, order: str | None, page: int | None, chosen: int
) -> tuple[Any, Any]:
    """One page of the table; the database sorts and filters."""
    try:
        campaign = CampaignService.get_campaign(chosen or 0)
    except NotFound:
        return no_update, no_update
    states = (state,) if state and state != "all" else ()
    sort, descending = ORDERS.get(order or "", ("value", campaign["direction"] == "maximize"))
    pages = max(1, -(-CampaignService.count_trials(campaign["id"], states) // PAGE_SIZE))
    first = (min(page or 1, pages) - 1) * PAGE_SIZE
    trials = CampaignService.list_trials(
        campaign["id"], PAGE_SIZE, first, states, sort, descending=descending
    )
    return trials_table(campaign, trials), pages


def show_limits(chosen: int | None) -> tuple[Any, ...]:
    """Filled in once: what a person types is not written over."""
    try:
        campaign = CampaignService.get_campaign(chosen or 0)
    except NotFound:
        return (no_update,) * 4
    return campaign["budget"], campaign["parallel"], campaign["hours"], campaign["patience"]


def change_limits(
    clicks: int | None, budget: Any, parallel: Any, hours: Any, patience: Any, chosen: int | None
) -> None:
    if not clicks or chosen is None:
        return
    changed = CampaignService.change_limits(chosen, budget, parallel, hours, patience)
    tell(f"“{changed['name']}” may do {changed['budget']} trials now.", "info")


def act(clicks: list[int | None], chosen: int | None) -> None:
    asked = ctx.triggered_id
    if asked is None or chosen is None or not any(clicks):
        return
    change, told = VERBS[asked["verb"]]
    change(chosen)
    tell(f"“{_name(chosen)}” {told}.", "info")


def ask(clicks: list[int | None], *_closed: int | None) -> tuple[bool, bool]:
    """Open the question that belongs to the button; close it when it is answered."""
    asked = ctx.triggered_id
    if not isinstance(asked, dict) or not any(clicks):
        return False, False
    return asked["verb"] == "delete", asked["verb"] == "evaluate"


def evaluate(clicks: int | None, chosen: int | None) -> None:
    if clicks and chosen is not None:
        campaign = CampaignService.evaluate_best(chosen)
        tell(f"The best trial of “{campaign['name']}” is asked about the test part.", "info")


def delete(clicks: int | None, chosen: int | None) -> Any:
    if not clicks or chosen is None:
        return no_update
    number = CampaignService.delete_campaign(chosen)
    tell(f"The campaign is deleted, with {number} trials.", "info")
    return path_to("/campaigns")


def _name(campaign_id: int) -> str:
    campaign: CampaignView = CampaignService.get_campaign(campaign_id)
    return campaign["name"]


def register(app: Dash) -> None:
    pulse, chosen = Input(shell.Ids.pulse, "data"), Input(Ids.chosen, "data")
    app.callback(
        Output(Ids.head, "children"),
        Output(Ids.summary, "children"),
        Output(Ids.importance, "children"),
        Output(Ids.settings, "children"),
        Output(Ids.figures, "hidden"),
        Output(Ids.of_trials, "hidden"),
        Output(PartIds.limits, "hidden"),
        Output(Ids.shown, "data"),
        pulse,
        chosen,
        State(Ids.shown, "data"),
    )(show_campaign)
    app.callback(
        Output(Ids.history, "figure"),
        Output(Ids.curves, "figure"),
        Output(Ids.of_curves, "hidden"),
        Output(Ids.timeline, "figure"),
        Output(Ids.front, "figure"),
        Output(Ids.of_front, "hidden"),
        Output(Ids.parallel, "figure"),
        Output(Ids.slices, "figure"),
        Output(Ids.of_points, "hidden"),
        Output(Ids.points_note, "children"),
        Output(Ids.drawn, "data"),
        pulse,
        chosen,
        State(Ids.drawn, "data"),
    )(show_figures)
    app.callback(
        Output(Ids.pair_x, "options"),
        Output(Ids.pair_x, "value"),
        Output(Ids.pair_y, "options"),
        Output(Ids.pair_y, "value"),
        chosen,
    )(show_choices)
    app.callback(
        Output(Ids.pair, "figure"),
        Output(Ids.pair_note, "children"),
        Input(Ids.drawn, "data"),
        Input(Ids.pair_x, "value"),
        Input(Ids.pair_y, "value"),
        State(Ids.chosen, "data"),
    )(show_pair)
    app.callback(
        Output(Ids.trials, "children"),
        Output(Ids.trials_pages, "max_value"),
        pulse,
        Input(Ids.trials_state, "value"),
        Input(Ids.trials_sort, "value"),
        Input(Ids.trials_pages, "active_page"),
        State(Ids.chosen, "data"),
    )(show_trials)
    _register_changes(app)


def _register_changes(app: Dash) -> None:
    app.callback(
        Output(PartIds.budget, "value"),
        Output(PartIds.parallel, "value"),
        Output(PartIds.hours, "value"),
        Output(PartIds.patience, "value"),
        Input(Ids.chosen, "data"),
    )(show_limits)
    app.callback(
        Input(PartIds.change, "n_clicks"),
        State(PartIds.budget, "value"),
        State(PartIds.parallel, "value"),
        State(PartIds.hours, "value"),
        State(PartIds.patience, "value"),
        State(Ids.chosen, "data"),
        prevent_initial_call=True,
    )(change_limits)
    app.callback(
        Input({"type": Ids.act, "verb": ALL}, "n_clicks"),
        State(Ids.chosen, "data"),
        prevent_initial_call=True,
    )(act)
    app.callback(
        Output(PartIds.delete, "is_open"),
        Output(PartIds.evaluate, "is_open"),
        Input({"type": Ids.ask, "verb": ALL}, "n_clicks"),
        Input(PartIds.delete_not, "n_clicks"),
        Input(PartIds.evaluate_not, "n_clicks"),
        Input(PartIds.evaluate_go, "n_clicks"),
        prevent_initial_call=True,
    )(ask)
    app.callback(
        Input(PartIds.evaluate_go, "n_clicks"),
        State(Ids.chosen, "data"),
        prevent_initial_call=True,
    )(evaluate)
    app.callback(
        Output(Ids.go, "href"),
        Input(PartIds.delete_go, "n_clicks"),
        State(Ids.chosen, "data"),
        prevent_initial_call=True,
    )(delete)
