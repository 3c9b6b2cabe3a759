"""How a campaign goes: scores by trial, curves by epoch, settings against scores, times."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.colors import sample_colorscale
from plotly.subplots import make_subplots

from diagnostics.evaluation.pareto import pareto_front
from layouts.components.titles import setting_title
from layouts.figures.template import (
    OUTLINE,
    SEQUENTIAL,
    SEQUENTIAL_LINES,
    SERIES,
    TEMPLATE,
    figure,
    plain,
)

Values = Mapping[str, Any]
# Colour and symbol of a trial by its state; text and icon say it too, in the table.
LOOKS = {
    "complete": (SERIES[0], "circle"),
    "pruned": (SERIES[5], "diamond-open"),
    "failed": (SERIES[1], "x"),
    "cancelled": ("#888888", "square-open"),
    "running": (SERIES[4], "triangle-right-open"),
}
METRICS = {
    "val_accuracy": "Validation accuracy, share of windows",
    "val_loss": "Validation loss",
}
# Accuracies lie between 0 and 1; a little more, so that marks at the ends are seen whole.
BOUNDS = {"val_accuracy": {"clipmin": -0.03, "clipmax": 1.03}}
COSTS = {"parameters": "Learned numbers", "latency_ms": "Time for a window, ms"}
COLUMNS = 3
SHADES = 8
# Of more scores than this, every second, third … is drawn; the line of the best ones knows all.
MOST_SCORES = 2_000
# Bars of more trials than this are thinner than a line.
MOST_BARS = 500
# Up to so many whole numbers are all named on an axis.
MOST_TICKS = 20
# Where a slice has more settings than this, the page would be a book.
MOST_SLICES = 12


def metric_title(metric: str) -> str:
    return METRICS.get(metric, metric)


def _bounded(drawn: go.Figure, metric: str) -> go.Figure:
    """Scores drawn no further than they can reach: of equal ones plotly draws one more each way."""
    return drawn.update_yaxes(autorangeoptions=BOUNDS.get(metric))


def _in_two(metric: str) -> str:
    """The title in two lines, for figures that are not tall."""
    return metric_title(metric).replace(", ", ",<br>")


def history_figure(history: Values, metric: str, *, maximises: bool) -> go.Figure:
    """The score of every trial, and the best one so far as a line."""
    traces = []
    for state in ("complete", "pruned"):
        chosen = [place for place, one in enumerate(history["states"]) if one == state]
        chosen = [place for place in chosen if history["values"][place] is not None]
        if chosen:
            traces.append(_scores(history, chosen, state))
    best = _best(history, maximises=maximises)
    if best:
        numbers, values = zip(*best, strict=True)
        traces.append(
            go.Scatter(
                x=np.array(numbers),
                y=np.array(values),
                mode="lines",
                name="best so far",
                line={"color": SERIES[2], "width": 2, "shape": "hv"},
                hovertemplate="%{y:.4g}<extra>best up to trial %{x}</extra>",
            )
        )
    drawn = figure(*traces, x_title="Trial", y_title=_in_two(metric), uirevision="history")
    last = max(history["numbers"], default=1)
    drawn.update_xaxes(range=[0, max(last, 5) + 1], tickformat="d")
    return _bounded(drawn, metric)


def curves_figure(curves: Sequence[Values], metric: str) -> go.Figure:
    """Validation after each epoch, a line for each trial; where it ends early, a mark."""
    by_trial: dict[int, list[Values]] = {}
    for point in curves:
        if point[metric] is not None:
            by_trial.setdefault(point["number"], []).append(point)
    traces = []
    # Trials of one state are one trace, with gaps between them.
    for state, (color, symbol) in LOOKS.items():
        of_state = [points for points in by_trial.values() if points[0]["state"] == state]
        if not of_state:
            continue
        look = {"color": color, "width": 1}
        ends = [points[-1:] for points in of_state]
        traces.append(_curve(of_state, metric, state, mode="lines", line=look))
        mark = {"color": color, "symbol": symbol, "size": 7}
        traces.append(_curve(ends, metric, state, mode="markers", marker=mark, showlegend=False))
    drawn = figure(*traces, x_title="Epoch", y_title=_in_two(metric), uirevision="curves")
    last_epoch = max((point["epoch"] for point in curves), default=1)
    drawn.update_xaxes(range=[0.5, max(last_epoch, 5) + 0.5], tickformat="d")
    return _bounded(drawn, metric)


def _curve(of_trials: Sequence[Sequence[Values]], metric: str, state: str, **look: Any) -> Any:
    """What is known of some trials as one trace."""
    rows: list[tuple[float, float, int]] = []
    for points in of_trials:
        rows += [(point["epoch"], point[metric], point["number"]) for point in points]
        rows.append((math.nan, math.nan, points[0]["number"]))
    epochs, values, numbers = zip(*rows, strict=True)
    return go.Scatter(
        x=np.array(epochs, dtype=float),
        y=np.array(values, dtype=float),
        customdata=np.array(numbers),
        name="ended early" if state == "pruned" else state,
        legendgroup=state,
        hovertemplate="%{y:.4g}<extra>trial %{customdata}, epoch %{x}</extra>",
        **look,
    )


def parallel_figure(points: Sequence[Values], space: Values, metric: str) -> go.Figure:
    """One line for each trial through all settings that every trial has."""
    names = [name for name in space if all(name in point["params"] for point in points)]
    scores = [point["value"] for point in points]
    axes = [_axis(name, space[name], [p["params"][name] for p in points]) for name in names]
    low, high = min(scores), max(scores)
    title = _short(metric_title(metric))
    axes.append({"label": title, "values": scores, "range": [low, high]})
    heights = [_heights(axis) for axis in axes]
    shades = heights[-1]
    drawn = go.Figure(layout={"template": TEMPLATE})
    # Lines of one shade are one trace, with gaps between the trials.
    for shade in range(SHADES):
        these = [p for p, one in enumerate(shades) if min(int(one * SHADES), SHADES - 1) == shade]
        if these:
            drawn.add_trace(_lines(points, heights, these, (shade + 0.5) / SHADES))
    scale = {"cmin": low, "cmax": high, "colorscale": SEQUENTIAL_LINES, "showscale": True}
    bar = {"title": {"text": title, "side": "right"}}
    drawn.add_trace(
        go.Scatter(
            x=[None],
            y=[None],
            mode="markers",
            marker={**scale, "color": [low], "colorbar": bar},
            showlegend=False,
            hoverinfo="skip",
        )
    )
    here = {"showarrow": False, "xanchor": "left", "xshift": 4}
    drawn.update_layout(  # at once: to add one, plotly looks at all others again
        shapes=[
            {"type": "line", "x0": place, "x1": place, "y0": 0, "y1": 1, "line": OUTLINE}
            for place in range(len(axes))
        ],
        annotations=[
            {"x": place, "y": height, "text": text, **here}
            for place, axis in enumerate(axes)
            for height, text in _ticks(axis)
        ],
    )
    drawn.update_xaxes(
        tickvals=list(range(len(axes))),
        ticktext=[axis["label"] for axis in axes],
        range=[-0.1, len(axes) - 0.6],
        showgrid=False,
        title_text="Setting",
    )
    drawn.update_yaxes(visible=False, range=[-0.05, 1.05])
    drawn.update_layout(uirevision="parallel")
    return drawn


def _lines(
    points: Sequence[Values], heights: Sequence[Sequence[float]], these: Sequence[int], share: float
) -> go.Scatter:
    x: list[float] = []
    y: list[float] = []
    told: list[str] = []
    for one in these:
        x += [*range(len(heights)), math.nan]
        y += [*(each[one] for each in heights), math.nan]
        told += [f"trial {points[one]['number']}, {points[one]['value']:.4g}"] * (len(heights) + 1)
    (color,) = sample_colorscale(SEQUENTIAL_LINES, [share])
    return go.Scatter(
        x=np.array(x),
        y=np.array(y),
        text=np.array(told, dtype=object),
        mode="lines",
        line={"color": color, "width": 1.5},
        showlegend=False,
        hovertemplate="%{text}<extra></extra>",
    )


def _heights(axis: Values) -> list[float]:
    """Values of an axis between 0 and 1."""
    low, high = axis.get("range") or (0, max(len(axis["tickvals"]) - 1, 1))
    return [(value - low) / (high - low) if high > low else 0.5 for value in axis["values"]]


def _ticks(axis: Values) -> list[tuple[float, str]]:
    places = list(axis.get("tickvals") or axis["range"])
    texts = axis.get("ticktext") or [f"{place:.4g}" for place in places]
    return list(zip(_heights({**axis, "values": places}), texts, strict=True))


def slices_figure(points: Sequence[Values], space: Values, metric: str) -> go.Figure:
    """The score against each setting by itself; colour tells early trials from late ones."""
    names = list(space)[:MOST_SLICES]
    count = max(len(names), 1)
    columns = min(COLUMNS, count)
    rows = math.ceil(count / columns)
    drawn = make_subplots(rows, columns, shared_yaxes=True, vertical_spacing=0.4 / rows)
    for place, name in enumerate(names):
        row, column = place // columns + 1, place % columns + 1
        having = [point for point in points if name in point["params"]]
        numbers = np.array([point["number"] for point in having], dtype=int)
        drawn.add_trace(
            go.Scatter(
                x=_array([point["params"][name] for point in having]),
                y=np.array([point["value"] for point in having], dtype=float),
                customdata=numbers,
                mode="markers",
                marker={
                    "color": numbers,
                    "coloraxis": "coloraxis",
                    "size": 7,
                    "line": OUTLINE,
                },
                showlegend=False,
                hovertemplate="%{y:.4g} at %{x}<extra>trial %{customdata}</extra>",
            ),
            row,
            column,
        )
        log = bool(space[name].get("log"))
        kind = "category" if space[name]["type"] == "categorical" else ("log" if log else "linear")
        drawn.update_xaxes(title_text=plain(setting_title(name)), type=kind, row=row, col=column)
    drawn.update_yaxes(title_text=_short(metric_title(metric)), col=1)
    drawn.update_layout(
        template=TEMPLATE,
        height=max(260, 240 * rows),
        uirevision="slices",
        coloraxis={"colorscale": SEQUENTIAL, "colorbar": {"title": {"text": "Trial"}}},
    )
    return _bounded(drawn, metric)


def front_figure(points: Sequence[Values], metrics: Sequence[str], *, maximises: bool) -> go.Figure:
    """Score against cost; those that no other trial beats in both are joined by a line."""
    having = [point for point in points if point["cost"] is not None]
    costs = np.array([point["cost"] for point in having], dtype=float)
    scores = np.array([point["value"] for point in having], dtype=float)
    front = pareto_front(costs, scores if maximises else -scores)
    traces = [
        _costs([one for one, on in zip(having, front, strict=True) if not on], "others", SERIES[4])
    ]
    best = sorted(
        (one for one, on in zip(having, front, strict=True) if on), key=lambda one: one["cost"]
    )
    traces.append(_costs(best, "none is better in both", SERIES[1], mode="lines+markers"))
    title = COSTS.get(metrics[1], metrics[1])
    drawn = figure(*traces, x_title=title, y_title=metric_title(metrics[0]), uirevision="front")
    return _bounded(drawn, metrics[0])


def _costs(points: Sequence[Values], name: str, color: str, mode: str = "markers") -> go.Scatter:
    return go.Scatter(
        x=[point["cost"] for point in points],
        y=[point["value"] for point in points],
        customdata=[point["number"] for point in points],
        mode=mode,
        name=name,
        line={"color": color, "width": 1, "shape": "hv"},
        marker={"color": color, "size": 8},
        hovertemplate="%{y:.4g} at %{x:.4g}<extra>trial %{customdata}</extra>",
    )


def pair_figure(
    points: Sequence[Values],
    space: Values,
    pair: tuple[str, str],
    metric: str,
    surface: Values | None = None,
) -> go.Figure:
    """Two settings against each other, a point for each trial.

    Nothing is guessed between them but by ``surface``, a model's scores over a regular grid.
    """
    x_name, y_name = pair
    having = [p for p in points if x_name in p["params"] and y_name in p["params"]]
    traces: list[Any] = []
    if surface is not None:
        traces.append(_area(surface))
    traces.append(
        go.Scatter(
            x=_array([point["params"][x_name] for point in having]),
            y=_array([point["params"][y_name] for point in having]),
            customdata=np.array([[point["number"], point["value"]] for point in having]),
            mode="markers",
            marker={
                "color": np.array([point["value"] for point in having], dtype=float),
                "coloraxis": "coloraxis",
                "size": 10,
                "line": OUTLINE,
            },
            showlegend=False,
            hovertemplate="%{customdata[1]:.4g}<extra>trial %{customdata[0]}</extra>",
        )
    )
    drawn = figure(
        *traces,
        x_title=plain(setting_title(x_name)),
        y_title=plain(setting_title(y_name)),
        uirevision=f"{pair}",
    )
    for update, name in ((drawn.update_xaxes, x_name), (drawn.update_yaxes, y_name)):
        one = space[name]
        if one["type"] == "categorical":
            update(type="category")
        elif one.get("log"):
            update(type="log")
        elif one["type"] == "int" and one["high"] - one["low"] <= MOST_TICKS:
            update(dtick=1)
    title = {"text": _short(metric_title(metric)), "side": "right"}
    drawn.update_layout(coloraxis={"colorscale": SEQUENTIAL, "colorbar": {"title": title}})
    return drawn


def surface_of(importance: Values | None, pair: tuple[str, str]) -> Values | None:
    """The model's scores over two settings, whichever way round it was asked, if there are any."""
    for one in (importance or {}).get("surfaces", ()):
        if (one["x"], one["y"]) == pair:
            return dict(one)
        if (one["y"], one["x"]) == pair:
            turned = [list(column) for column in zip(*one["scores"], strict=True)]
            return {"x_values": one["y_values"], "y_values": one["x_values"], "scores": turned}
    return None


