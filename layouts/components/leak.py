"""The verdict of the leakage guard, wherever a result is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash.development.base_component import Component

from layouts.components.frame import alert, badge

# Verdict → text, level and icon; "" is an experiment that was never checked.
VERDICTS = {
    "known": ("known leak", "danger", "exclamation-octagon"),
    "suspected": ("leak suspected", "warning", "exclamation-triangle"),
    "open": ("leaks: not all checked", "secondary", "hourglass"),
    "none": ("no leak found", "success", "shield-check"),
    "": ("not checked for leaks", "secondary", "question-circle"),
}
# In a narrow column under the heading “Leaks”.
SHORT = {"known": "known", "suspected": "suspected", "open": "open", "none": "none", "": "–"}
# Verdicts without which no figure may stand.
MARKED = ("known", "suspected")


def leak_badge(leak: str | None) -> Component:
    """The verdict by word, colour and icon."""
    text, level, icon_name = VERDICTS[leak or ""]
    return badge(text, level, icon_name=icon_name)


def leak_mark(leak: str | None) -> list[Any]:
    """Beside a figure: the badge where the figure is too good or may be, else nothing."""
    return [" ", leak_badge(leak)] if leak in MARKED else []


def leak_word(leak: str | None) -> str:
    """The mark as text, for heads of tables and files."""
    return f" ({VERDICTS[leak][0]})" if leak in MARKED and leak else ""


def leak_alert(leakage: Mapping[str, Any] | None) -> list[Component]:
    """What must be known before any score is read; nothing where no leak was found."""
    if leakage is None or leakage["verdict"] not in MARKED:
        return []
    level = "danger" if leakage["verdict"] == "known" else "warning"
    return [alert(leakage["sentence"], level)]
