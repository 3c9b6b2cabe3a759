"""The leakage guard on the page of an experiment: verdict, checks, the same under another split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from diagnostics.training.leakage import TITLES
from layouts.components.experiment_state import experiment_badge
from layouts.components.frame import alert, badge, icon, section
from layouts.components.job_state import job_progress
from layouts.components.leak import leak_badge
from layouts.components.links import page_link
from layouts.components.tables import table
from layouts.evaluation_numbers import interval_text, score_text

Values = Mapping[str, Any]
FINDINGS = {
    "clear": ("clear", "success", "check-circle"),
    "noted": ("noted", "info", "info-circle"),
    "unknown": ("not known", "secondary", "question-circle"),
    "open": ("not yet", "secondary", "hourglass"),
    "suspect": ("suspected", "warning", "exclamation-triangle"),
    "leak": ("leak", "danger", "exclamation-octagon"),
}
SCORES = {
    "balanced_accuracy": "Balanced accuracy (mean recall)",
    "accuracy": "Accuracy",
    "macro_f1": "Macro F1",
}
AT_WORK = ("waiting", "running")


class Ids:
    """``drawn`` says what is shown; the buttons stay while the rest is drawn anew."""

    place = "experiment-leakage-place"
    drawn = "experiment-leakage-drawn"
    shown = "experiment-leakage-shown"
    again = "experiment-leakage-again"
    other = "experiment-leakage-other"
    gap = "experiment-leakage-gap"


def place() -> Component:
    """Where verdict and gap appear."""
    again = dbc.Button(
        [icon("shield-check"), " Check the split"], id=Ids.again, color="secondary", outline=True
    )
    other = dbc.Button(
        [icon("shuffle"), " Compare with the other split"],
        id=Ids.other,
        color="secondary",
        outline=True,
    )
    parts = [
        dcc.Store(id=Ids.drawn),
        html.Div(id=Ids.shown),
        html.Div(id=Ids.gap),
        html.Div([other, again], className="leakage-actions"),
    ]
    return html.Div(section("Leakage guard", parts), id=Ids.place, hidden=True)


def checks(leakage: Values | None, job: Values | None) -> list[Component]:
    """The verdict, then each check with what was measured."""
    told: list[Component] = []
    if job is not None and job["status"] in AT_WORK:
        told.append(job_progress(job))
    elif job is not None and job["status"] == "failed":
        told.append(alert(["The check failed. ", job["error"] or ""], "danger"))
    if leakage is None:
        never = "The split of this experiment is older than the guard and was never checked."
        return [html.P([leak_badge(None), " ", never]), *told]
    rows = [_check_row(check) for check in leakage["checks"]]
    head = ("Check", "Finding", "What was found", "Value", "Counts above")
    return [
        html.P([leak_badge(leakage["verdict"]), " ", leakage["sentence"]]),
        *told,
        html.Details(
            [
                html.Summary(f"{len(rows)} checks"),
                table(head, rows, numbers=(3, 4), label="Checks for leaks"),
            ],
            open=leakage["verdict"] == "suspected",
        ),
    ]


def other_text(*, is_random: bool) -> list[Component | str]:
    """What the button does."""
    text = " Compare with a split by group" if is_random else " Compare with a random split"
    return [icon("shuffle"), text]


def gap(found: Values | None) -> list[Component]:
    """Both splits side by side, once both are tested; until then how far they are."""
    if found is None:
        return []
    parts: list[Component] = [html.H3("Random windows against a split by group")]
    if not found["scores"]:
        rows = [_state_row(found[side]) for side in ("by_windows", "by_group")]
        parts.append(table(("Split", "Experiment", "State"), rows, label="Both trainings"))
        return parts
    drawn, grouped = found["by_windows"], found["by_group"]
    parts.append(html.P(_gap_sentence(found), className="leakage-gap"))
    head = (
        *("Score", f"Random windows ({drawn['name']})", "n"),
        *(f"By {grouped['split_by']} ({grouped['name']})", "95 % interval", "n", "Gap in points"),
    )
    rows = [_score_row(score) for score in found["scores"]]
    parts.append(table(head, rows, numbers=range(1, 7), label="Scores under both splits"))
    links: list[Any] = [
        page_link("Random windows", f"/experiments/{drawn['experiment_id']}"),
        " · ",
        page_link("By group", f"/experiments/{grouped['experiment_id']}"),
        " · ",
        page_link(
            "Compare in detail",
            "/compare",
            {"experiments": f"{grouped['experiment_id']},{drawn['experiment_id']}"},
        ),
    ]
    notes = [found["no_interval"], *found["notes"]]
    return [
        *parts,
        html.P(links, className="leakage-links"),
        *[html.P(note, className="figure-note") for note in notes],
    ]


def _gap_sentence(found: Values) -> str:
    first: Values = found["scores"][0]
    points = 100 * first["gap"]
    return (
        f"With random windows the same training finds {100 * first['by_windows']:.1f} % of the"
        f" windows, as the mean over the classes; with a split by {found['by_group']['split_by']}"
        f" {100 * first['by_group']:.1f} %: a gap of {points:.1f} points. The first is what a leak"
        " makes of it, the second is what can be expected on new groups."
    ).replace("-", "−")


def _state_row(side: Values) -> Sequence[Any]:
    return [
        side["split_by"],
        page_link(side["name"], f"/experiments/{side['experiment_id']}"),
        experiment_badge(side["state"]),
    ]


def _score_row(score: Values) -> Sequence[Any]:
    n = score["by_group_n"]
    return [
        f"{SCORES[score['name']]}, {score['level']}",
        score_text(score["by_windows"], score["by_windows_n"]),
        f"{score['by_windows_n']:,}",
        score_text(score["by_group"], n),
        "–" if score["low"] is None else interval_text(score["low"], score["high"], n),
        f"{n:,}",
        f"{100 * score['gap']:+.1f}".replace("-", "−"),
    ]


def _check_row(check: Values) -> Sequence[Any]:
    text, level, icon_name = FINDINGS[check["finding"]]
    found: list[Any] = [check["sentence"]]
    if check["places"]:
        listed = ", ".join(check["places"])
        found.append(html.Details([html.Summary("Where"), listed]))
    return [
        TITLES[check["name"]],
        badge(text, level, icon_name=icon_name),
        html.Div(found, className="leakage-found"),
        _number(check["value"]),
        _number(check["threshold"]),
    ]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"
