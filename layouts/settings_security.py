"""One's own security: password, second step, sessions, what was tried."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from layouts import settings_security_second_step, settings_security_sessions
from layouts.components.frame import field, section
from layouts.components.settings_frame import settings_page
from layouts.page import Page


class Ids:
    old = "settings-security-old"
    new = "settings-security-new"
    again = "settings-security-again"
    save = "settings-security-save"
    message = "settings-security-message"


def build(**_view: Any) -> Component:
    return settings_page(
        "Security",
        [
            settings_security_second_step.part(),
            section("Change password", _form()),
            *settings_security_sessions.parts(),
        ],
    )


def password_field(label: str, component_id: str, complete: str, *, hint: str = "") -> Component:
    control = dbc.Input(id=component_id, type="password", autocomplete=complete, maxlength=128)
    return field(label, control, hint=hint or None)


def _form() -> Component:
    return html.Div(
        [
            password_field("Old password", Ids.old, "current-password"),
            password_field(
                "New password",
                Ids.new,
                "new-password",
                hint="12 to 128 characters; a few unrelated words are good.",
            ),
            password_field("New password again", Ids.again, "new-password"),
            dbc.Button("Change password", id=Ids.save, color="primary"),
            html.Div(id=Ids.message, role="status"),
        ],
        className="narrow-form",
    )


PAGE = Page(
    "settings_security",
    "Security",
    "/settings/security",
    build,
    icon="shield-lock",
    in_navigation=False,
)
