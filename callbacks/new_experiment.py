"""The wizard: what is chosen becomes one document, which is previewed and at last started."""

from __future__ import annotations

import json
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, dcc, no_update

from layouts.components.channels import channel_title
from layouts.components.choices import with_the_rest
from layouts.components.frame import alert
from layouts.components.links import path_to
from layouts.components.versions import version_name
from layouts.experiment_settings import augmentation_text
from layouts.figures.augmentation import examples
from layouts.figures.template import graph_config
from layouts.new_experiment import Ids
from layouts.new_experiment_features import Ids as FeatureIds
from layouts.new_experiment_parts import (
    data_card,
    estimated,
    fold_table,
    is_network,
    no_data,
    not_possible,
    parameters,
    planned,
    preview_table,
    rate_hint,
    review,
    sides,
    suggested_name,
    window_hint,
)
from services.errors import Invalid, ServiceError
from services.estimate_service import EstimateView, TrainingEstimateService
from services.experiment_service import ExperimentService
from services.experiments.data import MOST_CLASSES, VersionView
from services.feature_set_service import FeatureSetService
from services.paging import MOST_OFFERED
from services.repeated_service import NAME_LENGTH as REPEATED_NAME
from services.repeated_service import RepeatedExperimentService

# Entries of the document that have one field each; the split and the parameters have several.
# The first four are lists to choose from: a value has to wait for the data to offer it.
OFFERED = {
    "target": Ids.target,
    "classes": Ids.classes,
    "group_by": Ids.group_by,
    "channels": Ids.channels,
    "feature_set": FeatureIds.set,
}
# What follows from a feature set.
OF_SETS = ("window", "hop", "channels", "sample_rate_hz", "normalisation")
TYPED = {
    "sample_rate_hz": Ids.rate,
    "window": Ids.window,
    "hop": Ids.hop,
    "normalisation": Ids.normalisation,
    "classifier": Ids.classifier,
    "epochs": Ids.epochs,
    "batch_size": Ids.batch_size,
    "optimiser": Ids.optimiser,
    "learning_rate": Ids.learning_rate,
    "weight_decay": Ids.weight_decay,
    "schedule": Ids.schedule,
    "patience": Ids.patience,
    "gradient_clip": Ids.gradient_clip,
    "plateau_epochs": Ids.plateau_epochs,
    "class_weights": Ids.class_weights,
    "warmup_epochs": Ids.warmup_epochs,
    "loss": Ids.loss,
    "focal_gamma": Ids.focal_gamma,
    "label_smoothing": Ids.label_smoothing,
    "draw": Ids.draw,
    "precision": Ids.precision,
    "seed": Ids.seed,
}
AUGMENTATION = {
    "noise_low": Ids.noise_low,
    "noise_high": Ids.noise_high,
    "gain_db": Ids.gain_db,
    "shift": Ids.shift,
    "polarity": Ids.polarity,
    "mask": Ids.mask,
    "mixup": Ids.mixup,
}
FIELDS = {**OFFERED, **TYPED}
GROUP_FIELDS = {"validation": Ids.validation, "test": Ids.test}
SHARE_FIELDS = {
    "by": Ids.split_by,
    "validation_share": Ids.validation_share,
    "test_share": Ids.test_share,
    "seed": Ids.split_seed,
    "folds": Ids.folds,
    "fold": Ids.fold,
}
SPLIT_FIELDS = {**GROUP_FIELDS, **SHARE_FIELDS}
FIRST_SPLIT = {"by": "fractions"}


def fill(_clicks: int | None, start: dict[str, int] | None, text: str | None) -> tuple[Any, ...]:
    """All fields from a document: pasted, of another experiment, or the defaults."""
    if ctx.triggered_id == Ids.apply:
        document, version_id, seeds = _pasted(text)
    else:
        document, version_id, seeds = _begin(start or {})
    versions = ExperimentService.list_versions(version_id)
    options = [
        {
            "label": f"{version_name(v)} ({v['recording_count']} recordings)",
            "value": v["version_id"],
        }
        for v in versions
    ]
    options = with_the_rest(options, cut=len(versions) >= MOST_OFFERED)
    version_id = version_id or (versions[0]["version_id"] if versions else None)
    config = ExperimentService.complete_config(document)
    config["seed"] = seeds[0] if seeds else config["seed"]
    further = ", ".join(map(str, seeds[1:])) or None
    typed = [config[name] for name in TYPED]
    changes = _augmentation_fields(config["augmentation"])
    return options, version_id, config, *typed, *_shares(config["split"]), *changes, further


