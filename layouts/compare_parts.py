"""The sections of a comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from layouts import compare_tables as tables
from layouts.compare_tables import TextTable
from layouts.components.attributes import attributes
from layouts.components.frame import alert, badge, icon, section
from layouts.components.leak import MARKED, leak_badge
from layouts.components.links import page_link, path_to
from layouts.components.tables import scrolling, table
from layouts.components.versions import version_name
from layouts.evaluation_numbers import interval_words, score_text
from layouts.figures import comparison as figures
from layouts.figures.template import graph_config

Data = Mapping[str, Any]
CURVES = {
    "loss": "Cross entropy, validation",
    "accuracy": "Accuracy, share of validation windows",
}


def result(data: Data, sentences: Sequence[str], windows: bool) -> list[Component]:
    """Everything about the chosen experiments."""
    return [
        _said(data, sentences, windows),
        html.Div(_cards(data), className="compare-cards"),
        section("Scores", _scores(data)),
        section("Tests", _tests(data)),
        section("Confusion, compared with the first", _confusions(data)),
        section("Recordings that only one gets right", _only_right(data)),
        section("Learning curves", _curves(data)),
        section("Settings that differ", _settings(data)),
    ]


def _said(data: Data, sentences: Sequence[str], windows: bool) -> Component:
    test_set = data["test_set"]
    first, *more = test_set["notes"]
    leaks = any(one["leak"] in MARKED for one in data["experiments"])
    notes = [alert(first, "info" if test_set["identical"] and not leaks else "warning")]
    notes += [html.P(note, className="figure-note compare-note") for note in more]
    told = html.Ul([html.Li(sentence) for sentence in sentences], className="compare-said")
    return section("What can be said", [told, *notes], actions=_files(data, windows))


def _files(data: Data, windows: bool) -> list[Component]:
    query = {
        "experiments": ",".join(str(one["experiment_id"]) for one in data["experiments"]),
        "windows": "1" if windows else "",
    }
    return [
        html.A(
            [icon("download"), f" {text}"],
            href=path_to(f"/api/v1/comparison{ending}", query),
            className="btn btn-outline-secondary btn-sm",
            download=f"comparison{ending}",
        )
        for ending, text in ((".html", "HTML"), (".csv", "CSV"))
    ]


def _cards(data: Data) -> list[Component]:
    return [_card(one, place, data["test_set"]) for place, one in enumerate(data["experiments"])]


def _card(experiment: Data, place: int, test_set: Data) -> Component:
    n = test_set["common"]
    score = experiment["metrics"]["recordings"]["accuracy"]
    right = round(score["value"] * n)
    interval = interval_words(score["low"], score["high"], n)
    mark = html.Span(
        className="compare-color",
        style={"background": figures.color_of(place)},
        **attributes(aria_hidden="true"),
    )
    generated = [" ", badge("generated", "info", icon_name="cpu")]
    data_link = page_link(version_name(experiment), f"/datasets/{experiment['dataset_id']}")
    name = page_link(experiment["name"], f"/experiments/{experiment['experiment_id']}")
    return html.Article(
        [
            html.H2([mark, name]),
            html.Div(
                [
                    html.Span(score_text(score["value"], n), className="figure-value"),
                    html.Span(f"{right:,} of {n:,} recordings"),
                ],
                className="score-line",
            ),
            _bar(score),
            html.Span(f"Accuracy, {interval}", className="figure-note"),
            html.Span(
                [experiment["classifier_title"], " on ", data_link]
                + (generated if experiment["generated"] else [])
                + [" ", leak_badge(experiment["leak"])]
            ),
            html.Span(
                f"Split by {experiment['group_by']}, seed {experiment['config']['seed']}. "
                f"By {experiment['owner_name']}.",
                className="figure-note",
            ),
        ],
        className="section-card figure-card compare-card",
    )


def _bar(score: Data) -> Component:
    """A scale from 0 to 1, for the eye only."""
    marks = [html.Span(className="score-mark", style={"left": f"{100 * score['value']:.1f}%"})]
    if score["low"] is not None:
        width = max(100 * (score["high"] - score["low"]), 0.5)
        place = {"left": f"{100 * score['low']:.1f}%", "width": f"{width:.1f}%"}
        marks.insert(0, html.Span(className="score-range", style=place))
    return html.Div(marks, className="score-bar", **attributes(aria_hidden="true"))


def _scores(data: Data) -> list[Component]:
    found = tables.scores(data)
    return [_table(found), *_notes(found)]


def _tests(data: Data) -> list[Component]:
    tests = data["statistical_tests"]
    found = [tables.pairs(data), tables.group_tests(data), tables.overall(data)]
    if tests["friedman"]:
        found += [tables.ranks(data), tables.rank_pairs(data)]
    found.append(tables.windows(data))
    parts: list[Component] = []
    for one in found:
        if one is not None:
            parts += [html.H3(one.title), _table(one), *_notes(one)]
    if tests["no_windows"] is not None:
        parts.append(alert(tests["no_windows"], "warning"))
    return parts


def _confusions(data: Data) -> list[Component]:
    first = data["experiments"][0]
    lead = html.P(
        f"Recordings by true and named class, less those of “{first['name']}”. Blue is better, "
        "orange worse: more on the diagonal, fewer beside it.",
        className="page-lead compare-lead",
    )
    drawn = [
        html.Div([html.H3(f"{other['name']} less {first['name']}"), _confusion(first, other)])
        for other in data["experiments"][1:]
    ]
    return [lead, html.Div(drawn, className="two-columns")]


def _confusion(first: Data, other: Data) -> Component:
    names = first["class_names"]
    corner = html.Th("true ↓ named →", scope="col")
    head = html.Tr([corner, *(html.Th(name, scope="col") for name in names)])
    rows = []
    for place, (name, one, two) in enumerate(
        zip(names, first["confusion_matrix"], other["confusion_matrix"], strict=True)
    ):
        cells = [
            _cell(b - a, max(sum(one), 1), on_diagonal=column == place)
            for column, (a, b) in enumerate(zip(one, two, strict=True))
        ]
        rows.append(html.Tr([html.Th(name, scope="row"), *cells]))
    drawn = html.Table([html.Thead(head), html.Tbody(rows)], className="confusion-table")
    return scrolling(drawn, f"Confusion of {other['name']} less {first['name']}")


def _cell(difference: int, total: int, *, on_diagonal: bool) -> Component:
    better = (difference > 0) == on_diagonal
    text = f"{difference:+,}".replace("-", "−") if difference else "0"
    return html.Td(
        html.Span(text),
        className="is-right" if better else "is-wrong",
        style={"--share": f"{min(abs(difference) / total, 1):.3f}"},
    )


def _only_right(data: Data) -> list[Component]:
    parts: list[Component] = []
    for only in data["only_right"]:
        found = tables.only_right_of(data, only)
        if not found.rows:
            parts.append(html.P(f"{found.title}."))
            continue
        rows = [
            [_signal_link(recording), *row[1:]]
            for recording, row in zip(only["recordings"], found.rows, strict=True)
        ]
        shown = [table(found.head, rows, label=found.title), *_notes(found)]
        parts.append(html.Details([html.Summary(found.title), *shown], open=only["count"] <= 10))
    return parts


def _signal_link(recording: Data) -> Component:
    query = {"recording": recording["recording_id"], "channel": recording["channel"]}
    return page_link(recording["name"], "/signals", query)


def _curves(data: Data) -> list[Component]:
    experiments = data["experiments"]
    drawn = [one for one in experiments if len(one["epochs"]) > 1]
    if not drawn:
        return [html.P("None of them was trained in more than one epoch.", className="page-lead")]
    graphs = [
        html.Div(
            dcc.Graph(
                figure=figures.curves(experiments, quantity, title),
                config=graph_config(f"comparison-{quantity}") | {"scrollZoom": False},
                style={"height": "340px"},
            ),
            role="group",
            **attributes(aria_label=title),
        )
        for quantity, title in CURVES.items()
    ]
    parts: list[Component] = [html.Div(graphs, className="two-columns")]
    without = [one["name"] for one in experiments if len(one["epochs"]) < 2]
    if without:
        names = ", ".join(f"“{name}”" for name in without)
        parts.append(
            html.P(f"Without a curve, in one step or epoch: {names}.", className="figure-note")
        )
    return parts


def _settings(data: Data) -> list[Component]:
    found = tables.settings(data)
    if not found.rows:
        return [html.P("None: they were asked for alike.", className="page-lead")]
    return [_table(found)]


def _table(found: TextTable) -> Component:
    return table(found.head, found.rows, label=found.title, numbers=found.numbers)


def _notes(found: TextTable) -> list[Component]:
    return [html.P(note, className="figure-note compare-note") for note in found.notes]
