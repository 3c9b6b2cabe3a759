"""What happens on the page of deployments."""

from __future__ import annotations

import re
from typing import Any

from dash import Dash, Input, Output, State, no_update
from flask import request

from callbacks.errors import tell
from layouts import shell
from layouts.components.links import number_of
from layouts.deployment_trying import answer
from layouts.deployments import (
    Ids,
    models_table,
    no_networks,
    progress,
    snippet,
    times,
    variant_table,
)
from layouts.page import WRITERS
from services import actor
from services.deployment.serving_service import ModelServingService
from services.deployment_service import DeploymentService
from services.errors import Invalid

Options = list[dict[str, Any]]
_PARTS = re.compile(r"[\s,;]+")


def offer_networks(view: str) -> tuple[Options, int | None, bool, bool]:
    """Trained experiments, the one of the address first chosen.

    Viewers see and try; what changes something is hidden.
    """
    wanted = number_of(view)
    networks = DeploymentService.list_networks(also=wanted)
    options = [
        {
            "label": f"{one['name']} (experiment {one['experiment_id']})",
            "value": one["experiment_id"],
        }
        for one in networks
    ]
    known = {one["experiment_id"] for one in networks}
    newest = networks[0]["experiment_id"] if networks else None
    chosen = wanted if wanted in known else newest
    if wanted is not None and newest is not None and chosen != wanted:
        tell(
            f"Experiment {wanted} has no classifier that could be served. The newest one is shown.",
            "warning",
        )
    views_only = actor.reader().role not in WRITERS
    return options, chosen, views_only or not networks, views_only


def offer_kinds(experiment_id: int | None) -> tuple[Options, str | None]:
    """What can be made of the chosen experiment."""
    found = [] if experiment_id is None else DeploymentService.list_kinds(experiment_id)
    kinds = [{"label": one["title"], "value": one["name"]} for one in found]
    return kinds, kinds[0]["value"] if kinds else None


def show_kind(kind: str | None, experiment_id: int | None) -> tuple[str, bool, bool, bool]:
    """What a kind is; whether it takes no share, no epochs, and whether it cannot be asked for."""
    found = next((one for one in DeploymentService.list_kinds() if one["name"] == kind), None)
    if found is None:
        return "", True, True, True
    return found["about"], not found["prunes"], not found["prunes"], experiment_id is None


def show_variants(
    _pulse: Any, _changed: int, experiment_id: int | None, chosen: str | None
) -> tuple[Any, Any, Options, str | None, bool]:
    """The variants and the job that makes one."""
    if experiment_id is None:
        return [], no_networks(), [], None, True
    jobs = DeploymentService.find_jobs(experiment_id)
    variants = DeploymentService.list_variants(experiment_id)
    options = [
        {"label": f"{one['title']} (no. {one['id']})", "value": str(one["id"])} for one in variants
    ]
    values = [one["value"] for one in options]
    value = chosen if chosen in values else (values[-1] if values else None)
    hidden = not variants or actor.reader().role not in WRITERS
    drawn = variant_table(variants, DeploymentService.recommend(experiment_id))
    return progress(jobs[0] if jobs else None), drawn, options, value, hidden


def make(
    _clicks: int | None, experiment_id: int, kind: str, amount: float | None, epochs: int | None
) -> int:
    """Have a variant made; its progress follows on the page."""
    prunes = any(one["prunes"] for one in DeploymentService.list_kinds() if one["name"] == kind)
    if prunes and amount is None:
        raise Invalid("The share to prune is 5 to 95 %.")
    share = amount / 100 if prunes and amount is not None else None
    tuned = (epochs or 0) if prunes else 0
    return DeploymentService.request_variant(experiment_id, kind, share, tuned)


def time_it(clicks: int | None, variant: str | None, changed: int) -> int | Any:
    """Have a variant timed on this machine now."""
    if not clicks or not variant:
        return no_update
    DeploymentService.request_timing(int(variant))
    return changed + 1


def show_times(
    _pulse: Any, _changed: int, variant: str | None, experiment_id: int | None
) -> list[Any]:
    if not variant or experiment_id is None:
        return []
    variants = DeploymentService.list_variants(experiment_id)
    chosen = next((one for one in variants if one["id"] == int(variant)), None)
    return times(chosen, DeploymentService.find_timing(int(variant)))


