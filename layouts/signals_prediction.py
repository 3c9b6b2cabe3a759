"""The panel on the signals page that asks a trained classifier about the recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from diagnostics.training.heads import HEADS
from layouts.components.attributes import attributes
from layouts.components.doubt import doubt
from layouts.components.frame import alert, field, section
from layouts.components.head_numbers import amount
from layouts.components.job_state import job_badge
from layouts.components.links import page_link
from layouts.components.quantities import count
from layouts.components.tables import table
from layouts.evaluation_numbers import share_text

# What it means for the answer that the experiment has seen the recording.
SEEN = {
    "train": (
        "warning",
        "This recording was used to train the classifier: that it is named right says nothing "
        "about how well others are.",
    ),
    "validation": (
        "warning",
        "This recording was used to choose when to stop the training, so the answer is too "
        "favourable.",
    ),
    "windows": (
        "warning",
        "Windows of this recording were used to train the classifier (random windows): that it is "
        "named right says nothing about how well others are.",
    ),
    "test": ("info", "This recording was held out: the classifier was not trained on it."),
}


class Ids:
    experiment = "signals-prediction-experiment"
    ask = "signals-prediction-ask"
    answer = "signals-prediction-answer"


def place() -> Component:
    """Where the panel will be; its contents come when there is a recording."""
    ask = dbc.Button("Predict", id=Ids.ask, color="primary", disabled=True)
    choice = field(
        "Trained experiment", dbc.Select(id=Ids.experiment), class_name="signals-classifier"
    )
    return section(
        "Predict",
        [
            html.Div([choice, ask], className="field-row"),
            html.Div(id=Ids.answer, className="signals-answer", role="status"),
        ],
    )


def no_classifier() -> Component:
    """While no experiment is trained."""
    link = page_link("Train one", "/new-experiment")
    return html.P(["No experiment is trained yet. ", link, "."], className="plot-note")


def not_asked(may_ask: bool) -> Component:
    """Before anybody asked this classifier about this recording."""
    text = "Nobody asked this classifier about this recording yet."
    if not may_ask:
        text += " Your role lets you look but not ask."
    return html.P(text, className="plot-note")


def answer(prediction: Mapping[str, Any], explained: Mapping[str, int] | None = None) -> Component:
    """How far the job is, or the classes with their probabilities.

    ``explained`` is what the address of the explanation asks for; a vote has none.
    """
    if not prediction["classes"]:
        parts: list[Any] = [job_badge(prediction["status"])]
        if prediction["error"]:
            parts.append(html.Span(prediction["error"], className="job-error"))
        return html.Div(parts, className="job-progress")
    level, told = SEEN.get(prediction["side"], ("", ""))
    members = prediction["members"]
    agreement = (
        f"Mean over {count(prediction['windows'])} windows, "
        f"{share_text(prediction['agreement'])} of which name this class."
        if not members
        else f"{round(prediction['agreement'] * len(members))} of {len(members)} members name it."
    )
    unsure = doubt(one["probability"] for one in prediction["classes"])
    return html.Div(
        [
            html.P(["Named: ", html.Strong(prediction["predicted"])], className="mb-2"),
            _shares(prediction["classes"], prediction["predicted"]),
            html.P([agreement, " ", unsure] if unsure else agreement, className="plot-note"),
            _estimates(prediction["estimates"]) if prediction["estimates"] else None,
            _members(members) if members else None,
            html.Div(alert(told, level), className="mt-2") if told else None,
            html.P(page_link("Explain this", "/explain", explained), className="mt-2 mb-0")
            if explained and not members
            else None,
        ]
    )


def _estimates(estimates: Sequence[Mapping[str, Any]]) -> Component:
    """Severity and speed beside what the recording itself says."""
    rows = [_estimate(one) for one in estimates]
    head = ("Estimated", "Mean", "Windows", "Recorded")
    return table(head, rows, numbers=(1, 2, 3), label="Severity and speed")


def _estimate(one: Mapping[str, Any]) -> list[Any]:
    name = one["name"]
    recorded = "–" if one["recorded"] is None else amount(name, one["recorded"])
    title = HEADS[name].title
    if one["off"]:
        return [title, "not trained", f"{one['off']}", recorded]
    between = f"{amount(name, one['low'])} to {amount(name, one['high'])}"
    return [title, html.Strong(amount(name, one["value"])), between, recorded]


def _members(members: Sequence[Mapping[str, Any]]) -> Component:
    """What each one that votes says by itself."""
    rows = [
        [
            page_link(one["name"], f"/experiments/{one['experiment_id']}"),
            one["predicted"],
            f"{one['probability']:.3f}",
            count(one["windows"]),
        ]
        for one in members
    ]
    head = ("Member", "Named", "Probability", "Windows")
    return table(head, rows, numbers=(2, 3), label="What the members name")


def _shares(classes: Sequence[Mapping[str, Any]], predicted: str) -> Component:
    """A bar and a number for each class, the most probable first."""
    ordered = sorted(classes, key=lambda one: -one["probability"])
    rows = [_share(one, is_first=one["name"] == predicted) for one in ordered]
    caption = html.Caption("Probability of each class", className="visually-hidden")
    return html.Table([caption, html.Tbody(rows)], className="plain-table signals-shares")


def _share(one: Mapping[str, Any], *, is_first: bool) -> Component:
    bar = html.Div(
        style={"width": f"{100 * one['probability']:.1f}%"},
        className="signals-share" + (" is-first" if is_first else ""),
        **attributes(aria_hidden="true"),
    )
    return html.Tr(
        [
            html.Th(one["name"], scope="row"),
            html.Td(bar, className="signals-share-cell"),
            html.Td(f"{one['probability']:.3f}", className="signals-number"),
        ]
    )
