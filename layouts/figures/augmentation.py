"""A training window as it is, and as training sees it, one below the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from layouts.figures.signals import line_values
from layouts.figures.template import SERIES, TEMPLATE, plain

ROW_PX, EDGES_PX = 110, 108
View = Mapping[str, Any]


def examples(view: View) -> go.Figure:
    """All on one scale, so that a gain or noise shows as what it is."""
    rows = [view["original"], *view["changed"]]
    titles = [f"{plain(view['recording'])} ({plain(view['target'])}) as it is"]
    for number, told in enumerate(view["told"], start=1):
        titles.append(f"changed, example {number}" + (f": {plain(told)}" if told else ""))
    drawn = make_subplots(
        len(rows),
        1,
        shared_xaxes=True,
        shared_yaxes="all",
        subplot_titles=titles,
        vertical_spacing=0.28 / len(rows),
    )
    for row, values in enumerate(rows, start=1):
        drawn.add_trace(
            go.Scatter(
                x=line_values(view["times_s"]),
                y=line_values(values),
                mode="lines",
                line={"width": 1, "color": SERIES[0 if row == 1 else 1]},
                hovertemplate="%{x:.5g} s: %{y:.4g}<extra></extra>",
            ),
            row,
            1,
        )
    drawn.update_annotations(font_size=12, x=0, xanchor="left")
    drawn.update_yaxes(title_text=f"[{view['unit']}]")
    drawn.update_xaxes(title_text="Time [s]", row=len(rows), col=1)
    return drawn.update_layout(
        template=TEMPLATE,
        height=EDGES_PX + ROW_PX * len(rows),
        margin={"l": 64, "r": 16, "t": 56, "b": 48},
        showlegend=False,
    )
