"""The panel on the signals page that asks a trained classifier about the recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from layouts.components.attributes import attributes
from layouts.components.frame import alert, field, section
from layouts.components.job_state import job_badge
from layouts.components.links import page_link
from layouts.components.quantities import count

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


def answer(prediction: Mapping[str, Any]) -> Component:
    """How far the job is, or the classes with their probabilities."""
    if not prediction["classes"]:
        parts: list[Any] = [job_badge(prediction["status"])]
        if prediction["error"]:
            parts.append(html.Span(prediction["error"], className="job-error"))
        return html.Div(parts, className="job-progress")
    level, told = SEEN.get(prediction["side"], ("", ""))
    agreement = (
        f"Mean over {count(prediction['windows'])} windows, "
        f"{prediction['agreement']:.0%} of which name this class."
    )
    return html.Div(
        [
            html.P(["Named: ", html.Strong(prediction["predicted"])], className="mb-2"),
            _shares(prediction["classes"], prediction["predicted"]),
            html.P(agreement, className="plot-note"),
            html.Div(alert(told, level), className="mt-2") if told else None,
        ]
    )


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
