"""What a repeated experiment came to, with what the numbers rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.components.disclosure import disclosure
from layouts.components.experiment_state import experiment_badge
from layouts.components.frame import alert, section
from layouts.components.links import page_link
from layouts.components.quantities import plural
from layouts.components.tables import table
from layouts.evaluation_numbers import interval_text, score_text

TITLES = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "macro_f1": "Macro F1",
}
GROUPS_SHOWN = 50
LEAKS = {
    "known": ("danger", "Known leak: tests ask for what was learned, and the result is too good."),
    "suspected": ("warning", "Leak suspected: the result may be too good."),
}
Values = Mapping[str, Any]


def result(repeated: Values) -> Component:
    """The pooled scores: every recording once for each seed."""
    pooled = repeated["pooled"]
    seeds, recordings = len(pooled["seeds"]), pooled["recordings"]
    rests = (
        f"{plural(recordings, 'recording')} of {plural(pooled['group_count'], 'group')}"
        f" ({repeated['group_by']})"
    )
    each = "Each is tested once" if repeated["folds"] else "All are tested"
    told = f"{each} with every seed ({plural(seeds, 'seed')})"
    if repeated["folds"]:
        told += ", by a training that has never met its group"
    cards = [_card(TITLES[name], score, recordings) for name, score in pooled["scores"].items()]
    notes: list[Component] = []
    if pooled["no_interval"] is not None:
        notes.append(alert(pooled["no_interval"], "warning"))
    lacking = len(repeated["seeds"]) - seeds
    if lacking:
        whose = "seed whose folds are" if lacking == 1 else "seeds whose folds are"
        notes.append(alert(f"{lacking} {whose} not all tested yet: not counted here.", "info"))
    return section(
        "Pooled result",
        [
            *_leaks(repeated["leak"]),
            html.P([html.Strong(rests), f". {told}."]),
            *(alert(warning, "warning") for warning in repeated["warnings"]),
            html.Div(cards, className="card-grid"),
            html.P(_method(repeated), className="figure-note evaluation-method"),
            *notes,
            disclosure("What was named what", _confusion(pooled)),
            disclosure("Results by group, the worst first", _groups(pooled)),
        ],
    )


def _leaks(leak: str | None) -> list[Component]:
    """Before any score; each run says what was found."""
    if leak not in LEAKS:
        return []
    level, told = LEAKS[leak]
    return [alert(f"{told} The page of each run says why.", level)]


def runs_table(repeated: Values) -> Component:
    """Accuracy over the recordings of every run: folds as rows, seeds as columns."""
    seeds, cells = list(repeated["seeds"]), {}
    for run in repeated["members"]:
        cells[run["fold"], run["seed"]] = run
    folds = list(range(1, repeated["folds"] + 1)) or [0]
    rows = [
        [f"Fold {fold}" if fold else "One split"]
        + [_cell(cells.get((fold, seed))) for seed in seeds]
        + [_mean([cells.get((fold, seed)) for seed in seeds])]
        for fold in folds
    ]
    if len(folds) > 1:
        columns = [[cells.get((fold, seed)) for fold in folds] for seed in seeds]
        every = [run for column in columns for run in column]
        rows.append(["Mean", *(_mean(column) for column in columns), _mean(every)])
    head = ["", *(f"Seed {seed}" for seed in seeds), "Mean"]
    shown = table(head, rows, numbers=range(1, len(head)), label="Accuracy of every run")
    note = (
        "Accuracy over the recordings of each run’s test, with their number. Means here are over"
        " runs; folds of different size count alike, unlike in the pooled result."
    )
    return section("Runs by fold and seed", [shown, html.P(note, className="figure-note")])


def difference(repeated: Values) -> Component:
    """How the scores differ from run to run, and what that does not say."""
    spreads = repeated["spreads"]
    alone = any(one["mean_low"] is not None for one in spreads)
    head = ["Score", "Mean ± deviation", "Lowest to highest", "Between folds", "Between seeds"]
    rows = [
        [
            TITLES[one["name"]],
            f"{one['mean']:.3f} ± {one['deviation']:.3f}",
            f"{one['low']:.3f} to {one['high']:.3f}",
            _deviation(one["between_folds"]),
            _deviation(one["between_seeds"]),
            *([f"{one['mean_low']:.3f} to {one['mean_high']:.3f}"] if alone else []),
        ]
        for one in spreads
    ]
    if alone:
        head.append("95 % of the mean")
    runs = spreads[0]["runs"]
    shown = table(head, rows, numbers=range(1, len(head)), label="How runs differ")
    return section(
        f"How {runs} runs differ", [shown, html.P(_warning(alone), className="figure-note")]
    )


def _warning(alone: bool) -> str:
    if alone:
        return (
            "± is the standard deviation of single runs. Only seeds differ, on one test: the"
            " interval says how well the mean over seeds is known there, and nothing of other"
            " groups or another split."
        )
    return (
        "± is the standard deviation of single runs, not an error of the mean: folds share most of"
        " the recordings that they learn from, and seeds share folds, so runs are not independent"
        " and no interval of their mean can be had. Between folds are the means of folds; between"
        " seeds is what the seed alone changes within a fold."
    )


def _method(repeated: Values) -> str:
    pooled = repeated["pooled"]
    told = "A recording is named by the mean of its windows' probabilities. "
    if pooled["no_interval"] is not None:
        return told
    what = "the folds" if repeated["folds"] else "the test"
    return (
        f"{told}The 95 % intervals come from drawing whole groups with what all seeds said of them:"
        f" they say how the score would vary with other groups of this kind in {what}, for the"
        " trainings as they are. That other groups would have made other trainings is not in them."
    )


def _card(title: str, score: Values, items: int) -> Component:
    return html.Div(
        [
            html.Span(title, className="figure-note"),
            html.Span(score_text(score["value"], items), className="figure-value"),
            html.Span(_interval(score, items), className="figure-note"),
        ],
        className="figure-card",
    )


def _interval(score: Values, items: int) -> str:
    if score["low"] is None:
        return "no interval"
    return interval_text(score["low"], score["high"], items)


def _cell(run: Values | None) -> Any:
    if run is None:
        return "deleted"
    address = f"/experiments/{run['experiment_id']}"
    if run["scores"] is not None:
        n = html.Span(f" of {run['recordings']}", className="figure-note")
        return [page_link(f"{run['scores']['accuracy']:.3f}", address), n]
    told = f" {100 * run['fraction']:.0f} %" if run["state"] == "training" else ""
    return page_link([experiment_badge(run["state"]), told], address)


def _mean(runs: Sequence[Values | None]) -> str:
    scores = [run["scores"]["accuracy"] for run in runs if run is not None and run["scores"]]
    return f"{fmean(scores):.3f}" if scores else "–"


def _deviation(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _confusion(pooled: Values) -> Component:
    names = pooled["class_names"]
    rows = [
        [name, *(str(count) if count else "·" for count in counts)]
        for name, counts in zip(names, pooled["confusion"], strict=True)
    ]
    return table(
        ["True class", *(f"named {name}" for name in names)],
        rows,
        numbers=range(1, len(names) + 1),
        label="Counts of recordings by true and named class",
    )


def _groups(pooled: Values) -> list[Component]:
    rows = [
        [
            group["name"],
            ", ".join(group["classes"]),
            str(group["recordings"]),
            f"{group['right']} of {group['tried']}",
            f"{group['right'] / group['tried']:.3f}",
        ]
        for group in pooled["groups"][:GROUPS_SHOWN]
    ]
    head = ["Group", "Classes", "Recordings", "Named rightly", "Share"]
    parts: list[Component] = [table(head, rows, numbers=(2, 3, 4), label="Results by group")]
    more = len(pooled["groups"]) - len(rows)
    if more > 0:
        parts.append(html.P(f"And {more} groups more.", className="figure-note"))
    return parts
