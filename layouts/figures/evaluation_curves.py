"""Figures of the evaluation page: curves with bands, reliability, disturbances, costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from layouts.evaluation_numbers import score_text
from layouts.figures.template import SERIES, dash_of, figure, plain

Values = Mapping[str, Any]

_GREY = "#6E7781"
_UNIT = {"range": [-0.02, 1.02], "tickformat": ".1f"}


def curves(
    lines: Sequence[Values], x_title: str, y_title: str, chosen: str | None, hover: str
) -> go.Figure:
    """All classes without bands, or one of them, or their mean, with its band."""
    shown = [(n, line) for n, line in enumerate(lines) if chosen in (None, line["name"])]
    traces: list[Any] = []
    for number, line in shown:
        color = _GREY if line["name"] == lines[-1]["name"] and len(lines) > 1 else _color(number)
        if chosen is not None and line["band"] is not None:
            traces.append(band(line["band"], color))
        traces.append(_line(line, color, dash_of(number), hover))
        if chosen is not None and line["guessing"] is not None:
            traces.append(_guessing([0, 1], [line["guessing"]] * 2))
    if y_title.startswith("True positive"):
        traces.append(_guessing([0, 1], [0, 1]))
    return figure(
        *traces,
        x_title=x_title,
        y_title=y_title,
        xaxis=_UNIT,
        yaxis=_UNIT,
    )


def band(given: Values, color: str) -> go.Scatter:
    """A closed shape from the low to the high end."""
    return go.Scatter(
        x=[*given["x"], *reversed(given["x"])],
        y=[*given["high"], *reversed(given["low"])],
        fill="toself",
        fillcolor=_faint(color),
        line={"width": 0},
        name="95 % band",
        hoverinfo="skip",
    )


def risk(found: Values) -> go.Figure:
    """Risk against coverage, with its band and what answering in no order would give."""
    traces: list[Any] = []
    if found["band"] is not None:
        traces.append(band(found["band"], SERIES[0]))
    traces.append(
        go.Scatter(
            x=found["x"],
            y=found["y"],
            mode="lines" if len(found["x"]) > 1 else "markers",
            name="The surest answers first",
            line={"color": SERIES[0], "width": 2},
            hovertemplate="%{y:.3f} wrong of %{x:.0%} answered<extra></extra>",
        )
    )
    rate = found["error_rate"]
    traces.append(_guessing([0, 1], [rate, rate], "In no order"))
    highest = max([rate, *found["y"], *(found["band"]["high"] if found["band"] else [])])
    return figure(
        *traces,
        x_title="Coverage: share that is answered",
        y_title="Risk: share of wrong answers",
        xaxis=_UNIT,
        yaxis={"range": [-0.02 * max(highest, 0.05), 1.05 * max(highest, 0.05)]},
    )


def reliability(found: Values) -> go.Figure:
    """Accuracy against confidence for each bin; the size of a point is its count."""
    traces: list[Any] = [_guessing([0, 1], [0, 1], "As sure as right")]
    names = {"before": "As it is", "after": "With temperature"}
    for number, (key, name) in enumerate(names.items()):
        one = found[key]
        if one is None:
            continue
        bins = [part for part in one["bins"] if part["count"]]
        largest = max(part["count"] for part in bins)
        traces.append(
            go.Scatter(
                x=[part["confidence"] for part in bins],
                y=[part["accuracy"] for part in bins],
                customdata=[part["count"] for part in bins],
                error_y=_bars(bins, "accuracy", "accuracy_low", "accuracy_high"),
                mode="lines+markers",
                name=name,
                line={"color": SERIES[number], "width": 1, "dash": dash_of(number)},
                marker={
                    "color": SERIES[number],
                    "symbol": ("circle", "diamond")[number],
                    "size": [6 + 14 * (part["count"] / largest) ** 0.5 for part in bins],
                },
                hovertemplate="%{y:.2f} right at a confidence of %{x:.2f}"
                "<br>n = %{customdata}<extra></extra>",
            )
        )
    return figure(
        *traces,
        x_title="Confidence in the named class",
        y_title="Accuracy: share named rightly",
        xaxis=_UNIT,
        yaxis=_UNIT,
    )


def counts(found: Values) -> go.Figure:
    """How many items each bin of the reliability has."""
    names = {"before": "As it is", "after": "With temperature"}
    bars = [
        go.Bar(
            x=[(part["low"] + part["high"]) / 2 for part in found[key]["bins"]],
            y=[part["count"] for part in found[key]["bins"]],
            name=name,
            marker={"color": SERIES[number]},
            hovertemplate="%{y} at about %{x:.2f}<extra></extra>",
        )
        for number, (key, name) in enumerate(names.items())
        if found[key] is not None
    ]
    return figure(
        *bars,
        x_title="Confidence in the named class",
        y_title=found["level"].capitalize(),
        xaxis={"range": [0, 1], "tickformat": ".1f"},
        barmode="group",
    )


def rates(field: Values) -> go.Figure:
    """The error rate of each bin of what is known of the recordings, with its interval."""
    bins, upright = field["bins"], field["numeric"]
    names, values = [plain(one["name"]) for one in bins], [one["rate"] for one in bins]
    ends = _bars(bins, "rate", "low", "high")
    # Names are read from the side: beneath their points long ones would stand on their heads.
    place = {"x": names, "y": values, "error_y": ends}
    if not upright:
        place = {"x": values, "y": names, "error_x": ends}
    trace = go.Scatter(
        **place,
        customdata=[[one["errors"], one["items"], one["groups"]] for one in bins],
        mode="markers",
        marker={"color": SERIES[0], "size": 9},
        hovertemplate=f"%{{{'y' if upright else 'x'}:.3f}}: %{{customdata[0]}} of "
        "%{customdata[1]} wrong, %{customdata[2]} groups<extra></extra>",
    )
    named = {"type": "category"} if upright else {"type": "category", "autorange": "reversed"}
    scale = {"range": [-0.03, 1.03], "tickformat": ".1f"}
    return figure(
        trace,
        x_title=plain(field["title"]) if upright else "Error rate",
        y_title="Error rate" if upright else "",
        xaxis=named if upright else scale,
        yaxis=scale if upright else named,
        showlegend=False,
    )


def disturbance(
    conditions: Sequence[Values], level: str, labels: Sequence[str], x_title: str
) -> go.Figure:
    """Accuracy at each level of one disturbance; the data as they are stand among them."""
    scores = [one[level]["accuracy"] for one in conditions]
    trace = go.Scatter(
        x=labels,
        y=[score["value"] for score in scores],
        error_y=_bars(scores, "value", "low", "high"),
        mode="lines+markers",
        line={"color": SERIES[0], "width": 1, "dash": "dot"},
        marker={"color": SERIES[0], "size": 9},
        hovertemplate="%{y:.3f} at %{x}<extra></extra>",
    )
    return figure(
        trace,
        x_title=x_title,
        y_title="Accuracy",
        xaxis={"type": "category"},
        yaxis={"range": [0, 1.05], "tickformat": ".1f"},
        showlegend=False,
    )


def costs(rows: Sequence[Values], cost: str, x_title: str) -> go.Figure:
    """Accuracy against a cost; those that nothing beats are joined by a line."""
    color = {row["experiment_id"]: _color(number) for number, row in enumerate(rows)}
    known = sorted((row for row in rows if row[cost] is not None), key=lambda row: row[cost])
    front = [row for row in known if row["on_front"][cost]]
    lowest = min(row["accuracy"] if row["low"] is None else row["low"] for row in known)
    joined = go.Scatter(
        x=[row[cost] for row in front],
        y=[row["accuracy"] for row in front],
        mode="lines",
        line={"color": _GREY, "dash": "dot", "width": 2, "shape": "hv"},
        name="nothing is as cheap and as good",
        hoverinfo="skip",
    )
    traces: list[Any] = [joined] if front else []
    for row in known:
        traces.append(
            go.Scatter(
                x=[row[cost]],
                y=[row["accuracy"]],
                error_y=_bars([row], "accuracy", "low", "high"),
                mode="markers",
                name=plain(row["name"]),
                marker={
                    "color": color[row["experiment_id"]],
                    "size": 11,
                    "symbol": "circle" if row["on_front"][cost] else "circle-open",
                    "line": {"width": 2, "color": color[row["experiment_id"]]},
                },
                showlegend=True,
                hovertemplate="%{y:.3f}, %{x:,}<extra>" + plain(row["title"]) + "</extra>",
            )
        )
    return figure(
        *traces,
        x_title=x_title,
        y_title="Accuracy of recordings",
        xaxis={"type": "log"},
        yaxis={"range": [max(0.0, lowest - 0.1), 1.03], "tickformat": ".2f"},
    )


def _line(line: Values, color: str, dash: str, hover: str) -> go.Scatter:
    return go.Scatter(
        x=line["x"],
        y=line["y"],
        mode="lines",
        name=f"{plain(line['name'])}, area {score_text(line['area'])}",
        line={"color": color, "dash": dash, "width": 2},
        hovertemplate=hover + "<extra></extra>",
    )


def _guessing(x: list[float], y: list[float], name: str = "Guessing") -> go.Scatter:
    return go.Scatter(
        x=x,
        y=y,
        mode="lines",
        name=name,
        line={"color": "#8A939C", "width": 1, "dash": "dot"},
        hoverinfo="skip",
    )


def _bars(rows: Sequence[Values], value: str, low: str, high: str) -> dict[str, Any]:
    """Ends of intervals, as distances; none where there is no interval."""
    if all(row[low] is None for row in rows):
        return {"visible": False}
    up = [0 if row[high] is None else max(0.0, row[high] - row[value]) for row in rows]
    down = [0 if row[low] is None else max(0.0, row[value] - row[low]) for row in rows]
    return {"type": "data", "symmetric": False, "array": up, "arrayminus": down, "thickness": 1.5}


def _color(number: int) -> str:
    return SERIES[number % len(SERIES)]


def _faint(color: str) -> str:
    red, green, blue = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.18)"
