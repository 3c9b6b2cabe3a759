"""One campaign: watched while trials train, paused, stopped, enlarged, looked at in the end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.campaigns import campaign_network
from layouts.campaigns.all_campaigns import METHODS, campaign_badge, done_text, score
from layouts.campaigns.campaign_parts import Ids as PartIds
from layouts.campaigns.campaign_parts import dialogs, limits_form
from layouts.components.attributes import attributes
from layouts.components.frame import (
    alert,
    badge,
    definition_list,
    empty_state,
    icon,
    page_head,
    section,
)
from layouts.components.links import number_of, page_link, path_to
from layouts.components.moments import duration, moment
from layouts.components.tables import pagination, scrolling
from layouts.components.titles import setting_title
from layouts.components.versions import version_name
from layouts.evaluation_numbers import interval_text, score_text
from layouts.experiment_settings import CARDS
from layouts.figures.campaigns import metric_title
from layouts.figures.template import graph_config
from layouts.page import Group, Page

Values = Mapping[str, Any]
AT_WORK = ("waiting", "running")
PRUNERS = {"none": "", "median": ", ended early by the median rule", "hyperband": ""}


class Ids:
    """``shown`` says which parts are drawn already, ``drawn`` of which trials the figures are."""

    chosen = "campaign-chosen"
    shown = "campaign-shown"
    drawn = "campaign-drawn"
    head = "campaign-head"
    summary = "campaign-summary"
    figures = "campaign-figures"
    history = "campaign-history"
    curves = "campaign-curves"
    of_curves = "campaign-of-curves"
    front = "campaign-front"
    of_front = "campaign-of-front"
    parallel = "campaign-parallel"
    slices = "campaign-slices"
    pair = "campaign-pair"
    pair_note = "campaign-pair-note"
    pair_x = "campaign-pair-x"
    pair_y = "campaign-pair-y"
    timeline = "campaign-timeline"
    points_note = "campaign-points-note"
    of_points = "campaign-of-points"
    importance = "campaign-importance"
    trials = "campaign-trials"
    trials_state = "campaign-trials-state"
    trials_sort = "campaign-trials-sort"
    trials_pages = "campaign-trials-pages"
    of_trials = "campaign-of-trials"
    settings = "campaign-settings"
    act = PartIds.act
    ask = "campaign-ask"
    go = "campaign-go"


def build(campaign_id: str = "", **_view: Any) -> Component:
    return html.Div(
        [
            dcc.Store(id=Ids.chosen, data=number_of(campaign_id)),
            dcc.Store(id=Ids.shown),
            dcc.Store(id=Ids.drawn),
            dcc.Location(id=Ids.go, refresh="callback-nav"),
            html.Div(id=Ids.head),
            html.Div(id=Ids.summary),
            html.Div(_figures(), id=Ids.figures, hidden=True),
            campaign_network.place(),
            html.Div(id=Ids.importance),
            html.Div(_trials(), id=Ids.of_trials, hidden=True),
            limits_form(),
            html.Div(id=Ids.settings),
            *dialogs(),
        ],
        className="experiment-page campaign-page",
    )


def head(campaign: Values, *, can_change: bool) -> Component:
    """Name, state, and what can be done now."""
    data = page_link(version_name(campaign), f"/datasets/{campaign['dataset_id']}")
    generated: list[Any] = [" ", badge("generated", "info", icon_name="cpu")]
    lead = html.P(
        [
            campaign_badge(campaign["state"]),
            f" {METHODS.get(campaign['method'], campaign['method'])} search over ",
            _searched(campaign),
            " on ",
            data,
            *(generated if campaign["generated"] else []),
            f"{PRUNERS.get(campaign['pruner'], '')}. Made by {campaign['owner_name']}, ",
            moment(campaign["created_at"]),
            ".",
        ],
        className="page-lead experiment-lead",
    )
    return html.Div(
        [
            html.Div([html.H1(campaign["name"]), lead]),
            html.Div(_actions(campaign, can_change=can_change), className="page-actions"),
        ],
        className="page-head",
    )


def _searched(campaign: Values) -> str:
    if campaign["kind"] == "nas":
        return "networks"
    card = CARDS.get(campaign["classifier"])
    title = campaign["classifier"] if card is None else card.title
    return f"{len(campaign['space'])} settings of {title}"


def not_there(sentence: str) -> Component:
    back = page_link("All campaigns", "/campaigns")
    told = empty_state("No such campaign", [sentence, " "], back, icon_name="question-circle")
    return html.Div([page_head("Campaign"), told])


def summary(campaign: Values) -> list[Component]:
    """How far it is, what is best, and the one look at the test part."""
    trials, best = campaign["trials"], campaign["best"]
    told = ", ".join(
        f"{trials[state]} {text}"
        for state, text in (
            ("pruned", "ended early"),
            ("failed", "failed"),
            ("cancelled", "cancelled"),
            ("running", "training"),
        )
        if trials[state]
    )
    figures = [
        ("Trials", done_text(campaign) + (f": {told}" if told else "")),
        (f"Best {metric_title(campaign['metric']).lower()}", score(campaign["best_value"])),
        ("At work", duration(campaign["worked_s"])),
        ("Left, about", duration(campaign["expected_s"])),
    ]
    cards = [
        html.Div(
            [html.Span(name, className="figure-note"), html.Span(value, className="figure-value")],
            className="figure-card",
        )
        for name, value in figures
    ]
    parts: list[Component] = [_bar(campaign), html.Div(cards, className="experiment-figures")]
    if campaign["reason"]:
        parts.append(alert(campaign["reason"], _level(campaign)))
    if best is not None:
        parts.append(html.P(_best_text(best, going=campaign["state"] in AT_WORK)))
    found = [section("Progress", parts)]
    if campaign["final"] is not None:
        found.append(final(campaign))
    return found


def final(campaign: Values) -> Component:
    """What the best trial is worth on recordings that chose nothing."""
    given = campaign["final"]
    rows: list[tuple[str, Any]] = []
    for name, title in (("validation", "Validation, chosen by it"), ("test", "Test, once")):
        one = given[name]
        accuracy, count = one["recordings"]["accuracy"], one["n"]["recordings"]
        windows = one["windows"]["accuracy"]["value"]
        text = [
            f"{score_text(accuracy['value'], count)} of {count} recordings ",
            html.Span(
                f"({_interval(accuracy, count)}; {score_text(windows, one['n']['windows'])} of"
                f" {one['n']['windows']:,} windows)",
                className="figure-note",
            ),
        ]
        rows.append((title, text))
    optimism = (
        given["validation"]["windows"]["accuracy"]["value"]
        - given["test"]["windows"]["accuracy"]["value"]
    )
    rows.append(
        (
            "Optimism",
            f"{100 * optimism:+.1f} percentage points of windows: validation less test, after"
            f" {given['trials']} trials".replace("-", "−"),
        )
    )
    trial = page_link(f"trial {given['trial']}", f"/experiments/{given['experiment_id']}")
    lead = html.P(
        [
            "The best of the campaign, ",
            trial,
            ", on groups that took no part in training or choice. A campaign is closed by this.",
            _of_first_fold(campaign),
        ]
    )
    return section("Final evaluation", [lead, definition_list(rows)])


def _of_first_fold(campaign: Values) -> str:
    folds = len(campaign["folds"])
    if folds < 2:
        return ""
    return (
        f" Asked is its first training; validation below is the first of {folds} parts alone. The"
        f" choice was by the mean over all of them, {score(campaign['best_value'])}."
    )


def settings(campaign: Values) -> Component:
    """What was asked for."""
    plan = campaign["plan"]
    groups, recordings, title = plan["groups"], plan["recordings"], plan["group_title"]
    folds = len(campaign["folds"])
    parted = f"{groups['validation']} of {groups['all']} groups ({title}) for validation"
    if folds > 1:
        parted += f", in {folds} parts of which each is left out once"
    parted += f"; {groups['test']} for the test: {recordings['test']} recordings, untouched"
    rows = [
        ("Judged by", f"{metric_title(campaign['metric'])}, {campaign['direction']}"),
        ("Parts", parted),
        ("Seed", str(campaign["seed"])),
        ("Space", html.Pre(_space_text(campaign), className="log-tail", tabIndex="0")),
    ]
    warnings = [alert(text, "warning") for text in plan["warnings"]]
    exports = html.Div(
        [
            dbc.Button(
                [icon("download"), f" {text}"],
                href=path_to(f"/api/v1/campaigns/{campaign['id']}/export", {"format": format}),
                external_link=True,
                color="secondary",
                outline=True,
                size="sm",
            )
            for format, text in (
                ("json", "All as JSON"),
                ("yaml", "All as YAML"),
                ("csv", "Trials as CSV"),
                *([("python", "Best trial as Python")] if campaign["best"] else []),
                ("zip", "Everything in one file"),
            )
        ],
        className="section-actions",
    )
    return section("Settings", [*warnings, definition_list(rows), exports])


def _space_text(campaign: Values) -> str:
    if campaign["kind"] == "nas":
        plan = campaign["plan"]
        told = {**plan["search_space"], **plan.get("evolution", {})}
        return "\n".join(f"{name}: {json.dumps(one)}" for name, one in told.items())
    lines = []
    for name, one in campaign["space"].items():
        if one["type"] == "categorical":
            text = ", ".join(map(str, one["choices"]))
        else:
            text = f"{one['low']:g} to {one['high']:g}"
            text += " by its logarithm" if one.get("log") else ""
            text += f" in steps of {one['step']:g}" if one.get("step") else ""
        for other, values in one.get("when", {}).items():
            text += f", where {other} is {' or '.join(map(str, values))}"
        lines.append(f"{name}: {text}")
    return "\n".join(lines)


def _best_text(best: Values, *, going: bool) -> list[Any]:
    experiments = best["experiment_ids"]
    name = f"Trial {best['number']}"
    shown = page_link(name, f"/experiments/{experiments[0]}") if experiments else name
    told = " is the best so far. " if going else " is the best. "
    params = best["params"] or {}
    if "architecture" in params:
        return [shown, told, html.Code(params["architecture"])]
    settings = (f"{setting_title(key)} {value_text(value)}" for key, value in params.items())
    return [shown, f"{told}{', '.join(settings)}."]


def value_text(value: Any) -> str:
    """A setting with the digits that one would type."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _interval(score_given: Values, count: int) -> str:
    low, high = score_given["low"], score_given["high"]
    return "no interval" if low is None else f"95 %: {interval_text(low, high, count)}"


