"""Quantities that are estimated beside the class, as text."""

from __future__ import annotations

from diagnostics.training.heads import HEADS
from layouts.components.quantities import count


def amount(name: str, value: float) -> str:
    """A severity with two decimals, a speed in whole turns a minute.

    Examples
    --------
    >>> amount("severity", 0.4321), amount("speed_rpm", 3581.6)
    ('0.43', '3,582 rpm')
    """
    unit = HEADS[name].unit
    return f"{count(round(value))} {unit}" if unit else f"{value:.2f}"


def error_text(name: str, value: float) -> str:
    """An error or a bias with the digits that are known, and its unit.

    Examples
    --------
    >>> error_text("severity", 0.1341), error_text("speed_rpm", -32.61)
    ('0.134', '−32.6 rpm')
    """
    return f"{value:.3g} {HEADS[name].unit}".rstrip().replace("-", "−")


def error_interval(name: str, low: float | None, high: float | None) -> str:
    """From one end to the other; a dash where there is none.

    Examples
    --------
    >>> error_interval("speed_rpm", 20.04, 41.3), error_interval("severity", None, None)
    ('20 to 41.3 rpm', '–')
    """
    if low is None or high is None:
        return "–"
    return f"{low:.3g} to {high:.3g} {HEADS[name].unit}".rstrip().replace("-", "−")


def axis(name: str) -> str:
    """Title with its unit, such as of an axis.

    Examples
    --------
    >>> axis("severity"), axis("speed_rpm")
    ('Severity, 0 to 1', 'Speed, rpm')
    """
    head = HEADS[name]
    return f"{head.title}, {head.unit or f'{head.low:g} to {head.high:g}'}"
