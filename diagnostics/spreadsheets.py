"""Tables as CSV that a spreadsheet can be given: no text in them is run as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

# A spreadsheet runs what begins with these.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def harmless(cell: Any) -> Any:
    """The cell; a text that a spreadsheet would run has a ``'`` before it. Numbers stay.

    Examples
    --------
    >>> harmless("=1+1"), harmless("-3.5"), harmless("-pump"), harmless(2)
    ("'=1+1", '-3.5', "'-pump", 2)
    """
    if not isinstance(cell, str) or not cell.startswith(FORMULA_SIGNS):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell


def csv_lines(rows: Iterable[Sequence[Any]], line_end: str = "\n") -> str:
    """Rows of cells as text. What a person typed has to be made :func:`harmless` before."""
    text = io.StringIO()
    csv.writer(text, lineterminator=line_end).writerows(rows)
    return text.getvalue()
