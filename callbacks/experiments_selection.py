"""Tags, archive and deletion of the experiments that are selected in the table."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, ctx, html, no_update

from callbacks.errors import tell
from layouts.components.quantities import plural
from layouts.experiments import Ids as Page
from layouts.experiments_selection import MOST, Ids, deletion_plan, told
from services.errors import Invalid
from services.experiment_collection_service import ExperimentCollectionService
from services.runtime import unit_of_work
from services.search_service import SearchService
from services.tag_service import TagService

Rows = list[dict[str, Any]]
Shown = dict[str, Any]
BUTTONS = (Ids.add, Ids.take, Ids.archive, Ids.restore, Ids.delete)
OFFERED = 50


def count_selected(selected: Rows | None, every: bool, shown: Shown | None) -> tuple[Any, ...]:
    """How many there are, and whether something can be done with them."""
    number = int((shown or {}).get("total", 0)) if every else len(selected or [])
    idle = not 0 < number <= MOST
    return told(number, every=every), *([idle] * len(BUTTONS))


def offer_tags(_stamp: int) -> list[Any]:
    with unit_of_work(writing=False) as session:
        return [
            html.Option(value=tag.name) for tag in TagService.get_popular_tags(session, OFFERED)
        ]


def change(
    add: int | None,
    take: int | None,
    archive: int | None,
    restore: int | None,
    selected: Rows | None,
    every: bool,
    shown: Shown | None,
    tag: str | None,
    stamp: int,
) -> tuple[Any, Any]:
    """What the button that was clicked does; the table asks again afterwards."""
    asked = ctx.triggered_id
    if asked not in CHANGES or not any((add, take, archive, restore)):
        return no_update, no_update
    ids = _ids(selected, every, shown)
    tell(CHANGES[asked](ids, tag or ""), "info")
    return stamp + 1, False


def plan(
    clicks: int | None, selected: Rows | None, every: bool, shown: Shown | None
) -> tuple[Any, Any, Any]:
    """What deleting takes away, to be looked at before."""
    if not clicks:
        return no_update, no_update, no_update
    ids = _ids(selected, every, shown)
    return True, deletion_plan(ExperimentCollectionService.preview_deletion(ids)), ids


def delete(clicks: int | None, planned: list[int] | None, stamp: int) -> tuple[Any, Any, Any]:
    if not clicks or not planned:
        return no_update, no_update, no_update
    number = ExperimentCollectionService.delete_experiments(planned)
    tell(f"{plural(number, 'experiment')} deleted.", "info")
    return stamp + 1, False, False


def put_off(clicks: int | None) -> Any:
    return False if clicks else no_update


def register(app: Dash) -> None:
    chosen = (
        State(Page.grid, "selectedRows"),
        State(Ids.every, "value"),
        State(Page.shown, "data"),
    )
    app.callback(
        Output(Ids.told, "children"),
        *(Output(button, "disabled") for button in BUTTONS),
        Input(Page.grid, "selectedRows"),
        Input(Ids.every, "value"),
        Input(Page.shown, "data"),
    )(count_selected)
    app.callback(Output(Ids.tags, "children"), Input(Page.stamp, "data"))(offer_tags)
    app.callback(
        Output(Page.stamp, "data"),
        Output(Ids.every, "value"),
        *(Input(button, "n_clicks") for button in CHANGES),
        *chosen,
        State(Ids.tag, "value"),
        State(Page.stamp, "data"),
        prevent_initial_call=True,
    )(change)
    app.callback(
        Output(Ids.plan, "is_open"),
        Output(Ids.plan_text, "children"),
        Output(Ids.planned, "data"),
        Input(Ids.delete, "n_clicks"),
        *chosen,
        prevent_initial_call=True,
    )(plan)
    app.callback(
        Output(Page.stamp, "data", allow_duplicate=True),
        Output(Ids.plan, "is_open", allow_duplicate=True),
        Output(Ids.every, "value", allow_duplicate=True),
        Input(Ids.carry_out, "n_clicks"),
        State(Ids.planned, "data"),
        State(Page.stamp, "data"),
        prevent_initial_call=True,
    )(delete)
    app.callback(
        Output(Ids.plan, "is_open", allow_duplicate=True),
        Input(Ids.put_off, "n_clicks"),
        prevent_initial_call=True,
    )(put_off)


def _ids(selected: Rows | None, every: bool, shown: Shown | None) -> list[int]:
    if every:
        return SearchService.find_ids(str((shown or {}).get("query", "")), MOST)
    return [int(row["id"]) for row in selected or []]


def _add(ids: list[int], tag: str) -> str:
    with unit_of_work() as session:
        done = TagService.bulk_add_tags(session, ids, [tag])
    return f"“{tag.strip()}” added to {plural(done['changed'], 'experiment')}."


def _take(ids: list[int], tag: str) -> str:
    with unit_of_work() as session:
        slug = TagService.slugify(tag)
        known = TagService.suggest_tags(session, tag, OFFERED)
        same = [one.id for one in known if one.slug == slug]
        if not same:
            raise Invalid(f"There is no tag “{tag.strip()}”. Choose one of the list.")
        done = TagService.bulk_remove_tags(session, ids, same)
    return f"“{tag.strip()}” taken off {plural(done['changed'], 'experiment')}."


def _archive(ids: list[int], _tag: str) -> str:
    number = ExperimentCollectionService.archive_experiments(ids)
    return f"{plural(number, 'experiment')} archived. The search archived:yes finds them."


def _restore(ids: list[int], _tag: str) -> str:
    number = ExperimentCollectionService.restore_experiments(ids)
    return f"{plural(number, 'experiment')} restored."


CHANGES = {Ids.add: _add, Ids.take: _take, Ids.archive: _archive, Ids.restore: _restore}
