"""What can go wrong when a decision is explained."""

from __future__ import annotations

from diagnostics.errors import DiagnosticsError


class ExplanationError(DiagnosticsError):
    """A network that the method cannot explain, or a question that makes no sense for it."""
