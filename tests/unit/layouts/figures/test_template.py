from __future__ import annotations

import re
from pathlib import Path

import pytest
from dash import dcc

from layouts.figures import template
from layouts.figures.features import distribution
from layouts.figures.template import figure, graph_config


def test_no_button_sends_measurements_away():
    graph = dcc.Graph(config=graph_config("waveform"))
    assert graph.config["showSendToCloud"] is False
    assert graph.config["plotlyServerURL"] == ""


def test_axes_say_what_they_show():
    drawn = figure(x_title="Time [s]", y_title="Amplitude [g]")
    assert (drawn.layout.xaxis.title.text, drawn.layout.yaxis.title.text) == (
        "Time [s]",
        "Amplitude [g]",
    )


def test_a_legend_of_any_length_lies_below_the_plot_and_never_under_the_tools():
    names = [f"a class with a long name {n}" for n in range(12)]
    view = {
        "edges": [0.0, 1.0, 2.0],
        "shares": {name: [0.5, 0.5] for name in names},
        "known": dict.fromkeys(names, 2),
        "feature": {"title": "RMS", "unit": "g"},
    }
    drawn = distribution(view)
    legend = drawn.layout.template.layout.legend
    assert drawn.layout.legend.to_plotly_json() == {}
    assert (legend.yref, legend.y, legend.yanchor) == ("container", 0, "bottom")


def test_no_figure_puts_its_legend_elsewhere():
    folder = Path(template.__file__).parent
    others = [path for path in folder.glob("*.py") if path.name != "template.py"]
    assert len(others) > 5
    assert [path.name for path in others if re.search(r"\blegend=", path.read_text())] == []


def luminance(colour: str) -> float:
    """As WCAG 2.2 defines it, of sRGB."""
    parts = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", [*template.SEQUENTIAL_LINES, template.OUTLINE["color"]])
@pytest.mark.parametrize("ground", ["#FFFFFF", "#1B2026"])
def test_lines_are_seen_on_both_grounds(colour, ground):
    low, high = sorted((luminance(colour), luminance(ground)))
    assert (high + 0.05) / (low + 0.05) >= 3
