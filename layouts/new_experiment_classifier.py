"""The classifier that is chosen in the wizard: what it is, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from diagnostics.training.card import Card, Family
from diagnostics.training.classifiers import CLASSIFIERS
from layouts.components.frame import alert, definition_list, icon
from layouts.components.job_state import job_progress
from layouts.components.quantities import count, plural, quantity
from layouts.experiment_settings import CARDS

FAMILIES = {Family.NETWORK: "on waveforms", Family.CLASSICAL: "on features"}
NOT_EXPLAINED = "None: it does not look at the waveform, but at features of it."
Values = Mapping[str, Any]


class Ids:
    card = "new-experiment-classifier-card"
    ask = "new-experiment-classifier-ask"
    cost = "new-experiment-classifier-cost"


def choices() -> list[dict[str, Any]]:
    """An entry for each classifier; what it is, is told once it is chosen."""
    return [
        {
            "label": html.Span(
                [html.Strong(card.title), html.Span(FAMILIES[card.family], className="form-text")],
                className="wizard-card",
            ),
            "value": card.name,
        }
        for card in CLASSIFIERS
    ]


def card_place() -> Component:
    """Where the description of the chosen classifier will be."""
    return html.Div(id=Ids.card, className="wizard-chosen", role="status")


def cost_place() -> Component:
    """Where the cost will be, with the button that has it measured."""
    ask = dbc.Button(
        [icon("speedometer2"), " Measure"], id=Ids.ask, color="secondary", outline=True
    )
    return html.Div(
        [
            html.H3("What it costs"),
            html.Div(id=Ids.cost, role="status"),
            html.Div(ask, className="section-actions wizard-gap"),
        ],
        className="wizard-gap",
    )


def card_details(name: str) -> Component:
    """What the classifier is, where it was published, what Grad-CAM looks at."""
    card: Card = CARDS[name]
    rows = [("Source", card.source), ("Grad-CAM", card.explained or NOT_EXPLAINED)]
    if card.heads:
        told = "Without them a head is off; the preview of the split says so."
        named = " and ".join(
            f"{head.title.lower()} ({head.unit or f'{head.low:g} to {head.high:g}'})"
            for head in card.heads
        )
        rows.insert(0, ("Also estimates", f"{named}, where recordings say them. {told}"))
    return html.Div(
        [html.H3(card.title), html.P(card.description), definition_list(rows)], className="mb-3"
    )


def no_question(sentence: str) -> Component:
    """While it is not known what would be measured."""
    return html.P(sentence, className="plot-note")


def cost_details(question: Values, found: Values | None) -> Component:
    """The measured cost, how far the measurement is, or that nobody has measured it."""
    window = (
        f"one window of {count(question['window'])} samples,"
        f" {plural(question['channels'], 'channel', 'channels')},"
        f" {plural(question['classes'], 'class', 'classes')}"
    )
    if found is None:
        return no_question(f"Not measured yet for {window} and these parameters.")
    if found["cost"] is None:
        if found["error"]:
            return alert(found["error"], "danger")
        told = {"stage": "", "message": "", "title": "the measurement"}
        return job_progress({**told, **found})
    cost = found["cost"]
    latency = cost["latency"]
    network = CARDS[question["classifier"]].family is Family.NETWORK
    operations = cost["operations"]
    rows = [
        ("Learned numbers", count(cost["numbers"])),
        ("Operations", quantity(operations, "FLOP") if network else count(operations)),
        ("Counted", f"{cost['counted'][0].upper()}{cost['counted'][1:]}."),
        (
            "Time",
            f"{quantity(latency['median_ms'] / 1000, 's', 3)}, median of {latency['runs']} runs"
            f" on one thread of {latency['machine']}",
        ),
    ]
    return html.Div([html.P(f"For {window}:", className="plot-note"), definition_list(rows)])
