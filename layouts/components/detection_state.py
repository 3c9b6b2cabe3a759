"""How far a source, a detection, a batch or a comparison is: told by icon, text and colour."""

from __future__ import annotations

from dash.development.base_component import Component

from layouts.components.frame import badge

STATES = {
    "pending": ("waiting", "secondary", "hourglass"),
    "running": ("running", "info", "arrow-repeat"),
    "ready": ("ready", "success", "check-circle"),
    "success": ("done", "success", "check-circle"),
    "completed": ("done", "success", "check-circle"),
    "partial": ("partly done", "warning", "exclamation-triangle"),
    "error": ("failed", "danger", "x-octagon"),
    "cancelled": ("cancelled", "secondary", "slash-circle"),
}
OVER = ("success", "completed", "partial", "error", "cancelled", "ready")


def state_badge(status: str) -> Component:
    text, level, icon_name = STATES[status]
    return badge(text, level, icon_name=icon_name)


def share(part: float | None) -> str:
    """A share of rows in per cent, with the digits that say something.

    Examples
    --------
    >>> share(0.01234), share(None), share(0.0)
    ('1.23 %', '–', '0 %')
    """
    return "–" if part is None else f"{100 * part:.3g} %"
