"""The head of a page, cards, empty states and fields: the same on every page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from layouts.components.attributes import attributes
from layouts.components.links import path_to

Children = Any


def page_head(title: str, *, lead: Children = None, actions: Sequence[Component] = ()) -> Component:
    """The page's heading, with its main action at the right."""
    texts: list[Component] = [html.H1(title)]
    if lead is not None:
        texts.append(html.P(lead, className="page-lead"))
    return html.Div(
        [html.Div(texts), html.Div(list(actions), className="page-actions")],
        className="page-head",
    )


def icon(name: str, *, title: str | None = None) -> Component:
    """An icon of the bundled set; without a title it is for the eye only."""
    if title is None:
        return html.I(className=f"bi bi-{name}", **attributes(aria_hidden="true"))
    return html.I(
        className=f"bi bi-{name}", role="img", title=title, **attributes(aria_label=title)
    )


def link_button(text: str, href: str, *, icon_name: str = "", color: str = "primary") -> Component:
    children: list[Children] = [icon(icon_name), " "] if icon_name else []
    return dbc.Button([*children, text], href=path_to(href), color=color)


def section(
    title: str, children: Children, *, actions: Sequence[Component] = (), class_name: str = ""
) -> Component:
    """A titled card."""
    head = html.Div(
        [html.H2(title), html.Div(list(actions), className="section-actions")],
        className="section-head",
    )
    return html.Section([head, html.Div(children)], className=f"section-card {class_name}".strip())


def empty_state(
    title: str, text: Children, action: Component | None = None, *, icon_name: str = "inbox"
) -> Component:
    """What belongs here, and the action that fills it."""
    parts: list[Component] = [icon(icon_name), html.H2(title), html.P(text)]
    if action is not None:
        parts.append(action)
    return html.Div(parts, className="empty-state")


def field(
    label: str, control: Component, *, hint: Children = None, class_name: str = ""
) -> Component:
    """A labelled control with an optional hint under it."""
    parts: list[Component] = [dbc.Label(label, html_for=getattr(control, "id", None)), control]
    if hint is not None:
        parts.append(dbc.FormText(hint))
    return html.Div(parts, className=f"field {class_name}".strip())


def alert(text: Children, level: str = "info") -> Component:
    """A message that stays: ``info``, ``success``, ``warning`` or ``danger``, with its icon."""
    icons = {
        "info": "info-circle",
        "success": "check-circle",
        "warning": "exclamation-triangle",
        "danger": "x-octagon",
    }
    # Not dbc.Alert: it takes no role, and calls everything an alert.
    return html.Div(
        [icon(icons[level]), html.Div(text)],
        className=f"alert alert-{level} page-alert",
        role="alert" if level in ("warning", "danger") else "status",
    )


def badge(text: str, level: str = "secondary", *, icon_name: str = "") -> Component:
    """A short state, told by text and icon as well as by colour."""
    children: list[Children] = [icon(icon_name), " "] if icon_name else []
    return html.Span([*children, text], className=f"state-badge state-{level}")


def definition_list(items: Sequence[tuple[str, Children]]) -> Component:
    """Names and values, for details."""
    parts: list[Component] = []
    for name, value in items:
        parts += [html.Dt(name), html.Dd(value)]
    return html.Dl(parts, className="details-list")