def _area(surface: Values) -> go.Heatmap:
    """Fields of a regular grid; lines of equal score freeze browsers that draw by software."""
    return go.Heatmap(
        x=_array(surface["x_values"]),
        y=_array(surface["y_values"]),
        z=np.array(surface["scores"], dtype=float),
        coloraxis="coloraxis",
        opacity=0.75,
        hovertemplate="%{z:.4g} expected at %{x}, %{y}<extra>model</extra>",
    )


def importance_figure(importance: Values) -> go.Figure:
    """What each setting explains of how scores differ; lines are from forest to forest."""
    measured = importance["importances"][::-1]
    shares = [100 * one["share"] for one in measured]
    trace = go.Bar(
        x=shares,
        y=[plain(setting_title(one["name"])) for one in measured],
        orientation="h",
        marker={"color": SERIES[0]},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [100 * (one["high"] - one["share"]) for one in measured],
            "arrayminus": [100 * (one["share"] - one["low"]) for one in measured],
        },
        hovertemplate="%{x:.1f} %<extra>%{y}</extra>",
    )
    drawn = figure(
        trace, x_title="Share of the variance that a forest forecasts, %", y_title="Setting"
    )
    drawn.update_xaxes(rangemode="tozero")
    drawn.update_layout(height=120 + 34 * len(measured))
    return drawn


