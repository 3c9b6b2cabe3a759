"""What stands in the place of a page that could not be built; the shell around it goes on."""

from __future__ import annotations

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from layouts.components.frame import empty_state, icon, link_button, page_head

BROKEN = (
    "Something broke on our side while this page was built. Nothing that was saved is lost, and "
    "the other pages go on. Try again; if it breaks again, give the number below to an admin, "
    "who finds it in the log."
)


def build(title: str, sentence: str, address: str, number: str = "") -> Component:
    """What stands in the place of a page that could not be built.

    Parameters
    ----------
    title
        That of the page.
    sentence
        What happened and what to do.
    address
        Where it stands, to try again.
    number
        The id of the request, where it helps.
    """
    # The document is loaded anew: Dash would do nothing at an address that is open already.
    again = dbc.Button([icon("arrow-clockwise"), " Try again"], href=address, external_link=True)
    home = link_button("Go to the home page", "/", color="secondary")
    quoted = [html.P(["Number: ", html.Code(number)])] if number else []
    action = html.Div([*quoted, html.Div([again, home], className="page-failed-actions")])
    return html.Div(
        [
            page_head(title),
            html.Div(
                empty_state("This page cannot be shown", sentence, action, icon_name="x-octagon"),
                role="alert",
            ),
        ]
    )
