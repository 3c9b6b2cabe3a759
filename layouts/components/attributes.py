"""HTML attributes with a hyphen in their name, which Python cannot write as keywords."""

from __future__ import annotations

from typing import Any


def attributes(**given: str) -> dict[str, Any]:
    """``aria_label="Close"`` becomes ``{"aria-label": "Close"}``; spread it with ``**``."""
    return {name.replace("_", "-"): value for name, value in given.items()}
