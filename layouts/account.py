"""One's own account: who one is, and the password."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from layouts.components.frame import field, page_head, section
from layouts.page import Page


class Ids:
    old = "account-old"
    new = "account-new"
    again = "account-again"
    save = "account-save"
    message = "account-message"
    who = "account-who"


def build(**_view: Any) -> Component:
    return html.Div(
        [
            page_head("Account", lead=html.Span(id=Ids.who)),
            section("Change password", _form()),
        ]
    )


def _form() -> Component:
    return html.Div(
        [
            field("Old password", _password(Ids.old, "current-password")),
            field(
                "New password",
                _password(Ids.new, "new-password"),
                hint="12 to 128 characters; a few unrelated words are good.",
            ),
            field("New password again", _password(Ids.again, "new-password")),
            dbc.Button("Change password", id=Ids.save, color="primary"),
            html.Div(id=Ids.message, role="status"),
        ],
        className="narrow-form",
    )


def _password(component_id: str, complete: str) -> Component:
    return dbc.Input(id=component_id, type="password", autocomplete=complete, maxlength=128)


PAGE = Page("account", "Account", "/account", build, icon="person", in_navigation=False)
