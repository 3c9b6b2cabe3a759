"""Campaigns: one row for each search, whatever number of trials it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.components.frame import badge, empty_state, link_button, page_head
from layouts.components.links import page_link
from layouts.components.moments import moment
from layouts.components.tables import pagination, table
from layouts.components.versions import version_name
from layouts.experiment_settings import CARDS
from layouts.page import Group, Page

PAGE_SIZE = 25
Values = Mapping[str, Any]
KINDS = {"hpo": "settings", "nas": "networks"}
STATES = {
    "waiting": ("waiting for a worker", "secondary", "hourglass"),
    "running": ("running", "info", "play-circle"),
    "pausing": ("pausing", "warning", "pause-circle"),
    "paused": ("paused", "warning", "pause-circle"),
    "stopping": ("stopping", "warning", "stop-circle"),
    "stopped": ("stopped", "secondary", "stop-circle"),
    "finished": ("finished", "success", "check-circle"),
    "failed": ("failed", "danger", "x-octagon"),
}
METHODS = {
    "bayesian": "Bayesian (TPE)",
    "random": "random",
    "grid": "grid",
    "hyperband": "Hyperband",
    "evolution": "evolution",
}


class Ids:
    table = "all-campaigns-table"
    pages = "all-campaigns-pages"
    pager = "all-campaigns-pager"


def build(**_view: Any) -> Component:
    return html.Div(
        [
            page_head(
                "Campaigns",
                lead="Many trainings, each of which is chosen by what came of the others. They are"
                " judged by their validation part; the test part stays untouched until the end.",
                actions=[
                    link_button(
                        "Search networks",
                        "/new-architecture-search",
                        icon_name="diagram-3",
                        color="secondary",
                    ),
                    link_button("New search", "/new-campaign", icon_name="plus-lg"),
                ],
            ),
            html.Div(id=Ids.table),
            html.Div(pagination(Ids.pages), id=Ids.pager, hidden=True),
        ]
    )


def campaign_badge(state: str) -> Component:
    """The state of a campaign by word, colour and icon."""
    text, level, icon_name = STATES[state]
    return badge(text, level, icon_name=icon_name)


def rows(campaigns: Sequence[Values]) -> Component:
    """One row each, or what belongs here."""
    if not campaigns:
        return empty_state(
            "No campaigns yet",
            "Choose data, a classifier and what may vary; the search tries it.",
            link_button("New search", "/new-campaign", icon_name="plus-lg"),
            icon_name="bullseye",
        )
    head = ["Name", "State", "Trials", "Best", "Classifier", "Method", "Data", "Owner", "Made"]
    return table(head, [_row(one) for one in campaigns], label="Campaigns", numbers={3})


def done_text(campaign: Values) -> str:
    """How many trials are over.

    Examples
    --------
    >>> done_text({"budget": 9, "trials": {"complete": 4, "pruned": 1, "failed": 0}})
    '5 of 9'
    """
    trials = campaign["trials"]
    over = sum(trials[state] for state in ("complete", "pruned", "failed"))
    return f"{over} of {campaign['budget']}"


def score(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _row(one: Values) -> list[Any]:
    data: list[Any] = [version_name(one)]
    if one["generated"]:
        data += [" ", badge("generated", "info", icon_name="cpu")]
    card = CARDS.get(one["classifier"])
    return [
        page_link(one["name"], f"/campaigns/{one['id']}"),
        campaign_badge(one["state"]),
        done_text(one),
        score(one["best_value"]),
        one["classifier"] if card is None else card.title,
        f"{METHODS.get(one['method'], one['method'])}, {KINDS[one['kind']]}",
        data,
        one["owner_name"],
        moment(one["created_at"]),
    ]


PAGE = Page("all_campaigns", "Campaigns", "/campaigns", build, Group.LEARN, "bullseye")
