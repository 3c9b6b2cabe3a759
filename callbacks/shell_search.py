"""What happens in the search of the header."""

from __future__ import annotations

from dash import Dash, Input, Output
from dash.development.base_component import Component

from layouts.page import Page
from layouts.registry import PAGES
from layouts.shell_search import Ids, hint, results
from services import actor
from services.global_search_service import FEWEST_CHARACTERS, GlobalSearchService
from services.guide_service import GuideService

MOST_TOPICS = 5


def search(text: str | None) -> Component:
    """Pages that the person may open and objects, by name, and what the guide says of it."""
    wanted = (text or "").strip()
    if len(wanted) < FEWEST_CHARACTERS:
        return hint()
    topics = GuideService.find_topics(wanted)[:MOST_TOPICS]
    return results(wanted, GlobalSearchService.find(wanted), _pages(wanted), topics)


def _pages(text: str) -> list[Page]:
    role, folded = actor.reader().role.value, text.casefold()
    return [
        page
        for page in PAGES
        if folded in page.title.casefold() and page.is_for(role) and not page.is_template
    ]


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.results, "children"), Input(Ids.text, "value"), prevent_initial_call=True
    )(search)
