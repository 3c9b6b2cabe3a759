"""Tags and notes of one experiment: shown, added, taken off, written."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update

from callbacks.errors import tell
from callbacks.experiments_selection import offer_tags
from layouts import shell
from layouts.experiment import Ids as Page
from layouts.experiment_tags import Ids, tags
from services import actor
from services.errors import NotFound
from services.experiment_collection_service import ExperimentCollectionService
from services.experiment_service import ExperimentService
from services.runtime import unit_of_work
from services.tag_service import TagService

UNCHANGED = (no_update,) * 8
ELSEWHERE = "Saved elsewhere meanwhile: "


def show(
    _pulse: dict[str, Any], chosen: int | None, drawn: list[Any] | None, typed: str | None = None
) -> tuple[Any, ...]:
    """Drawn anew only when something has changed: what is replaced loses the focus.

    Notes that are being typed stay when others are saved elsewhere, which stand beside them then.
    """
    try:
        experiment = ExperimentService.get_experiment(chosen or 0)
    except NotFound:
        return True, [], "", True, no_update, True, True, None
    with unit_of_work(writing=False) as session:
        found = TagService.get_experiment_tags(session, experiment["id"])
        own = [
            {"id": tag.id, "name": tag.name, "slug": tag.slug, "color": tag.color} for tag in found
        ]
    may, archived = actor.may_change(experiment["owner_id"]), experiment["archived"]
    now = [own, experiment["notes"], may, archived]
    if drawn == now:
        return UNCHANGED
    notes = experiment["notes"]
    changed = drawn is None or drawn[1] != notes
    own_words = drawn is not None and (typed or "") not in (drawn[1], notes)
    beside: Any = f"{ELSEWHERE}{notes}" if changed else no_update
    if not own_words:
        beside = "" if may else notes
    return (
        False,
        tags(own, can_change=may),
        beside,
        not may,
        notes if changed and not own_words else no_update,
        archived,
        not archived,
        now,
    )


def add(
    clicks: int | None, enters: int | None, name: str | None, chosen: int | None, *shown: Any
) -> tuple[Any, ...]:
    if not (clicks or enters) or chosen is None:
        return *UNCHANGED, no_update
    with unit_of_work() as session:
        TagService.add_tag_to_experiment(session, chosen, name or "")
    return *show({}, chosen, *shown), ""


def take(clicks: list[int | None], chosen: int | None, *shown: Any) -> tuple[Any, ...]:
    asked = ctx.triggered_id
    if not asked or not any(clicks) or chosen is None:
        return UNCHANGED
    with unit_of_work() as session:
        TagService.remove_tag_from_experiment(session, chosen, int(asked["number"]))
    return show({}, chosen, *shown)


def write(
    clicks: int | None, notes: str | None, chosen: int | None, *shown: Any
) -> tuple[Any, ...]:
    if not clicks or chosen is None:
        return UNCHANGED
    drawn = shown[0]
    saved = ExperimentService.write_notes(chosen, notes or "", None if drawn is None else drawn[1])
    tell("The notes are saved.", "info")
    return show({}, chosen, drawn, saved["notes"])


def move(
    archive: int | None, restore: int | None, chosen: int | None, *shown: Any
) -> tuple[Any, ...]:
    """Out of sight, or back."""
    if not (archive or restore) or chosen is None:
        return UNCHANGED
    if ctx.triggered_id == Ids.archive:
        ExperimentCollectionService.archive_experiments([chosen])
        tell("Archived: lists leave it out, the search archived:yes finds it.", "info")
    else:
        ExperimentCollectionService.restore_experiments([chosen])
        tell("The experiment is in the lists again.", "info")
    return show({}, chosen, *shown)


def register(app: Dash) -> None:
    drawn = (
        (Ids.place, "hidden"),
        (Ids.shown, "children"),
        (Ids.notes_shown, "children"),
        (Ids.change, "hidden"),
        (Ids.notes, "value"),
        (Ids.archive, "hidden"),
        (Ids.restore, "hidden"),
        (Ids.drawn, "data"),
    )
    again = [Output(*one, allow_duplicate=True) for one in drawn]
    known = (State(Page.chosen, "data"), State(Ids.drawn, "data"), State(Ids.notes, "value"))
    app.callback(
        *(Output(*one) for one in drawn),
        Input(shell.Ids.pulse, "data"),
        Input(Page.chosen, "data"),
        State(Ids.drawn, "data"),
        State(Ids.notes, "value"),
    )(show)
    app.callback(Output(Ids.known, "children"), Input(Page.chosen, "data"))(offer_tags)
    app.callback(
        *again,
        Output(Ids.name, "value"),
        Input(Ids.add, "n_clicks"),
        Input(Ids.name, "n_submit"),
        State(Ids.name, "value"),
        *known,
        prevent_initial_call=True,
    )(add)
    app.callback(
        *again,
        Input({"type": Ids.take, "number": ALL}, "n_clicks"),
        *known,
        prevent_initial_call=True,
    )(take)
    app.callback(
        *again,
        Input(Ids.save, "n_clicks"),
        State(Ids.notes, "value"),
        *known,
        prevent_initial_call=True,
    )(write)
    app.callback(
        *again,
        Input(Ids.archive, "n_clicks"),
        Input(Ids.restore, "n_clicks"),
        *known,
        prevent_initial_call=True,
    )(move)
