"""Networks on the page of a campaign: the one of a trial, and the best trained fully."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from layouts import shell
from layouts.campaigns.campaign import Ids as PageIds
from layouts.campaigns.campaign_network import Ids, network, none_yet, retrained
from layouts.components.links import path_to
from services import actor
from services.nas_service import NASService


def show_network(
    _pulse: dict[str, Any], number: int | None, chosen: int | None, drawn: list[Any] | None
) -> tuple[Any, ...]:
    """The section, drawn anew only when another network is to be shown or more is known of it."""
    campaign = None if chosen is None else NASService.get_campaign_details(chosen)
    if campaign is None:
        return True, None, None, True, None
    found = campaign["best_architecture"]
    if number is not None:
        found = NASService.get_architecture(campaign["id"], number)
    again = campaign["plan"].get("retrained")
    over = campaign["ended_at"] is not None and campaign["best"] is not None
    offered = over and again is None and actor.may_change(campaign["owner_id"])
    present = [number, found and [found["trial"], found["value"], found["measured"]]]
    same = drawn == present
    shown = none_yet(number) if found is None else network(found)
    return False, no_update if same else shown, retrained(again), not offered, present


def retrain(clicks: int | None, epochs: Any, chosen: int | None) -> str:
    """Train the best fully, and go to its experiment."""
    if not clicks or chosen is None:
        raise PreventUpdate
    return path_to(f"/experiments/{NASService.retrain_best(chosen, epochs)}")


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.place, "hidden"),
        Output(Ids.shown, "children"),
        Output(Ids.retrained, "children"),
        Output(Ids.of_retraining, "hidden"),
        Output(Ids.drawn, "data"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.trial, "value"),
        Input(PageIds.chosen, "data"),
        State(Ids.drawn, "data"),
    )(show_network)
    app.callback(
        Output(Ids.go, "href"),
        Input(Ids.retrain, "n_clicks"),
        State(Ids.epochs, "value"),
        State(PageIds.chosen, "data"),
        prevent_initial_call=True,
    )(retrain)
