"""How an experiment holds under disturbances, and how experiments stand by their cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from diagnostics.evaluation.disturbances import DISTURBANCES, Disturbance, Kind
from layouts.components.disclosure import disclosure
from layouts.components.frame import alert, empty_state, section
from layouts.components.leak import leak_mark
from layouts.components.links import page_link
from layouts.components.quantities import count, plural
from layouts.components.tables import table
from layouts.evaluation_curves import csv_link, graph, no_interval
from layouts.evaluation_numbers import interval_text, score_text
from layouts.figures import evaluation_curves as figures

Values = Mapping[str, Any]

TITLES = {"parameter_count": "parameters", "operations": "operations", "latency_ms": "latency"}
AXES = {
    "parameter_count": "Parameters",
    "operations": "Operations for a window",
    "latency_ms": "Latency of a window, ms",
}
COSTS = tuple(AXES)


def not_tried(*, may_ask: bool, has_weights: bool = True) -> Component:
    """In place of a result that nobody asked for yet."""
    if not has_weights:
        text = "It has no weights of its own that could be asked again. Try its members."
        return empty_state("A vote is not tried", text, icon_name="shield-check")
    if may_ask:
        text = (
            "Press Try: the trained classifier is asked again about disturbed windows of the test "
            "side. It takes seconds to minutes, and the result is kept."
        )
    else:
        text = "Your role lets you look at results. Ask an analyst to try this one."
    return empty_state("Robustness was not tried yet", text, icon_name="shield-check")


def robustness(found: Values, experiment_id: int, level: str) -> list[Component]:
    """Accuracy under each disturbance, of recordings or of windows."""
    clean = found["clean"]
    counts = clean["counts"]
    one = level.removesuffix("s")
    rests = f"{plural(counts[level], one)} of {plural(counts['groups'], 'group')}"
    accuracy = clean[level]["accuracy"]
    told = f"Accuracy as measured {score_text(accuracy['value'], counts[level])}"
    if accuracy["low"] is not None:
        ends = interval_text(accuracy["low"], accuracy["high"], counts[level])
        told += f" (95 % interval {ends})"
    parts: list[Component] = [
        html.P(["On the test side: ", html.Strong(rests), f". {told}."], className="mb-2")
    ]
    if found["no_interval"] is not None:
        parts.append(no_interval(found["no_interval"]))
    parts += [alert(note) for note in found["notes"]]
    cards = [_disturbance(found, about, level) for about in DISTURBANCES]
    parts.append(html.Div([card for card in cards if card], className="evaluation-cards"))
    parts.append(
        html.P(
            "Noise and gaps come from a fixed seed, the same for every classifier. Each "
            "disturbance comes alone and is the same in all windows; a machine does worse.",
            className="figure-note",
        )
    )
    return [section("Robustness", parts, actions=[csv_link(experiment_id, "robustness", level)])]


def architectures(found: Values) -> list[Component]:
    """Accuracy of recordings against each cost, with those that nothing beats."""
    rows = found["experiments"]
    parts: list[Component] = []
    for number, note in enumerate(found["notes"]):
        is_warning = number == 0 and not found["same_test"]
        parts.append(alert(note, "warning" if is_warning else "info"))
    known = [cost for cost in COSTS if any(row[cost] is not None for row in rows)]
    parts.append(html.Div([_against(rows, cost) for cost in known], className="evaluation-cards"))
    parts.append(_architecture_table(rows))
    parts.append(
        html.P(
            [
                "Where intervals overlap, the order may be chance. ",
                page_link(
                    "Compare them",
                    "/compare",
                    {"experiments": ",".join(str(row["experiment_id"]) for row in rows)},
                ),
                " to test the differences on the same recordings.",
            ],
            className="figure-note",
        )
    )
    return [section("Architectures", parts)]


def _against(rows: Any, cost: str) -> Component:
    drawn = figures.costs(rows, cost, f"{AXES[cost]} (log scale)")
    title = f"Accuracy against {TITLES[cost]}"
    return html.Div([html.H3(title), graph(drawn, f"architectures-{cost}", title)])


def _disturbance(found: Values, about: Disturbance, level: str) -> Component | None:
    conditions = [one for one in found["conditions"] if one["kind"] == about.kind.value]
    if not conditions:
        return None
    # The data as they are stand where their level belongs: a gain of 1 is between others.
    conditions = sorted(
        [{**found["clean"], "level": about.neutral}, *conditions], key=lambda one: one["level"]
    )
    labels = [_label(one, about) for one in conditions]
    drawn = figures.disturbance(conditions, level, labels, about.level_title)
    rows = []
    for label, one in zip(labels, conditions, strict=True):
        accuracy, n = one[level]["accuracy"], one["counts"][level]
        row = [label, score_text(accuracy["value"], n)]
        row += [interval_text(accuracy["low"], accuracy["high"], n), f"{n:,}"]
        rows.append(row)
    heads = (about.title, "Accuracy", "95 % interval", "n")
    return html.Div(
        [
            html.H3(about.title),
            html.P(about.meaning, className="figure-note"),
            graph(
                drawn, f"robustness-{about.kind}", f"Accuracy under: {about.title}", height="260px"
            ),
            disclosure(
                "Numbers", table(heads, rows, numbers={1, 2, 3}, label=f"Under: {about.title}")
            ),
        ]
    )


def _label(one: Values, about: Disturbance) -> str:
    """The level as it was given, with the ratio in dB beside it for noise."""
    if one["kind"] is None:
        return "as is"
    level = f"{one['level']:g}"
    if about.kind is Kind.NOISE:
        return level if one["snr_db"] is None else f"{level} ({one['snr_db']:.0f} dB)"
    if about.kind is Kind.DROPOUT:
        return f"{100 * one['level']:g} %"
    return f"+{level} σ" if about.kind is Kind.OFFSET else f"× {level}"


def _latency(row: Values) -> str:
    if row["latency_ms"] is not None:
        return f"{row['latency_ms']:.3g} ms"
    return "being measured" if row["measuring"] else "–"


def _architecture_table(rows: Any) -> Component:
    body = []
    for row in rows:
        fronts = [TITLES[cost] for cost in COSTS if row["on_front"][cost]]
        parameters, operations = row["parameter_count"], row["operations"]
        body.append(
            [
                html.Span(
                    [
                        page_link(row["name"], "/evaluation", {"experiment": row["experiment_id"]}),
                        *leak_mark(row["leak"]),
                    ]
                ),
                row["title"],
                "–" if parameters is None else count(parameters),
                "–" if operations is None else count(operations),
                _latency(row),
                score_text(row["accuracy"], row["recordings"]),
                interval_text(row["low"], row["high"], row["recordings"]),
                f"{row['recordings']:,}",
                f"{row['groups']:,}",
                f"{row['dataset']}, version {row['version']}",
                ", ".join(fronts) or "–",
            ]
        )
    heads = (
        *("Experiment", "Classifier", "Parameters", "Operations", "Latency", "Accuracy"),
        *("95 % interval", "Recordings", "Groups", "Data", "Nothing beats it by"),
    )
    return table(heads, body, numbers=range(2, 9), label="Architectures")
