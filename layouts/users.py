"""Who may use this installation: for admins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.frame import alert, badge, field, page_head, section
from layouts.components.links import path_to
from layouts.components.moments import moment
from layouts.page import ADMINS, Group, Page

ROLES = ("viewer", "analyst", "admin")


class Ids:
    name = "users-name"
    role = "users-role"
    invite = "users-invite"
    answer = "users-answer"
    table = "users-table"
    confirm = "users-confirm"
    chosen = "users-chosen"
    link = "users-link"
    set_role = "users-set-role"
    act = "users-act"
    required = "users-required"
    require = "users-require"


class Row(TypedDict):
    id: int
    name: str
    role: str
    is_disabled: bool
    has_password: bool
    has_second_step: bool
    created_at: Any
    last_sign_in_at: Any


def build(**_view: Any) -> Component:
    return html.Div(
        [
            page_head(
                "Users",
                lead="Analysts import, train and explain; viewers look; admins also manage users.",
            ),
            section("Invite", _form()),
            html.Div(id=Ids.answer),
            section("Accounts", html.Div(id=Ids.table)),
            section("Second step", _requirement()),
            dcc.ConfirmDialog(id=Ids.confirm),
            dcc.Store(id=Ids.chosen),
        ]
    )


def table(rows: Sequence[Row], own_id: int | None) -> Component:
    head = html.Tr(
        [
            html.Th(title, scope="col")
            for title in ("Name", "Role", "State", "Second step", "Last sign-in", "")
        ]
    )
    body = [_row(row, is_self=row["id"] == own_id) for row in rows]
    parts = [html.Thead(head), html.Tbody(body)]
    return html.Div(html.Table(parts, className="plain-table"), className="table-scroll")


def invitation(name: str, token: str, *, is_reset: bool) -> Component:
    """The link to hand over; it is shown once."""
    about = "choose a new password" if is_reset else "choose a password and sign in"
    return alert(
        [
            html.P(f"Give this link to {name}. It can be used once, to {about}."),
            dcc.Input(
                id=Ids.link,
                value=path_to(f"/link/{token}"),
                readOnly=True,
                className="form-control origin-prefixed",
            ),
            dcc.Clipboard(target_id=Ids.link, title="Copy the link", className="copy-button"),
        ],
        "success",
    )


def _form() -> Component:
    return html.Div(
        [
            field("Name", dbc.Input(id=Ids.name, maxlength=64, autocomplete="off")),
            field("Role", dbc.Select(list(ROLES), "analyst", id=Ids.role)),
            dbc.Button("Invite", id=Ids.invite, color="primary"),
        ],
        className="field-row",
    )


def _requirement() -> Component:
    options = [{"label": role, "value": role} for role in ROLES]
    lead = (
        "Who has one of these roles must sign in with a code of an authenticator, too. Who has"
        " none sets it up at the next click, before anything else opens."
    )
    return html.Div(
        [
            html.P(lead),
            html.Fieldset(
                [
                    html.Legend("Roles that must have a second step", className="visually-hidden"),
                    dbc.Checklist(options, [], id=Ids.required, inline=True),
                ]
            ),
            dbc.Button("Save", id=Ids.require, color="primary", class_name="mt-2"),
        ]
    )


def _row(row: Row, *, is_self: bool) -> Component:
    cells: list[Any] = [
        row["name"],
        _role(row, is_self=is_self),
        _state(row),
        badge("on", "success", icon_name="shield-check") if row["has_second_step"] else "off",
        moment(row["last_sign_in_at"], missing="never"),
        _actions(row, is_self=is_self),
    ]
    return html.Tr([html.Td(cell) for cell in cells])


def _role(row: Row, *, is_self: bool) -> Component:
    if is_self:
        return html.Span(f"{row['role']} (you)")
    chooser = {"type": Ids.set_role, "id": row["id"]}
    # Around the control, as a label cannot point at an id that is a pattern.
    return html.Label(
        [
            html.Span(f"Role of {row['name']}", className="visually-hidden"),
            dbc.Select(list(ROLES), row["role"], id=chooser, size="sm"),
        ]
    )


def _state(row: Row) -> Component:
    if row["is_disabled"]:
        return badge("disabled", "danger", icon_name="slash-circle")
    if not row["has_password"]:
        return badge("invited", "warning", icon_name="hourglass")
    return badge("active", "success", icon_name="check-circle")


def _actions(row: Row, *, is_self: bool) -> Component:
    if is_self:
        return html.Span()
    verbs = ["enable"] if row["is_disabled"] else ["reset", "disable"]
    if row["has_second_step"]:
        verbs.insert(0, "reset_2fa")
    texts = {
        "enable": "Enable",
        "reset": "New link",
        "disable": "Disable",
        "reset_2fa": "Take second step away",
    }
    buttons = [
        dbc.Button(
            texts[verb],
            id={"type": Ids.act, "verb": verb, "id": row["id"], "name": row["name"]},
            size="sm",
            color="danger" if verb == "disable" else "secondary",
            outline=True,
        )
        for verb in verbs
    ]
    return html.Div(buttons, className="section-actions")


PAGE = Page("users", "Users", "/users", build, Group.ADMIN, "people", roles=ADMINS)
