"""The second step of signing in, as its owner sets it up and turns it off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.attributes import attributes
from layouts.components.disclosure import disclosure
from layouts.components.frame import alert, badge, field, section
from layouts.components.moments import moment

FEW_CODES = 3


class Ids:
    """``stamp`` counts changes after which ``panel`` is drawn again."""

    stamp = "settings-security-stamp"
    panel = "settings-security-panel"
    told = "settings-security-told"
    begin = "settings-security-begin"
    code = "settings-security-code"
    confirm = "settings-security-confirm"
    renew_code = "settings-security-renew-code"
    renew = "settings-security-renew"
    off_password = "settings-security-off-password"
    off_code = "settings-security-off-code"
    off = "settings-security-off"
    codes = "settings-security-codes"
    done = "settings-security-done"


def part() -> Component:
    return section(
        "Second step",
        [
            dcc.Store(id=Ids.stamp, data=0),
            html.Div(id=Ids.panel),
            html.Div(id=Ids.told, role="status"),
        ],
    )


def is_off(*, is_required: bool) -> list[Component]:
    """What it is good for, and the way to it."""
    return [
        html.P(
            "An authenticator app on your phone shows a code that is asked for after the password."
            " Who learns your password cannot sign in without it."
        ),
        *([alert("Your role must have a second step.", "warning")] if is_required else []),
        dbc.Button("Set up", id=Ids.begin, color="primary"),
    ]


def set_up(picture: str, secret: str) -> list[Component]:
    """The picture to scan, the secret to type, and the field for the first code."""
    scan = html.Img(
        src=f"data:image/png;base64,{picture}",
        alt="QR code with the secret below",
        className="account-picture",
    )
    steps = html.Ol(
        [
            html.Li(
                [
                    "Scan this with an authenticator app, or type the secret into it.",
                    scan,
                    html.Code(secret, className="account-secret"),
                ]
            ),
            html.Li("Type the code that it shows."),
        ],
        className="account-steps",
    )
    return [
        steps,
        html.Div(
            [
                field("Code", _code_input(Ids.code)),
                dbc.Button("Confirm", id=Ids.confirm, color="primary"),
            ],
            className="narrow-form",
        ),
    ]


def is_on(since: datetime, codes_left: int, *, is_required: bool) -> list[Component]:
    """Its state, and what can be done with it."""
    state = html.P(
        [
            badge("on", "success", icon_name="check-circle"),
            " since ",
            moment(since),
            f", {codes_left} backup codes left.",
        ]
    )
    few = "Make new backup codes, or you may be locked out when the authenticator is lost."
    parts: list[Component] = [state]
    if codes_left < FEW_CODES:
        parts.append(alert(few, "warning"))
    parts.append(disclosure("New backup codes", _renewing()))
    if is_required:
        parts.append(html.P("Your role must have it, so it cannot be turned off."))
    else:
        parts.append(disclosure("Turn off", _turning_off()))
    return parts


def new_codes(codes: Sequence[str]) -> list[Component]:
    """Backup codes; they are shown once."""
    save = html.Button(
        "Save as a file",
        type="button",
        className="btn btn-secondary",
        **attributes(data_save_text=Ids.codes, data_file_name="rotorscope-backup-codes.txt"),
    )
    return [
        alert(
            "The second step is on. Each of these codes signs you in once when the authenticator"
            " is not at hand. They are shown only now: keep them where the password is not.",
            "success",
        ),
        html.Pre("\n".join(codes), id=Ids.codes, className="backup-codes"),
        html.Div([save, dbc.Button("Done", id=Ids.done, color="primary")], className="account-row"),
    ]


def _renewing() -> Component:
    return html.Div(
        [
            html.P("The old ones are void then."),
            field("Code of the authenticator, or a backup code", _code_input(Ids.renew_code)),
            dbc.Button("Make new codes", id=Ids.renew, color="primary"),
        ],
        className="narrow-form",
    )


def _turning_off() -> Component:
    password = dbc.Input(
        id=Ids.off_password, type="password", autocomplete="current-password", maxlength=128
    )
    return html.Div(
        [
            field("Password", password),
            field("Code of the authenticator, or a backup code", _code_input(Ids.off_code)),
            dbc.Button("Turn off", id=Ids.off, color="danger", outline=True),
        ],
        className="narrow-form",
    )


def _code_input(component_id: str) -> Any:
    return dbc.Input(
        id=component_id, autocomplete="one-time-code", maxlength=20, class_name="account-code"
    )
