"""Where one is signed in, and what was tried to get in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.frame import badge, section
from layouts.components.moments import moment
from layouts.components.tables import pagination, table

PAGE_SIZE = 10
METHODS = {
    "password": "password",
    "totp": "code",
    "backup_code": "backup code",
    "password+totp": "password and code",
    "password+backup_code": "password and backup code",
}
REASONS = {
    "name or password": "wrong password",
    "no code yet": "password right, code asked for",
    "wrong code": "wrong code",
    "disabled": "the account was disabled",
}


class Ids:
    stamp = "settings-security-sessions-stamp"
    table = "settings-security-sessions"
    end = "settings-security-end"
    end_others = "settings-security-end-others"
    history = "settings-security-history"
    pages = "settings-security-pages"


def parts() -> list[Component]:
    others = dbc.Button(
        "Sign out everywhere else", id=Ids.end_others, color="secondary", outline=True, size="sm"
    )
    return [
        section(
            "Sessions",
            [dcc.Store(id=Ids.stamp, data=0), html.Div(id=Ids.table)],
            actions=[others],
        ),
        section("History", [html.Div(id=Ids.history), pagination(Ids.pages)]),
    ]


def sessions_table(sessions: Sequence[Mapping[str, Any]], own_id: int | None) -> Component:
    rows = [
        [
            from_where(kept),
            kept["ip_address"] or "unknown",
            moment(kept["created_at"]),
            moment(kept["last_seen_at"]),
            badge("this browser", "info", icon_name="check-circle")
            if kept["id"] == own_id
            else dbc.Button(
                "Sign out",
                id={"type": Ids.end, "id": kept["id"]},
                size="sm",
                color="secondary",
                outline=True,
            ),
        ]
        for kept in sessions
    ]
    head = ("Device", "Address", "Signed in", "Last seen", "")
    return table(head, rows, label="Sessions")


def history_table(attempts: Sequence[Mapping[str, Any]]) -> Component:
    if not attempts:
        return html.P("Nothing yet. Sign-ins and failed tries are listed here.")
    rows = [
        [
            moment(kept["created_at"]),
            _outcome(kept),
            METHODS.get(kept["login_method"], kept["login_method"]),
            from_where(kept),
            kept["ip_address"] or "unknown",
        ]
        for kept in attempts
    ]
    return table(("Time", "Outcome", "With", "Device", "Address"), rows, label="History")


def from_where(kept: Mapping[str, Any]) -> str:
    """Browser and device, as far as the browser told."""
    known = [kept["browser"], kept["device_type"]]
    return " on ".join(one for one in known if one) or "unknown browser"


def _outcome(kept: Mapping[str, Any]) -> Component:
    if kept["success"]:
        return badge("signed in", "success", icon_name="check-circle")
    reason = kept["failure_reason"] or "failed"
    return badge(REASONS.get(reason, reason), "warning", icon_name="exclamation-triangle")
