"""Which recordings a stored split put on a side, whatever it was split by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from diagnostics.training.config import RandomWindows

# Instead of a side: windows of the recording lie on every one.
SHARED = "windows"
RANDOM = "random windows"


def random_windows(split: Mapping[str, Any]) -> RandomWindows | None:
    """How windows were drawn, where recordings lie on all sides alike; None for every other."""
    drawn = split.get("windows")
    return None if drawn is None else RandomWindows(**drawn)


def split_by(split: Mapping[str, Any]) -> str:
    """What was kept together, or that nothing was."""
    return str(split["group_by"]) if random_windows(split) is None else RANDOM


def recordings_on(split: Mapping[str, Any], side: str) -> list[int]:
    """The ids of the recordings on a side, in their order; all of them where windows were drawn."""
    drawn = random_windows(split)
    if drawn is not None and side == "validation" and not drawn.validation:
        return []
    sides = split["sides"].items()
    return sorted(int(key) for key, where in sides if where in (side, SHARED))


def quantity(split: Mapping[str, Any], name: str, recording_id: int) -> float | None:
    """What a recording said of a quantity when the split was made, such as its severity."""
    value = split.get("quantities", {}).get(name, {}).get(str(recording_id))
    return None if value is None else float(value)
