"""Explain page: several recordings in one job, and what the methods say over all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.frame import alert, field, icon, section
from layouts.components.job_state import job_progress
from layouts.components.links import page_link
from layouts.components.tables import table

View = Mapping[str, Any]

_ANSWERS = {
    "yes": ("check-circle", "yes"),
    "no": ("x-octagon", "no"),
    "unknown": ("question-circle", "cannot be told"),
}
_MOST_REASONS = 5


class Ids:
    """``shown`` says for what the table was drawn, ``asked`` changes when a job was started."""

    more = "explain-more"
    held_out = "explain-held-out"
    run = "explain-many-run"
    asked = "explain-many-asked"
    shown = "explain-many-shown"
    state = "explain-many-state"
    result = "explain-many-result"


def several() -> Component:
    """Which recordings, and the button that has them explained by the methods above."""
    # Dash's own cross to clear it has no role.
    chooser = dcc.Dropdown(
        [],
        [],
        id=Ids.more,
        multi=True,
        clearable=False,
        closeOnSelect=False,
        placeholder="Choose recordings beside the one above",
        labels={"search": "Search by name"},
    )
    every = dbc.Button("All held out", id=Ids.held_out, color="secondary", outline=True, size="sm")
    run = dbc.Button(
        [icon("lightbulb"), " Explain all of them"],
        id=Ids.run,
        disabled=True,
        color="secondary",
        outline=True,
        size="sm",
    )
    return section(
        "Over several recordings",
        [
            html.P(
                "One recording can be an accident. Choose more, and the methods above explain each "
                "of them for the class that is chosen above.",
                className="plot-note",
            ),
            field("More recordings", chooser),
            dcc.Store(id=Ids.asked),
            dcc.Store(id=Ids.shown),
            html.Div(id=Ids.state),
            html.Div(id=Ids.result),
        ],
        actions=[every, run],
    )


def many_state(job: View | None, estimate: str) -> list[Component]:
    """How far the job is, what it could not explain, or what pressing the button will take."""
    parts: list[Component] = []
    if job is not None:
        parts.append(job_with_link(job))
    if estimate:
        parts.append(html.P(estimate, className="plot-note", role="status"))
    return parts


def job_with_link(job: View) -> Component:
    """How far a job is, and where it can be cancelled."""
    shown = job_progress(job)
    if job["status"] not in ("waiting", "running"):
        return shown
    return html.Div([shown, page_link("Open the job, to cancel it", "/jobs", {"id": job["id"]})])


def not_explained_alert(failed: Sequence[tuple[str, str]]) -> list[Component]:
    """Recordings that could not be explained, each with the reason."""
    if not failed:
        return []
    reasons = [html.Li(f"{name}: {reason}") for name, reason in failed[:_MOST_REASONS]]
    if len(failed) > _MOST_REASONS:
        reasons.append(html.Li(f"and {len(failed) - _MOST_REASONS} more"))
    return [alert([f"{len(failed)} could not be explained:", html.Ul(reasons)], "warning")]


def overviews(
    views: Sequence[View], names: Mapping[int, str], query: Mapping[str, Any]
) -> list[Component]:
    """A table per method: each recording with its answer and its score card."""
    return [part for view in views for part in _overview(view, names, query)]


def _overview(view: View, names: Mapping[int, str], query: Mapping[str, Any]) -> list[Component]:
    parts: list[Component] = [html.H3(view["title"])]
    if view["told"]:
        parts.append(html.P(view["told"]))
    if view["rows"]:
        of_network = any(row["card"] for row in view["rows"])
        head = _HEAD if of_network else _FEATURE_HEAD
        cells = _cells if of_network else _feature_cells
        rows = [[_link(row, view["method"], query), *cells(row)] for row in view["rows"]]
        label = f"Recordings, {view['title']}"
        numbers = (4, 5, 6, 7, 8, 9) if of_network else (4,)
        parts.append(table(head, rows, label=label, numbers=numbers))
    if view["missing"]:
        missing = [names.get(number, f"recording {number}") for number in view["missing"]]
        few = ", ".join(missing[:_MOST_REASONS])
        rest = f" and {len(missing) - _MOST_REASONS} more" if len(missing) > _MOST_REASONS else ""
        parts.append(html.P(f"Not explained yet: {few}{rest}.", className="plot-note"))
    return parts


_FEATURE_HEAD = ("Recording", "Used as", "Label", "Explained for", "P", "Most moved by")
_HEAD = (
    *("Recording", "Used as", "Label", "Explained for", "P"),
    *("At the fault frequency (95 % of chance)", "Random weights", "Deletion less chance"),
    *("Like random weights", "Stable", "Most relevance"),
)
_SIDES = {
    "test": "held\u00a0out",
    "validation": "validation",
    "train": "trained\u00a0with",
    "windows": "training and test",
}


def _link(row: View, method: str, query: Mapping[str, Any]) -> Component:
    place = {"recording": row["recording_id"], "class": row["target_class"], "methods": method}
    return page_link(row["recording"], "/explain", {**query, **place})


def _common(row: View) -> list[Any]:
    side = _SIDES.get(row["side"], row["side"])
    return [side, row["true_class"], row["target_class"], _number(row["probability"])]


def _cells(row: View) -> list[Any]:
    name, told = _ANSWERS[row["answer"]]
    answer: list[Any] = [icon(name, title=told)]
    if row["share"] is not None:
        answer.append(f" {_percent(row['share'])}\u00a0({_percent(row['chance_95'])})")
    untrained = "–" if row["random_weights"] is None else _percent(row["random_weights"])
    card = row["card"]
    return [
        *_common(row),
        html.Span(answer),
        untrained,
        _less(card.get("deletion"), card.get("random_deletion")),
        _number(card.get("random_weights")),
        _number(card.get("stability")),
        row["strongest"],
    ]


def _feature_cells(row: View) -> list[Any]:
    return [*_common(row), row["strongest"]]


def _less(value: float | None, chance: float | None) -> str:
    """Below 0 is good: the class goes sooner than by chance."""
    return "–" if value is None or chance is None else f"{value - chance:+.2f}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f}\u00a0%"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
