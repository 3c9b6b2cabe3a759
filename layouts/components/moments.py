"""Times as people read them: in the zone of their profile, with the exact UTC on hover.

``assets/shell.js`` fills the text in, in the language of the browser.
"""

from __future__ import annotations

from datetime import datetime

from dash import html
from dash.development.base_component import Component

from layouts.components.attributes import attributes


def moment(at: datetime | None, *, missing: str = "–") -> Component:
    """A time; its text is UTC until the browser has put it into the person's zone."""
    if at is None:
        return html.Span(missing)
    exact = at.strftime("%Y-%m-%d %H:%M:%S UTC")
    return html.Time(
        exact,
        dateTime=at.isoformat(),
        title=exact,
        className="moment",
        **attributes(data_moment=""),
    )


def duration(seconds: float | None) -> str:
    """``42 s``, ``3 min 5 s``, ``2 h 10 min``."""
    if seconds is None:
        return "–"
    if 0 < seconds < 0.05:
        return "under 0.1 s"
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
