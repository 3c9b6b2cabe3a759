"""What stands where no page is."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.components.frame import empty_state, link_button, page_head


def build(**_view: Any) -> Component:
    told = empty_state(
        "There is no such page",
        "The address may be mistyped, or the page has moved.",
        link_button("Go to the home page", "/"),
        icon_name="compass",
    )
    return html.Div([page_head("Page not found"), told])