def _level(campaign: Values) -> str:
    return {"failed": "danger", "paused": "warning"}.get(campaign["state"], "info")


def _bar(campaign: Values) -> Component:
    trials = campaign["trials"]
    over = sum(trials[state] for state in ("complete", "pruned", "failed"))
    percent = round(100 * over / campaign["budget"])
    return html.Div(
        html.Div(className="progress-bar", style={"width": f"{percent}%"}),
        className="progress job-bar",
        role="progressbar",
        **attributes(
            aria_label=f"Trials of {campaign['name']}",
            aria_valuenow=str(percent),
            aria_valuemin="0",
            aria_valuemax="100",
        ),
    )


def _actions(campaign: Values, *, can_change: bool) -> list[Component]:
    if not can_change:
        return []
    state, closed = campaign["state"], campaign["final_job_id"] is not None
    rests = state in ("paused", "stopped", "finished", "failed")
    offered = [
        ("pause", "Pause", "pause", state in AT_WORK),
        ("resume", "Go on", "play", not closed and state in ("paused", "stopped", "pausing")),
        ("stop", "Stop after these", "stop", state in (*AT_WORK, "pausing", "paused")),
        ("stop-now", "Stop at once", "x-lg", state in (*AT_WORK, "pausing", "stopping")),
    ]
    buttons = [
        dbc.Button(
            [icon(icon_name), f" {text}"],
            id={"type": Ids.act, "verb": verb},
            color="primary" if verb == "resume" else "secondary",
            outline=verb != "resume",
        )
        for verb, text, icon_name, wanted in offered
        if wanted
    ]
    if rests and campaign["best"] is not None and campaign["final"] is None:
        buttons.append(_asking("evaluate", "Evaluate on the test part …", "primary"))
    if rests:
        buttons.append(_asking("delete", "Delete …", "danger"))
    return buttons


