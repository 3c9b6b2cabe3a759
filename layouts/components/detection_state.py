"""How far a source, a detection, a batch or a comparison is: told by icon, text and colour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash.development.base_component import Component

from layouts.components.frame import badge
from layouts.components.links import page_link
from layouts.components.quantities import count

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


def learnt_from(fit_on: Mapping[str, Any] | None, source_id: str) -> list[Any]:
    """The sentence that says which rows were learned from, if they are not the judged ones."""
    if not fit_on:
        return []
    rows, other = fit_on.get("rows"), fit_on.get("source_id")
    which = f"the rows {count(rows[0])} to {count(rows[1] - 1)}" if rows else "all rows"
    if other in (None, "", source_id):
        return [f" Learned from {which}."]
    return [f" Learned from {which} of ", page_link("another source", f"/sources/{other}"), "."]