def offer_version(
    version_id: int | None,
    given: dict[str, Any] | None,
    target: str | None,
    group_by: str | None,
    channels: list[int] | None,
    rate: float | None,
) -> tuple[Any, ...]:
    """What the version offers; what was given or chosen stays where it is possible."""
    if version_id is None:
        return None, no_data(), [], None, [], None, [], [0], None, ""
    if given is not None and _triggered(Ids.given):
        target, group_by = given["target"], given["group_by"]
        channels, rate = given["channels"], given["sample_rate_hz"]
    version = ExperimentService.describe_version(version_id)
    targets = _offered(version, MOST_CLASSES)
    groups = [o for o in _offered(version) if o["value"] != "label"]
    target = _chosen(target, targets, "label")
    names = [
        {"label": f"{n}: {channel_title(n, given)}", "value": n}
        for n, given in enumerate(version["channel_names"])
    ]
    kept = [number for number in channels or [] if number < len(names)] or [0]
    rates = version["rates_hz"]
    if rate is None and len(rates) > 1:
        rate = rates[0]
    return (
        version,
        data_card(version),
        targets,
        target,
        groups,
        _chosen(group_by, [option for option in groups if option["value"] != target], "bearing"),
        names,
        kept,
        rate,
        rate_hint(rates),
    )


def offer_values(
    version: VersionView | None,
    target: str | None,
    group_by: str | None,
    given: dict[str, Any] | None,
    classes: list[str] | None,
    validation: list[str] | None,
    test: list[str] | None,
) -> tuple[Any, ...]:
    """Classes and groups to choose from; those that are gone are not chosen any more.

    It is the last that fills the fields of a new page, and with it they can be used.
    """
    if given is not None and _triggered(Ids.described):
        classes = given["classes"]
        named = given["split"] if given["split"]["by"] == "groups" else {}
        validation, test = named.get("validation"), named.get("test")
    fields = version["fields"] if version else []
    values = {entry["name"]: entry["values"] for entry in fields}
    of_target, of_group = values.get(target or "", {}), values.get(group_by or "", {})
    groups = _counted(of_group)
    return (
        _counted(of_target),
        [name for name in classes or [] if name in of_target],
        groups,
        [name for name in validation or [] if name in of_group],
        groups,
        [name for name in test or [] if name in of_group],
        False,
    )


def show_parameters(classifier: str | None, given: dict[str, Any] | None) -> tuple[Any, ...]:
    if classifier is None:
        return [], False, True
    network = is_network(classifier)
    same = given is not None and given["classifier"] == classifier
    chosen = given["parameters"] if given is not None and same else {}
    return parameters(classifier, chosen), not network, network


def show_split_kind(by: str | None) -> tuple[bool, ...]:
    folds = by == "folds"
    return by == "groups", by != "groups", folds or by == "groups", not folds, not folds


def collect(*values: Any) -> dict[str, Any]:
    """The document as the fields have it, unchecked."""
    *typed, given, ids = values
    places = iter(typed)
    config = {name: next(places) for name in FIELDS}
    config["split"] = _split({name: next(places) for name in SPLIT_FIELDS})
    config["augmentation"] = _augmentation({name: next(places) for name in AUGMENTATION})
    config["parameters"] = {i["name"]: v for i, v in zip(ids, given, strict=True)}
    if config["classifier"] is not None and not is_network(config["classifier"]):
        # Their fields are hidden, and may hold what was meant for a network.
        del config["augmentation"], config["draw"]
    config["feature_set"] = config["feature_set"] or ""
    if config["feature_set"]:
        config = {name: value for name, value in config.items() if name not in OF_SETS}
    return config


