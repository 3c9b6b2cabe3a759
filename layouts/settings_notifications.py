"""By which channels one is told of which events: a table of switches that are kept at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from layouts.components.attributes import attributes
from layouts.components.frame import alert, definition_list, section
from layouts.components.links import page_link
from layouts.components.settings_frame import settings_page
from layouts.components.tables import scrolling
from layouts.page import Page

TITLE = "Notifications"
CHANNELS = {
    "toast": ("Toast", "shown for a moment in an open tab"),
    "in_app": ("Inbox", "listed behind the bell"),
    "email": ("E-mail", "at once, or in a digest"),
    "webhooks": ("Webhooks", "to those of your webhooks that want the event"),
}
MAIL = {
    "off": "Off",
    "immediate": "At once",
    "daily": "Daily digest",
    "weekly": "Weekly digest",
}


class Ids:
    table = "settings-notifications-table"
    choice = "settings-notifications-choice"
    said = "settings-notifications-said"
    mail = "settings-notifications-mail"
    reset = "settings-notifications-reset"


def build(**_view: Any) -> Component:
    reset = dbc.Button("Back to the defaults", id=Ids.reset, color="secondary", outline=True)
    return settings_page(
        TITLE,
        [
            section(
                "What you are told of",
                [
                    html.P(html.Span(id=Ids.said), className="page-lead", role="status"),
                    html.Div(id=Ids.table),
                ],
            ),
            section("E-mail and digests", html.Div(id=Ids.mail)),
        ],
        lead="Every change is kept at once.",
        actions=[reset],
    )


def table(preferences: Sequence[Mapping[str, Any]]) -> Component:
    """One row for each type of event, in groups; one column for each channel."""
    head = [html.Th("Event", scope="col")]
    head += [
        html.Th([name, html.Span(what, className="channel-what")], scope="col")
        for name, what in CHANNELS.values()
    ]
    groups = [
        _group(group, list(rows)) for group, rows in groupby(preferences, key=lambda p: p["group"])
    ]
    parts = [html.Thead(html.Tr(head)), *groups]
    return scrolling(html.Table(parts, className="plain-table channel-table"), "Channels by event")


def mail(state: Mapping[str, Any]) -> list[Component]:
    """Where mail goes, and when digests are due."""
    parts: list[Component] = []
    if not state["is_set_up"]:
        parts.append(
            alert(
                "This installation has no mail yet, so the column E-mail does nothing. An admin "
                "can set it up.",
                "warning",
            )
        )
    elif not state["email"]:
        parts.append(
            alert(
                [
                    "There is no e-mail address in your ",
                    page_link("profile", "/settings/profile"),
                    ", so the column E-mail does nothing.",
                ],
                "warning",
            )
        )
    zone = f" ({state['time_zone']})"
    items = [
        ("Mail goes to", state["email"] or "nobody"),
        ("Next daily digest", state["next_daily"] + zone),
        ("Next weekly digest", state["next_weekly"] + zone),
    ]
    rule = (
        "A daily digest leaves at 09:00, a weekly one on Mondays at 09:00, by the clock of your "
        "time zone. When nothing has happened, none is sent."
    )
    return [*parts, definition_list(items), html.P(rule, className="page-lead")]


def _group(group: str, rows: Sequence[Mapping[str, Any]]) -> Component:
    title = html.Tr(
        html.Th(group, colSpan=str(1 + len(CHANNELS)), scope="rowgroup"), className="group-row"
    )
    return html.Tbody([title, *(_row(row) for row in rows)])


def _row(row: Mapping[str, Any]) -> Component:
    cells = [html.Td(_control(row, channel)) for channel in CHANNELS]
    return html.Tr([html.Th(row["title"], scope="row"), *cells])


def _control(row: Mapping[str, Any], channel: str) -> Component:
    known_as = {"type": Ids.choice, "event": row["event_type"], "channel": channel}
    name = html.Span(f"{CHANNELS[channel][0]}: {row['title']}", className="visually-hidden")
    if channel == "email":
        options = [{"label": text, "value": value} for value, text in MAIL.items()]
        control: Component = dbc.Select(options, row["email"], id=known_as, size="sm")
    else:
        control = dbc.Switch(id=known_as, value=row[channel], label=name)
        return html.Div(control, className="channel-switch")
    # Around the control, as a label cannot point at an id that is a pattern.
    return html.Label([name, control], **attributes(className="channel-mail"))


PAGE = Page(
    "settings_notifications",
    TITLE,
    "/settings/notifications",
    build,
    icon="bell",
    in_navigation=False,
)
