"""How a table of numbers is written: separator, decimal sign, and where the numbers begin."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, replace

from diagnostics.errors import FileFormatError

MISSING = frozenset({"", "nan", "na", "n/a", "null", "none", "-nan"})
MAX_COLUMNS = 1024
_LONGEST_QUOTED = 100_000
LOOKED_AT = 200
COMMENTS = ("#", "%", "//")
# Every digit has one place to go, or a long cell that is no number would be tried for hours.
_NUMBER = re.compile(
    r"[+-]?(\d+(\.\d*)?|\.\d+)([eEdD][+-]?\d{1,3})?|[+-]?inf(inity)?", re.IGNORECASE
)
_GROUP_MARKS = (",", ".", "'", "\u00a0", "\u202f", " ")
# Digits in groups of three and no others, so that 1,5 is not taken for fifteen.
_GROUPED = {
    (mark, decimal): re.compile(
        rf"[+-]?\d{{1,3}}({re.escape(mark)}\d{{3}})+({re.escape(decimal)}\d*)?"
    )
    for mark in _GROUP_MARKS
    for decimal in ".,"
}
_SEPARATORS = {"\t": "tab", ";": "semicolon", ",": "comma", "|": "bar", " ": "space"}


@dataclass(frozen=True)
class Dialect:
    """``separator`` is empty when there is one column; a space means any run of spaces.
    ``thousands`` is the sign between groups of digits, empty without one.

    ``first_row`` is the number of lines before the numbers, ``header`` the names of the
    columns, ``numeric`` the positions of those that hold numbers.
    """

    separator: str
    decimal: str
    first_row: int
    header: tuple[str, ...]
    numeric: tuple[int, ...]
    thousands: str = ""

    @property
    def words(self) -> str:
        """For people."""
        apart = _SEPARATORS.get(self.separator, "")
        columns = f"columns separated by {apart}" if apart else "one column"
        groups = ", digits in groups of three" if self.thousands else ""
        return f"{columns}, decimal {'comma' if self.decimal == ',' else 'point'}{groups}"


def split(line: str, separator: str) -> list[str]:
    """The cells of a line, without quotes and spaces around them."""
    if not separator:
        return [line.strip().strip('"')]
    if separator == " ":
        return line.split()
    if '"' in line and line.count(separator) and len(line) < _LONGEST_QUOTED:
        try:
            return [cell.strip() for cell in next(csv.reader([line.strip()], delimiter=separator))]
        except csv.Error:
            pass  # a quote inside a cell, perhaps the sign for inches
    return [cell.strip().strip('"').strip() for cell in line.split(separator)]


def is_number(cell: str, decimal: str, thousands: str = "") -> bool:
    """Whether the cell is a number, or empty, or a word for a missing one.

    Examples
    --------
    >>> is_number("-1,5e-3", ","), is_number("-1,5", "."), is_number("NaN", ".")
    (True, False, True)
    >>> is_number("1.234,5", ",", "."), is_number("1.23,5", ",", ".")
    (True, False)
    """
    if thousands and thousands in cell:
        if not _GROUPED[thousands, decimal].fullmatch(cell):
            return False
        cell = cell.replace(thousands, "")
    if decimal == ",":
        if "." in cell:
            return False
        cell = cell.replace(",", ".")
    return cell.lower() in MISSING or _NUMBER.fullmatch(cell) is not None


def number_in(cell: str, decimal: str, thousands: str = "") -> float:
    """The number of a cell that is one.

    Examples
    --------
    >>> number_in("1.234,5", ",", "."), number_in("1.5D-3", ".")
    (1234.5, 0.0015)
    """
    plain = cell.replace(thousands, "") if thousands else cell
    plain = plain.replace(",", ".") if decimal == "," else plain
    return float(plain.lower().replace("d", "e"))


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
    filled = [line for line in lines[:LOOKED_AT] if line.strip()]
    sample = filled[-(len(filled) // 2 + 1) :]
    sample = [line for line in sample if not line.lstrip().startswith(COMMENTS)] or sample
    separator, decimal, thousands = _best(sample, filled)
    width = len(split(sample[-1], separator))
    if width > MAX_COLUMNS:
        raise FileFormatError(f"The table has {width:,} columns; at most {MAX_COLUMNS:,} are read.")
    rows = [split(line, separator) for line in sample]
    numeric = tuple(
        column
        for column in range(width)
        if all(is_number(row[column], decimal, thousands) for row in rows)
        and any(row[column].lower() not in MISSING for row in rows)
    )
    if not numeric:
        raise FileFormatError("The table has no column that holds only numbers.")
    dialect = Dialect(separator, decimal, 0, (), numeric, thousands)
    first = _first_row(lines, dialect, width)
    return replace(dialect, first_row=first, header=_header(lines[:first], separator, width))


def _best(sample: list[str], filled: list[str]) -> tuple[str, str, str]:
    # Within quotes the separator may stand in a number.
    quoted = any('"' in line for line in sample)
    ways = [
        (separator, decimal, thousands)
        for thousands in ("", *_GROUP_MARKS)
        for separator in (*_SEPARATORS, "")
        for decimal in ".,"
        if decimal != thousands
        and (quoted or separator not in (decimal, thousands or None))
        and not (thousands and separator in ("", " "))
    ]
    rows = {separator: _rows(sample, separator) for separator in (*_SEPARATORS, "")}
    scores = {way: found for way in ways if (found := _score(rows[way[0]], *way[1:])) is not None}
    if not scores:
        raise FileFormatError(
            "This is no table of numbers: no separator gives rows of the same length."
        )
    best = max(scores, key=lambda way: scores[way])
    if best == (",", ".", "") and ("", ",", "") in scores and _is_decimal_comma(sample, filled):
        return "", ",", ""
    return best


def _rows(sample: list[str], separator: str) -> list[list[str]]:
    """The lines split; nothing when the separator gives one column or rows of several lengths."""
    if separator.strip() and separator not in sample[-1]:
        return []
    rows = [split(line, separator) for line in sample]
    width = len(rows[-1])
    same = all(len(row) == width for row in rows)
    return rows if same and (width > 1 or not separator) else []


def _score(rows: list[list[str]], decimal: str, thousands: str) -> tuple[float, int] | None:
    """Share of numbers and number of columns; None where there are none."""
    cells = [cell for row in rows for cell in row]
    numbers = sum(is_number(cell, decimal, thousands) for cell in cells)
    return (numbers / len(cells), len(rows[-1])) if numbers else None


def _is_decimal_comma(sample: list[str], filled: list[str]) -> bool:
    """``0,0123`` in one column, and not two columns of whole numbers."""
    header = filled[0] if len(filled) > len(sample) else ""
    if any(character.isalpha() for character in header):
        return "," not in header
    decimals = [line.partition(",")[2] for line in sample]
    return all(part.isdigit() for part in decimals) and any(len(part) > 2 for part in decimals)


def _first_row(lines: list[str], dialect: Dialect, width: int) -> int:
    decimal, thousands, numeric = dialect.decimal, dialect.thousands, dialect.numeric
    for number, line in enumerate(lines[:LOOKED_AT]):
        row = split(line, dialect.separator)
        if (
            line.strip()
            and len(row) == width
            and all(is_number(row[column], decimal, thousands) for column in numeric)
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
