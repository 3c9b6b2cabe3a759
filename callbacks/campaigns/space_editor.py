"""The search space of a new campaign as rows and as JSON: a change of one writes the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update

from callbacks.campaigns.search_form import read_json
from layouts.campaigns.new_campaign import Ids as PageIds
from layouts.campaigns.search_form import space_text
from layouts.campaigns.space_rows import FIELDS, Ids, editor, fields_of, space_of
from services.errors import Invalid
from services.hpo_service import HPOService

NOT_AS_ROWS = "The rows stay as they are until the JSON can be read: {}"


def edit(
    text: str | None,
    fields: Sequence[Any],
    _removals: Sequence[int | None],
    _additions: int | None,
    classifier: str | None,
    more: str | None,
) -> tuple[Any, Any, Any]:
    """Rows, JSON, and a sentence where one cannot be made of the other.

    ``fields`` are the controls of all rows, row by row in the order of :data:`FIELDS`.
    """
    asked = ctx.triggered_id
    if asked == PageIds.space:
        return from_text(text)
    if asked is None or not _really():
        return no_update, no_update, no_update
    rows = rows_of(fields)
    if asked == Ids.add:
        return added(rows, classifier or "", more)
    if asked["type"] == Ids.remove:
        del rows[asked["place"]]
    space = space_of(rows)
    # Only another kind has other controls; to draw all anew would take the focus away.
    same = asked["type"] == Ids.field and asked["name"] != "kind"
    return no_update if same else editor(fields_of(space)), space_text(space), None


def _really() -> bool:
    """Whether a person did something: rows that are drawn anew bring buttons nobody has pressed."""
    one = ctx.triggered[0]
    return one["prop_id"].endswith(".value") or bool(one["value"])


def from_text(text: str | None) -> tuple[Any, Any, Any]:
    """The rows of what was typed."""
    try:
        space = read_json(text, "search space")
        if not all(isinstance(one, dict) for one in space.values()):
            raise Invalid("each setting must be an object with a “type”.")
        return editor(fields_of(space)), no_update, None
    except Invalid as error:
        return no_update, no_update, NOT_AS_ROWS.format(error.message)


def added(rows: list[dict[str, str]], classifier: str, name: str | None) -> tuple[Any, Any, Any]:
    """One more row, with bounds that one could begin with."""
    if not name:
        return no_update, no_update, "Choose a setting to be added first."
    space = space_of(rows)
    if name in space:
        return no_update, no_update, f"“{name}” is searched already."
    space[name] = HPOService.suggest_dimension(classifier, name)
    return editor(fields_of(space)), space_text(space), None


def rows_of(fields: Sequence[Any]) -> list[dict[str, str]]:
    """What was filled in, row by row."""
    each = len(FIELDS)
    return [
        {name: value or "" for name, value in zip(FIELDS, fields[at : at + each], strict=True)}
        for at in range(0, len(fields), each)
    ]


def offer(classifier: str | None) -> list[str]:
    """Settings that a space for the classifier may have."""
    return HPOService.list_settings(classifier or "")


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.rows, "children"),
        Output(PageIds.space, "value", allow_duplicate=True),
        Output(Ids.told, "children"),
        Input(PageIds.space, "value"),
        Input({"type": Ids.field, "name": ALL, "place": ALL}, "value"),
        Input({"type": Ids.remove, "place": ALL}, "n_clicks"),
        Input(Ids.add, "n_clicks"),
        State(PageIds.classifier, "value"),
        State(Ids.more, "value"),
        prevent_initial_call=True,
    )(edit)
    app.callback(Output(Ids.more, "options"), Input(PageIds.classifier, "value"))(offer)
