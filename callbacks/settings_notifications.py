"""What happens on the page of one's notifications."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, ctx, no_update
from dash.development.base_component import Component

from layouts.settings_notifications import CHANNELS, MAIL, Ids, mail, table
from services.notification_preference_service import NotificationPreferenceService


def show_preferences(_id: str) -> Component:
    return table(NotificationPreferenceService.list_preferences())


def show_mail(_id: str) -> list[Component]:
    return mail(NotificationPreferenceService.get_mail())


def keep(_values: list[Any]) -> str | Any:
    """Keep the one that was changed; drawing the table sets them all, which changes nothing."""
    chosen = ctx.triggered_id
    if chosen is None or len(ctx.triggered) != 1:
        return no_update
    event, channel, value = chosen["event"], chosen["channel"], ctx.triggered[0]["value"]
    before = {one["event_type"]: one for one in NotificationPreferenceService.list_preferences()}
    if before[event][channel] == value:  # type: ignore[literal-required]  # a channel is a key
        return no_update
    kept = NotificationPreferenceService.set_preference(event, channel, value)
    now_is = MAIL[value] if channel == "email" else ("on" if value else "off")
    return f"Kept: {kept['title']}, {CHANNELS[channel][0]}: {now_is}."


def reset(clicks: int | None) -> tuple[Any, Any]:
    if not clicks:
        return no_update, no_update
    NotificationPreferenceService.reset_preferences()
    return table(NotificationPreferenceService.list_preferences()), "The defaults hold again."


def register(app: Dash) -> None:
    app.callback(Output(Ids.table, "children"), Input(Ids.table, "id"))(show_preferences)
    app.callback(Output(Ids.mail, "children"), Input(Ids.mail, "id"))(show_mail)
    app.callback(
        Output(Ids.said, "children"),
        Input({"type": Ids.choice, "event": ALL, "channel": ALL}, "value"),
        prevent_initial_call=True,
    )(keep)
    app.callback(
        Output(Ids.table, "children", allow_duplicate=True),
        Output(Ids.said, "children", allow_duplicate=True),
        Input(Ids.reset, "n_clicks"),
        prevent_initial_call=True,
    )(reset)
