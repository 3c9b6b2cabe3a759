"""The chosen classifier in the wizard: its card, and its cost once somebody had it measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import Dash, Input, Output, State
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks.errors import tell
from layouts import shell
from layouts.new_experiment import Ids as PageIds
from layouts.new_experiment_classifier import Ids, card_details, cost_details, no_question
from services.classifier_cost_service import ClassifierCostService
from services.errors import Invalid
from services.experiments.data import VersionView

Document = Mapping[str, Any]

NOT_MEASURED = (
    "Measured are classifiers on basic features. Most of what one on a feature set costs is the"
    " computation of its columns."
)


def show_card(classifier: str | None) -> Component | None:
    return None if classifier is None else card_details(classifier)


def show_cost(
    _pulse: Mapping[str, Any], document: Document | None, version: VersionView | None
) -> tuple[Component, bool]:
    """The cost of what is chosen, whoever had it measured; and whether the button must rest."""
    if document is not None and document.get("feature_set"):
        return no_question(NOT_MEASURED), True
    question = question_of(document, version)
    if question is None:
        return no_question("Choose a data set first: channels and classes come from it."), True
    try:
        found = ClassifierCostService.find_cost(question)
    except Invalid as error:
        return no_question(error.message), True
    waits = found is not None and found["status"] in ("waiting", "running")
    return cost_details(question, found), waits


def ask(clicks: int | None, document: Document | None, version: VersionView | None) -> None:
    """Have the cost measured; the pulse brings it."""
    question = question_of(document, version)
    if not clicks or question is None:
        raise PreventUpdate
    ClassifierCostService.request_cost(question)
    tell("The classifier is being measured.", "info")


def question_of(document: Document | None, version: VersionView | None) -> dict[str, Any] | None:
    """What decides the cost, out of the fields; None while there is no data set."""
    if document is None or version is None or document.get("feature_set"):
        return None
    different = {field["name"]: field["different"] for field in version["fields"]}
    classes = len(document["classes"] or ()) or different.get(document["target"] or "", 0)
    return {
        "classifier": document["classifier"],
        "parameters": document["parameters"],
        "window": document["window"],
        "channels": len(document["channels"] or ()),
        "classes": classes,
    }


def register(app: Dash) -> None:
    app.callback(Output(Ids.card, "children"), Input(PageIds.classifier, "value"))(show_card)
    app.callback(
        Output(Ids.cost, "children"),
        Output(Ids.ask, "disabled"),
        Input(shell.Ids.pulse, "data"),
        Input(PageIds.document, "data"),
        Input(PageIds.described, "data"),
    )(show_cost)
    app.callback(
        Input(Ids.ask, "n_clicks"),
        State(PageIds.document, "data"),
        State(PageIds.described, "data"),
        prevent_initial_call=True,
    )(ask)
