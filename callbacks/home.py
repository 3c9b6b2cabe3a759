"""What happens on the first page."""

from __future__ import annotations

from dash import Dash


def register(app: Dash) -> None:
    """Nothing yet."""
