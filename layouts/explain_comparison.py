"""Methods side by side: what they say of the machine, and whether they are any good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.frame import alert, icon, section
from layouts.components.links import path_to
from layouts.components.moments import duration
from layouts.components.tables import table
from layouts.figures import relevance as figures
from layouts.figures.template import graph_config

View = Mapping[str, Any]


class Ids:
    side_by_side = "explain-side-by-side"


_ANSWERS = {
    "yes": ("check-circle", "yes"),
    "no": ("x-octagon", "no"),
    "unknown": ("question-circle", "cannot be told"),
}
# Key, name, and what it means: higher or lower is better, compared with what.
_MEASURES = (
    ("completeness", "Completeness error", "lower is better; above 0.05 take more steps"),
    ("deletion", "Deletion", "lower is better: the class goes when its relevant stretches go"),
    ("random_deletion", "– by chance", "what deletion is to be compared with"),
    ("insertion", "Insertion", "higher is better: the class comes with its relevant stretches"),
    ("random_insertion", "– by chance", "what insertion is to be compared with"),
    ("random_weights", "Like random weights", "near 0 is good; near 1 it draws the signal"),
    ("stability", "Stable under noise", "near 1 is good; noise of 5 % was added"),
)


def comparison(view: View, amplitude: str, window: str) -> list[Component]:
    """Everything about the methods that are there, in one window and for the machine."""
    methods = view["methods"]
    if not methods:
        return []
    return [
        _sentences(methods),
        *_shortcuts(methods[0]["shortcuts"]),
        _side_by_side(methods, amplitude, window),
        _frequencies(methods),
        _card(methods, view["agreement"]),
        _tables(methods),
        _downloads(methods),
    ]


def features(views: Sequence[View]) -> list[Component]:
    """What moved a classifier on features, method by method."""
    return [_features(view) for view in views]


def _sentences(methods: Sequence[View]) -> Component:
    rows = []
    for one in methods:
        name, told = _ANSWERS[one["domain"]["answer"]]
        said = html.Span([html.Strong(f"{one['title']}: "), one["domain"]["sentence"]])
        rows.append(html.Li([icon(name, title=told), " ", said]))
    return section(
        "Is it looking at the fault frequency?",
        [
            html.Ul(rows, className="explain-answers"),
            html.P(
                "Rhythm is how often relevance comes back, as an envelope spectrum is for the "
                "signal: strikes ring at high frequencies and only their repetition has the "
                "frequency of the fault.",
                className="plot-note",
            ),
        ],
    )


def _shortcuts(view: View | None) -> list[Component]:
    """Whether it hangs on what no fault depends on; the same for all methods."""
    if view is None:
        return []
    rows = [
        [row["change"], "not heard" if row["probability"] is None else _number(row["probability"])]
        for row in view["rows"]
    ]
    told = view["warnings"] or ["It holds: none of these changes moves the probability by much."]
    level = "warning" if view["warnings"] else "success"
    parts = [
        *(alert(text, level) for text in told),
        table(["The recording", "Probability"], rows, label="What if", numbers=[1]),
    ]
    return [section("Does it hold when what no fault depends on changes?", parts)]


def _side_by_side(methods: Sequence[View], amplitude: str, window: str) -> Component:
    """Those that explained the window; the others are named."""
    here = [one for one in methods if one["in_window"]]
    elsewhere = [one["title"] for one in methods if not one["in_window"]]
    drawn = figures.over_time(here, amplitude)
    # A zoom by hand outlives a Patch with finer samples as long as this stays the same.
    drawn.update_layout(uirevision=window)
    graph = _graph(drawn, len(here), "methods", id=Ids.side_by_side)
    told: list[Component] = [
        html.P(
            "Orange speaks for the class, blue against it. Each row has its own scale; zooming "
            "one zooms all.",
            className="plot-note",
        )
    ]
    if elsewhere:
        names = ", ".join(elsewhere)
        told.append(alert(f"{names}: explains fewer windows, and not this one."))
    return section(f"Side by side, {window}", [html.Div(graph, className="explain-wave"), *told])


def _frequencies(methods: Sequence[View]) -> Component:
    rhythms = [one for one in methods if one["rhythm"]]
    spectra = [one for one in methods if one["spectrum"]]
    framed = [one for one in methods if one["frames"] and one["in_window"]]
    parts: list[Any] = []
    if rhythms:
        parts += [
            html.H3("How often relevance comes back"),
            _graph(figures.over_rhythm(rhythms), len(rhythms), "rhythm"),
        ]
    if spectra:
        spread = [one["title"] for one in spectra if not one["spectrum"]["is_exact"]]
        parts += [
            html.H3("Which frequencies carry it"),
            _graph(figures.over_frequency(spectra), len(spectra), "spectrum"),
        ]
        if spread:
            does = "knows no frequency: its" if len(spread) == 1 else "know no frequency: their"
            told = f"{', '.join(spread)} {does} relevance was spread by the energy in each stretch."
            parts.append(html.P(told, className="plot-note"))
    for one in framed:
        config = _config(f"time-frequency-{one['method']}")
        parts += [
            html.H3(f"Time and frequency: {one['title']}"),
            dcc.Graph(figure=figures.over_both(one), config=config, style={"height": "300px"}),
        ]
    return section("In frequency", parts)


def _card(methods: Sequence[View], agreement: Sequence[Sequence[float | None]]) -> Component:
    titles = [one["title"] for one in methods]
    numbers = range(1, len(methods) + 1)
    rows = [
        [name, *(_number(one["card"].get(key)) for one in methods), meaning]
        for key, name, meaning in _MEASURES
    ]
    rows.append(["Took", *(duration(one["seconds"]) for one in methods), ""])
    parts: list[Any] = [
        table(["", *titles, "What it means"], rows, label="Score card", numbers=numbers)
    ]
    if len(methods) > 1:
        likeness = [
            [title, *map(_number, row)] for title, row in zip(titles, agreement, strict=True)
        ]
        parts += [
            html.H3("Agreement"),
            html.P(
                "Rank correlation of relevance over stretches, 1 is the same order.",
                className="plot-note",
            ),
            table(["", *titles], likeness, label="Agreement of methods", numbers=numbers),
        ]
    for one in methods:
        if one["curves"]:
            config = _config(f"curves-{one['method']}")
            drawn = dcc.Graph(figure=figures.curves(one), config=config, style={"height": "300px"})
            parts += [html.H3(f"Deletion and insertion: {one['title']}"), drawn]
    return section("Is it any good?", parts)


def _tables(methods: Sequence[View]) -> Component:
    parts: list[Any] = []
    for one in methods:
        stretches = [
            [f"{row['start_s']:.4f} to {row['stop_s']:.4f} s", f"{100 * row['share']:+.1f} %"]
            for row in one["segments"]
        ]
        bands = [
            [f"{row['low_hz']:,.0f} to {row['high_hz']:,.0f} Hz", f"{100 * row['share']:.1f} %"]
            for row in one["domain"]["bands"]
        ]
        kinds = [
            [
                f"{row['line']}, {row['frequency_hz']:.1f} Hz",
                *(f"{100 * row[key]:.0f} %" for key in _SHARES),
                icon("check-lg", title="stands out") if row["stands_out"] else "",
            ]
            for row in one["domain"]["kinds"]
        ]
        label = one["title"]
        parts += [
            html.H3(label),
            html.Div(
                [
                    table(
                        ["Stretch", "Share"], stretches, label=f"Stretches, {label}", numbers=[1]
                    ),
                    table(["Band", "Share"], bands, label=f"Bands, {label}", numbers=[1]),
                ],
                className="two-columns",
            ),
        ]
        if kinds:
            head = ["Rhythm at", "Network", "Chance", "95 %", "Random weights", "Signal", ""]
            parts.append(table(head, kinds, label=f"Rhythms, {label}", numbers=range(1, 6)))
    return section("Where most of it lies", parts)


_SHARES = ("share", "chance", "chance_95", "random_weights", "signal")


def _downloads(methods: Sequence[View]) -> Component:
    links = []
    for one in methods:
        base = f"/api/v1/explanations/{one['explanation_id']}"
        for ending, path in (("CSV", f"{base}/csv"), ("JSON", base)):
            name = f"{one['title']} as {ending}"
            links.append(
                html.Li(html.A([icon("download"), " ", name], href=path_to(path), target="_blank"))
            )
    note = "Each figure saves itself as a picture (PNG) by its camera button."
    return section(
        "Take it along",
        [html.Ul(links, className="download-list"), html.P(note, className="plot-note")],
    )


def _features(view: View) -> Component:
    rows = [
        [row["feature"], f"{row['mean']:+.4f}", f"{row['size']:.4f}"] for row in view["rows"][:20]
    ]
    base = f"/api/v1/explanations/{view['explanation_id']}"
    told = (
        f"Without any feature the {view['unit']} of “{view['target_class']}” is "
        f"{view['expected']:.3f}; the features move it, on average over {view['explained']:,} "
        f"windows, by these amounts. The probability is {view['probability']:.2f}; at most "
        f"{view['completeness']:.2g} is missing in a sum. Values show what the classifier "
        "used, which need not be the fault."
    )
    return section(
        f"{view['recording']}: {view['title']}",
        [
            html.P(told),
            table(
                ["Feature", "Moves it by", "Mean size"],
                rows,
                label=f"Features, {view['title']}",
                numbers=[1, 2],
            ),
            html.P(html.A([icon("download"), " as CSV"], href=path_to(f"{base}/csv"))),
        ],
    )


def _graph(drawn: Any, rows: int, name: str, **more: Any) -> Component:
    style = {"height": figures.height_of(rows)}
    return dcc.Graph(figure=drawn, config=_config(name), style=style, **more)


def _config(name: str) -> Any:
    """As of every figure, but the picture that is saved is a PNG: heat maps are large as SVG."""
    config = graph_config(name)
    return {
        **config,
        "toImageButtonOptions": {**config["toImageButtonOptions"], "format": "png", "scale": 2},
    }


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