def timeline_figure(history: Values, now: datetime) -> go.Figure:
    """When each trial ran: a bar from its begin to its end, for the newest :data:`MOST_BARS`."""
    title = "Trial" if len(history["numbers"]) <= MOST_BARS else f"Trial, the newest {MOST_BARS}"
    history = {name: column[-MOST_BARS:] for name, column in history.items()}
    traces = []
    for state, (color, _) in LOOKS.items():
        places = [place for place, one in enumerate(history["states"]) if one == state]
        if not places:
            continue
        begun = [history["started"][place] for place in places]
        ended = [history["finished"][place] or now for place in places]
        lasted = [(b - a).total_seconds() for a, b in zip(begun, ended, strict=True)]
        traces.append(
            go.Bar(
                base=[at.isoformat() for at in begun],
                x=[1000 * seconds for seconds in lasted],
                y=[history["numbers"][place] for place in places],
                customdata=[f"{seconds:.3g}" for seconds in lasted],
                orientation="h",
                name=state,
                marker={"color": color},
                hovertemplate="trial %{y}: %{customdata} s<extra>" + state + "</extra>",
            )
        )
    drawn = figure(*traces, x_title="Time (UTC)", y_title=title, uirevision="timeline")
    drawn.update_xaxes(type="date")
    drawn.update_yaxes(autorange="reversed", tickformat="d")
    drawn.update_layout(barmode="overlay", bargap=0.2)
    return drawn


