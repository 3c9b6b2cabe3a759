"""Numbers of tests in words, the same on pages and in files."""

from __future__ import annotations

# Below this many items that decide, the smallest attainable p-value is worth telling.
FEW = 20


def p_text(value: float) -> str:
    """A p-value with the digits that matter.

    Examples
    --------
    >>> p_text(0.0391), p_text(0.2512), p_text(0.00001), p_text(1.0)
    ('0.039', '0.25', '< 0.001', '1.00')
    """
    if value < 0.001:
        return "< 0.001"
    return f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def p_equals(value: float) -> str:
    """``p = 0.039`` or ``p < 0.001``.

    Examples
    --------
    >>> p_equals(0.2512), p_equals(1e-9)
    ('p = 0.25', 'p < 0.001')
    """
    text = p_text(value)
    return f"p {text}" if text.startswith("<") else f"p = {text}"


def points_text(difference: float, items: int) -> str:
    """A difference of two shares in percentage points, with its sign.

    Examples
    --------
    >>> points_text(0.1333, 15), points_text(-0.0312, 3000), points_text(0.0, 15)
    ('+13', '−3.1', '0')
    """
    digits = 1 if items >= 200 else 0
    text = f"{100 * difference:+.{digits}f}".replace("-", "−")
    return text[1:] if not float(f"{100 * difference:.{digits}f}") else text
