"""Begin a search over networks: its space, a network of it, the start."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks.campaigns.search_form import (
    DIRECTIONS,
    costs_of,
    limits_of,
    page_of,
    read_json,
    register_data,
)
from layouts.campaigns.new_architecture_search import Ids, drawn, space_understood
from layouts.campaigns.search_form import space_refused, space_text
from services.errors import Invalid
from services.experiment_service import ExperimentService
from services.nas_service import NASService

SPACE = "search space"


def write_space(_path: str | None) -> str:
    """What is chosen from unless it is changed."""
    return space_text(NASService.get_default_search_space())


def check_space(text: str | None) -> Component:
    """That it is understood, or the sentence that says what is wrong."""
    try:
        given = read_json(text, SPACE)
        given.pop("evolution", None)  # looked at with the number of trials
        NASService.check_search_space(given)
    except Invalid as error:
        return space_refused(error.message)
    return space_understood()


def draw(
    clicks: int | None, text: str | None, most_parameters: float | None, most_ms: float | None
) -> Component:
    """One network of the space, another one with each press."""
    if not clicks:
        raise PreventUpdate
    try:
        given = space_of(text, most_parameters, most_ms)
        given.pop("evolution", None)
        architecture = NASService.sample_architecture(given)
    except Invalid as error:
        return space_refused(error.message)
    return drawn(architecture)


def space_of(
    text: str | None, most_parameters: float | None, most_ms: float | None
) -> dict[str, Any]:
    """The space as JSON says it, with the limits of the fields where they are filled in."""
    given = read_json(text, SPACE)
    if most_parameters is not None:
        given["max_parameters"] = int(most_parameters)
    if most_ms is not None:
        given["max_latency_ms"] = most_ms
    return given


def start(clicks: int | None, *given: Any) -> Any:
    if not clicks:
        return no_update
    asked = dict(zip(FIELDS, given, strict=True))
    version = ExperimentService.describe_version(int(asked["version"] or 0))
    made = NASService.create_nas_campaign(
        asked["name"] or "",
        version["dataset_id"],
        space_of(asked["space"], asked["most_parameters"], asked["most_ms"]),
        asked["algorithm"],
        asked["trials"],
        asked["epochs"],
        version=version["version_number"],
        config=config_of(asked),
        metric=asked["metric"],
        direction=DIRECTIONS.get(asked["metric"], ""),
        # With a cost beside the score no trial ends early.
        pruner="none" if costs_of(asked["also"]) else asked["pruner"],
        also=costs_of(asked["also"]),
        **limits_of(asked),
    )
    return page_of(made)


def config_of(asked: dict[str, Any]) -> dict[str, Any]:
    """The training of all trials, from what was filled in."""
    split: dict[str, Any] = {
        "by": "fractions",
        "validation": asked["validation_share"],
        "test": asked["test_share"],
    }
    if asked["folds"] is not None:
        split = {"by": "folds", "folds": asked["folds"]}
    return {
        **read_json(asked["more"], "other settings"),
        "window": asked["window"],
        "hop": asked["window"],
        "group_by": asked["group_by"] or "",
        "split": split,
    }


FIELDS = {
    "name": Ids.name,
    "version": Ids.version,
    "group_by": Ids.group_by,
    "validation_share": Ids.validation_share,
    "test_share": Ids.test_share,
    "folds": Ids.folds,
    "window": Ids.window,
    "more": Ids.more,
    "space": Ids.space,
    "most_parameters": Ids.most_parameters,
    "most_ms": Ids.most_ms,
    "algorithm": Ids.algorithm,
    "pruner": Ids.pruner,
    "metric": Ids.metric,
    "also": Ids.also,
    "trials": Ids.trials,
    "epochs": Ids.epochs,
    "parallel": Ids.parallel,
    "seed": Ids.seed,
    "hours": Ids.hours,
    "patience": Ids.patience,
}


def register(app: Dash) -> None:
    register_data(app, Ids)
    app.callback(Output(Ids.space, "value"), Input(Ids.go, "pathname"))(write_space)
    app.callback(
        Output(Ids.space_told, "children"), Input(Ids.space, "value"), prevent_initial_call=True
    )(check_space)
    app.callback(
        Output(Ids.drawn, "children"),
        Input(Ids.draw, "n_clicks"),
        State(Ids.space, "value"),
        State(Ids.most_parameters, "value"),
        State(Ids.most_ms, "value"),
        prevent_initial_call=True,
    )(draw)
    app.callback(
        Output(Ids.go, "href"),
        Input(Ids.start, "n_clicks"),
        *(State(own, "value") for own in FIELDS.values()),
        prevent_initial_call=True,
    )(start)
