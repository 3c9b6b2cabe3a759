"""What a detection says of one row, and how well it agrees with labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.detection_state import share
from layouts.components.frame import alert, definition_list, icon
from layouts.components.quantities import count
from layouts.figures import anomalies as figures
from layouts.figures.template import graph_config

Values = Mapping[str, Any]

LABELS = (
    ("yes", "An anomaly", "check-lg"),
    ("no", "False alarm", "x-lg"),
    ("none", "Take the label away", "eraser"),
)
METHODS = {
    "tree_shap": "TreeSHAP, exact",
    "additive_shap": "SHAP of a sum, exact",
    "exact_shap": "SHAP over all coalitions, exact",
    "permutation_shap": "SHAP by sampled permutations",
    "lime": "LIME, a local linear model",
}
BEGINS = {
    "tree_shap": "Mean of the rows learned from",
    "lime": "Where the local model begins",
}


def label_buttons(kind: str) -> Component:
    """What a person can say of the chosen row."""
    return html.Div(
        [
            dbc.Button(
                [icon(name), f" {text}"],
                id={"type": kind, "say": say},
                color="secondary",
                outline=True,
                size="sm",
            )
            for say, text, name in LABELS
        ],
        className="section-actions",
    )


def about_row(row: int | None, signal: str | None, label: str, *, may_label: bool) -> Component:
    """The chosen row, the way to its recording, and buttons (patterns of type ``label``)."""
    if row is None:
        return html.P("Choose a row in the table, or a point in a figure.", className="plot-note")
    parts: list[Any] = [html.Strong(f"Row {row}")]
    if signal:
        parts += [" ", dcc.Link("See its window in the recording", href=signal)]
    buttons = [label_buttons(label)] if may_label else []
    return html.Div([html.P(parts), *buttons], className="mb-3")


def explanation(found: Values) -> list[Component]:
    """Why a row has its score, or how far the answer is."""
    if found["error"]:
        return [alert(found["error"], "danger")]
    if not found["explanations"]:
        return [html.P("It is being computed.", className="plot-note")]
    one = found["explanations"][0]
    figure = figures.contributions(one)
    rows: list[tuple[str, Any]] = [
        ("Raw score", f"{one['raw_score']:.4g}"),
        (BEGINS.get(one["method"], "Mean of rows not flagged"), f"{one['base_value']:.4g}"),
        ("Added by all columns", f"{one['total_shap']:.4g}"),
        ("Not accounted for", f"{one['residual']:.2g}"),
        ("Method", METHODS.get(one["method"], one["method"])),
    ]
    if one["method"] == "lime":
        rows.append(("Explained by the local model (R²)", f"{one['fidelity']:.2f}"))
    graph = dcc.Graph(
        figure=figure,
        config=graph_config("explanation"),
        style={"height": f"{figure.layout.height}px"},
    )
    return [html.P(one["summary"]), graph, definition_list(rows)]


def metrics(found: Values | None) -> Component:
    """Precision and recall over the labelled rows, or how to get them."""
    if found is None:
        told = "Say of rows whether they are anomalies: precision and recall are shown here then."
        return html.P(told, className="plot-note")
    flagged = found["true_positives"] + found["false_positives"]
    true = found["true_positives"] + found["false_negatives"]
    false = found["false_positives"]
    ordinary = false + found["true_negatives"]
    return definition_list(
        [
            ("Labelled rows", count(found["labelled_rows"])),
            ("Precision", f"{share(found['precision'])} of {count(flagged)} flagged"),
            ("Recall", f"{share(found['recall'])} of {count(true)} anomalies"),
            ("False alarms", f"{_rate(false, ordinary)} of {count(ordinary)} ordinary rows"),
            ("Anomalies among the labelled", _rate(true, true + ordinary)),
            ("F1", _number(found["f1"])),
            ("ROC AUC", _number(found["roc_auc"])),
            ("Average precision", _number(found["average_precision"])),
        ]
    )


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _rate(some: int, of: int) -> str:
    return share(some / of) if of else "–"