def show_document(
    config: dict[str, Any] | None,
    version: VersionView | None,
    name: str | None,
    further: str | None = None,
) -> tuple[Any, ...]:
    """Preview, review and JSON of what is chosen, or the sentence that says what is missing."""
    if config is None or version is None:
        return not_possible("Choose a data set first."), None, None, "", "", "", True
    try:
        checked = ExperimentService.complete_config(config)
        seeds = _seeds(checked, further)
        repeated = _is_repeated(checked, seeds)
        preview: Any
        if repeated:
            preview = RepeatedExperimentService.plan_runs(version["version_id"], checked, seeds)
        else:
            preview = ExperimentService.preview_split(version["version_id"], checked)
    except ServiceError as error:
        hint = window_hint(config.get("window"), config.get("sample_rate_hz"))
        return not_possible(error.message), None, None, "", hint, no_update, True
    rate, runs = preview["sample_rate_hz"], preview.get("runs", 1)
    split = {"sample_rate_hz": rate}
    chosen = {
        "config": checked,
        "split": split,
        "class_names": preview["class_names"],
        "parameter_count": None,
        "feature_set": FeatureSetService.find_used(checked["feature_set"]),
        "seeds": seeds,
    }
    suggestion = suggested_name(checked, version["dataset_name"])
    document = {
        "name": (name or "").strip() or suggestion,
        "dataset": version["dataset_name"],
        "version": version["version_number"],
        **({"seeds": seeds} if len(seeds) > 1 else {}),
        **checked,
    }
    return (
        planned(preview) if repeated else sides(preview),
        fold_table(preview) if repeated else preview_table(preview),
        [*review(chosen), estimated(_estimate(checked, preview), runs)],
        suggestion,
        window_hint(checked["window"], rate),
        json.dumps(document, indent=2, ensure_ascii=False),
        False,
    )


def tell_augmentation(config: dict[str, Any] | None) -> str:
    """The line beside the title of the panel."""
    if config is None or "augmentation" not in config:
        return ""
    try:
        return augmentation_text(ExperimentService.complete_config(config)["augmentation"])
    except ServiceError:
        return ""


def show_examples(
    clicks: int | None, config: dict[str, Any] | None, version: VersionView | None
) -> Any:
    """A training window as it is and as training sees it; each click shows another one."""
    if not clicks or config is None:
        return no_update
    if version is None:
        return alert("Choose a data set first.", "warning")
    try:
        view = ExperimentService.preview_augmentation(version["version_id"], config, clicks)
    except ServiceError as error:
        return alert(error.message, "warning")
    return dcc.Graph(figure=examples(view), config=graph_config("augmentation"))


def start_training(
    clicks: int | None,
    config: dict[str, Any],
    version: VersionView | None,
    name: str | None,
    suggestion: str | None,
    further: str | None = None,
) -> str:
    if not clicks or version is None:
        raise Invalid("Choose a data set first.")
    called = (name or "").strip() or suggestion or ""
    checked = ExperimentService.complete_config(config)
    seeds = _seeds(checked, further)
    if _is_repeated(checked, seeds):
        if not (name or "").strip():
            called = called[:REPEATED_NAME].rstrip()
        repeated = RepeatedExperimentService.create_repeated(
            called, version["version_id"], checked, seeds
        )
        return path_to(f"/repeated/{repeated['id']}")
    made = ExperimentService.create_experiment(called, version["version_id"], checked)
    return path_to(f"/experiments/{made['id']}")


def register(app: Dash) -> None:
    _register_filling(app)
    _register_offers(app)
    _register_augmentation(app)
    app.callback(
        Output(Ids.document, "data"),
        *[Input(field, "value") for field in FIELDS.values()],
        *[Input(field, "value") for field in SPLIT_FIELDS.values()],
        *[Input(field, "value") for field in AUGMENTATION.values()],
        Input({"type": Ids.parameter, "name": ALL}, "value"),
        State({"type": Ids.parameter, "name": ALL}, "id"),
    )(collect)
    app.callback(
        Output(Ids.sides, "children"),
        Output(Ids.preview, "children"),
        Output(Ids.review, "children"),
        Output(Ids.name, "placeholder"),
        Output(Ids.window_hint, "children"),
        Output(Ids.json, "value"),
        Output(Ids.submit, "disabled"),
        Input(Ids.document, "data"),
        Input(Ids.described, "data"),
        Input(Ids.name, "value"),
        Input(Ids.seeds, "value"),
    )(show_document)
    app.callback(
        Output(Ids.go, "href"),
        Input(Ids.submit, "n_clicks"),
        State(Ids.document, "data"),
        State(Ids.described, "data"),
        State(Ids.name, "value"),
        State(Ids.name, "placeholder"),
        State(Ids.seeds, "value"),
        # A double click would start two trainings.
        running=[(Output(Ids.submit, "disabled"), True, False)],
        prevent_initial_call=True,
    )(start_training)


