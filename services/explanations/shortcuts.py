"""Whether a decision hangs on something that no fault depends on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

AS_IT_IS = "as it is"
OF_LOUDNESS = ("a quarter as loud", "four times as loud")
MEANS = {
    "a quarter as loud": "the gain of the measurement",
    "four times as loud": "the gain of the measurement",
    "upside down": "the polarity of the sensor",
    "begun elsewhere": "the moment at which a window begins",
}
MUCH = 0.3
"""A change of the probability by so much is worth a warning."""


class ChangeRow(TypedDict):
    """``probability`` is None where the network cannot notice such a change."""

    change: str
    probability: float | None


class ShortcutView(TypedDict):
    """``warnings`` are sentences, empty where nothing was found."""

    rows: list[ChangeRow]
    warnings: list[str]


def shortcut_view(kept: Mapping[str, Any]) -> ShortcutView | None:
    """What was found with the explanation; None for earlier ones, and without a network."""
    given = kept["summary"].get("what_if")
    if not given:
        return None
    deaf = OF_LOUDNESS if kept["summary"].get("by_window") else ()
    now = given[AS_IT_IS]
    rows: list[ChangeRow] = [
        {"change": name, "probability": None if name in deaf else value}
        for name, value in given.items()
    ]
    moved: dict[str, str] = {}
    for row in rows:
        after = row["probability"]
        if after is not None and abs(after - now) >= MUCH:
            told = f"{row['change']} it is {after:.2f}"
            moved.setdefault(MEANS[row["change"]], told)
    target = kept["target_class"]
    warnings = [
        f"It hangs on {what}: the probability of “{target}” is {now:.2f}, and {told}. No fault "
        "depends on that: look whether the classes were measured differently."
        for what, told in moved.items()
    ]
    return {"rows": rows, "warnings": warnings}
