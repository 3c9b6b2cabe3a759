"""What a list to choose from says when it does not offer everything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def with_the_rest(options: Sequence[dict[str, Any]], *, cut: bool) -> list[dict[str, Any]]:
    """The options, and if others were cut off, that there are some and where they are."""
    if not cut:
        return list(options)
    told = "Older ones are not listed: go on from their own page"
    return [*options, {"label": told, "value": "-older", "disabled": True}]