def _scores(history: Values, places: Sequence[int], state: str) -> go.Scatter:
    color, symbol = LOOKS[state]
    told = "ended early" if state == "pruned" else "complete"
    step = -(-len(places) // MOST_SCORES)
    places = places[::step]
    return go.Scatter(
        x=_column(history["numbers"], places),
        y=_column(history["values"], places),
        customdata=_column(history["epochs"], places),
        mode="markers",
        name=told if step == 1 else f"{told}, one of {step}",
        marker={"color": color, "symbol": symbol, "size": 8 if step == 1 else 5},
        hovertemplate="%{y:.4g} after %{customdata} epochs<extra>trial %{x}, " + told + "</extra>",
    )


def _column(values: Sequence[Any], places: Sequence[int]) -> NDArray[Any]:
    """As an array, which plotly takes as it is instead of looking at each number."""
    return np.array([values[place] for place in places])


def _best(history: Values, *, maximises: bool) -> list[tuple[int, float]]:
    """The trials that were better than all before them, and the last one to draw the line up to."""
    scored = [
        (number, value)
        for number, state, value in zip(
            history["numbers"], history["states"], history["values"], strict=True
        )
        if state == "complete" and value is not None
    ]
    found: list[tuple[int, float]] = []
    for number, value in scored:
        if not found or (value > found[-1][1] if maximises else value < found[-1][1]):
            found.append((number, value))
    ends = [] if not found or found[-1][0] == scored[-1][0] else [(scored[-1][0], found[-1][1])]
    return [*found, *ends]


def _axis(name: str, given: Values, values: Sequence[Any]) -> dict[str, Any]:
    label = plain(setting_title(name))
    if given["type"] == "categorical":
        choices = [_value(one) for one in given["choices"]]
        return {
            "label": label,
            "values": [choices.index(_value(value)) for value in values],
            "tickvals": list(range(len(choices))),
            "ticktext": [plain(str(one)) for one in choices],
        }
    if given.get("log"):
        low, high = math.log10(given["low"]), math.log10(given["high"])
        ticks = [low, (low + high) / 2, high]
        return {
            "label": label,
            "values": [math.log10(value) for value in values],
            "range": [low, high],
            "tickvals": ticks,
            "ticktext": [f"{10**tick:.3g}" for tick in ticks],
        }
    return {"label": label, "values": list(values), "range": [given["low"], given["high"]]}


def _array(values: Sequence[Any]) -> Any:
    """Numbers as an array, anything else as words."""
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in values)
    return np.array(values) if numbers else [_value(one) for one in values]


def _value(value: Any) -> Any:
    """Truth values and nothing as words: plotly would draw them as numbers."""
    return str(value) if value is None or isinstance(value, bool) else value


def _short(title: str) -> str:
    return title.split(",")[0]
