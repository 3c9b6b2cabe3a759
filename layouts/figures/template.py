"""The look that all figures share.

Colours of text, axes and grid follow the theme by the style sheet (``assets/figures.css``),
so that switching between light and dark asks the server for nothing; what is exported as
a picture is dark on white.
"""

from __future__ import annotations

from html import escape
from typing import Any

import plotly.graph_objects as go

# Okabe and Ito: eight colours that colour-blind people can tell apart; black and yellow are
# left out, since one of them vanishes in each theme.
SERIES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
# Beside the colour, for who sees none.
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
SEQUENTIAL = "Cividis"
# For lines, which have no outline: the ends of others vanish on white or on dark.
SEQUENTIAL_LINES = ("#2F7FD1", "#8B8088", "#D2721E")
OUTLINE = {"width": 1, "color": "#888888"}
GRID = "#D5DAE0"
TEXT = "#1C2127"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"

_AXIS = {
    "gridcolor": GRID,
    "linecolor": GRID,
    "zerolinecolor": GRID,
    "ticks": "outside",
    "tickcolor": GRID,
    "exponentformat": "SI",
    "automargin": True,
    "title": {"standoff": 8},
}

# At the bottom edge, whatever its rows: at the top lie the tools of the graph.
_LEGEND = {
    "orientation": "h",
    "x": 0,
    "xanchor": "left",
    "yref": "container",
    "y": 0,
    "yanchor": "bottom",
}

TEMPLATE = go.layout.Template(
    layout={
        "font": {"family": FONT, "size": 12, "color": TEXT},
        "colorway": list(SERIES),
        "paper_bgcolor": "#FFFFFF",
        "plot_bgcolor": "#FFFFFF",
        "margin": {"l": 56, "r": 16, "t": 32, "b": 48},
        "hovermode": "closest",
        "hoverlabel": {"font": {"family": FONT}},
        "xaxis": _AXIS,
        "yaxis": _AXIS,
        "title": {"font": {"size": 14}, "x": 0, "xanchor": "left"},
        "legend": _LEGEND,
        "colorscale": {"sequential": SEQUENTIAL},
    }
)


def plain(text: str) -> str:
    """A text from people or files, so that plotly shows it as it is and takes none for markup.

    Quotes stay: plotly knows ``&lt;``, ``&gt;`` and ``&amp;``, but would show ``&quot;`` so.

    Examples
    --------
    >>> plain('<b>"inner"</b>')
    '&lt;b&gt;"inner"&lt;/b&gt;'
    """
    return escape(text, quote=False)


def figure(*traces: Any, x_title: str, y_title: str, **layout: Any) -> go.Figure:
    """A figure in our look. Axis titles are required: they carry the unit."""
    drawn = go.Figure(data=list(traces), layout={"template": TEMPLATE, **layout})
    drawn.update_xaxes(title_text=x_title)
    drawn.update_yaxes(title_text=y_title)
    return drawn


def dash_of(number: int) -> str:
    """The dash of a line; those that share a colour differ in it.

    Examples
    --------
    >>> [dash_of(number) for number in (0, 1, 6)]
    ['solid', 'dash', 'dash']
    """
    return DASHES[(number + number // len(SERIES)) % len(DASHES)]


def graph_config(file_name: str, *, with_picture: bool = True) -> Any:
    """Configuration of ``dcc.Graph``: wheel zoom, no logo, a picture with a good name.

    ``with_picture`` is off where the page saves pictures itself.
    """
    removed = ["select2d", "lasso2d", "autoScale2d", *([] if with_picture else ["toImage"])]
    return {
        "displaylogo": False,
        # Plotly's button "Share chart" would upload measurements to a foreign server.
        "showSendToCloud": False,
        "plotlyServerURL": "",
        "scrollZoom": True,
        # Of desktops; 300 ms, which plotly takes, pass while a large figure is drawn.
        "doubleClickDelay": 500,
        "responsive": True,
        "modeBarButtonsToRemove": removed,
        "toImageButtonOptions": {"format": "svg", "filename": file_name},
    }
