"""The choice of a feature set in the wizard, and what follows from it on the other steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import Dash, Input, Output, State, ctx, no_update

from layouts.new_experiment import Ids as PageIds
from layouts.new_experiment_features import (
    USUAL,
    WITHOUT,
    Ids,
    classifier_options,
    looks_at_features,
    set_card,
    set_options,
    windows_note,
)
from services.feature_set_service import FeatureSetService

Values = Mapping[str, Any]


def offer_sets(version_id: int | None, given: Values | None, chosen: str | None) -> tuple[Any, ...]:
    """The sets of a version; what was given or chosen stays where it is possible."""
    if given is not None and f"{PageIds.given}.data" in ctx.triggered_prop_ids:
        chosen = given["feature_set"]
    chosen = chosen or WITHOUT
    sets = [] if version_id is None else FeatureSetService.list_trainable(version_id, chosen)
    there = chosen in {one["content_hash"] for one in sets}
    return sets, set_options(sets), chosen if there else WITHOUT


def follow_set(
    chosen: str | None, sets: Sequence[Values], classifier: str | None, given: Values | None
) -> tuple[Any, ...]:
    """What a set says of windows, which classifiers take it, and by what it is grouped."""
    found = next((one for one in sets or () if one["content_hash"] == chosen), None)
    on_set = found is not None
    group_by: Any = no_update
    # A document that names a set says by itself how it is grouped.
    if found is not None and (given is None or given["feature_set"] != chosen):
        group_by = found["config"].get("group_by") or no_update
    keeps = not on_set or looks_at_features(classifier)
    return (
        set_card(found),
        windows_note(found),
        on_set,
        classifier_options(on_set=on_set),
        no_update if keeps else USUAL,
        group_by,
    )


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.known, "data"),
        Output(Ids.set, "options"),
        Output(Ids.set, "value"),
        Input(PageIds.version, "value"),
        Input(PageIds.given, "data"),
        State(Ids.set, "value"),
    )(offer_sets)
    app.callback(
        Output(Ids.card, "children"),
        Output(Ids.windows_note, "children"),
        Output(Ids.windows_fields, "hidden"),
        Output(PageIds.classifier, "options"),
        Output(PageIds.classifier, "value", allow_duplicate=True),
        Output(PageIds.group_by, "value", allow_duplicate=True),
        Input(Ids.set, "value"),
        Input(Ids.known, "data"),
        State(PageIds.classifier, "value"),
        State(PageIds.given, "data"),
        prevent_initial_call=True,
    )(follow_set)
