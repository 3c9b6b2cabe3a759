"""What happens on the page of the guide."""

from __future__ import annotations

from dash import Dash, Input, Output
from dash.development.base_component import Component

from layouts.components.links import path_to
from layouts.guide import Ids, no_topic, text, topic_list
from services.errors import NotFound
from services.guide_service import GuideService


def show_topic(topic: str) -> tuple[list[Component], list[Component]]:
    """The list of topics, and the one that is asked for."""
    topics = topic_list(GuideService.list_topics(), topic)
    try:
        return topics, text(GuideService.read_topic(topic, path_to("/").rstrip("/")))
    except NotFound:
        return topics, no_topic()


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.topics, "children"),
        Output(Ids.text, "children"),
        Input(Ids.topic, "data"),
    )(show_topic)
