"""How a table of numbers is written: separator, decimal sign, and where the numbers begin."""

from __future__ import annotations

import re
from dataclasses import dataclass

from diagnostics.errors import FileFormatError

MISSING = frozenset({"", "nan", "na", "n/a", "null", "none", "-nan"})
MAX_COLUMNS = 1024
_LOOKED_AT = 200
# Every digit has one place to go, or a long cell that is no number would be tried for hours.
_NUMBER = re.compile(
    r"[+-]?(\d+(\.\d*)?|\.\d+)([eEdD][+-]?\d{1,3})?|[+-]?inf(inity)?", re.IGNORECASE
)
_SEPARATORS = {"\t": "tab", ";": "semicolon", ",": "comma", "|": "bar", " ": "space"}


@dataclass(frozen=True)
class Dialect:
    """``separator`` is empty when there is one column; a space means any run of spaces.

    ``first_row`` is the number of lines before the numbers, ``header`` the names of the
    columns, ``numeric`` the positions of those that hold numbers.
    """

    separator: str
    decimal: str
    first_row: int
    header: tuple[str, ...]
    numeric: tuple[int, ...]

    @property
    def words(self) -> str:
        """For people."""
        apart = _SEPARATORS.get(self.separator, "")
        columns = f"columns separated by {apart}" if apart else "one column"
        return f"{columns}, decimal {'comma' if self.decimal == ',' else 'point'}"


def split(line: str, separator: str) -> list[str]:
    """The cells of a line, without quotes and spaces around them."""
    if not separator:
        return [line.strip().strip('"')]
    if separator == " ":
        return line.split()
    return [cell.strip().strip('"').strip() for cell in line.split(separator)]


def is_number(cell: str, decimal: str) -> bool:
    """Whether the cell is a number, or empty, or a word for a missing one.

    Examples
    --------
    >>> is_number("-1,5e-3", ","), is_number("-1,5", "."), is_number("NaN", ".")
    (True, False, True)
    """
    if decimal == ",":
        if "." in cell:
            return False
        cell = cell.replace(",", ".")
    return cell.lower() in MISSING or _NUMBER.fullmatch(cell) is not None


def find_dialect(lines: list[str]) -> Dialect:
    """How the table is written, by its first lines.

    Parameters
    ----------
    lines : list of str
        At least the first 200 lines of the file.

    Returns
    -------
    Dialect

    Raises
    ------
    FileFormatError
        If no way of reading gives columns of numbers.

    Examples
    --------
    >>> found = find_dialect(["time;x [g]", "0,0;1,5", "0,1;-2,5"])
    >>> found.words, found.header
    ('columns separated by semicolon, decimal comma', ('time', 'x [g]'))
    """
    filled = [line for line in lines[:_LOOKED_AT] if line.strip()]
    sample = filled[-(len(filled) // 2 + 1) :]
    separator, decimal = _best(sample, filled)
    width = len(split(sample[-1], separator))
    if width > MAX_COLUMNS:
        raise FileFormatError(f"The table has {width:,} columns; at most {MAX_COLUMNS:,} are read.")
    rows = [split(line, separator) for line in sample]
    numeric = tuple(
        column
        for column in range(width)
        if all(is_number(row[column], decimal) for row in rows)
        and any(row[column].lower() not in MISSING for row in rows)
    )
    if not numeric:
        raise FileFormatError("The table has no column that holds only numbers.")
    first = _first_row(lines, separator, decimal, numeric, width)
    return Dialect(separator, decimal, first, _header(lines[:first], separator, width), numeric)


def _best(sample: list[str], filled: list[str]) -> tuple[str, str]:
    ways = [(separator, decimal) for separator in (*_SEPARATORS, "") for decimal in ".,"]
    scores = {
        way: score
        for way in ways
        if way != (",", ",") and (score := _score(sample, *way)) is not None
    }
    if not scores:
        raise FileFormatError(
            "This is no table of numbers: no separator gives rows of the same length."
        )
    best = max(scores, key=lambda way: scores[way])
    if best == (",", ".") and ("", ",") in scores and _is_decimal_comma(sample, filled):
        return "", ","
    return best


def _score(sample: list[str], separator: str, decimal: str) -> tuple[float, int] | None:
    """Share of numbers and number of columns; None when the rows differ in length."""
    rows = [split(line, separator) for line in sample]
    width = len(rows[-1])
    if any(len(row) != width for row in rows) or (separator and width < 2):
        return None
    cells = [cell for row in rows for cell in row]
    numbers = sum(is_number(cell, decimal) for cell in cells)
    return (numbers / len(cells), width) if numbers else None


def _is_decimal_comma(sample: list[str], filled: list[str]) -> bool:
    """``0,0123`` in one column, and not two columns of whole numbers."""
    header = filled[0] if len(filled) > len(sample) else ""
    if any(character.isalpha() for character in header):
        return "," not in header
    decimals = [line.partition(",")[2] for line in sample]
    return all(part.isdigit() for part in decimals) and any(len(part) > 2 for part in decimals)


def _first_row(
    lines: list[str], separator: str, decimal: str, numeric: tuple[int, ...], width: int
) -> int:
    for number, line in enumerate(lines[:_LOOKED_AT]):
        row = split(line, separator)
        if (
            line.strip()
            and len(row) == width
            and all(is_number(row[column], decimal) for column in numeric)
            and any(row[column] for column in numeric)
        ):
            return number
    raise FileFormatError("The table has no row of numbers among its first lines.")


def _header(before: list[str], separator: str, width: int) -> tuple[str, ...]:
    for line in reversed(before):
        cells = split(line.lstrip("#% "), separator)
        if len(cells) == width and any(cells):
            return tuple(cells)
    return ()
