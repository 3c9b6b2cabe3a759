"""Saved searches: use, pin, delete, and save the one that is shown."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update

from callbacks.errors import tell
from layouts.experiments import Ids as Page
from layouts.experiments_saved import Ids, pinned, saved_list
from services import actor
from services.runtime import unit_of_work
from services.search_service import SearchService


def show_saved(_grid: str) -> tuple[Any, Any]:
    with unit_of_work(writing=False) as session:
        searches = SearchService.get_saved_searches(session, actor.myself())
    return saved_list(searches), pinned(searches)


def save(clicks: int | None, name: str | None, query: str | None) -> tuple[Any, Any, Any]:
    """Keep the search that is shown; one of the same name is replaced, a pin stays."""
    if not clicks:
        return no_update, no_update, no_update
    user_id = actor.myself()
    with unit_of_work() as session:
        known = {one.name: one for one in SearchService.get_saved_searches(session, user_id)}
        same = known.get((name or "").strip())
        is_pinned = same is not None and same.is_pinned
        kept = SearchService.save_search(session, user_id, name or "", query or "", is_pinned)
    tell(f"The search is saved as “{kept.name}”.", "info")
    return *show_saved(""), ""


def act(_clicks: list[int | None]) -> tuple[Any, Any, Any]:
    """What a button of a saved search asks for; using it puts it into the field."""
    asked = ctx.triggered_id
    if not asked or not any(_clicks):
        return no_update, no_update, no_update
    number, user_id = int(asked["number"]), actor.myself()
    query: Any = no_update
    with unit_of_work() as session:
        if asked["verb"] == "use":
            query = SearchService.use_saved_search(session, number, user_id)["query"]
        elif asked["verb"] == "delete":
            SearchService.delete_saved_search(session, number, user_id)
        else:
            own = SearchService.get_saved_searches(session, user_id)
            for one in (one for one in own if one.id == number):
                SearchService.save_search(session, user_id, one.name, one.query, not one.is_pinned)
    return *show_saved(""), query


def register(app: Dash) -> None:
    shown = (Output(Ids.list, "children"), Output(Ids.pinned, "children"))
    again = tuple(Output(one.component_id, "children", allow_duplicate=True) for one in shown)
    app.callback(*shown, Input(Page.grid, "id"))(show_saved)
    app.callback(
        *again,
        Output(Ids.name, "value"),
        Input(Ids.save, "n_clicks"),
        State(Ids.name, "value"),
        State(Page.query, "value"),
        prevent_initial_call=True,
    )(save)
    app.callback(
        *again,
        Output(Page.query, "value"),
        Input({"type": Ids.act, "verb": ALL, "place": ALL, "number": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )(act)
