"""What is wrong with the recording: found when somebody asks, with the way to each place."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from layouts.components.attributes import attributes
from layouts.components.frame import icon, section
from layouts.components.quantities import count
from layouts.dataset_content import PROBLEMS

Values = Mapping[str, Any]

SEVERE = ("missing_values", "constant", "implausible_unit")
MILD = ("few_levels", "offset", "short", "note", "no_speed")
# Measured as a share, and shown in per cent.
SHARES = ("clipped", "frozen", "dropout", "mains_hum", "upsampled")
MOST_PLACES = 6
IDLE = (
    "Looks for clipped, dead and lost samples, spikes, offset, hum of the mains, channels that are "
    "copies, and a rate or unit that cannot be right, in all of the recording."
)


class Ids:
    """``looked_at`` is the recording of which something is shown."""

    check = "signals-quality-check"
    found = "signals-quality-found"
    looked_at = "signals-quality-looked-at"


def place() -> Component:
    button = dbc.Button(
        [icon("clipboard-check"), " Check quality"],
        id=Ids.check,
        color="secondary",
        outline=True,
        size="sm",
    )
    found = html.Div(idle(), id=Ids.found, role="status")
    parts = [dcc.Store(id=Ids.looked_at), found]
    return section("Signal quality", parts, actions=[button], class_name="signals-quality-card")


def idle() -> Component:
    """Before anybody asked."""
    return html.P(IDLE, className="plot-note")


def findings(checked: Values) -> list[Component]:
    """A row for each finding, or that there is none, and how much was looked at.

    What to do about a problem is said once.
    """
    rows, advised = [], set()
    for one in checked["findings"]:
        rows.append(_row(one, "" if one["code"] in advised else one["advice"]))
        advised.add(one["code"])
    if not rows:
        fine: list[Any] = [icon("check-circle", title="Nothing found"), " Nothing found."]
        return [html.P(fine, className="signals-quality-fine"), _looked_at(checked)]
    return [html.Ul(rows, className="signals-quality"), _looked_at(checked)]


def measured(finding: Values) -> str:
    """The measured value and its limit in words; empty where the message says it all.

    Examples
    --------
    >>> measured({"code": "clipped", "value": 0.0123, "threshold": 0.001})
    'Measured 1.23 %, counts from 0.1 %.'
    >>> measured({"code": "upsampled", "value": 0.25, "threshold": 0.65})
    'Measured 25 %, counts up to 65 %.'
    >>> measured({"code": "constant", "value": 2.0, "threshold": None})
    ''
    """
    value, limit = finding["value"], finding["threshold"]
    if value is None or limit is None:
        return ""
    if finding["code"] == "identical_channels":
        return f"Factor {value:.5g}; counts from a correlation of {limit:.7g}."
    to = "from" if value >= limit else "up to"
    return f"Measured {_shown(value, finding)}, counts {to} {_shown(limit, finding)}."


def _row(finding: Values, advice: str) -> Component:
    code = finding["code"]
    name, word, level = ("exclamation-triangle", "Warning", "warning")
    if code in SEVERE:
        name, word, level = ("x-octagon", "Serious", "severe")
    elif code in MILD:
        name, word, level = ("info-circle", "Note", "mild")
    head: list[Any] = [html.Strong(PROBLEMS.get(code, code))]
    if finding["channel_name"]:
        head.append(html.Span(f" · {finding['channel_name']}"))
    parts: list[Any] = [
        html.Div(head),
        html.Div(finding["message"]),
        html.Div(f"{advice} {measured(finding)}", className="signals-quality-advice"),
        _places(finding),
    ]
    mark = html.Span(icon(name, title=word), className=f"signals-quality-{level}")
    return html.Li([mark, html.Div(parts)])


def _places(finding: Values) -> Component | None:
    """Buttons that show the waveform there; ``assets/signals_quality.js`` does it."""
    if not finding["places"] or finding["channel"] is None:
        return None
    shown: list[Any] = [_button(one, finding) for one in finding["places"][:MOST_PLACES]]
    more = len(finding["places"]) - MOST_PLACES
    if more > 0:
        shown.append(html.Span("and more", className="plot-note"))
    return html.Div(shown, className="signals-quality-places")


def _button(where: Values, finding: Values) -> Component:
    text = span(where["start_s"], where["stop_s"])
    return html.Button(
        text,
        className="btn btn-outline-secondary btn-sm",
        type="button",
        **attributes(
            data_quality_channel=str(finding["channel"]),
            data_quality_start=f"{where['shown_from_s']:.9g}",
            data_quality_stop=f"{where['shown_to_s']:.9g}",
            aria_label=f"Show {text} of {finding['channel_name']}",
        ),
    )


def span(start_s: float, stop_s: float) -> str:
    """With as many digits as tell the ends apart.

    Examples
    --------
    >>> span(0.5, 0.64), span(1.25, 1.2501)
    ('0.50–0.64 s', '1.25000–1.25010 s')
    """
    digits = 1 + max(math.ceil(-math.log10(max(stop_s - start_s, 1e-6)) - 1e-9), 0)
    return f"{start_s:.{digits}f}–{stop_s:.{digits}f} s"


def _looked_at(checked: Values) -> Component:
    channels = checked["channel_count"]
    which = "1 channel" if channels == 1 else f"{count(channels)} channels"
    if checked["checked_count"] == checked["sample_count"]:
        told: Any = f"Checked all {count(checked['sample_count'])} samples of {which}."
    else:
        told = html.Strong(
            f"Checked the first {count(checked['checked_count'])} of "
            f"{count(checked['sample_count'])} samples of {which}."
        )
    return html.P(told, className="plot-note")


def _shown(value: float, finding: Values) -> str:
    return f"{100 * value:.3g} %" if finding["code"] in SHARES else f"{value:.4g}"
