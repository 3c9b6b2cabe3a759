"""Figures of tables of features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from diagnostics.errors import FeatureError
from diagnostics.features.catalogue import feature
from layouts.figures.template import SERIES, dash_of, figure, plain

Values = Mapping[str, Any]

NO_LABEL = "no label"
ROW_PX = 20
MOST_BARS = 40
_SYMBOLS = ("circle", "square", "diamond", "cross", "triangle-up", "x")
# Blue and orange of Okabe and Ito: told apart by who cannot tell red from green.
_DIVERGING = [(0.0, "#D55E00"), (0.5, "#F4F4F4"), (1.0, "#0072B2")]
_UNITS = {
    "mutual_info": "Mutual information with the class [nats]",
    "random_forest": "Mean decrease of impurity [part of all]",
    "permutation": "Mean recall lost when shuffled",
}


def title_of(name: str) -> str:
    """What a column is called in a figure."""
    try:
        return feature(name).title
    except FeatureError:
        return name


def distribution(view: Values) -> go.Figure:
    """A line of steps for each class."""
    edges = view["edges"]
    traces = [
        go.Scatter(
            x=edges,
            y=[100 * share for share in [*shares, shares[-1]]],
            mode="lines",
            name=plain(label or NO_LABEL),
            line={
                "shape": "hv",
                "width": 2,
                "color": SERIES[number % len(SERIES)],
                "dash": dash_of(number),
            },
            hovertemplate="%{y:.3g} % of its windows from %{x:.4g}<extra>%{fullData.name}</extra>",
        )
        for number, (label, shares) in enumerate(view["shares"].items())
        if view["known"][label]
    ]
    unit = view["feature"]["unit"]
    title = plain(view["feature"]["title"])
    return figure(
        *traces,
        x_title=f"{title} [{unit}]" if unit else title,
        y_title="Windows of the class [%]",
        yaxis={"rangemode": "tozero"},
        showlegend=True,
    )


def projection(seen: Values, method: str, address: Values) -> go.Figure:
    """A point for each window; ``address`` says the browser where a click leads to."""
    labels = sorted(set(seen["labels"]))
    traces = []
    for number, label in enumerate(labels):
        rows = [row for row, mine in enumerate(seen["labels"]) if mine == label]
        traces.append(
            go.Scatter(
                x=[seen["x"][row] for row in rows],
                y=[seen["y"][row] for row in rows],
                mode="markers",
                name=plain(label or NO_LABEL),
                marker={
                    "color": SERIES[number % len(SERIES)],
                    "symbol": _SYMBOLS[number // len(SERIES) % len(_SYMBOLS)],
                    "size": 6,
                    "opacity": 0.75,
                },
                customdata=[
                    [seen["recording_ids"][row], seen["starts_s"][row], seen["stops_s"][row]]
                    for row in rows
                ],
                text=[plain(seen["groups"][row]) for row in rows],
                hovertemplate="%{text}<br>from %{customdata[1]:.4g} s"
                "<extra>%{fullData.name}</extra>",
            )
        )
    x_title, y_title = _axes(seen, method)
    return figure(
        *traces,
        x_title=x_title,
        y_title=y_title,
        showlegend=True,
        meta=dict(address),
    )


def correlation(seen: Values) -> go.Figure:
    """All pairs, blue where they rise together and orange where one falls."""
    titles = [plain(title_of(name)) for name in seen["names"]]
    drawn = figure(
        go.Heatmap(
            z=seen["matrix"],
            x=titles,
            y=titles,
            zmin=-1,
            zmax=1,
            colorscale=_DIVERGING,
            colorbar={"title": {"text": "Coefficient"}, "thickness": 12},
            hovertemplate="%{y}<br>%{x}<br>%{z:.2f}<extra></extra>",
        ),
        x_title="Feature",
        y_title="Feature",
    )
    drawn.update_xaxes(showgrid=False, tickangle=-90, dtick=1)
    return drawn.update_yaxes(showgrid=False, autorange="reversed", dtick=1)


def importance(seen: Values, method: str) -> go.Figure:
    """Bars, the highest above, with the standard deviation between folds."""
    shown = list(seen["scores"].items())[:MOST_BARS][::-1]
    spread = seen["spread"]
    return figure(
        go.Bar(
            x=[score for _, score in shown],
            y=[plain(title_of(name)) for name, _ in shown],
            orientation="h",
            marker={"color": SERIES[0]},
            error_x={
                "type": "data",
                "array": [spread.get(name, 0.0) for name, _ in shown],
                "visible": bool(spread),
                "color": "#8A939C",
                "thickness": 1,
            },
            hovertemplate="%{y}: %{x:.3g}<extra></extra>",
        ),
        x_title=_UNITS.get(method, "Score"),
        y_title="Feature",
        yaxis={"dtick": 1},
    )


def tall(rows: int) -> int:
    """Pixels of a figure with so many rows of text."""
    return 110 + ROW_PX * max(4, rows)


def _axes(seen: Values, method: str) -> Sequence[str]:
    explained = seen.get("explained")
    if method != "pca" or not explained:
        return "t-SNE 1 (no unit)", "t-SNE 2 (no unit)"
    return [
        f"Component {number} ({100 * share:.0f} % of the variance)"
        for number, share in enumerate(explained[:2], start=1)
    ]