def _asking(verb: str, text: str, color: str) -> Component:
    return dbc.Button(
        text, id={"type": Ids.ask, "verb": verb}, color=color, outline=color == "danger"
    )


def _figures() -> list[Component]:
    graphs = [
        _graph(Ids.history, "history", "Score by trial", 320),
        html.Div(_graph(Ids.curves, "curves", "Score by epoch", 320), id=Ids.of_curves),
    ]
    front = [
        _graph(Ids.front, "front", "Score against cost", 360),
        html.P(
            "By values alone: with other recordings, trials of nearly the same score may swap"
            " places.",
            className="figure-note",
        ),
    ]
    chosen = html.Div(
        [
            _select(Ids.pair_x, "Across"),
            _select(Ids.pair_y, "Upwards"),
        ],
        className="features-fields",
    )
    pair_note = html.P(id=Ids.pair_note, className="figure-note", role="status")
    of_points = [
        section("Settings side by side", _wide(Ids.parallel, "parallel", "All settings", 360)),
        section("Each setting by itself", _wide(Ids.slices, "slices", "Score by setting", None)),
        section("Two settings", [chosen, _graph(Ids.pair, "pair", "Two settings", 380), pair_note]),
        html.P(id=Ids.points_note, className="figure-note"),
    ]
    return [
        section("Scores", html.Div(graphs, className="experiment-graphs")),
        html.Div(section("Score against cost", front), id=Ids.of_front, hidden=True),
        html.Div(of_points, id=Ids.of_points),
        section("When trials ran", _graph(Ids.timeline, "timeline", "Trials over time", 320)),
    ]


