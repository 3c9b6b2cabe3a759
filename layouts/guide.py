"""The guide: topics beside the one that is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.attributes import attributes
from layouts.components.frame import empty_state, link_button, page_head
from layouts.components.links import page_link
from layouts.page import Group, Page

FIRST = "README"

Values = Mapping[str, Any]


class Ids:
    topic = "guide-topic"
    topics = "guide-topics"
    text = "guide-text"


def build(topic: str = FIRST, **_view: Any) -> Component:
    return html.Div(
        [
            dcc.Store(id=Ids.topic, data=topic),
            html.Nav(
                id=Ids.topics,
                className="guide-topics",
                **attributes(aria_label="Topics of the guide"),
            ),
            html.Article(id=Ids.text, className="guide-text"),
        ],
        className="guide-page",
    )


def topic_list(topics: Sequence[Values], here: str) -> list[Component]:
    """What analysts do, and below it what who runs the installation does."""
    use = [_entry(one, here) for one in topics if not one["is_how_to"]]
    run = [_entry(one, here) for one in topics if one["is_how_to"]]
    name = html.P("Guide", className="guide-name")
    return [name, html.H2("Use"), html.Ul(use), html.H2("Connect and run"), html.Ul(run)]


def text(found: Values) -> list[Component]:
    return [page_head(found["title"]), dcc.Markdown(found["markdown"], className="guide-words")]


def no_topic() -> list[Component]:
    button = link_button("Go to the beginning", "/guide")
    none = empty_state("No such topic", "The address may be mistyped.", button, icon_name="book")
    return [page_head("Guide"), none]


def _entry(topic: Values, here: str) -> Component:
    path = "/guide" if topic["name"] == FIRST else f"/guide?topic={topic['name']}"
    current = attributes(aria_current="page") if topic["name"] == here else {}
    return html.Li(page_link(topic["title"], path), **current)


PAGE = Page("guide", "Guide", "/guide", build, Group.HELP, "book")
