"""One's own profile: name shown, e-mail, time zone."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.frame import field, section
from layouts.components.settings_frame import settings_page
from layouts.page import Page


class Ids:
    who = "settings-profile-who"
    shown_name = "settings-profile-shown-name"
    email = "settings-profile-email"
    time_zone = "settings-profile-time-zone"
    example = "settings-profile-example"
    save = "settings-profile-save"
    message = "settings-profile-message"
    saved = "settings-profile-saved"


def build(**_view: Any) -> Component:
    return settings_page(
        "Profile",
        [section("About you", _form()), dcc.Store(id=Ids.saved)],
        lead=html.Span(id=Ids.who),
    )


def _form() -> Component:
    zone = dcc.Dropdown(id=Ids.time_zone, clearable=False, placeholder="Loading")
    return html.Div(
        [
            field(
                "Name shown",
                dbc.Input(id=Ids.shown_name, maxlength=80, autocomplete="name"),
                hint="What pages call you. You sign in with the name above as before.",
            ),
            field(
                "E-mail",
                dbc.Input(id=Ids.email, type="email", maxlength=254, autocomplete="email"),
                hint="Where notifications go. Empty: no mail.",
            ),
            field("Time zone", zone, hint=html.Span(id=Ids.example)),
            dbc.Button("Save", id=Ids.save, color="primary"),
            html.Div(id=Ids.message, role="status"),
        ],
        className="narrow-form",
    )


PAGE = Page(
    "settings_profile", "Profile", "/settings/profile", build, icon="person", in_navigation=False
)
