"""The first page."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.components.frame import page_head
from layouts.page import Page


def build(**_view: Any) -> Component:
    return html.Div([page_head("Home")])


PAGE = Page("home", "Home", "/", build, icon="house")
