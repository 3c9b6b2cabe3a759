"""Curves, calibration and risk of an experiment, of recordings or of windows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from dash import dcc, html
from dash.development.base_component import Component

from diagnostics.evaluation.grouping import LISTED_INSTEAD
from layouts.components.attributes import attributes
from layouts.components.frame import alert, section
from layouts.components.links import path_to
from layouts.components.quantities import plural
from layouts.components.tables import table
from layouts.evaluation_numbers import interval_text, score_text, share_text
from layouts.figures import evaluation_curves as figures
from layouts.figures.template import graph_config

Values = Mapping[str, Any]

HEIGHT = "400px"


def counted(found: Values) -> list[Component]:
    """What the numbers rest on, and why there may be no interval."""
    one = found["level"].removesuffix("s")
    rests = f"{plural(found['n'], one)} of {plural(found['groups'], 'group')}"
    parts: list[Component] = [
        html.P(["On the test side: ", html.Strong(rests), "."], className="mb-2")
    ]
    if found["no_interval"] is not None:
        parts.append(no_interval(found["no_interval"]))
    return parts


def no_interval(reason: str) -> Component:
    """Why there are no intervals; the groups are listed on the page of the experiment."""
    return alert(reason.removesuffix(LISTED_INSTEAD), "warning")


def graph(drawn: go.Figure, file_name: str, label: str, *, height: str = HEIGHT) -> Component:
    """A figure with its two buttons: PNG for slides, SVG for print."""
    chart = dcc.Graph(
        figure=drawn,
        config=graph_config(file_name) | {"scrollZoom": False},
        style={"height": height},
    )
    buttons = [
        html.Button(
            kind.upper(),
            type="button",
            className="btn btn-link btn-sm",
            **attributes(aria_label=f"{label} as {kind.upper()}", data_picture=kind),
        )
        for kind in ("png", "svg")
    ]
    tools = html.Div(buttons, className="evaluation-pictures")
    return html.Div(
        [chart, tools],
        className="evaluation-graph",
        role="group",
        **attributes(aria_label=label, data_name=file_name),
    )


def csv_link(experiment_id: int, part: str, level: str) -> Component:
    """A plain link: Dash would look for a page under it."""
    address = path_to(
        f"/api/v1/experiments/{experiment_id}/evaluation.csv", {"part": part, "level": level}
    )
    return html.A("Numbers as CSV", href=address, className="btn btn-outline-secondary btn-sm")


def curves(found: Values, experiment_id: int, chosen: str | None) -> list[Component]:
    """ROC and precision against recall; one class, or the mean, with its band."""
    parts: list[Component] = []
    kinds = (
        ("roc", "ROC", "False positive rate", "True positive rate"),
        ("precision_recall", "Precision and recall", "Recall", "Precision"),
    )
    for key, title, x_title, y_title in kinds:
        lines = found[key]
        if not lines:
            parts.append(html.P("A curve needs items of two classes or more on the test side."))
            continue
        hover = f"{y_title} %{{y:.2f}} at {x_title.lower()} %{{x:.2f}}"
        drawn = figures.curves(lines, x_title, y_title, chosen, hover)
        parts.append(html.Div([html.H3(title), graph(drawn, key.replace("_", "-"), title)]))
    note = (
        "The areas are in the table below. Precision depends on how common a class is among the "
        "test data; on a machine in operation faults are rarer, and precision is lower."
    )
    has_more = found["no_interval"] is None and chosen is None
    drawn_bands = " Choose one class to see its 95 % band." if has_more else ""
    return [
        section(
            "Curves: each class against the rest",
            [
                *counted(found),
                html.Div(parts, className="two-columns"),
                html.P(note + drawn_bands, className="figure-note"),
                _areas(found),
            ],
            actions=[csv_link(experiment_id, "curves", found["level"])],
        )
    ]


def calibration(found: Values, experiment_id: int) -> list[Component]:
    """Reliability with counts, and its scores as they are and with a temperature."""
    before = found["before"]
    sure = (
        f"On average it gives the named class {before['confidence']:.2f} and is right in "
        f"{before['accuracy']:.2f} of the {found['level']}."
    )
    graphs = [
        graph(figures.reliability(found), "reliability", "Reliability"),
        graph(figures.counts(found), "confidence", f"{found['level'].capitalize()} by confidence"),
    ]
    return [
        section(
            "Calibration",
            [
                *counted(found),
                html.P(sure),
                html.Div(graphs, className="two-columns"),
                _calibration_scores(found),
                *[html.P(text, className="figure-note") for text in _about_calibration(found)],
            ],
            actions=[csv_link(experiment_id, "calibration", found["level"])],
        )
    ]


def risk(found: Values, experiment_id: int) -> list[Component]:
    """What is gained by answering only when sure."""
    n = found["n"]
    rows = [
        [
            f"{100 * wanted['risk']:.0f} %",
            "–" if wanted["coverage"] is None else share_text(wanted["coverage"]),
            "–" if wanted["confidence"] is None else f"{wanted['confidence']:.4f}",
        ]
        for wanted in found["wanted"]
    ]
    area = score_text(found["area"], n)
    told = [
        f"Area below the curve {area}",
        _in_brackets(found["low"], found["high"], n),
        f", {score_text(found['best_area'], n)} with the same answers in the best order. Without "
        f"any order it is the error rate, {score_text(found['error_rate'], n)}.",
    ]
    heads = ("Wrong at most", "Answered", "From a confidence of")
    return [
        section(
            "Risk and coverage",
            [
                *counted(found),
                html.P(
                    "A classifier may leave what it is not sure of to a person. The fewer of them "
                    "it answers, the fewer of its answers should be wrong.",
                    className="page-lead mb-2",
                ),
                graph(figures.risk(found), "risk-coverage", "Risk against coverage"),
                html.P("".join(told)),
                table(heads, rows, numbers={0, 1, 2}, label="What can be answered"),
                html.P(
                    "The thresholds are read off these test data; they hold for new data only as "
                    "far as those resemble them.",
                    className="figure-note",
                ),
            ],
            actions=[csv_link(experiment_id, "risk", found["level"])],
        )
    ]


def _areas(found: Values) -> Component:
    n = found["n"]
    precisions = {line["name"]: line for line in found["precision_recall"]}
    rows = []
    for line in found["roc"]:
        other = precisions[line["name"]]
        rows.append(
            [
                line["name"],
                score_text(line["area"], n),
                interval_text(line["low"], line["high"], n),
                score_text(other["area"], n),
                interval_text(other["low"], other["high"], n),
                score_text(other["guessing"], n),
            ]
        )
    heads = (
        *("Class", "ROC area", "95 % interval", "Average precision", "95 % interval"),
        "Share of the class",
    )
    return table(heads, rows, numbers=range(1, 6), label="Areas below the curves")


def _calibration_scores(found: Values) -> Component:
    titles = {
        "ece": "Expected calibration error",
        "brier": "Brier score",
        "loss": "Negative log likelihood [nats]",
    }
    rows: list[list[Any]] = []
    for name, title in titles.items():
        row: list[Any] = [title]
        for key in ("before", "after"):
            score = None if found[key] is None else found[key][name]
            row += ["–", "–"] if score is None else [_number(score["value"]), _ends(score)]
        rows.append(row)
    heads = ("Lower is better", "As it is", "95 % interval", "With temperature", "95 % interval")
    return table(heads, rows, numbers=range(1, 5), label="Scores of calibration")


def _about_calibration(found: Values) -> Sequence[str]:
    temperature = found["temperature"]
    told = [
        "Points on the diagonal: what it gives 0.8 is right in 8 of 10 cases. Below it the "
        "classifier is too sure. With few items in a bin, chance alone moves a point far, and the "
        "expected calibration error is too large: the lower end of its interval, where there is "
        "one, allows for that. In the log likelihood a probability of 0 counts as one in a "
        "million.",
    ]
    if temperature is None:
        return told
    fitted = (
        f"Temperature {temperature['value']:.2f}, fitted on "
        f"{plural(temperature['windows'], 'window')} of "
        f"{plural(temperature['recordings'], 'recording')} of the validation part: its loss "
        f"went from {temperature['loss_before']:.3f} to {temperature['loss_after']:.3f}. The "
        "numbers above are of the test part, which was not looked at for it; recordings are voted "
        "on by the scaled windows."
    )
    told.append(fitted)
    if worse := _worse_with_it(found):
        told.append(f"With it the test part has the higher (worse) {' and '.join(worse)}.")
    if temperature["at_limit"]:
        told.append(
            "It lies at the end of what is tried: on the validation part the loss falls on and "
            "on, as it does when hardly a window there is wrong. Do not use this temperature."
        )
    return told


def _worse_with_it(found: Values) -> list[str]:
    """Which scores are seen to be worse with the temperature: a digit that is shown differs."""
    if found["after"] is None:
        return []
    titles = {"brier": "Brier score", "loss": "negative log likelihood"}
    values = {
        name: (found["before"][name]["value"], found["after"][name]["value"]) for name in titles
    }
    return [
        title
        for name, title in titles.items()
        if values[name][1] > values[name][0]
        and _number(values[name][1]) != _number(values[name][0])
    ]


def _number(value: float) -> str:
    return f"{value:.3f}"


def _ends(score: Values) -> str:
    return "–" if score["low"] is None else f"{score['low']:.3f}–{score['high']:.3f}"


def _in_brackets(low: float | None, high: float | None, n: int) -> str:
    return "" if low is None else f" ({interval_text(low, high, n)})"
