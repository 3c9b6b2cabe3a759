"""How recordings are named where one of them is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def choice_label(recording: Mapping[str, Any]) -> str:
    """Its name, with its class if it has one.

    Examples
    --------
    >>> choice_label({"name": "pump 3", "label": "outer"})
    'pump 3 · outer'
    """
    name, label = recording["name"], recording["label"]
    return f"{name} · {label}" if label else str(name)
