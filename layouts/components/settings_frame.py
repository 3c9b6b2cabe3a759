"""What is around each page of a person's own settings: its heading, and the way to the others."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from layouts.components.attributes import attributes
from layouts.components.frame import Children, page_head
from layouts.components.links import page_link

# Title and path, in the order in which they are shown.
SETTINGS = (
    ("Profile", "/settings/profile"),
    ("Security", "/settings/security"),
    ("API keys", "/settings/keys"),
    ("Notifications", "/settings/notifications"),
    ("Webhooks", "/settings/webhooks"),
)


def settings_page(
    title: str,
    children: Children,
    *,
    lead: Children = None,
    actions: Sequence[Component] = (),
) -> Component:
    """A page of the settings; ``title`` is one of those in :data:`SETTINGS`."""
    entries = [html.Li(_entry(name, path, here=name == title)) for name, path in SETTINGS]
    others = html.Nav(
        html.Ul(entries), className="settings-pages", **attributes(aria_label="Settings")
    )
    return html.Div(
        [page_head(title, lead=lead, actions=actions), others, html.Div(children)],
        className="settings-page",
    )


def _entry(name: str, path: str, *, here: bool) -> Component:
    return page_link(name, path, class_name="is-current") if here else page_link(name, path)
