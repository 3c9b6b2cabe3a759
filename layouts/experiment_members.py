"""Who votes in an ensemble, on the page of the experiment; and where an experiment votes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from layouts.compare import MOST
from layouts.components.frame import alert, badge, section
from layouts.components.links import page_link
from layouts.components.tables import table
from layouts.evaluation_numbers import score_text

Values = Mapping[str, Any]
VOTINGS = {
    "soft": "The mean of the class probabilities decides",
    "hard": "Each member names one class for each recording",
}
WEIGHTINGS = {
    "equal": "all count alike",
    "typed": "with typed weights",
    "validation": "weighted by balanced accuracy in the validation part of each",
}


class Ids:
    place = "experiment-members"
    drawn = "experiment-members-drawn"


def place() -> Component:
    """Where members and uses appear."""
    return html.Div([dcc.Store(id=Ids.drawn), html.Div(id=Ids.place)])


def members(ensemble: Values, recordings: int | None) -> Component:
    """Each member with its weight and its scores on the recordings of the vote."""
    rows = [_row(one, recordings) for one in ensemble["members"]]
    numbers = [ensemble["experiment_id"], *(one["experiment_id"] for one in ensemble["members"])]
    links: list[Any] = [
        page_link("Compare with its members", "/compare", {"experiments": _listed(numbers[:MOST])}),
        " · ",
        page_link("Vote anew with these", "/vote", {"experiments": _listed(numbers[1:])}),
    ]
    head = ["Member", "Classifier", "Share of the vote", "Accuracy", "Balanced accuracy"]
    if ensemble["weighting"] == "validation":
        head.append("Balanced accuracy in validation")
        rows = [
            [*row, _validation(one)] for row, one in zip(rows, ensemble["members"], strict=True)
        ]
    tested = "" if recordings is None else f" Scores are those over the same {recordings:,}"
    told = f"{VOTINGS[ensemble['voting']]}; {WEIGHTINGS[ensemble['weighting']]}."
    tested += " recordings that the vote is tested on, without intervals." if tested else ""
    return section(
        "Members",
        [
            html.P(told + tested),
            *_changed(ensemble["changed"]),
            table(head, rows, numbers=range(2, len(head)), label="Members of the vote"),
            html.P(links),
        ],
    )


def uses(found: Sequence[Values]) -> Component:
    """Where an experiment votes, which keeps it from being deleted."""
    named: list[Any] = []
    for one in found:
        link = page_link(one["name"], f"/experiments/{one['experiment_id']}")
        named += [", ", link] if named else [link]
    return html.P(["Votes in ", *named, "."], className="figure-note")


def _changed(names: Sequence[str]) -> list[Component]:
    if not names:
        return []
    listed = ", ".join(f"“{name}”" for name in names)
    return [
        alert(
            f"{listed} predicts something else now than what was counted here. Vote anew.",
            "warning",
        )
    ]


def _row(one: Values, recordings: int | None) -> list[Any]:
    name: list[Any] = [page_link(one["name"], f"/experiments/{one['experiment_id']}")]
    if one["archived"]:
        name += [" ", badge("archived", icon_name="archive")]
    scores = one["scores"]
    figures = (
        ["–", "–"]
        if scores is None or recordings is None
        else [score_text(scores[key], recordings) for key in ("accuracy", "balanced_accuracy")]
    )
    weight = "–" if one["weight"] is None else f"{one['weight']:.3f}"
    return [name, one["classifier_title"], weight, *figures]


def _validation(one: Values) -> str:
    found = one["validation"]
    if found is None:
        return "–"
    number = int(found["recordings"])
    return f"{score_text(found['balanced_accuracy'], number)} (n = {number:,})"


def _listed(numbers: Sequence[int]) -> str:
    return ",".join(str(number) for number in numbers)