def publish(
    _clicks: int | None, variant: str | None, name: str | None, changed: int
) -> tuple[int, str, str]:
    """Make a variant the next version of a model, and choose both for what comes next."""
    name = (name or "").strip()
    number = ModelServingService.publish(name, int(variant or 0))
    tell(f"Version {number} of {name} is published. Let an alias mean it to answer.", "info")
    return changed + 1, name, str(number)


def ask_first(clicks: int | None, variant: str | None) -> tuple[str, bool]:
    """The question before a variant is deleted."""
    question = f"Delete variant no. {variant} with its file? It can be made again."
    return question, bool(clicks and variant)


def delete(confirmed: int | None, variant: str | None, changed: int) -> int | Any:
    if not confirmed:
        return no_update
    DeploymentService.delete_variant(int(variant or 0))
    tell("The variant is deleted.", "info")
    return changed + 1


def show_models(_changed: int, chosen: str | None) -> tuple[Any, Options, str | None, bool]:
    """What answers, and the models that can be asked."""
    models = ModelServingService.list_models()
    names = [model["name"] for model in models]
    value = chosen if chosen in names else (names[0] if names else None)
    options = [{"label": name, "value": name} for name in names]
    return models_table(models), options, value, not models


def show_versions(
    name: str | None, _changed: int, chosen: str | None
) -> tuple[Options, str | None, Any]:
    """The versions of a model, and how a program asks."""
    if not name:
        return [], None, []
    model = ModelServingService.get_model(name)
    options = [
        {"label": f"{one['number']}: {one['title']}", "value": str(one["number"])}
        for one in model["versions"]
    ]
    values = [one["value"] for one in options]
    value = chosen if chosen in values else (values[0] if values else None)
    manifest = ModelServingService.get_manifest(name, value or "")
    root = request.host_url.rstrip("/") + request.script_root
    by_number = None if "production" in model["aliases"] else value
    return options, value, snippet(root, name, manifest, by_number)


def make_production(_clicks: int | None, name: str, version: str, changed: int) -> int:
    return _move(name, "production", version, changed)


def make_staging(_clicks: int | None, name: str, version: str, changed: int) -> int:
    return _move(name, "staging", version, changed)


def _move(name: str, alias: str, version: str, changed: int) -> int:
    ModelServingService.set_alias(name, alias, int(version))
    tell(f"Version {version} of {name} is {alias} now.", "info")
    return changed + 1


def roll_back(_clicks: int | None, name: str, changed: int) -> int:
    number = ModelServingService.roll_back(name)
    tell(f"Version {number} of {name} is production again.", "info")
    return changed + 1


def ask_about_model(clicks: int | None, name: str | None) -> tuple[str, bool]:
    """The question before a model is deleted."""
    question = (
        f"Delete the model {name} with all of its versions? Programs that ask it are refused from"
        " now on. The variants stay."
    )
    return question, bool(clicks and name)


def delete_model(confirmed: int | None, name: str | None, changed: int) -> int | Any:
    if not confirmed or not name:
        return no_update
    ModelServingService.delete_model(name)
    tell(f"The model {name} is deleted.", "info")
    return changed + 1


def try_it(clicks: int | None, name: str, version: str, text: str | None) -> Any:
    """Ask the chosen version about typed samples."""
    if not clicks:
        return no_update
    parts = [part for part in _PARTS.split((text or "").strip()) if part]
    try:
        samples = [float(part) for part in parts]
    except ValueError as error:
        raise Invalid("Samples are numbers, such as 0.012 -0.034.") from error
    return answer(ModelServingService.predict(name, samples, version=version))


