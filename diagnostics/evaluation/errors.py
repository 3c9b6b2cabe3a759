"""What can go wrong when predictions are judged or explained."""

from __future__ import annotations

from diagnostics.errors import DiagnosticsError


class EvaluationError(DiagnosticsError):
    """Predictions that cannot be judged: wrong shapes, no windows, contradicting targets."""
