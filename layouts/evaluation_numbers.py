"""Scores with the digits that are known."""

from __future__ import annotations

_MANY = 1000
_FINEST = 4


def score_text(value: float | None, items: int = 0) -> str:
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
    """``0.81–0.97``, or a dash when there is none; without any spread that is said.

    Examples
    --------
    >>> interval_text(0.81, 0.97, 50), interval_text(1.0, 1.0, 50), interval_text(None, None, 50)
    ('0.81–0.97', 'no spread', '–')
    """
    if low is None or high is None:
        return "–"
    if low == high:
        return "no spread"
    return f"{score_text(low, items)}–{score_text(high, items)}"


def interval_words(low: float | None, high: float | None, items: int) -> str:
    """The interval beside a score, in words.

    Examples
    --------
    >>> interval_words(0.81, 0.97, 50), interval_words(1.0, 1.0, 50)
    ('95 % interval 0.81–0.97', 'no spread between groups')
    """
    if low is None or high is None:
        return "no interval can be given"
    if low == high:
        return "no spread between groups"
    return f"95 % interval {interval_text(low, high, items)}"


def share_text(share: float) -> str:
    """A share in per cent that is 0 or 100 only where nothing, or all, is meant.

    Examples
    --------
    >>> share_text(0.25), share_text(0.996), share_text(0.0004), share_text(1.0), share_text(0.0)
    ('25 %', '99.6 %', '0.04 %', '100 %', '0 %')
    """
    digits = 0
    while 0 < share < 1 and digits < _FINEST and round(100 * share, digits) in (0, 100):
        digits += 1
    return f"{100 * share:.{digits}f} %"
