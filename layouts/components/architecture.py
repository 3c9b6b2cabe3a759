"""The picture of an architecture: a list of its layers, drawn as boxes along the signal's way."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from diagnostics.architectures.architecture import Architecture, Pool, Stage, read_architecture
from layouts.components.frame import definition_list
from layouts.components.quantities import count, file_size, quantity

_KINDS = {"conv": "Convolution", "separable": "Separable", "dilated": "Dilated"}
_MEASURED: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("val_accuracy", "Validation accuracy, windows", lambda value: f"{value:.3f}"),
    ("val_loss", "Validation loss", lambda value: f"{value:.3f}"),
    ("parameters", "Learned numbers", count),
    ("flops", "Operations for a window", lambda value: quantity(value, "FLOP")),
    ("size_bytes", "Size of the file", file_size),
)
_POOLS = {Pool.MAX: "maximum of two, half the rate", Pool.MEAN: "mean of two, half the rate"}


def architecture_picture(architecture: str | dict[str, Any]) -> Component:
    """The stem, each stage with what it adds, and the head.

    Parameters
    ----------
    architecture : str or dict
        As an experiment or a trial keeps it.
    """
    read = read_architecture(architecture)
    return html.Ol([_stem(read), *_stages(read), _head()], className="architecture")


def measured_list(measured: Mapping[str, Any]) -> Component:
    """What was measured of a trained network, each with its unit; what is not known is left out."""
    latency = measured.get("latency_ms")
    rows: list[tuple[str, Any]] = [
        (title, write(measured[name]))
        for name, title, write in _MEASURED
        if measured.get(name) is not None
    ]
    if latency is not None:
        how = f"median of {measured['latency_runs']} runs on one thread of {measured['machine']}"
        rows.append(("Time for a window", f"{quantity(latency / 1000, 's', 3)}, {how}"))
    return definition_list(rows)


def found_network(found: Mapping[str, Any]) -> Component:
    """A network of a search: its picture, what was measured, and what tells it from others."""
    rows: list[tuple[str, Any]] = [
        ("In one line", html.Code(found["text"])),
        ("SHA-256", html.Code(found["hash"])),
    ]
    parts = [architecture_picture(found["architecture"]), definition_list(rows)]
    if found["measured"]:
        parts.insert(1, measured_list(found["measured"]))
    return html.Div(parts, className="architecture-found")


def branch_text(name: str) -> str:
    """What one branch of a stage does.

    Examples
    --------
    >>> branch_text("dilated3x4"), branch_text("skip"), branch_text("conv7")
    ('Dilated 3, gaps of 4', 'Shortcut', 'Convolution 7')
    """
    found = re.fullmatch(r"([a-z]+?)(\d+)(?:x(\d+))?", name)
    if found is None:
        return "Shortcut"
    gaps = f", gaps of {found[3]}" if found[3] else ""
    return f"{_KINDS[found[1]]} {found[2]}{gaps}"


def _stem(architecture: Architecture) -> Component:
    stem = architecture.stem
    return _item(
        "Stem",
        [html.Li(f"Convolution {stem.kernel}", className="architecture-branch is-conv")],
        [f"{count(stem.width)} features", f"one of {stem.stride} samples"],
    )


def _stages(architecture: Architecture) -> list[Component]:
    return [
        _item(f"Stage {number}", _branches(stage), _after(stage))
        for number, stage in enumerate(architecture.stages, 1)
    ]


def _head() -> Component:
    return _item(
        "Head",
        [html.Li("Mean over time", className="architecture-branch is-skip")],
        ["a score for each class"],
    )


def _branches(stage: Stage) -> list[Component]:
    return [
        html.Li(branch_text(name), className=f"architecture-branch is-{name.rstrip('0123456789x')}")
        for name in stage.branches
    ]


def _after(stage: Stage) -> list[str]:
    told = ["added"] if len(stage.branches) > 1 else []
    told.append(f"{count(stage.width)} features")
    if stage.squeeze_excite:
        told.append("squeeze-and-excitation")
    if stage.pool is not Pool.NONE:
        told.append(_POOLS[stage.pool])
    return told


def _item(title: str, branches: list[Component], after: list[str]) -> Component:
    return html.Li(
        [
            html.P(title, className="architecture-title"),
            html.Ul(branches, className="architecture-branches"),
            html.P(", ".join(after), className="architecture-after"),
        ],
        className="architecture-stage",
    )
