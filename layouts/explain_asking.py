"""Explain page: which methods are asked, with which parameters, and what that will take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from layouts.components.disclosure import disclosure
from layouts.components.frame import field
from layouts.components.moments import duration
from layouts.components.quantities import file_size

USUAL = ""
BASELINES = {
    "zeros": "zeros",
    "mean": "mean of training windows",
    "training": "eight training windows",
    "healthy": "healthy recordings",
    "own": "a recording of your choice",
}


class Ids:
    """The order of the parameters is that of :data:`PARAMETERS`."""

    methods = "explain-methods"
    estimate = "explain-estimate"
    baseline = "explain-baseline"
    own = "explain-baseline-recording"
    domain = "explain-domain"
    steps = "explain-steps"
    num_samples = "explain-samples"
    num_segments = "explain-segments"


PARAMETERS = {
    "baseline": Ids.baseline,
    "baseline_recording_id": Ids.own,
    "domain": Ids.domain,
    "steps": Ids.steps,
    "num_samples": Ids.num_samples,
    "num_segments": Ids.num_segments,
}


def methods_choice() -> Component:
    """Any number of methods, side by side."""
    return html.Fieldset(
        [
            html.Legend("Methods"),
            dbc.Checklist(id=Ids.methods, inline=True, className="explain-methods"),
            html.P(id=Ids.estimate, className="plot-note", role="status"),
        ]
    )


def parameters_choice() -> Component:
    """What is compared with, and how finely; empty means what is usual for each method."""
    kinds = [{"label": "as is usual", "value": USUAL}]
    kinds += [{"label": text, "value": name} for name, text in BASELINES.items()]
    domains = [
        {"label": "stretches of time", "value": USUAL},
        {"label": "bands of frequency", "value": "frequency"},
    ]
    fields = [
        field("Baseline", dbc.Select(id=Ids.baseline, options=kinds, value=USUAL)),
        field("Recording as baseline", dbc.Select(id=Ids.own)),
        field("Parts are", dbc.Select(id=Ids.domain, options=domains, value=USUAL)),
        field("Parts", _number(Ids.num_segments, "20", 4, 200)),
        field("Samples to draw", _number(Ids.num_samples, "100 or 1000", 10, 10_000)),
        field("Steps", _number(Ids.steps, "50", 2, 500)),
    ]
    return disclosure("Parameters", html.Div(fields, className="explain-parameters"))


def estimate_text(estimates: Sequence[Mapping[str, Any]]) -> str:
    """Time and memory of all that is not there yet."""
    if not estimates:
        return ""
    passes = sum(one["passes"] for one in estimates)
    known = [one["seconds"] for one in estimates if one["seconds"] is not None]
    told = f"About {passes:,} passes through the classifier"
    if len(known) < len(estimates):
        basis = "nothing like it was measured yet; the job tells its time once it runs"
        return f"{told}: {basis}."
    sizes = [one["bytes"] for one in estimates if one["bytes"]]
    memory = f" and {file_size(max(sizes))}" if sizes else ""
    return f"{told}: about {duration(sum(known))}{memory}, by {estimates[0]['basis']}."


def _number(component_id: str, usual: str, low: int, high: int) -> Component:
    return dbc.Input(
        id=component_id, type="number", min=low, max=high, step=1, placeholder=usual, debounce=True
    )
