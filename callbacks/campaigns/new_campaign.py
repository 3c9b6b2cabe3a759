"""Begin a search: the usual space of a classifier, its check, the start."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from callbacks.campaigns.search_form import (
    DIRECTIONS,
    costs_of,
    limits_of,
    page_of,
    read_json,
    register_data,
)
from layouts.campaigns.new_campaign import Ids, is_network, space_told
from layouts.campaigns.search_form import space_refused, space_text
from services.errors import Invalid
from services.experiment_service import ExperimentService
from services.hpo_service import HPOService


def show_parts(validation: str | None) -> tuple[bool, bool]:
    return validation == "folds", validation != "folds"


def write_space(classifier: str | None) -> tuple[str, bool]:
    """The usual space, and whether epochs have no meaning."""
    space = HPOService.get_default_search_space(classifier or "")
    return space_text(space), not is_network(classifier)


def check_space(
    text: str | None, classifier: str | None, epochs: Any, window: Any, more: str | None
) -> Component:
    """The space as it is understood, or the sentence that says what is wrong."""
    try:
        config = {**read_json(more, "other settings"), **_lengths(classifier, epochs, window)}
        return space_told(
            HPOService.check_search_space(classifier or "", read_json(text, "search space"), config)
        )
    except Invalid as error:
        return space_refused(error.message)


def start(clicks: int | None, *given: Any) -> Any:
    if not clicks:
        return no_update
    asked = dict(zip(FIELDS, given, strict=True))
    version = ExperimentService.describe_version(int(asked["version"] or 0))
    metric = asked["metric"]
    made = HPOService.create_campaign(
        asked["name"] or "",
        asked["method"],
        asked["classifier"],
        version["dataset_id"],
        read_json(asked["space"], "search space"),
        asked["trials"],
        metric,
        DIRECTIONS.get(metric, ""),
        version=version["version_number"],
        config=config_of(asked),
        pruner="hyperband" if asked["method"] == "hyperband" else asked["pruner"],
        also=costs_of(asked["also"]),
        **limits_of(asked),
    )
    return page_of(made)


def config_of(asked: dict[str, Any]) -> dict[str, Any]:
    """The training of all trials, from what was filled in."""
    if asked["validation"] == "folds":
        split = {"by": "folds", "folds": asked["folds"]}
    else:
        split = {
            "by": "fractions",
            "validation": asked["validation_share"],
            "test": asked["test_share"],
        }
    return {
        **read_json(asked["more"], "other settings"),
        **_lengths(asked["classifier"], asked["epochs"], asked["window"]),
        "group_by": asked["group_by"] or "",
        "split": split,
    }


def _lengths(classifier: str | None, epochs: Any, window: Any) -> dict[str, Any]:
    lengths = {"window": window, "hop": window}
    return {**lengths, "epochs": epochs} if is_network(classifier) else lengths


FIELDS = {
    "name": Ids.name,
    "version": Ids.version,
    "group_by": Ids.group_by,
    "validation": Ids.validation,
    "validation_share": Ids.validation_share,
    "test_share": Ids.test_share,
    "folds": Ids.folds,
    "classifier": Ids.classifier,
    "epochs": Ids.epochs,
    "window": Ids.window,
    "more": Ids.more,
    "space": Ids.space,
    "method": Ids.method,
    "pruner": Ids.pruner,
    "metric": Ids.metric,
    "also": Ids.also,
    "trials": Ids.trials,
    "parallel": Ids.parallel,
    "seed": Ids.seed,
    "hours": Ids.hours,
    "patience": Ids.patience,
}


def register(app: Dash) -> None:
    register_data(app, Ids)
    app.callback(
        Output(Ids.of_shares, "hidden"),
        Output(Ids.of_folds, "hidden"),
        Input(Ids.validation, "value"),
    )(show_parts)
    app.callback(
        Output(Ids.space, "value"),
        Output(Ids.of_networks, "hidden"),
        Input(Ids.classifier, "value"),
    )(write_space)
    app.callback(
        Output(Ids.space_told, "children"),
        Input(Ids.space, "value"),
        State(Ids.classifier, "value"),
        State(Ids.epochs, "value"),
        State(Ids.window, "value"),
        State(Ids.more, "value"),
        prevent_initial_call=True,
    )(check_space)
    app.callback(
        Output(Ids.go, "href"),
        Input(Ids.start, "n_clicks"),
        *(State(own, "value") for own in FIELDS.values()),
        prevent_initial_call=True,
    )(start)
