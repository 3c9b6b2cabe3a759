"""Begin a search: the usual space of a classifier, its check, the start."""

from __future__ import annotations

import json
from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from layouts.campaigns.new_campaign import (
    Ids,
    group_options,
    is_network,
    no_data,
    space_refused,
    space_text,
    space_told,
    version_options,
)
from layouts.components.links import path_to
from services.campaigns.hpo_service import HPOService
from services.errors import Invalid, NotFound
from services.experiment_service import ExperimentService

DIRECTIONS = {"val_accuracy": "maximize", "val_loss": "minimize"}
# What keeps recordings together where nothing is chosen yet, the best first.
USUAL_GROUPS = ("bearing", "machine", "recording")


def show_versions(_path: str | None) -> tuple[Any, Any, Any, bool]:
    versions = ExperimentService.list_versions()
    if not versions:
        return [], None, no_data(), True
    return version_options(versions), versions[0]["version_id"], None, False


def show_groups(version_id: Any) -> tuple[Any, Any]:
    if not version_id:
        return [], None
    options = group_options(ExperimentService.describe_version(int(version_id)))
    names = [option["value"] for option in options]
    first = names[0] if names else None
    return options, next((name for name in USUAL_GROUPS if name in names), first)


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
        seed=asked["seed"],
        parallel=asked["parallel"],
        hours=asked["hours"],
        patience=asked["patience"],
        also=costs_of(asked["also"]),
    )
    if made is None:
        raise NotFound("The data set is gone.")
    return path_to(f"/campaigns/{made['id']}")


def costs_of(chosen: str | None) -> list[str]:
    """What is to be low beside the score, if anything."""
    return [] if chosen in (None, "", "none") else [chosen]


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


def read_json(text: str | None, what: str) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError as error:
        raise Invalid(f"The {what} is no JSON: {error}.") from error
    if not isinstance(found, dict):
        raise Invalid(f"The {what} must be a JSON object: {{…}}.")
    return found


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
    app.callback(
        Output(Ids.version, "options"),
        Output(Ids.version, "value"),
        Output(Ids.none, "children"),
        Output(Ids.form, "hidden"),
        Input(Ids.go, "pathname"),
    )(show_versions)
    app.callback(
        Output(Ids.group_by, "options"),
        Output(Ids.group_by, "value"),
        Input(Ids.version, "value"),
    )(show_groups)
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
