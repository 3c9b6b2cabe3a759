"""One comparison: what each algorithm flags, where they agree, and on which rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.anomalies import title_of
from layouts.components.attributes import attributes
from layouts.components.detection_state import learnt_from, share, state_badge
from layouts.components.frame import (
    alert,
    empty_state,
    icon,
    link_button,
    page_head,
    section,
)
from layouts.components.job_state import job_progress
from layouts.components.links import page_link, path_to
from layouts.components.moments import duration, moment
from layouts.components.quantities import count
from layouts.components.tables import table
from layouts.evaluation_numbers import score_text
from layouts.figures import anomalies as figures
from layouts.figures import detection_curves
from layouts.figures.template import graph_config
from layouts.jobs import job_actions
from layouts.page import Group, Page

Values = Mapping[str, Any]

PAGE_SIZE = 50
LEVELS = {"all": "all", "majority": "most", "some": "some", "one": "one"}
MOST_VALUES = 6
CURVE_PX = 380


class Ids:
    id = "detection-comparison-id"
    known = "detection-comparison-known"
    head = "detection-comparison-head"
    progress = "detection-comparison-progress"
    body = "detection-comparison-body"
    records = "detection-comparison-records"
    pager = "detection-comparison-pager"
    pages = "detection-comparison-pages"
    delete = "detection-comparison-delete"
    confirm = "detection-comparison-confirm"


UNLABELLED = (
    "No row had a label when this ran. Say of rows of a detection whether they are anomalies and "
    "compare again: precision, recall and curves appear here."
)


def build(comparison_id: str = "", **_view: Any) -> Component:
    pager = html.Div(
        dbc.Pagination(id=Ids.pages, max_value=1, active_page=1, fully_expanded=False),
        id=Ids.pager,
        hidden=True,
    )
    return html.Div(
        [
            dcc.Store(id=Ids.id, data=comparison_id),
            dcc.Store(id=Ids.known),
            dcc.ConfirmDialog(id=Ids.confirm),
            html.Div(page_head("Comparison"), id=Ids.head),
            html.Div(id=Ids.progress),
            html.Div(id=Ids.body),
            html.Div([html.Div(id=Ids.records), pager]),
        ],
        className="features-page anomalies-page",
    )


def not_there() -> Component:
    return empty_state(
        "There is no such comparison",
        "It may be deleted.",
        link_button("All detections", "/anomalies", icon_name="search"),
        icon_name="search",
    )


def head(one: Values, *, may_change: bool) -> Component:
    lead = [
        state_badge(one["status"]),
        f" {len(one['algorithms'])} algorithms on ",
        page_link(one["source_name"], f"/sources/{one['source_id']}"),
        f". By {one['owner_name']}, ",
        moment(one["created_at"]),
        ".",
        *learnt_from(one["fit_on"], one["source_id"]),
    ]
    delete = dbc.Button(
        [icon("trash"), " Delete"],
        id=Ids.delete,
        color="danger",
        outline=True,
        style=None if may_change else {"display": "none"},
    )
    table_of_all = html.A(
        [icon("download"), " CSV"],
        href=path_to(f"/api/v1/anomaly/compare/{one['id']}/records", {"format": "csv"}),
        className="btn btn-outline-secondary",
        title="All flagged rows, and which algorithm flags them, as CSV",
        download="",
    )
    again = dbc.Button(
        [icon("arrow-repeat"), " Compare again"],
        href=path_to("/new-detection", {"comparison": one["id"]}),
        color="secondary",
        outline=True,
    )
    shown = [table_of_all, again] if one["status"] == "success" else [again]
    return page_head("Comparison of algorithms", lead=lead, actions=[*shown, delete])


def progress(one: Values, job: Values | None, *, may_change: bool) -> list[Component]:
    if one["status"] in ("pending", "running") and job is not None:
        buttons = html.Div(job_actions(job) if may_change else [], className="section-actions")
        return [section("Comparing", [job_progress(job), buttons])]
    if one["error_message"]:
        return [alert(one["error_message"], "danger")]
    if one["status"] == "cancelled":
        return [alert("It was cancelled before it ended.", "warning")]
    return []


def body(one: Values) -> list[Component]:
    summary = one["agreement_summary"]
    names = {part["algorithm"]: part["display_name"] for part in one["algorithm_results"]}
    told = (
        f"{count(summary['total_unique_anomalies'])} of {count(one['total_rows'])} rows are "
        f"flagged by at least one of {summary['total_algorithms']} algorithms: "
        f"{count(summary['all_agree_count'])} by all, {count(summary['majority_agree_count'])} by "
        f"most, {count(summary['some_agree_count'])} by some, "
        f"{count(summary['one_only_count'])} by one alone."
    )
    parts = [section("What each flags", [html.P(told), _results(one)])]
    if summary["jaccard_matrix"]:
        figure = figures.agreement(summary["jaccard_matrix"], names)
        graph = dcc.Graph(
            figure=figure,
            config=graph_config("agreement"),
            style={"height": f"{figure.layout.height}px"},
        )
        note = (
            "Of the rows that one of two algorithms flags, the share that both flag. The diagonal "
            "is 1."
        )
        counts = _matrix(summary["agreement_matrix"], names)
        parts.append(section("Agreement", [html.P(note, className="figure-note"), graph, counts]))
    if one["label_metrics"]:
        measured = [_measured(one["label_metrics"], names), *_curves(one, names)]
    else:
        measured = [html.P(UNLABELLED, className="figure-note")]
    parts.append(section("By labels", measured))
    return parts


def _curves(one: Values, names: Values) -> list[Component]:
    """Both curves; a sentence where only one kind of row has labels."""
    curves, metrics = one["label_curves"], one["label_metrics"]
    if not curves:  # it ran before there were any
        return []
    first = next(iter(curves.values()))
    n = (
        f"n = {count(first['anomalies'] + first['ordinary'])} labelled rows: "
        f"{count(first['anomalies'])} anomalies, {count(first['ordinary'])} ordinary."
    )
    if first["roc"] is None:
        return [html.P(f"{n} Curves need both kinds.", className="figure-note")]
    note = (
        f"{n} Diamonds stand where each algorithm draws its line. Rows that were labelled because "
        "an algorithm flagged them favour that algorithm."
    )
    drawn = [
        (detection_curves.roc, "roc", "ROC curves"),
        (detection_curves.precision_recall, "precision-recall", "Precision–recall curves"),
    ]
    graphs = [
        html.Div(
            [
                html.H3(title, className="h6"),
                dcc.Graph(
                    figure=draw(curves, metrics, names),
                    config=graph_config(name),
                    style={"height": f"{CURVE_PX}px"},
                ),
            ],
            **attributes(role="group", aria_label=title),
        )
        for draw, name, title in drawn
    ]
    return [html.P(note, className="figure-note"), html.Div(graphs, className="curve-pair")]


def _measured(metrics: Mapping[str, Values], names: Mapping[str, str]) -> Component:
    kinds = ("precision", "recall", "f1", "roc_auc", "average_precision")
    rows = [
        [names[name], *(score_text(found[kind], found["labelled_rows"]) for kind in kinds)]
        for name, found in metrics.items()
    ]
    heads = ("Algorithm", "Precision", "Recall", "F1", "ROC AUC", "Average precision")
    return table(heads, rows, label="By labels", numbers=range(1, 6))


def record_table(one: Values, records: list[dict[str, Any]], total: int) -> Component | list[Any]:
    """A page of flagged rows, those that most algorithms flag first."""
    if not records:
        return []
    columns = one["columns_analyzed"][:MOST_VALUES]
    rows = [
        [
            str(record["row_index"]),
            f"{LEVELS[record['agreement_level']]} ({record['detection_count']})",
            f"{record['confidence_score']:.2f}",
            f"{record['mean_score']:.2f}",
            ", ".join(title_of(name) for name in record["detected_by"]),
            *(_value(record["column_values"].get(name)) for name in columns),
        ]
        for record in records
    ]
    heads = ("Row", "Flagged by", "Confidence", "Mean score", "Algorithms", *columns)
    numbers = {0, 2, 3, *range(5, 5 + len(columns))}
    return section(
        f"Rows by confidence ({count(total)})", table(heads, rows, label="Rows", numbers=numbers)
    )


def _results(one: Values) -> Component:
    rows = [
        [
            part["display_name"],
            state_badge(part["status"]),
            "–" if part["anomaly_count"] is None else count(part["anomaly_count"]),
            share(part["anomaly_rate"]),
            duration(part["duration_ms"] / 1e3) if part["duration_ms"] else "–",
            part["error_message"]
            or page_link(
                "Detect with it",
                "/new-detection",
                {"comparison": one["id"], "algorithm": part["algorithm"]},
            ),
        ]
        for part in one["algorithm_results"]
    ]
    heads = ("Algorithm", "State", "Anomalies", "Share", "Took", "Go on, or why not")
    return table(heads, rows, label="Algorithms", numbers={2, 3})


def _matrix(matrix: Mapping[str, Mapping[str, Any]], names: Mapping[str, str]) -> Component:
    keys = list(matrix)
    rows = [[names[row], *(count(matrix[row][column]) for column in keys)] for row in keys]
    heads = ("Rows that both flag", *(names[key] for key in keys))
    return table(heads, rows, label="Rows that both flag", numbers=range(1, len(keys) + 1))


def _value(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:.4g}".replace("-", "−") if isinstance(value, float) else str(value)


PAGE = Page(
    "detection_comparison",
    "Comparison of algorithms",
    "/anomaly-comparisons/<comparison_id>",
    build,
    Group.OPERATE,
    "search",
    parent=("Anomalies", "/anomalies"),
    in_navigation=False,
)