def pair_note(importance: Values | None, surface: Values | None, count: int) -> str:
    """What the figure of two settings shows, and how far it may be believed."""
    trials = f"Points are the {count} newest finished trials, coloured by their score."
    if surface is not None and importance is not None:
        return (
            f"{trials} The area is a model: what a random forest, fitted to n = {importance['n']}"
            " finished trials, expects there, as the mean over their other settings. Its R² for"
            f" trials that it has not seen is {importance['r2']:.2f}"
            f"{'; it knows less than their mean' if importance['r2'] <= 0 else ''}."
        )
    if importance is None or not importance.get("surfaces"):
        return f"{trials} Once importance is measured, a model of the scores between them is drawn."
    return f"{trials} A model between them is there for each two of the most important settings."


def _graph(graph_id: str, file_name: str, label: str, height: int | None) -> Component:
    graph = dcc.Graph(
        id=graph_id,
        config=graph_config(file_name) | {"scrollZoom": False},
        style={} if height is None else {"height": f"{height}px"},
    )
    return html.Div(graph, role="group", **attributes(aria_label=label))


def _wide(graph_id: str, file_name: str, label: str, height: int | None) -> Component:
    """A graph of many axes beside each other: on a narrow screen it scrolls."""
    graph = html.Div(_graph(graph_id, file_name, label, height), className="wide-figure")
    return scrolling(graph, label)


def _select(select_id: str, label: str) -> Component:
    return html.Div([dbc.Label(label, html_for=select_id), dbc.Select([], id=select_id)])


def _trials() -> Component:
    states = [
        {"label": text, "value": value}
        for value, text in (
            ("all", "all"),  # a value that is empty would show nothing
            ("complete", "complete"),
            ("pruned", "ended early"),
            ("failed", "failed"),
            ("running", "running"),
            ("cancelled", "cancelled"),
        )
    ]
    orders = [
        {"label": text, "value": value}
        for value, text in (
            ("best", "best first"),
            ("newest", "newest first"),
            ("number", "in their order"),
            ("epochs", "most epochs first"),
        )
    ]
    chosen = html.Div(
        [
            html.Div(
                [
                    dbc.Label("State", html_for=Ids.trials_state),
                    dbc.Select(states, "all", id=Ids.trials_state),
                ]
            ),
            html.Div(
                [
                    dbc.Label("Order", html_for=Ids.trials_sort),
                    dbc.Select(orders, "best", id=Ids.trials_sort),
                ]
            ),
        ],
        className="features-fields",
    )
    return section("Trials", [chosen, html.Div(id=Ids.trials), pagination(Ids.trials_pages)])


PAGE = Page(
    "campaign",
    "Campaign",
    "/campaigns/<campaign_id>",
    build,
    Group.LEARN,
    "bullseye",
    parent=("Campaigns", "/campaigns"),
    in_navigation=False,
)
