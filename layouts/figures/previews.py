"""Waveforms of several recordings beside each other, a row for each class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from layouts.components.quantities import quantity
from layouts.figures.template import SERIES, TEMPLATE, plain

Values = Mapping[str, Any]

ROW_HEIGHT, EDGES = 128, 72
# Of a row: for the times beneath it and the name of the next class.
BETWEEN_ROWS = 52
UNLABELLED = "no label"


def preview_figure(classes: Sequence[Values], *, same_scale: bool) -> go.Figure:
    """Lowest and highest value over time; with ``same_scale``, axes of one unit agree."""
    columns = max((len(one["recordings"]) for one in classes), default=1)
    rows = max(len(classes), 1)
    drawn = make_subplots(
        rows,
        columns,
        vertical_spacing=min(BETWEEN_ROWS / (ROW_HEIGHT * rows), 1 / max(rows - 1, 1)),
        horizontal_spacing=0.05 if columns > 1 else 0,
    )
    for row, one in enumerate(classes, start=1):
        for column, recording in enumerate(one["recordings"], start=1):
            drawn.add_trace(_wave(recording), row, column)
        _label_row(drawn, row, one)
    if same_scale:
        _align(drawn, classes)
    drawn.update_xaxes(title_text="Time [s]", row=rows)
    drawn.update_layout(
        template=TEMPLATE,
        height=EDGES + ROW_HEIGHT * rows,
        margin={"l": 64, "r": 16, "t": 24, "b": 48},
        showlegend=False,
    )
    return drawn


def _wave(recording: Values) -> go.Scatter:
    times, values = [], []
    for time, low, high in zip(
        recording["times_s"], recording["minimum"], recording["maximum"], strict=True
    ):
        times += [time, time]
        values += [low, high]
    known = [recording["name"], recording["channel"], quantity(recording["duration_s"], "s")]
    if recording["load"]:
        known.append(f"load {recording['load']}")
    if recording["speed_rpm"]:
        known.append(f"{recording['speed_rpm']:.4g} rpm")
    return go.Scatter(
        x=times,
        y=values,
        mode="lines",
        line={"width": 1, "color": SERIES[0]},
        # Not in the template: a name may look like one of its fields.
        meta=plain(" · ".join(known)),
        hovertemplate=(
            f"%{{y:.4~g}} {recording['unit']}<br>%{{x:.4~g}} s<br>%{{meta}}<extra></extra>"
        ),
    )


def _label_row(drawn: go.Figure, row: int, one: Values) -> None:
    unit = one["recordings"][0]["unit"] if one["recordings"] else ""
    drawn.update_yaxes(title_text=f"[{unit}]", row=row, col=1)
    name = plain(one["label"] or UNLABELLED)
    axis = drawn.get_subplot(row, 1).yaxis
    drawn.add_annotation(
        text=f"<b>{name}</b> ({one['count']})",
        x=0,
        y=axis.domain[1],
        xref="paper",
        yref="paper",
        xanchor="left",
        yanchor="bottom",
        showarrow=False,
    )


def _align(drawn: go.Figure, classes: Sequence[Values]) -> None:
    """Axes of one unit show the same range."""
    ranges: dict[str, tuple[float, float]] = {}
    for one in classes:
        for recording in one["recordings"]:
            low, high = min(recording["minimum"]), max(recording["maximum"])
            before = ranges.get(recording["unit"], (low, high))
            ranges[recording["unit"]] = min(low, before[0]), max(high, before[1])
    for row, one in enumerate(classes, start=1):
        for column, recording in enumerate(one["recordings"], start=1):
            low, high = ranges[recording["unit"]]
            room = 0.05 * (high - low)
            drawn.update_yaxes(range=[low - room, high + room], row=row, col=column)
