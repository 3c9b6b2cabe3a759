"""Repeated experiments against each other: a block is one fold with one seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from diagnostics.evaluation.wording import p_text
from layouts.components.frame import alert, empty_state, field, page_head, section
from layouts.components.links import numbers_in, page_link
from layouts.components.tables import table
from layouts.experiment_settings import CARDS
from layouts.page import Group, Page
from layouts.repeated_result import TITLES

Values = Mapping[str, Any]


class Ids:
    """``view`` holds what the address says."""

    view = "fold-comparison-view"
    address = "fold-comparison-address"
    chooser = "fold-comparison-chooser"
    score = "fold-comparison-score"
    result = "fold-comparison-result"


def build(repeated: str = "", score: str = "", **_view: Any) -> Component:
    """The query names what to compare, so that a link opens the same view."""
    chosen = score if score in TITLES else "accuracy"
    chooser = dcc.Dropdown(
        [],
        [],
        id=Ids.chooser,
        multi=True,
        clearable=False,
        placeholder="choose repeated experiments",
    )
    scores = dcc.Dropdown(
        [{"label": title, "value": name} for name, title in TITLES.items()],
        chosen,
        id=Ids.score,
        clearable=False,
    )
    return html.Div(
        [
            page_head(
                "Compare repeated experiments",
                lead="On the same folds with the same seeds: which is better in how many of them,"
                " and whether that could be chance.",
            ),
            dcc.Store(id=Ids.view, data=numbers_in(repeated)),
            dcc.Location(id=Ids.address, refresh=False),
            html.Div(
                [
                    field("Repeated experiments", chooser, class_name="compare-chooser"),
                    field("Score over recordings", scores),
                ],
                className="section-card field-row",
            ),
            html.Div(id=Ids.result, className="evaluation-result"),
        ],
        className="compare-page",
    )


def nothing_chosen() -> Component:
    return empty_state(
        "Choose two repeated experiments or more",
        "They need the same data, split and seeds; three or more are ranked by Friedman’s test.",
        icon_name="layout-split",
    )


def refused(sentence: str) -> Component:
    """Why these cannot be compared."""
    return alert(sentence, "warning")


def options(repeated: Sequence[Values]) -> list[dict[str, Any]]:
    """What can be chosen."""
    return [{"label": f"{one['id']}: {one['name']}", "value": one["id"]} for one in repeated]


def result(data: Values) -> list[Component]:
    """Means and ranks, the pairs, and every block."""
    return [_methods(data), _pairs(data), _blocks(data)]


def _methods(data: Values) -> Component:
    blocks, friedman = len(data["blocks"]), data["friedman"]
    ordered = sorted(data["methods"], key=lambda one: -one["mean"])
    rows = [
        [
            page_link(one["name"], f"/repeated/{one['repeated_id']}"),
            CARDS[one["classifier"]].title,
            f"{one['mean']:.3f}",
            "–" if one["average_rank"] is None else f"{one['average_rank']:.2f}",
        ]
        for one in ordered
    ]
    head = ["Repeated experiment", "Classifier", f"Mean {TITLES[data['score']].lower()}", "Rank"]
    parts: list[Component] = [table(head, rows, numbers=(2, 3), label="Means and ranks")]
    if friedman is not None:
        parts.append(
            html.P(
                f"Friedman’s test over {blocks} blocks: χ² = {friedman['statistic']:.2f} with"
                f" {friedman['freedom']} degrees of freedom, p = {p_text(friedman['p_value'])}"
                f" (smallest possible {p_text(friedman['smallest'])}), Kendall’s W"
                f" {friedman['kendalls_w']:.2f}. Ranks, 1 for the best, tell two apart when they"
                f" differ by {friedman['critical_difference']:.2f} or more (Nemenyi, 5 %)."
            )
        )
    else:
        parts.append(alert(data["no_friedman"], "info"))
    parts += [alert(note, "warning") for note in data["notes"]]
    return section(f"Over {blocks} folds × seeds", parts)


def _pairs(data: Values) -> Component:
    names = {one["repeated_id"]: one["name"] for one in data["methods"]}
    rows = [
        [
            f"{names[pair['first_id']]} less {names[pair['second_id']]}",
            f"{pair['difference']:+.3f}",
            f"{pair['low']:+.3f} to {pair['high']:+.3f}",
            f"{pair['wins']} : {pair['losses']}",
            p_text(pair["p"]),
            p_text(pair["holm_p"]),
            "–" if pair["nemenyi"] is None else p_text(pair["nemenyi"]),
            p_text(pair["smallest_p"]),
        ]
        for pair in data["pairs"]
    ]
    head = [
        "Pair",
        "Mean difference",
        "Lowest to highest",
        "Better : worse",
        "Signed-rank p",
        "After Holm",
        "Nemenyi p",
        "Smallest p possible",
    ]
    return section("Pairs", table(head, rows, numbers=range(1, len(head)), label="Pairs"))


def _blocks(data: Values) -> Component:
    rows = []
    for block in data["blocks"]:
        best = max(block["scores"])
        cells = [
            html.Strong(f"{score:.3f}") if score == best else f"{score:.3f}"
            for score in block["scores"]
        ]
        fold = f"Fold {block['fold']}" if block["fold"] else "One split"
        rows.append([f"{fold}, seed {block['seed']}", str(block["recordings"]), *cells])
    head = ["Block", "Recordings", *(one["name"] for one in data["methods"])]
    return section("Blocks", table(head, rows, numbers=range(1, len(head)), label="Blocks"))


PAGE = Page(
    "fold_comparison",
    "Compare repeated experiments",
    "/compare-repeated",
    build,
    Group.UNDERSTAND,
    "layout-split",
    parent=("Repeated experiments", "/repeated"),
    in_navigation=False,
)
