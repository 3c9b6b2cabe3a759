"""The result of an experiment: scores with what they rest on, the split, errors, origin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from diagnostics.evaluation.grouping import GroupResult
from diagnostics.evaluation.levels import Score
from diagnostics.evaluation.report import EvaluationReport, WorstRecording
from diagnostics.training.split import RANDOM_WINDOWS
from layouts.components.attributes import attributes
from layouts.components.frame import alert, definition_list, icon, section
from layouts.components.leak import leak_alert, leak_mark
from layouts.components.links import page_link, path_to
from layouts.components.quantities import plural
from layouts.components.tables import table
from layouts.evaluation_detail import detail
from layouts.evaluation_heads import heads
from layouts.evaluation_numbers import interval_text, interval_words, score_text
from layouts.evaluation_origin import provenance
from layouts.evaluation_split import SIDE_NAMES, listed, split_sentences

WORST_SHOWN = 10
TITLES = {
    "accuracy": ("Accuracy", "Share of all that was named rightly."),
    "balanced_accuracy": (
        "Balanced accuracy",
        "Mean share found over the classes; guessing gives {guessing:.2f}.",
    ),
    "macro_f1": ("Macro F1", "Mean over the classes; also falls with false alarms."),
}


class Ids:
    """``shown`` is the experiment whose result is on the page."""

    experiment = "evaluation-experiment"
    shown = "evaluation-shown"
    result = "evaluation-result"
    level = "evaluation-level"
    detail = "evaluation-detail"


View = Mapping[str, Any]
"""What the evaluation service gives beside the report."""


def place(experiment_id: int | None) -> Component:
    """Where the result of an experiment appears once there is one."""
    return html.Div(
        [
            dcc.Store(id=Ids.experiment, data=experiment_id),
            dcc.Store(id=Ids.shown),
            html.Div(id=Ids.result, className="evaluation-result"),
        ]
    )


def result(report: EvaluationReport, view: View) -> list[Component]:
    """The whole result, beginning with recordings."""
    return [
        _scores(report, view),
        *heads(report),
        _split(view),
        _details(report),
        *_groups(report.groups, open_at_once=report.no_interval is not None),
        _worst(report.worst, view),
        _origin(view),
    ]


def _scores(report: EvaluationReport, view: View) -> Component:
    counts = report.counts
    rests = ", ".join(
        [
            plural(counts.recordings, "recording"),
            plural(counts.windows, "window"),
            f"{plural(counts.groups, 'group')} ({view['split']['group_by']})",
        ]
    )
    cards = [_card(report, score.name) for score in report.recordings.scores]
    notes: list[Component] = []
    if report.no_interval is not None:
        notes.append(alert(report.no_interval, "warning"))
    notes += [alert(remark) for remark in report.remarks]
    return section(
        "Test result",
        [
            *leak_alert(view["leakage"]),
            html.P(["On the test side: ", html.Strong(rests), ". ", _more(view)]),
            html.Div(cards, className="card-grid"),
            html.P(
                "A recording is named by the mean of its windows' probabilities. "
                + _interval_note(report),
                className="figure-note evaluation-method",
            ),
            *notes,
        ],
    )


def _more(view: View) -> Component:
    """The way to everything that is not on this page."""
    text = "Curves, calibration, errors and robustness"
    return page_link(text, "/evaluation", {"experiment": view["experiment_id"]})


def _interval_note(report: EvaluationReport) -> str:
    if report.no_interval is not None:
        return ""
    return (
        f"The {100 * report.confidence:.0f} % intervals come from drawing whole groups "
        f"{report.resamples:,} times: they say how the score would vary with other groups of "
        "this kind, not with another training."
    )


def _card(report: EvaluationReport, name: str) -> Component:
    title, meaning = TITLES[name]
    recordings, windows = report.recordings, report.windows
    score, beside = recordings.score(name), windows.score(name)
    return html.Div(
        [
            html.H3(title),
            html.Div(
                [
                    html.Span(score_text(score.value, recordings.items), className="figure-value"),
                    html.Span(f"n = {plural(recordings.items, 'recording')}"),
                ],
                className="score-line",
            ),
            _bar(score),
            html.Span(_interval(score, recordings.items), className="figure-note"),
            html.Span(
                f"Windows: {score_text(beside.value, windows.items)}"
                f"{_in_brackets(beside, windows.items)}, n = {windows.items:,}",
                className="figure-note",
            ),
            html.Span(meaning.format(guessing=_guessing(report)), className="figure-note"),
        ],
        className="figure-card score-card",
    )


def _guessing(report: EvaluationReport) -> float:
    """What always naming one of the classes gives that are on the test side."""
    return 1 / (len(report.class_names) - len(report.absent_classes))


def _bar(score: Score) -> Component:
    """A scale from 0 to 1 with the score and, if there is one, its interval. For the eye only."""
    marks = [html.Span(className="score-mark", style={"left": f"{100 * score.value:.1f}%"})]
    if score.low is not None and score.high is not None:
        width = max(100 * (score.high - score.low), 0.5)
        place = {"left": f"{100 * score.low:.1f}%", "width": f"{width:.1f}%"}
        marks.insert(0, html.Span(className="score-range", style=place))
    return html.Div(marks, className="score-bar", **attributes(aria_hidden="true"))


def _interval(score: Score, items: int) -> str:
    return interval_words(score.low, score.high, items)


def _in_brackets(score: Score, items: int) -> str:
    return "" if score.low is None else f" ({interval_text(score.low, score.high, items)})"


def _split(view: View) -> Component:
    split = view["split"]
    head = ["Side", f"Groups ({split['group_by']})", "Recordings", "By class"]
    rows = [
        [
            SIDE_NAMES[side["side"]],
            f"{len(side['groups'])}: {listed(side['groups'])}",
            f"{side['recordings']:,}",
            ", ".join(f"{name} {count}" for name, count in side["classes"].items()),
        ]
        for side in split["sides"]
    ]
    parts: list[Component] = [
        html.P(" ".join(split_sentences(split)), className="split-words"),
        *_warnings([told for told in split["warnings"] if told != RANDOM_WINDOWS]),
        table(head, rows, numbers=(2,), label="Sides of the split"),
    ]
    if view["others"]:
        others = _others(view["others"], view["experiment_id"])
        parts += [html.H3("Other tests on this version of the data"), others]
    return section("How the test was split", parts)


def _warnings(warnings: Sequence[str]) -> list[Component]:
    """One box for all: what was to be known when the split was made."""
    if not warnings:
        return []
    if len(warnings) == 1:
        return [alert(warnings[0], "warning")]
    told = html.Ul([html.Li(warning) for warning in warnings], className="warning-list")
    return [alert(told, "warning")]


def _others(others: Sequence[View], experiment_id: int) -> Component:
    rows = [
        [
            html.Span(
                [
                    page_link(other["name"], f"/experiments/{other['experiment_id']}"),
                    *leak_mark(other["leak"]),
                ]
            ),
            _held_out(other),
            score_text(other["balanced_accuracy"], other["recordings"]),
            interval_text(other["low"], other["high"], other["recordings"]),
            f"{other['recordings']:,}",
            page_link(
                "Compare", "/compare", {"experiments": f"{experiment_id},{other['experiment_id']}"}
            ),
        ]
        for other in others
    ]
    head = ["Experiment", "Held out", "Balanced accuracy", "95 % interval", "Recordings", ""]
    return table(head, rows, numbers=(2, 3, 4), label="Other tests")


def _held_out(other: View) -> str:
    if not other["held_out"]:
        return "random windows"
    return f"{other['group_by']}: {listed(other['held_out'], 3)}"


def _details(report: EvaluationReport) -> Component:
    choice = dbc.RadioItems(
        id=Ids.level,
        options=[
            {"label": f"Recordings ({report.counts.recordings:,})", "value": "recordings"},
            {"label": f"Windows ({report.counts.windows:,})", "value": "windows"},
        ],
        value="recordings",
        inline=True,
    )
    labelled = html.Fieldset(
        [html.Legend("Count by", className="visually-hidden"), choice], className="level-choice"
    )
    return section(
        "By class",
        html.Div(detail(report, "recordings"), id=Ids.detail),
        actions=[labelled],
    )


def _groups(groups: Sequence[GroupResult], *, open_at_once: bool) -> list[Component]:
    rows = [
        [
            group.name,
            ", ".join(group.classes),
            f"{group.recordings_right} of {group.recordings}",
            f"{group.windows_right:,} of {group.windows:,}",
            score_text(group.windows_right / group.windows, group.windows),
        ]
        for group in groups
    ]
    head = ["Group", "Classes", "Recordings right", "Windows right", "Share of windows"]
    shown = html.Details(
        [
            html.Summary(f"{plural(len(groups), 'group')}, the worst first"),
            table(head, rows, numbers=(2, 3, 4), label="Results of each group"),
        ],
        open=open_at_once,
    )
    return [section("Results of each group", shown)]


def _worst(worst: Sequence[WorstRecording], view: View) -> Component:
    rows = [_worst_row(row, view) for row in worst[:WORST_SHOWN]]
    head = ["Recording", "True class", "Named", "P(true class)", "Group", "Look at it"]
    return section(
        "Worst recordings",
        [
            html.P(
                "Recordings whose true class got the least probability. Wrong labels and "
                "unusual recordings gather here.",
                className="page-lead",
            ),
            table(head, rows, numbers=(3,), label="Worst recordings"),
        ],
    )


def _worst_row(row: WorstRecording, view: View) -> list[Any]:
    name = view["recording_names"].get(row.recording_id, f"Recording {row.recording_id}")
    right = row.predicted_class == row.true_class
    named: list[Any] = [
        icon("check-circle" if right else "x-octagon", title="right" if right else "wrong"),
        " ",
        row.predicted_class,
    ]
    signal = {"recording": row.recording_id, "channel": view["channel"]}
    worst = {"start": f"{row.worst_window_start_s:.6g}", "stop": f"{row.worst_window_stop_s:.6g}"}
    whole = row.worst_window_stop_s == row.worst_window_start_s  # nothing is known of windows
    looks: list[Any] = [
        page_link("Signal", "/signals", signal)
        if whole
        else page_link("Worst window", "/signals", {**signal, **worst})
    ]
    if view["can_be_explained"]:
        chosen = {
            "experiment": view["experiment_id"],
            "recording": row.recording_id,
            "class": row.predicted_class,
        }
        looks += [" · ", page_link("Explain", "/explain", chosen)]
    return [
        page_link(name, "/signals", signal),
        row.true_class,
        html.Span(named, className="" if right else "named-wrong"),
        score_text(row.probability_of_true, row.windows),
        row.group,
        html.Span(looks),
    ]


def _origin(view: View) -> Component:
    return section(
        "Where this comes from",
        [
            definition_list(provenance(view["provenance"])),
            html.H3("Downloads"),
            _downloads(view),
        ],
    )


def _downloads(view: View) -> Component:
    files = {
        "predictions.csv": "Predictions of every test window (CSV)",
        "report.json": "Report (JSON)",
        "config.json": "Configuration (JSON)",
    }
    if view["has_checkpoint"]:
        files["checkpoint"] = "Checkpoint"
    base = f"/api/v1/experiments/{view['experiment_id']}"
    return html.Ul(
        [
            html.Li(html.A([icon("download"), " ", text], href=path_to(f"{base}/{name}")))
            for name, text in files.items()
        ],
        className="download-list",
    )
