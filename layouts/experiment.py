"""One experiment: its training while it runs, its result, what was asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from diagnostics.training.card import Family
from diagnostics.training.classifiers import NAMED
from diagnostics.training.heads import HEADS
from diagnostics.training.plateau import find_plateau
from layouts import (
    evaluation_panels,
    experiment_continue,
    experiment_leakage,
    experiment_members,
    experiment_tags,
)
from layouts.components.estimate import compared_rows, expected_rows
from layouts.components.experiment_state import experiment_badge
from layouts.components.frame import (
    alert,
    badge,
    definition_list,
    empty_state,
    icon,
    link_button,
    page_head,
    section,
)
from layouts.components.job_state import job_progress
from layouts.components.leak import leak_badge
from layouts.components.links import number_of, page_link, path_to
from layouts.components.moments import duration, moment
from layouts.components.priority import priority_choice
from layouts.components.quantities import count
from layouts.components.versions import version_name
from layouts.experiment_settings import settings_list, split_by
from layouts.figures.estimates import error_curves
from layouts.figures.template import graph_config
from layouts.figures.training import accuracy_figure, kept_epoch, loss_figure, rate_figure
from layouts.page import Group, Page

LOG_SHOWN = 200
CARDS = {card.name: card for card in NAMED}
Values = Mapping[str, Any]


class Ids:
    """``shown`` says what is drawn already, ``drawn`` how many epochs the curves have."""

    chosen = "experiment-chosen"
    shown = "experiment-shown"
    head = "experiment-head"
    progress = "experiment-progress"
    curves = "experiment-curves"
    drawn = "experiment-drawn"
    loss = "experiment-loss"
    accuracy = "experiment-accuracy"
    rate = "experiment-rate"
    heads = "experiment-heads"
    curves_note = "experiment-curves-note"
    log = "experiment-log"
    settings = "experiment-settings"
    act = "experiment-act"
    priority = "experiment-priority"
    rename = "experiment-rename"
    name = "experiment-name"
    rename_form = "experiment-rename-form"


def build(experiment_id: str = "", **_view: Any) -> Component:
    chosen = number_of(experiment_id)
    return html.Div(
        [
            dcc.Store(id=Ids.chosen, data=chosen),
            dcc.Store(id=Ids.shown),
            dcc.Store(id=Ids.drawn, data=0),
            html.Div(id=Ids.head),
            _rename_form(),
            html.Div(id=Ids.progress),
            experiment_tags.place(),
            experiment_members.place(),
            evaluation_panels.place(chosen),
            experiment_leakage.place(),
            html.Div(_curves(), id=Ids.curves, hidden=True),
            experiment_continue.place(),
            html.Div(id=Ids.log),
            html.Div(id=Ids.settings),
        ],
        className="experiment-page",
    )


def head(
    experiment: Values,
    *,
    can_change: bool,
    run: Values | None = None,
    trial: tuple[Values, Values] | None = None,
) -> Component:
    """Name, state and what can be done now.

    ``run`` says of what it is a run, ``trial`` of which campaign it is a trial.
    """
    data = page_link(version_name(experiment), f"/datasets/{experiment['dataset_id']}")
    title = CARDS[experiment["classifier"]].title
    generated = [" ", badge("generated", "info", icon_name="cpu")]
    marks: list[Any] = generated if experiment["generated"] else []
    if experiment["archived"]:
        marks = [*marks, " ", badge("archived", icon_name="archive")]
    marks = [*marks, " ", leak_badge(experiment["leak"])]
    lead = html.P(
        [
            experiment_badge(experiment["state"]),
            f" {title} on ",
            data,
            *marks,
            f", split by {split_by(experiment)}. Made by {experiment['owner_name']}, ",
            moment(experiment["created_at"]),
            ".",
            *_run_of(run),
            *_trial_of(trial, experiment),
        ],
        className="page-lead experiment-lead",
    )
    again = dbc.Button(
        [icon("files"), " New from this"],
        href=path_to("/new-experiment", {"copy": experiment["id"]}),
        color="secondary",
        outline=True,
    )
    # A vote is made anew from its members.
    actions = []
    if can_change:
        actions = [*_actions(experiment), *([] if is_vote(experiment) else [again])]
    actions += _next_steps(experiment, can_change=can_change)
    if can_change and experiment["state"] in ("waiting", "paused"):
        actions.insert(0, priority_choice(Ids.priority, experiment["job"]["priority"]))
    return html.Div(
        [
            html.Div([html.H1(experiment["name"]), lead]),
            html.Div(actions, className="page-actions"),
        ],
        className="page-head",
    )


def _run_of(run: Values | None) -> list[Any]:
    if run is None:
        return []
    fold = f"Fold {run['fold']} of {run['folds']}, seed" if run["folds"] else "Seed"
    whole = page_link(run["name"], f"/repeated/{run['repeated_id']}")
    return [f" {fold} {run['seed']} of the repeated experiment ", whole, "."]


def _trial_of(trial: tuple[Values, Values] | None, experiment: Values) -> list[Any]:
    if trial is None:
        return []
    one, campaign = trial
    whole = page_link(campaign["name"], f"/campaigns/{campaign['id']}")
    told: list[Any] = [f" Trial {one['number']} of the campaign ", whole, "."]
    if one["reason"]:
        told.append(f" {one['reason']}")
    if experiment["summary"] is None:
        told.append(" Its test part stays untouched until the campaign is evaluated.")
    return told


def is_vote(experiment: Values) -> bool:
    """Whether it is made from other experiments, and was not trained."""
    return CARDS[experiment["classifier"]].family is Family.ENSEMBLE


def not_there(sentence: str) -> Component:
    back = page_link("All experiments", "/experiments")
    told = empty_state("No such experiment", [sentence, " "], back, icon_name="question-circle")
    return html.Div([page_head("Experiment"), told])


def progress(experiment: Values, epochs: Sequence[Values]) -> Component | None:
    """How far the training is; nothing any more once there is a result."""
    state, job = experiment["state"], experiment["job"]
    if state == "finished":
        return None
    if state in ("failed", "cancelled"):
        return _ended(state, job, "vote" if is_vote(experiment) else "training")
    figures = [
        ("Epoch", _epoch_text(experiment, epochs)),
        ("Left, at most", _left(experiment, epochs)),
        ("Throughput", _throughput(epochs)),
        ("Learning rate", f"{epochs[-1]['learning_rate']:.3g}" if epochs else "–"),
        ("Best validation loss", _best(epochs)),
    ]
    cards = [
        html.Div(
            [html.Span(name, className="figure-note"), html.Span(value, className="figure-value")],
            className="figure-card",
        )
        for name, value in figures
    ]
    parts: list[Component] = [job_progress(job)]
    if state == "paused":
        parts = [alert("The training rests. It goes on from the last finished epoch.")]
    elif job["pause_requested"]:
        parts.append(alert("Pausing: the last finished epoch is kept."))
    if CARDS[experiment["classifier"]].family is Family.NETWORK:
        parts += _plateau(experiment, epochs)
        parts.append(html.Div(cards, className="experiment-figures"))
    return section("Vote" if is_vote(experiment) else "Training", parts)


def _plateau(experiment: Values, epochs: Sequence[Values]) -> list[Component]:
    """A warning while the training gets nowhere."""
    name = "train_loss" if any(e["validation_loss"] is None for e in epochs) else "validation_loss"
    losses = [epoch[name] for epoch in epochs]
    found = find_plateau(losses, experiment["config"]["plateau_epochs"])
    if found is None:
        return []
    part = "training" if name == "train_loss" else "validation"
    return [
        alert(
            f"No progress for {found.since} epochs: the {part} loss has not fallen by half a"
            f" percent since epoch {found.best_epoch}. It may be done, or the learning rate too"
            " high or too low.",
            "warning",
        )
    ]


def curves(epochs: Sequence[Values]) -> tuple[Any, Any, Any, list[Component], str]:
    """Loss, accuracy, learning rate, errors of heads, and a sentence about the kept epoch."""
    drawn = loss_figure(epochs), accuracy_figure(epochs), rate_figure(epochs)
    return *drawn, _heads(epochs), _kept_text(epochs)


def _heads(epochs: Sequence[Values]) -> list[Component]:
    """A figure for each quantity that is estimated beside the class."""
    names = dict.fromkeys(name for epoch in epochs for name in epoch["head_errors"])
    return [
        _graph(
            f"{Ids.heads}-{name}",
            f"error-{name}",
            f"Error of the {HEADS[name].title.lower()} by epoch",
            error_curves(epochs, name),
        )
        for name in names
    ]


def log(lines: Sequence[Values]) -> Component:
    told = "\n".join(f"{line['at']:%H:%M:%S}  {line['message']}" for line in lines)
    # Upside down and back again by CSS: so the frame stays at its end while lines come.
    pre = html.Div(html.Pre(told), className="log-tail log-follow", tabIndex="0", role="log")
    nothing = html.P("Nothing has been told yet.", className="page-lead")
    return section("Log (UTC)", pre if lines else nothing)


def settings(experiment: Values) -> Component:
    """What was asked for, to read and as JSON to take along."""
    document = {
        "name": experiment["name"],
        "dataset": experiment["dataset_name"],
        "version": experiment["version_number"],
        **experiment["config"],
    }
    text = json.dumps(document, indent=2, ensure_ascii=False)
    copy = dcc.Clipboard(content=text, title="Copy the JSON", className="experiment-copy")
    shown = html.Details(
        [
            html.Summary("As JSON, for the wizard, the API and “python -m cli train”"),
            html.Div([copy, html.Pre(text, className="log-tail", tabIndex="0")]),
        ]
    )
    rows = [*settings_list(experiment), *_cost_rows(experiment)]
    listed = definition_list(rows)
    # A vote is no training that could be asked for by its JSON.
    return section("Settings", listed if is_vote(experiment) else [listed, shown])


def _cost_rows(experiment: Values) -> list[tuple[str, Any]]:
    """What it was expected to take, and once it is over what it took."""
    estimate, seconds = experiment["estimate"], experiment["wall_time_s"]
    if seconds is not None:
        return compared_rows(estimate, seconds, experiment["peak_bytes"])
    return [] if estimate is None else expected_rows(estimate)


def _rename_form() -> Component:
    label = dbc.Label("New name", html_for=Ids.name, className="visually-hidden")
    entry = dbc.Input(id=Ids.name, maxLength=120, placeholder="New name", debounce=False)
    button = dbc.Button("Rename", id=Ids.rename, color="secondary", outline=True, size="sm")
    return html.Details(
        [html.Summary("Rename"), html.Div([label, entry, button], className="experiment-rename")],
        id=Ids.rename_form,
        className="experiment-rename-form",
        hidden=True,
    )


def _curves() -> Component:
    graphs = [
        _graph(Ids.loss, "loss", "Loss by epoch"),
        _graph(Ids.accuracy, "accuracy", "Accuracy by epoch"),
        _graph(Ids.rate, "learning-rate", "Learning rate by epoch"),
    ]
    note = html.P(id=Ids.curves_note, className="figure-note")
    shown = [
        html.Div(graphs, className="experiment-graphs"),
        html.Div(id=Ids.heads, className="experiment-graphs"),
    ]
    return section("Learning curves", [*shown, note])


def _graph(graph_id: str, file_name: str, label: str, drawn: Any = None) -> Component:
    given = {} if drawn is None else {"figure": drawn}
    graph = dcc.Graph(
        **given,
        id=graph_id,
        config=graph_config(file_name) | {"scrollZoom": False},
        style={"height": "280px"},
    )
    named: dict[str, Any] = {"aria-label": label}
    return html.Div(graph, role="group", **named)


def _actions(experiment: Values) -> list[Component]:
    verbs = {
        "waiting": [("pause", "Pause", "pause"), ("cancel", "Cancel", "x-lg")],
        "training": [("pause", "Pause", "pause"), ("cancel", "Cancel", "x-lg")],
        "paused": [("resume", "Go on", "play"), ("cancel", "Cancel", "x-lg")],
        "failed": [("resume", "Try again", "arrow-clockwise")],
        "cancelled": [("resume", "Take up again", "arrow-clockwise")],
    }
    job = experiment["job"]
    if job["cancel_requested"] and job["status"] == "running":
        return [html.Span("stopping", className="job-told")]
    return [
        dbc.Button(
            [icon(icon_name), f" {text}"],
            id={"type": Ids.act, "verb": verb},
            color="primary" if verb == "resume" else "secondary",
            outline=verb != "resume",
        )
        for verb, text, icon_name in verbs.get(experiment["state"], [])
    ]


def _next_steps(experiment: Values, *, can_change: bool) -> list[Component]:
    """What is done with a trained classifier next; a vote is neither explained nor deployed."""
    if experiment["state"] != "finished":
        return []
    ways = [("Evaluation", "/evaluation", "clipboard-data", "secondary")]
    if not is_vote(experiment):
        ways.append(("Explain", "/explain", "lightbulb", "primary"))
        if can_change:
            ways.append(("Deploy", "/deployments", "box-seam", "secondary"))
    return [
        link_button(title, f"{path}?experiment={experiment['id']}", icon_name=name, color=color)
        for title, path, name, color in ways
    ]


def _ended(state: str, job: Values, work: str) -> Component:
    if state == "failed":
        return alert([f"The {work} failed. ", job["error"] or ""], "danger")
    return alert(f"The {work} was cancelled; it was not tested.", "warning")


def _epoch_text(experiment: Values, epochs: Sequence[Values]) -> str:
    return f"{len(epochs)} of {experiment['config']['epochs']}"


def _left(experiment: Values, epochs: Sequence[Values]) -> str:
    """Early stopping may end it sooner."""
    if not epochs:
        return "–"
    recent = [epoch["seconds"] for epoch in epochs[-5:]]
    left = experiment["config"]["epochs"] - len(epochs)
    return duration(left * sum(recent) / len(recent))


def _throughput(epochs: Sequence[Values]) -> str:
    return f"{count(round(epochs[-1]['windows_per_s']))} windows/s" if epochs else "–"


def _best(epochs: Sequence[Values]) -> str:
    kept = kept_epoch(epochs)
    if kept is None:
        return "–"
    return f"{epochs[kept - 1]['validation_loss']:.3g} in epoch {kept}"


def _kept_text(epochs: Sequence[Values]) -> str:
    kept = kept_epoch(epochs)
    if kept is None:
        return "Without a validation part the weights of the last epoch are kept."
    return (
        f"The dotted line marks epoch {kept}, which has the lowest validation loss: its weights"
        " are kept. Training figures are gathered while the weights change, with dropout."
    )


PAGE = Page(
    "experiment",
    "Experiment",
    "/experiments/<experiment_id>",
    build,
    Group.LEARN,
    "graph-up",
    parent=("Experiments", "/experiments"),
    in_navigation=False,
)
