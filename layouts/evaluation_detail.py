"""What happened to each class: table, confusion matrix, ROC; of recordings or of windows."""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from diagnostics.evaluation.levels import LevelReport
from diagnostics.evaluation.report import EvaluationReport
from layouts.components.tables import scrolling, table
from layouts.evaluation_numbers import score_text
from layouts.figures import evaluation as figures
from layouts.figures.template import graph_config


def detail(report: EvaluationReport, level_name: str) -> list[Component]:
    """Everything by class for ``recordings`` or ``windows``."""
    level: LevelReport = getattr(report, level_name)
    tables = [
        html.H3("Scores of each class"),
        _class_table(level),
        html.H3(f"Confusion matrix: {level.items:,} {level_name}"),
        confusion(report.class_names, level),
    ]
    curves = [html.H3("ROC: each class against the rest"), _roc(level)]
    return [html.Div([html.Div(tables), html.Div(curves)], className="two-columns")]


def confusion(class_names: tuple[str, ...], level: LevelReport) -> Component:
    """Counts and shares of each true class; the tint follows the share."""
    corner = html.Th("true ↓ named →", scope="col")
    head = html.Tr([corner, *(html.Th(name, scope="col") for name in class_names)])
    rows = [
        _confusion_row(name, number, counts)
        for number, (name, counts) in enumerate(zip(class_names, level.confusion, strict=True))
    ]
    drawn = html.Table([html.Thead(head), html.Tbody(rows)], className="confusion-table")
    return scrolling(drawn, "Confusion matrix")


def _confusion_row(name: str, number: int, counts: tuple[int, ...]) -> Component:
    total = sum(counts)
    cells = [
        html.Td(
            [html.Span(f"{count:,}"), html.Small(f"{100 * count / total:.0f} %" if total else "–")],
            className="is-right" if column == number else "is-wrong",
            style={"--share": f"{count / total:.3f}" if total else "0"},
        )
        for column, count in enumerate(counts)
    ]
    return html.Tr([html.Th(name, scope="row"), *cells])


def _class_table(level: LevelReport) -> Component:
    head = ["Class", "Precision", "Recall", "F1", "ROC area", "n", "named so"]
    rows: list[list[Any]] = [
        [
            row.name,
            score_text(row.precision, row.predicted),
            score_text(row.recall, row.support),
            score_text(row.f1, row.support),
            score_text(row.area, level.items),
            f"{row.support:,}",
            f"{row.predicted:,}",
        ]
        for row in level.classes
    ]
    return table(head, rows, numbers=range(1, 7), label="Scores of each class")


def _roc(level: LevelReport) -> Component:
    if level.macro_roc is None:
        return html.P("A ROC curve needs items of two classes or more on the test side.")
    return dcc.Graph(
        figure=figures.roc(level),
        config=graph_config("roc"),
        className="roc-figure",
        style={"height": "440px"},
    )