def _register_augmentation(app: Dash) -> None:
    app.callback(
        Output(Ids.augmentation, "children"),
        Input(Ids.document, "data"),
    )(tell_augmentation)
    app.callback(
        Output(Ids.examples, "children"),
        Input(Ids.example, "n_clicks"),
        State(Ids.document, "data"),
        State(Ids.described, "data"),
        prevent_initial_call=True,
    )(show_examples)


def _register_filling(app: Dash) -> None:
    app.callback(
        Output(Ids.version, "options"),
        Output(Ids.version, "value"),
        Output(Ids.given, "data"),
        *[Output(field, "value") for field in TYPED.values()],
        *[Output(field, "value") for field in SHARE_FIELDS.values()],
        *[Output(field, "value") for field in AUGMENTATION.values()],
        Output(Ids.seeds, "value"),
        Input(Ids.apply, "n_clicks"),
        Input(Ids.start, "data"),
        State(Ids.json, "value"),
    )(fill)


def _register_offers(app: Dash) -> None:
    app.callback(
        Output(Ids.described, "data"),
        Output(Ids.data_card, "children"),
        Output(Ids.target, "options"),
        Output(Ids.target, "value"),
        Output(Ids.group_by, "options"),
        Output(Ids.group_by, "value"),
        Output(Ids.channels, "options"),
        Output(Ids.channels, "value"),
        Output(Ids.rate, "value", allow_duplicate=True),
        Output(Ids.rate_hint, "children"),
        Input(Ids.version, "value"),
        Input(Ids.given, "data"),
        State(Ids.target, "value"),
        State(Ids.group_by, "value"),
        State(Ids.channels, "value"),
        State(Ids.rate, "value"),
        prevent_initial_call=True,
    )(offer_version)
    app.callback(
        Output(Ids.classes, "options"),
        Output(Ids.classes, "value"),
        Output(Ids.validation, "options"),
        Output(Ids.validation, "value"),
        Output(Ids.test, "options"),
        Output(Ids.test, "value"),
        Output(Ids.fields, "disabled"),
        Input(Ids.described, "data"),
        Input(Ids.target, "value"),
        Input(Ids.group_by, "value"),
        State(Ids.given, "data"),
        State(Ids.classes, "value"),
        State(Ids.validation, "value"),
        State(Ids.test, "value"),
        prevent_initial_call=True,
    )(offer_values)
    app.callback(
        Output(Ids.parameters, "children"),
        Output(Ids.network_only, "hidden"),
        Output(Ids.no_training, "hidden"),
        Input(Ids.classifier, "value"),
        Input(Ids.given, "data"),
    )(show_parameters)
    app.callback(
        Output(Ids.by_fractions, "hidden"),
        Output(Ids.by_groups, "hidden"),
        Output(Ids.only_fractions, "hidden"),
        Output(Ids.only_folds, "hidden"),
        Output(Ids.one_fold, "hidden"),
        Input(Ids.split_by, "value"),
    )(show_split_kind)


def _begin(start: dict[str, int]) -> tuple[dict[str, Any], int | None, list[int]]:
    if "repeated" in start:
        repeated = RepeatedExperimentService.get_repeated(start["repeated"])
        return repeated["config"], repeated["version_id"], repeated["seeds"]
    if "copy" in start:
        experiment = ExperimentService.get_experiment(start["copy"])
        return experiment["config"], experiment["version_id"], []
    if "features" in start:
        made = FeatureSetService.get_feature_set(start["features"])
        version_id = FeatureSetService.find_version(made["id"])
        return {"split": FIRST_SPLIT, "feature_set": made["id"]}, version_id, []
    if "dataset" in start:
        return {"split": FIRST_SPLIT}, ExperimentService.find_version(str(start["dataset"])), []
    return {"split": FIRST_SPLIT}, None, []


