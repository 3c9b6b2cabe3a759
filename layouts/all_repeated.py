"""Repeated experiments: one row for each, whatever number of runs it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.components.experiment_state import experiment_badge
from layouts.components.frame import badge, empty_state, link_button, page_head
from layouts.components.leak import leak_mark
from layouts.components.links import page_link
from layouts.components.moments import moment
from layouts.components.tables import pagination, table
from layouts.components.versions import version_name
from layouts.evaluation_numbers import interval_text, score_text
from layouts.experiment_settings import CARDS
from layouts.page import Group, Page
from layouts.repeated import shape

PAGE_SIZE = 25
Values = Mapping[str, Any]


class Ids:
    table = "all-repeated-table"
    pages = "all-repeated-pages"
    pager = "all-repeated-pager"


def build(**_view: Any) -> Component:
    return html.Div(
        [
            page_head(
                "Repeated experiments",
                lead="The same training with other folds and seeds: how much of a score is luck of"
                " the split, and how much of the first weights.",
                actions=[link_button("New experiment", "/new-experiment", icon_name="plus-lg")],
            ),
            html.Div(id=Ids.table),
            html.Div(pagination(Ids.pages), id=Ids.pager, hidden=True),
        ]
    )


def rows(repeated: Sequence[Values]) -> Component:
    """One row each, or what belongs here."""
    if not repeated:
        return empty_state(
            "No repeated experiments yet",
            "Choose folds in the step “Target and split” of a new experiment, or further seeds in"
            " the step “Training”.",
            link_button("New experiment", "/new-experiment", icon_name="plus-lg"),
            icon_name="layers",
        )
    head = ["Name", "State", "Runs", "Classifier", "Data", "Accuracy, pooled", "Owner", "Made"]
    return table(head, [_row(one) for one in repeated], label="Repeated experiments")


def _row(one: Values) -> list[Any]:
    data: list[Any] = [version_name(one)]
    if one["generated"]:
        data += [" ", badge("generated", "info", icon_name="cpu")]
    return [
        page_link(one["name"], f"/repeated/{one['id']}"),
        experiment_badge(one["state"]),
        f"{one['finished']} of {one['runs']}: {shape(one)}",
        CARDS[one["classifier"]].title,
        data,
        html.Span([*_score(one["pooled"]), *leak_mark(one["leak"])]),
        one["owner_name"],
        moment(one["created_at"]),
    ]


def _score(pooled: Values | None) -> Any:
    if pooled is None:
        return "–"
    score, items = pooled["scores"]["accuracy"], pooled["recordings"]
    told = "(no interval)"
    if score["low"] is not None:
        told = interval_text(score["low"], score["high"], items)
    return [f"{score_text(score['value'], items)} ", html.Span(told, className="figure-note")]


PAGE = Page(
    "all_repeated",
    "Repeated experiments",
    "/repeated",
    build,
    Group.LEARN,
    "layers",
    parent=("Experiments", "/experiments"),
    in_navigation=False,
)
