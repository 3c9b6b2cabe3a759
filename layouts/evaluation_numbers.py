"""Scores with the digits that are known."""

from __future__ import annotations

_MANY = 1000


def score_text(value: float | None, items: int) -> str:
    """A score between 0 and 1 with two digits, three from a thousand items on.

    More digits are shown where rounding would turn an error into perfection.

    Examples
    --------
    >>> score_text(2 / 3, 12), score_text(0.998, 500), score_text(1.0, 500), score_text(None, 5)
    ('0.67', '0.998', '1.00', '–')
    """
    if value is None:
        return "–"
    digits = 3 if items >= _MANY else 2
    while value < 1 and round(value, digits) >= 1:
        digits += 1
    return f"{value:.{digits}f}"


def interval_text(low: float | None, high: float | None, items: int) -> str:
    """``0.81–0.97``, or a dash when there is none."""
    if low is None or high is None:
        return "–"
    return f"{score_text(low, items)}–{score_text(high, items)}"


def count_text(count: int, one: str, many: str = "") -> str:
    """``1 group``, ``12,300 windows``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
