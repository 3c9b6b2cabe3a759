"""Where an experiment errs: pairs of classes, what errors gather at, the hardest recordings."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.components.disclosure import disclosure
from layouts.components.frame import icon, section
from layouts.components.links import page_link
from layouts.components.quantities import plural
from layouts.components.tables import table
from layouts.evaluation_curves import counted, csv_link, graph
from layouts.evaluation_numbers import interval_text, score_text
from layouts.figures import evaluation_curves as figures

Values = Mapping[str, Any]

# Of fields with a figure; those of a generated data set know two dozen.
MOST_DRAWN = 6
WIDTH, HEIGHT = 240, 40
_WAVE, _WINDOW = "#0072B2", "#E69F00"


def errors(found: Values, experiment_id: int) -> list[Component]:
    """Pairs and classes, error rates by what is known, the hardest recordings."""
    return [
        section(
            "What is taken for what",
            [*counted(found), html.P(_told(found)), _pairs(found), _classes(found)],
            actions=[csv_link(experiment_id, "errors", found["level"])],
        ),
        _hardest(found, experiment_id),
        *_attributes(found),
    ]


def waveform(recording: Values) -> Component | str:
    """The extremes of a recording over time, its worst window marked; no axes."""
    if not recording["minimum"]:
        return "–"
    low, high = min(recording["minimum"]), max(recording["maximum"])
    span = (high - low) or 1.0
    step = WIDTH / len(recording["minimum"])

    def place(value: float) -> float:
        return HEIGHT - 1 - (HEIGHT - 2) * (value - low) / span

    path = "".join(
        f"M{(n + 0.5) * step:.1f} {place(top):.1f}V{max(place(bottom), place(top) + 0.5):.1f}"
        for n, (bottom, top) in enumerate(
            zip(recording["minimum"], recording["maximum"], strict=True)
        )
    )
    begin = WIDTH * recording["start_s"] / recording["duration_s"]
    wide = max(2.0, WIDTH * (recording["stop_s"] - recording["start_s"]) / recording["duration_s"])
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<rect x="{begin:.1f}" width="{wide:.1f}" height="{HEIGHT}" fill="{_WINDOW}" '
        f'fill-opacity="0.45"/><path d="{path}" stroke="{_WAVE}" stroke-width="{step:.2f}"/></svg>'
    )
    told = f"{low:.3g} to {high:.3g} {recording['unit']} over {recording['duration_s']:.3g} s"
    return html.Img(
        src="data:image/svg+xml;base64," + b64encode(drawn.encode()).decode(),
        alt=f"Waveform of {recording['name']}, {told}",
        title=told,
        className="hard-waveform",
    )


def _told(found: Values) -> str:
    n = found["count"]
    told = f"{found['errors']:,} of {n:,} {found['level']} are named wrongly"
    told += f" ({100 * found['error_rate']:.1f} %)."
    if found["confidence_wrong"] is not None and found["confidence_right"] is not None:
        told += (
            f" The named class has {found['confidence_right']:.2f} on average where it is right, "
            f"and {found['confidence_wrong']:.2f} where it is wrong."
        )
    return told


def _pairs(found: Values) -> Component:
    if not found["most_confused"]:
        return html.P("Nothing is taken for anything else.")
    rows = [
        [
            pair["true_class"],
            pair["predicted_class"],
            f"{pair['count']:,}",
            f"{100 * pair['share']:.0f} %",
            f"{pair['confidence']:.2f}",
        ]
        for pair in found["most_confused"]
    ]
    heads = ("True class", "Taken for", found["level"].capitalize(), "Of the class", "Confidence")
    return table(heads, rows, numbers={2, 3, 4}, label="Most confused classes")


def _classes(found: Values) -> Component:
    rows = [
        [
            row["name"],
            f"{row['errors']:,} of {row['count']:,}",
            score_text(row["rate"], row["count"]),
        ]
        for row in found["classes"]
    ]
    drawn = table(
        ("Class", "Wrong", "Error rate"), rows, numbers={1, 2}, label="Error rate of each class"
    )
    return disclosure("Error rate of each class", drawn)


def _hardest(found: Values, experiment_id: int) -> Component:
    rows = [_hard_row(one, found, experiment_id) for one in found["hardest"]]
    heads = ("Recording", "Waveform", "True class", "Named", "P(true class)", "Group", "Look at it")
    return section(
        "Hardest recordings",
        [
            html.P(
                "Those whose true class got the least probability, by the vote of their windows; "
                "the least likely window is marked. Wrong labels and unusual recordings gather "
                "here.",
                className="page-lead mb-2",
            ),
            table(heads, rows, numbers={4}, label="Hardest recordings"),
        ],
    )


def _hard_row(one: Values, found: Values, experiment_id: int) -> list[Any]:
    signal = {"recording": one["recording_id"], "channel": found["channel"]}
    window = {"start": f"{one['start_s']:.6g}", "stop": f"{one['stop_s']:.6g}"}
    looks: list[Any] = [page_link("Worst window", "/signals", {**signal, **window})]
    if found["can_be_explained"]:
        chosen = {
            "experiment": experiment_id,
            "recording": one["recording_id"],
            "class": one["predicted_class"],
        }
        looks += [" · ", page_link("Explain", "/explain", chosen)]
    right = one["predicted_class"] == one["true_class"]
    named: list[Any] = [
        icon("check-circle" if right else "x-octagon", title="right" if right else "wrong"),
        " ",
        one["predicted_class"],
    ]
    return [
        page_link(one["name"], "/signals", signal),
        waveform(one),
        one["true_class"],
        html.Span(named, className="" if right else "named-wrong"),
        score_text(one["probability_of_true"], one["windows"]),
        one["group"],
        html.Span(looks),
    ]


def _attributes(found: Values) -> list[Component]:
    fields = found["attributes"]
    if not fields:
        text = "The recordings of the test side do not differ in anything that is known of them."
        return [section("Errors against what is known", html.P(text))]
    cards = [_attribute(field, found["level"]) for field in fields[:MOST_DRAWN]]
    others = [_numbers(field, found["level"]) for field in fields[MOST_DRAWN:]]
    note = (
        "Bins may differ in more than this one value: where one bearing was run at one load only, "
        "its load and its bearing cannot be told apart. An interval draws the groups in a bin; a "
        "bin of fewer than five groups has none."
    )
    return [
        section(
            "Errors against what is known",
            [
                html.P(note, className="page-lead mb-2"),
                html.Div(cards, className="evaluation-cards"),
                *([html.H3("Also known"), *others] if others else []),
            ],
        )
    ]


def _numbers(field: Values, level: str, title: str | None = None) -> Component:
    rows = [
        [
            one["name"],
            f"{one['errors']:,} of {one['items']:,}",
            score_text(one["rate"], one["items"]),
            interval_text(one["low"], one["high"], one["items"]),
            f"{one['groups']:,}",
        ]
        for one in field["bins"]
    ]
    heads = (field["title"], f"Wrong {level}", "Error rate", "95 % interval", "Groups")
    label = f"Error rate against {field['title']}"
    drawn = table(heads, rows, numbers=range(1, 5), label=label)
    return disclosure(title or field["title"], drawn)


def _attribute(field: Values, level: str) -> Component:
    parts: list[Any] = [
        html.H3(f"Error rate against {field['title']}"),
        graph(
            figures.rates(field),
            f"errors-{field['name']}",
            f"Error rate against {field['title']}",
            height="260px" if field["numeric"] else f"{max(260, 100 + 24 * len(field['bins']))}px",
        ),
        _numbers(field, level, "Numbers"),
    ]
    if field["missing"]:
        missing = plural(field["missing"], level.removesuffix("s"))
        parts.append(html.P(f"Not known of {missing}.", className="figure-note"))
    return html.Div(parts)