def _pasted(text: str | None) -> tuple[dict[str, Any], int | None, list[int]]:
    try:
        document = ExperimentService.read_document(json.loads(text or ""))
    except ValueError as error:
        raise Invalid(f"This is not JSON: {error}.") from error
    version_id = None
    if document["dataset"] is None and document["config"].get("feature_set"):
        version_id = FeatureSetService.find_version(document["config"]["feature_set"])
    if document["dataset"] is not None:
        version_id = ExperimentService.find_version(document["dataset"], document["version"])
    return document["config"], version_id, document["seeds"]


def _seeds(config: dict[str, Any], further: str | None) -> list[int]:
    """The seed of the config, and those typed beside it."""
    words = (further or "").replace(",", " ").split()
    if not all(word.isdecimal() for word in words):
        raise Invalid("Write further seeds as whole numbers with commas between: 1, 2.")
    return [config["seed"], *(int(word) for word in words)]


def _estimate(config: dict[str, Any], preview: Any) -> EstimateView | None:
    """Of one training; of the largest where there are several."""
    works = [fold["work"] for fold in preview["folds"]] if "folds" in preview else [preview["work"]]
    largest = max(works, key=lambda work: work["seen"])
    return TrainingEstimateService.estimate(config, len(preview["class_names"]), largest)


def _is_repeated(config: dict[str, Any], seeds: list[int]) -> bool:
    split = config["split"]
    return len(seeds) > 1 or (split["by"] == "folds" and not split["fold"])


def _split(values: dict[str, Any]) -> dict[str, Any]:
    if values["by"] == "groups":
        return {"by": "groups", "validation": values["validation"], "test": values["test"]}
    if values["by"] == "folds":
        return {
            "by": "folds",
            "folds": values["folds"],
            "fold": values["fold"] or 0,
            "validation": values["validation_share"],
            "seed": values["seed"],
        }
    return {
        "by": values["by"] or "fractions",
        "validation": values["validation_share"],
        "test": values["test_share"],
        "seed": values["seed"],
    }


def _augmentation(values: dict[str, Any]) -> dict[str, Any]:
    """As the config has it: both ends of the noise, or none."""
    ends = [values["noise_low"], values["noise_high"]]
    others = {name: values[name] or 0 for name in list(AUGMENTATION)[2:]}
    return {"noise_snr_db": [end for end in ends if end is not None], **others}


def _augmentation_fields(chosen: dict[str, Any]) -> list[Any]:
    low, high = chosen["noise_snr_db"] or (None, None)
    return [low, high, *(chosen[name] for name in list(AUGMENTATION)[2:])]


def _shares(split: dict[str, Any]) -> list[Any]:
    if split["by"] == "groups":
        return ["groups", *(no_update,) * 5]
    if split["by"] == "folds":
        only = split["fold"] or None
        return ["folds", split["validation"], no_update, split["seed"], split["folds"], only]
    shares = split["validation"], split["test"], split["seed"]
    return [split["by"], *shares, *(no_update,) * 2]


def _triggered(component_id: str) -> bool:
    return f"{component_id}.data" in ctx.triggered_prop_ids


def _offered(version: VersionView, most: int | None = None) -> list[dict[str, str]]:
    """Fields that have more than one value, and not too many for a target."""
    return [
        {"label": f"{entry['title']} ({entry['different']} different)", "value": entry["name"]}
        for entry in version["fields"]
        if entry["different"] > 1 and (most is None or entry["different"] <= most)
    ]


def _chosen(present: str | None, options: list[dict[str, str]], usual: str) -> str | None:
    """What was chosen, else what is usual, else the first."""
    names = [option["value"] for option in options]
    wanted = [name for name in (present, usual) if name in names]
    return next(iter([*wanted, *names]), None)


def _counted(values: dict[str, int]) -> list[dict[str, str]]:
    return [{"label": f"{name} ({number})", "value": name} for name, number in values.items()]
