"""What a training is expected to take, and what it took."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layouts.components.moments import duration
from layouts.components.quantities import file_size

UNKNOWN = (
    "not known: nothing alike was trained or measured yet. “Measure” in the step “Classifier”"
    " gives an estimate"
)
Values = Mapping[str, Any]


def expected_rows(estimate: Values | None, runs: int = 1) -> list[tuple[str, Any]]:
    """Before the start; ``runs`` follow each other on one worker."""
    if estimate is None:
        return [("Time", UNKNOWN + ".")]
    rows: list[tuple[str, Any]] = [("Time, at most", _time(estimate, runs))]
    memory = memory_text(estimate)
    return [*rows, *([("Memory", memory)] if memory else [])]


def compared_rows(estimate: Values | None, seconds: float, peak: int | None) -> list[Any]:
    """After the end: what came true of it."""
    took = [f"took {duration(seconds)}"]
    held = [] if peak is None else [f"took {file_size(peak)}"]
    if estimate is not None:
        took.append(f"estimated before: {duration(estimate['seconds'])}, from {estimate['basis']}")
        memory = memory_text(estimate)
        held += [f"estimated before: {memory}"] if memory else []
    rows = [("Time", "; ".join(took))]
    return [*rows, *([("Memory", "; ".join(held))] if held else [])]


def memory_text(estimate: Values) -> str:
    """How much memory it will take, or at least.

    Examples
    --------
    >>> memory_text({"bytes": 2_000_000, "at_least": True})
    '2 MB for windows, weights and optimiser; what the network holds of a batch comes on top'
    """
    if estimate["bytes"] is None:
        return ""
    size = file_size(estimate["bytes"])
    more = " for windows, weights and optimiser; what the network holds of a batch comes on top"
    return size + (more if estimate["at_least"] else "")


def _time(estimate: Values, runs: int) -> str:
    one, basis = duration(estimate["seconds"]), estimate["basis"]
    if runs == 1:
        return f"{one}, from {basis}"
    total = duration(runs * estimate["seconds"])
    return f"{total} for {runs} trainings one after the other, {one} each, from {basis}"
