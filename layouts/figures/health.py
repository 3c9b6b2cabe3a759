"""What was measured of the installation, over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import plotly.graph_objects as go

from layouts.figures.template import SERIES, dash_of, figure

History = Mapping[str, Any]
# The same name keeps zoom and hidden curves while measurements are added.
_KEPT = "health"
LOAD = (("cpu_percent", "processor"), ("memory_percent", "memory"))
DISK = (("disk_percent", "fullest disk"),)
TOOK = (("job_s", "mean"),)
ENDED = (("jobs_done", "done"), ("jobs_failed", "failed"))
WORKERS = (("workers", "workers"),)
WAITING = "waiting."
# So few measurements are marked, and have some time around them.
FEW, AROUND = 3, timedelta(minutes=30)


def load_figure(history: History) -> go.Figure:
    """Use of processor and memory in the mean of each stretch of time."""
    return _percent(history, LOAD)


def disk_figure(history: History) -> go.Figure:
    return _percent(history, DISK)


def waiting_figure(history: History) -> go.Figure:
    """The longest each queue was, by stretch of time."""
    names = [name for name in history["highest"] if name.startswith(WAITING)]
    curves = [(name, name.removeprefix(WAITING)) for name in names]
    return _lines(history, "highest", curves, "Jobs that wait")


def took_figure(history: History) -> go.Figure:
    """How long jobs took that ended: their mean, and the longest."""
    drawn = _lines(history, "mean", TOOK, "Time that jobs took [s]")
    drawn.add_trace(_line(history["at"], history["highest"].get("job_longest_s", []), "longest", 1))
    return drawn


def ended_figure(history: History) -> go.Figure:
    """Jobs that ended in a minute, in the mean of each stretch of time."""
    return _lines(history, "mean", ENDED, "Jobs per minute")


def workers_figure(history: History) -> go.Figure:
    return _lines(history, "mean", WORKERS, "Workers heard")


def _percent(history: History, curves: Sequence[tuple[str, str]]) -> go.Figure:
    drawn = _lines(history, "mean", curves, "In use [%]")
    drawn.update_yaxes(range=[0, 102])
    return drawn


def _lines(history: History, kind: str, curves: Sequence[tuple[str, str]], title: str) -> go.Figure:
    columns = history[kind]
    traces = [
        _line(history["at"], columns.get(name, []), text, number)
        for number, (name, text) in enumerate(curves)
    ]
    drawn = figure(*traces, x_title="Time (UTC)", y_title=title, uirevision=_KEPT, height=260)
    drawn.update_layout(showlegend=len(curves) > 1 or title.endswith("[s]"), hovermode="x unified")
    drawn.update_yaxes(rangemode="tozero")
    drawn.update_xaxes(type="date")
    if 0 < len(history["at"]) < FEW:
        # Else the axis of a single measurement counts parts of a second.
        ends = [datetime.fromisoformat(history["at"][end]) for end in (0, -1)]
        drawn.update_xaxes(range=[ends[0] - AROUND, ends[1] + AROUND])
    return drawn


def _line(at: Sequence[Any], values: Sequence[Any], name: str, number: int) -> go.Scatter:
    return go.Scatter(
        # Plotly looks at each value of a list, several times; an array it takes as it is.
        x=np.array(at[: len(values)], dtype=object),
        y=np.array(values, dtype=float),
        name=name,
        mode="lines+markers" if len(values) < FEW else "lines",
        line={"color": SERIES[number % len(SERIES)], "width": 2, "dash": dash_of(number)},
        connectgaps=False,
    )
