"""One's own API keys: make, rotate, revoke, and how much each is used."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.frame import alert, badge, empty_state, field, section
from layouts.components.links import path_to
from layouts.components.moments import moment
from layouts.components.quantities import count
from layouts.components.settings_frame import settings_page
from layouts.components.tables import table as plain_table
from layouts.evaluation_numbers import share_text
from layouts.page import Page

LIVES = {"30": "30 days", "90": "90 days", "365": "a year", "": "for ever"}
OVERLAPS = {"0": "not at all", "1": "an hour", "24": "a day", "168": "a week"}
HEAD = ("Name", "Begins with", "May", "Limit", "Last 24 h", "Last used", "Good until", "")


class Ids:
    name = "settings-keys-name"
    environment = "settings-keys-environment"
    limit = "settings-keys-limit"
    life = "settings-keys-life"
    scopes = "settings-keys-scopes"
    make = "settings-keys-make"
    answer = "settings-keys-answer"
    table = "settings-keys-table"
    ended = "settings-keys-ended"
    overlap = "settings-keys-overlap"
    act = "settings-keys-act"
    confirm = "settings-keys-confirm"
    chosen = "settings-keys-chosen"
    shown = "settings-keys-shown"


class Row(TypedDict):
    id: int
    name: str
    prefix: str
    environment: str
    scopes: str
    rate_limit: int
    requests: int
    error_rate: float
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None
    is_good: bool
    is_replaced: bool


def build(**_view: Any) -> Component:
    return settings_page(
        "API keys",
        [
            section("Make a key", _form()),
            html.Div(id=Ids.answer),
            section("Your keys", [_choices(), html.Div(id=Ids.table)]),
            dcc.ConfirmDialog(id=Ids.confirm),
            dcc.Store(id=Ids.chosen),
        ],
        lead=[
            "Programs use the API with a key instead of your password. ",
            html.A("How the API is used", href=path_to("/api/docs"), target="_blank"),
        ],
    )


def table(rows: Sequence[Row]) -> Component:
    if not rows:
        return empty_state(
            "No keys",
            "A program that reads or sends data needs one. Make it above: give it a name and only "
            "the scopes that it needs.",
            icon_name="key",
        )
    return plain_table(HEAD, [_cells(row) for row in rows], label="Your keys", numbers={3, 4})


def shown_once(key: str, name: str, old_until: datetime | None = None) -> Component:
    """The key to copy; it is not shown again."""
    texts: list[Any] = [f"This is the key “{name}”. Copy it now: it is not shown again."]
    if old_until is not None:
        texts += [" The old one is good until ", moment(old_until), "."]
    return alert(
        [
            html.P(texts),
            html.Label(
                [
                    html.Span("The key", className="visually-hidden"),
                    dcc.Input(id=Ids.shown, value=key, readOnly=True, className="form-control"),
                ],
                className="shown-once",
            ),
            dcc.Clipboard(target_id=Ids.shown, title="Copy the key", className="copy-button"),
        ],
        "success",
    )


def _form() -> Component:
    fields = html.Div(
        [
            field("Name", dbc.Input(id=Ids.name, maxlength=80, autocomplete="off")),
            field(
                "Environment",
                dbc.Select({"live": "live", "test": "test"}, "live", id=Ids.environment),
                hint="A test key only reads.",
            ),
            field(
                "Requests in an hour",
                dbc.Input(id=Ids.limit, type="number", min=1, step=1, value=1000),
            ),
            field("Good for", dbc.Select(LIVES, "90", id=Ids.life)),
        ],
        className="field-row",
    )
    scopes = html.Fieldset(
        [
            html.Legend("What it may do", className="form-label"),
            dbc.Checklist([], [], id=Ids.scopes, className="scope-choices"),
        ]
    )
    return html.Div([fields, scopes, dbc.Button("Make the key", id=Ids.make, color="primary")])


def _choices() -> Component:
    return html.Div(
        [
            field(
                "After rotating, the old key stays good", dbc.Select(OVERLAPS, "24", id=Ids.overlap)
            ),
            dbc.Switch(id=Ids.ended, label="Show keys that have ended", value=False),
        ],
        className="field-row",
    )


def _cells(row: Row) -> list[Any]:
    name: list[Any] = [row["name"], " "]
    if row["environment"] == "test":
        name.append(badge("test", "info", icon_name="eye"))
    return [
        html.Span(name),
        html.Code(f"{row['prefix']}…"),
        html.Span(row["scopes"], className="scope-list"),
        f"{count(row['rate_limit'])}/h",
        _use(row),
        moment(row["last_used_at"], missing="never"),
        _state(row),
        _actions(row),
    ]


def _use(row: Row) -> str:
    if not row["requests"]:
        return "–"
    asked = count(row["requests"])
    return (
        f"{asked}, {share_text(row['error_rate'])} refused or failed"
        if row["error_rate"]
        else asked
    )


def _state(row: Row) -> Component:
    if row["revoked_at"] is not None:
        return html.Span(
            [badge("revoked", "danger", icon_name="slash-circle"), " ", moment(row["revoked_at"])]
        )
    if not row["is_good"]:
        return html.Span(
            [badge("expired", "warning", icon_name="hourglass"), " ", moment(row["expires_at"])]
        )
    return moment(row["expires_at"], missing="for ever")


def _actions(row: Row) -> Component:
    if not row["is_good"]:
        return html.Span()
    verbs = {"revoke": "Revoke"} if row["is_replaced"] else {"rotate": "Rotate", "revoke": "Revoke"}
    buttons = [
        dbc.Button(
            text,
            id={"type": Ids.act, "verb": verb, "id": row["id"], "name": row["name"]},
            size="sm",
            color="danger" if verb == "revoke" else "secondary",
            outline=True,
        )
        for verb, text in verbs.items()
    ]
    return html.Div(buttons, className="section-actions")


PAGE = Page("settings_keys", "API keys", "/settings/keys", build, icon="key", in_navigation=False)