def register(app: Dash) -> None:
    app.callback(
        Output(Ids.experiment, "options"),
        Output(Ids.experiment, "value"),
        Output(Ids.form, "hidden"),
        Output(Ids.moving, "hidden"),
        Input(Ids.view, "data"),
    )(offer_networks)
    app.callback(
        Output(Ids.kind, "options"),
        Output(Ids.kind, "value"),
        Input(Ids.experiment, "value"),
    )(offer_kinds)
    app.callback(
        Output(Ids.about, "children"),
        Output(Ids.amount, "disabled"),
        Output(Ids.epochs, "disabled"),
        Output(Ids.make, "disabled"),
        Input(Ids.kind, "value"),
        Input(Ids.experiment, "value"),
    )(show_kind)
    app.callback(
        Output(Ids.progress, "children"),
        Output(Ids.variants, "children"),
        Output(Ids.variant, "options"),
        Output(Ids.variant, "value"),
        Output(Ids.publishing, "hidden"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.changed, "data"),
        Input(Ids.experiment, "value"),
        State(Ids.variant, "value"),
    )(show_variants)
    app.callback(
        Output(Ids.times, "children"),
        Input(shell.Ids.pulse, "data"),
        Input(Ids.changed, "data"),
        Input(Ids.variant, "value"),
        State(Ids.experiment, "value"),
    )(show_times)
    app.callback(
        Output(Ids.models, "children"),
        Output(Ids.model, "options"),
        Output(Ids.model, "value"),
        Output(Ids.serving, "hidden"),
        Input(Ids.changed, "data"),
        State(Ids.model, "value"),
    )(show_models)
    app.callback(
        Output(Ids.version, "options"),
        Output(Ids.version, "value"),
        Output(Ids.snippet, "children"),
        Input(Ids.model, "value"),
        Input(Ids.changed, "data"),
        State(Ids.version, "value"),
    )(show_versions)
    app.callback(
        Output(Ids.answer, "children"),
        Input(Ids.try_it, "n_clicks"),
        State(Ids.model, "value"),
        State(Ids.version, "value"),
        State(Ids.samples, "value"),
        running=[(Output(Ids.try_it, "disabled"), True, False)],
        prevent_initial_call=True,
    )(try_it)
    _register_changes(app)


def _register_changes(app: Dash) -> None:
    """Buttons that change something, after which tables are read again."""
    app.callback(
        Output(Ids.confirm, "message"),
        Output(Ids.confirm, "displayed"),
        Input(Ids.delete, "n_clicks"),
        State(Ids.variant, "value"),
        prevent_initial_call=True,
    )(ask_first)
    app.callback(
        Output(Ids.changed, "data", allow_duplicate=True),
        Input(Ids.confirm, "submit_n_clicks"),
        State(Ids.variant, "value"),
        State(Ids.changed, "data"),
        prevent_initial_call=True,
    )(delete)
    app.callback(
        Output(Ids.confirm_model, "message"),
        Output(Ids.confirm_model, "displayed"),
        Input(Ids.delete_model, "n_clicks"),
        State(Ids.model, "value"),
        prevent_initial_call=True,
    )(ask_about_model)
    app.callback(
        Output(Ids.changed, "data", allow_duplicate=True),
        Input(Ids.confirm_model, "submit_n_clicks"),
        State(Ids.model, "value"),
        State(Ids.changed, "data"),
        prevent_initial_call=True,
    )(delete_model)
    app.callback(
        Output(Ids.changed, "data", allow_duplicate=True),
        Output(Ids.model, "value", allow_duplicate=True),
        Output(Ids.version, "value", allow_duplicate=True),
        Input(Ids.publish, "n_clicks"),
        State(Ids.variant, "value"),
        State(Ids.name, "value"),
        State(Ids.changed, "data"),
        running=[(Output(Ids.publish, "disabled"), True, False)],
        prevent_initial_call=True,
    )(publish)
    version = [State(Ids.model, "value"), State(Ids.version, "value")]
    for button, happens, states in (
        (Ids.time, time_it, [State(Ids.variant, "value")]),
        (Ids.production, make_production, version),
        (Ids.staging, make_staging, version),
        (Ids.back, roll_back, version[:1]),
    ):
        app.callback(
            Output(Ids.changed, "data", allow_duplicate=True),
            Input(button, "n_clicks"),
            *states,
            State(Ids.changed, "data"),
            running=[(Output(button, "disabled"), True, False)],
            prevent_initial_call=True,
        )(happens)
    app.callback(
        Output(Ids.changed, "data", allow_duplicate=True),
        Input(Ids.make, "n_clicks"),
        State(Ids.experiment, "value"),
        State(Ids.kind, "value"),
        State(Ids.amount, "value"),
        State(Ids.epochs, "value"),
        running=[(Output(Ids.make, "disabled"), True, False)],
        prevent_initial_call=True,
    )(make)
