"""What happens on the page of one's own profile."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update

from callbacks.errors import message_for
from layouts.components.frame import alert
from layouts.settings_profile import Ids
from services.errors import ServiceError
from services.profile_service import ProfileService


def show(_id: str) -> tuple[str, str, str, list[str], str]:
    profile = ProfileService.get_profile()
    who = f"{profile['name']}, role {profile['role'].value}"
    zones = ProfileService.list_time_zones()
    # One that was chosen before the list changed stays chosen.
    known = zones if profile["time_zone"] in zones else [profile["time_zone"], *zones]
    texts = (profile["shown_name"] or "", profile["email"] or "")
    return who, *texts, known, profile["time_zone"]


def save(
    clicks: int | None, shown_name: str | None, email: str | None, time_zone: str | None
) -> tuple[Any, Any, Any]:
    """The answer, and what was kept."""
    if not clicks:  # Dash asks once when the page is inserted
        return no_update, no_update, no_update
    try:
        kept = ProfileService.save_profile(shown_name or "", email or "", time_zone or "")
    except ServiceError as error:
        return alert(message_for(error), "warning"), no_update, no_update
    shown = {"zone": kept["time_zone"], "name": kept["shown_name"] or kept["name"]}
    return alert("Saved.", "success"), shown, kept["email"] or ""


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.who, "children"),
        Output(Ids.shown_name, "value"),
        Output(Ids.email, "value"),
        Output(Ids.time_zone, "options"),
        Output(Ids.time_zone, "value"),
        Input(Ids.who, "id"),
    )(show)
    app.callback(
        Output(Ids.message, "children"),
        Output(Ids.saved, "data"),
        Output(Ids.email, "value", allow_duplicate=True),
        Input(Ids.save, "n_clicks"),
        State(Ids.shown_name, "value"),
        State(Ids.email, "value"),
        State(Ids.time_zone, "value"),
        prevent_initial_call=True,
    )(save)
    app.clientside_callback(
        ClientsideFunction("rotorscope", "use_profile"),
        Output(Ids.saved, "clear_data"),
        Input(Ids.saved, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("rotorscope", "show_zone"),
        Output(Ids.example, "children"),
        Input(Ids.time_zone, "value"),
    )
