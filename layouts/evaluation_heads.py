"""What an experiment estimated beside the class: severity and speed, and how far it was off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from dash import html
from dash.development.base_component import Component

from diagnostics.evaluation.report import EvaluationReport
from diagnostics.training.heads import HEADS
from layouts.components.frame import alert, definition_list, empty_state, section
from layouts.components.head_numbers import amount, error_interval, error_text
from layouts.components.links import page_link
from layouts.components.quantities import plural
from layouts.components.tables import table
from layouts.evaluation_curves import csv_link, graph
from layouts.figures.estimates import scatter

Values = Mapping[str, Any]

SIDES = {"test": "Test", "validation": "Validation"}
HEAD = (
    "Quantity",
    "Side",
    "Mean error",
    "95 % interval",
    "Always the mean",
    "Bias",
    "95 % interval",
    "n",
    "Groups",
)
METHOD = (
    "Mean error: mean absolute difference of estimate and truth. Always the mean: what it would be "
    "if every answer were the mean of the training part. Bias: above 0 where too much is estimated."
)


def heads(report: EvaluationReport) -> list[Component]:
    """For the page of an experiment; nothing where it names faults only."""
    if not report.heads:
        return []
    rows = [row for head in report.heads for row in _rows(head.name, _scores(head.sides))]
    reasons = _reasons(
        [
            (HEADS[head.name].title, SIDES[side], score["no_interval"])
            for head in report.heads
            for side, score in _scores(head.sides).items()
        ]
    )
    parts = [*_off([asdict(head) for head in report.heads])]
    if rows:
        parts += [
            table(HEAD, rows, numbers=(2, 3, 4, 5, 6, 7, 8), label="Severity and speed"),
            html.P(f"By recording: the mean over its windows. {METHOD}", className="figure-note"),
        ]
    return [section("Severity and speed", [*parts, *reasons])]


def estimates(found: Values, experiment_id: int) -> list[Component] | Component:
    """For the evaluation page: a figure for each quantity, with its error and bias."""
    if not found["heads"]:
        link = page_link("New experiment", "/new-experiment")
        return empty_state(
            "This classifier names faults only",
            "Severity and speed are estimated by the multitask CNN, where recordings say them.",
            link,
            icon_name="speedometer2",
        )
    drawn = [_head(head, found["level"]) for head in found["heads"] if not head["off"]]
    parts: list[Component] = [*_off(found["heads"])]
    if drawn:
        parts.append(html.Div(drawn, className="experiment-graphs"))
        parts.append(html.P(METHOD, className="figure-note"))
    link = csv_link(experiment_id, "estimates", found["level"])
    return [section("Severity and speed", parts, actions=[link])]


def _head(head: Values, level: str) -> Component:
    title, score = HEADS[head["name"]].title, head["score"]
    if score is None:
        told = f"No recording on the test side says its {title.lower()}: nothing to compare with."
        return html.Div([html.H3(title), alert(told, "warning")])
    one = level.removesuffix("s")
    shown = len(head["points"])
    parts: list[Component] = [
        html.H3(title),
        graph(scatter(head), f"{head['name']}-{level}", f"{title}: estimated against true"),
        _told(head, score, one),
    ]
    if shown < score["items"]:
        note = f"{shown:,} of {score['items']:,} points are drawn, taken evenly."
        parts.append(html.P(note, className="figure-note"))
    return html.Div(parts)


def _told(head: Values, score: Values, one: str) -> Component:
    name = head["name"]
    within = error_interval(name, score["mae_low"], score["mae_high"])
    lean = error_interval(name, score["bias_low"], score["bias_high"])
    is_known = score["no_interval"] is None
    rows = [
        ("n", f"{plural(score['items'], one)} of {plural(score['groups'], 'group')}"),
        (
            "Mean error",
            error_text(name, score["mae"]) + (f" (95 % interval {within})" if is_known else ""),
        ),
        ("Always the mean", f"{error_text(name, score['mean_error'])} ({_mean_text(head)})"),
        (
            "Bias",
            error_text(name, score["bias"]) + (f" (95 % interval {lean})" if is_known else ""),
        ),
    ]
    if not is_known:
        rows.append(("No interval", score["no_interval"]))
    if score["unknown"]:
        rows.append(("Left out", f"{plural(score['unknown'], 'recording')} without a value"))
    return definition_list(rows)


def _mean_text(head: Values) -> str:
    recordings = plural(head["trained_on"], "training recording")
    return f"{amount(head['name'], head['mean'])}, from {recordings}"


def _off(found: Sequence[Values]) -> list[Component]:
    """Heads that were not trained, and why."""
    return [
        alert(f"The head for the {HEADS[head['name']].title.lower()} is off: {head['off']}.")
        for head in found
        if head["off"]
    ]


def _scores(sides: Mapping[str, Any]) -> dict[str, Values]:
    """The test first."""
    return {side: asdict(sides[side]) for side in SIDES if sides.get(side) is not None}


def _rows(name: str, scores: Mapping[str, Values]) -> list[list[Any]]:
    return [
        [
            HEADS[name].title,
            SIDES[side],
            error_text(name, score["mae"]),
            error_interval(name, score["mae_low"], score["mae_high"]),
            error_text(name, score["mean_error"]),
            error_text(name, score["bias"]),
            error_interval(name, score["bias_low"], score["bias_high"]),
            f"{score['items']:,}",
            f"{score['groups']:,}",
        ]
        for side, score in scores.items()
    ]


def _reasons(given: Sequence[tuple[str, str, str | None]]) -> list[Component]:
    """Why there are no intervals, each reason once."""
    told: dict[str, list[str]] = {}
    for title, side, reason in given:
        if reason is not None:
            told.setdefault(reason, []).append(f"{title.lower()} ({side.lower()})")
    return [
        alert(f"No interval for {', '.join(names)}: {reason}", "warning")
        for reason, names in told.items()
    ]
