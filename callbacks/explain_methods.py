"""Which methods of explanation are asked on the explain page, and what that will take."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State

from layouts.explain import NAMED, Ids
from layouts.explain_asking import PARAMETERS, estimate_text
from layouts.explain_asking import Ids as AskIds
from services.explanation_cache import ExplanationCache
from services.explanations.asking import OWN, TITLES, asked, parameters_for
from services.xai_service import XAIService

Options = list[dict[str, str]]
Wanted = tuple[str, dict[str, Any]]


def list_methods(
    experiment: str | None, view: dict[str, Any]
) -> tuple[Options, list[str], Options]:
    """The methods that fit the classifier, those of the address chosen; and own baselines."""
    if not experiment:
        return [], [], []
    fitting = chosen_experiment(experiment)["methods"]
    options = [{"label": TITLES[name], "value": name} for name in fitting]
    chosen = [name for name in view.get("methods") or [] if name in fitting] or fitting[:1]
    recordings = [
        {"label": row["name"], "value": str(row["recording_id"])}
        for row in XAIService.list_recordings(int(experiment))
    ]
    return options, chosen, recordings


def own_parameters(*given: Any) -> dict[str, Any]:
    """What was typed, without what was left as is usual."""
    typed = dict(zip(PARAMETERS, given, strict=True))
    if typed["baseline"] != OWN:
        typed["baseline_recording_id"] = None
    elif typed["baseline_recording_id"]:
        typed["baseline_recording_id"] = int(typed["baseline_recording_id"])
    return {name: value for name, value in typed.items() if value not in (None, "")}


def tell_estimate(
    methods: list[str] | None,
    parameters: dict[str, Any],
    experiment: str | None,
    recording: str | None,
    target: str | None,
    _asked: int | None = None,
) -> str:
    """What the methods that are not there yet will take."""
    if not (methods and experiment and recording and target):
        return ""
    key = key_of(experiment, recording, target)
    wanted = wanted_methods(methods, parameters)
    missing = [one for one in wanted if not is_there(key, one)]
    return estimate_text(
        [
            XAIService.estimate_explanation(key["experiment"], key["recording"], *one)
            for one in missing
        ]
    )


def register(app: Dash) -> None:
    app.callback(
        Output(AskIds.methods, "options"),
        Output(AskIds.methods, "value"),
        Output(AskIds.own, "options"),
        Input(Ids.experiment, "value"),
        State(Ids.view, "data"),
    )(list_methods)
    app.callback(
        Output(Ids.parameters, "data"),
        *(Input(component_id, "value") for component_id in PARAMETERS.values()),
        prevent_initial_call=True,
    )(own_parameters)
    app.callback(
        Output(AskIds.estimate, "children"),
        Input(AskIds.methods, "value"),
        Input(Ids.parameters, "data"),
        State(Ids.experiment, "value"),
        Input(Ids.recording, "value"),
        Input(Ids.target, "value"),
        Input(Ids.shown, "data"),
    )(tell_estimate)


def target_of(chosen: str | None) -> str | None:
    """The class that is explained; None stands for the one that the classifier names."""
    return None if chosen in (None, NAMED) else chosen


def key_of(experiment: str, recording: str, target: str) -> dict[str, Any]:
    """What is explained; ``class`` is None while nobody knows what the classifier names."""
    ids = int(experiment), int(recording)
    name = target_of(target) or XAIService.predicted_class(*ids)
    return {"experiment": ids[0], "recording": ids[1], "class": name, "asked": target}


def chosen_experiment(experiment: str) -> Any:
    known = XAIService.list_experiments()
    return next(one for one in known if one["experiment_id"] == int(experiment))


def wanted_methods(methods: list[str], parameters: dict[str, Any]) -> list[Wanted]:
    """Each method with those of the typed parameters that it takes."""
    return [(name, parameters_for(name, parameters)) for name in methods]


def is_there(key: dict[str, Any], one: Wanted) -> bool:
    if key["class"] is None:
        return False
    place = key["experiment"], key["recording"]
    question = asked(*one).question
    return ExplanationCache.explanation_exists(*place, one[0], key["class"], question)
