"""Tables of numbers as text: CSV, TSV and their relatives."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import FileFormatError
from diagnostics.importers.collector import Collector
from diagnostics.importers.contents import Contents, Limits, plain_text
from diagnostics.importers.formats.text_dialect import (
    COMMENTS,
    LOOKED_AT,
    MISSING,
    Dialect,
    find_dialect,
    is_number,
    number_in,
    split,
)
from diagnostics.importers.formats.text_lines import Text, look_through

_LETTERS = 1 << 22
"""Read at once: lines of about four megabytes."""
_LONGEST_CELL = 40


def open_table(path: Path, limits: Limits) -> Contents:
    """The columns of a table that hold numbers, each as an array.

    Separator, decimal sign and header are found by looking; empty cells become NaN. A column
    that is empty from some row on, and nowhere before, ends there. One without a title that
    counts the rows is left out.

    Parameters
    ----------
    path : Path
        It may be compressed with gzip.
    limits : Limits
        Of the numbers; the file may be larger.

    Returns
    -------
    Contents
        The numbers are in memory once, the text never as a whole.

    Raises
    ------
    FileFormatError
        If the file is no text, no table, or larger than the limits.
    """
    text = look_through(path, limits)
    dialect = find_dialect(text.start(LOOKED_AT))
    limits.check_bytes(8 * text.most_lines * len(dialect.numeric), "The table")
    table = _Table(text, dialect)
    table.read()
    table.find_ends()
    names = _names(dialect)
    found = Collector(limits)
    for position, column in enumerate(dialect.numeric):
        values = table.numbers[position, : table.ends[position]]
        if dialect.header and not dialect.header[column] and _counts_rows(values):
            found.unread(names[column], values.shape, "float64", "it only counts the rows")
        else:
            found.array(names[column], values.shape, "float64", partial(_given, values))
    for column, name in enumerate(names):
        if column not in dialect.numeric:
            found.text(name, table.count, partial(_texts, text, dialect, column))
    return found.contents(f"Read as {dialect.words}.", *table.notes(names))


def as_records(path: Path, limits: Limits) -> list[dict[str, Any]]:
    """The rows of a small table with a header, as texts: what a companion file tells.

    Parameters
    ----------
    path : Path
    limits : Limits

    Returns
    -------
    list of dict

    Raises
    ------
    FileFormatError
        If the file is no text or larger than the limits.
    """
    limits.check_bytes(path.stat().st_size * 64, "The companion table")
    text = look_through(path, limits)
    try:
        with text.lines() as file:
            return [{key: v for key, v in row.items() if key} for row in csv.DictReader(file)]
    except csv.Error as error:
        raise FileFormatError("The companion table is broken.") from error


class _Table:
    """The numbers of a table while they are read.

    Attributes
    ----------
    numbers : array of shape (columns, at least ``count``)
    ends
        For each column, the number of rows up to its last cell that is not empty.
    """

    def __init__(self, text: Text, dialect: Dialect) -> None:
        self._text = text
        self._dialect = dialect
        self.numbers = np.empty((len(dialect.numeric), text.most_lines))
        self.ends = [0] * len(dialect.numeric)
        self.count = 0

    def read(self) -> None:
        with self._text.lines() as file:
            for number, lines in _blocks(file, self._dialect.first_row):
                rows = self._quickly(lines)
                if rows is not None:
                    self.numbers[:, self.count : self.count + len(rows)] = rows.T
                    self.count += len(rows)
                    self.ends = [self.count] * len(self.ends)
                else:
                    self._slowly(lines, number)

    def find_ends(self) -> None:
        """Columns with gaps before their last number go on to the end of the table."""
        longest = max(self.ends)
        self.ends = [
            longest if end < longest and np.isnan(values[:end]).any() else end
            for values, end in zip(self.numbers, self.ends, strict=True)
        ]

    def notes(self, names: list[str]) -> list[str]:
        """Which columns end before the others."""
        longest = max(self.ends)
        short = [
            f"{names[column]} after {end:,} rows"
            for column, end in zip(self._dialect.numeric, self.ends, strict=True)
            if end < longest
        ]
        return [f"Columns that end before row {longest:,}: {', '.join(short)}."] if short else []

    def _quickly(self, lines: list[str]) -> NDArray[np.float64] | None:
        """A block without gaps and peculiarities; None when it has some."""
        dialect = self._dialect
        if dialect.thousands or dialect.decimal == dialect.separator:
            return None
        if not any(line.strip() for line in lines):
            return None
        if dialect.decimal == ",":
            joined = "".join(lines)
            if "." in joined:  # a thousands separator, perhaps
                return None
            lines = joined.replace(",", ".").splitlines()
        try:
            rows: NDArray[np.float64] = np.loadtxt(
                lines,
                delimiter=None if dialect.separator in ("", " ") else dialect.separator,
                usecols=dialect.numeric,
                comments=None,
                quotechar='"',
                ndmin=2,
            )
        except ValueError:
            return None
        return rows

    def _slowly(self, lines: list[str], first: int) -> None:
        """Cell by cell: knows gaps, and names the line that is wrong."""
        dialect = self._dialect
        width = max(dialect.numeric) + 1
        for number, line in enumerate(lines, first):
            if not line.strip() or line.lstrip().startswith(COMMENTS):
                continue
            cells = split(line, dialect.separator)
            if len(cells) < width:
                raise FileFormatError(
                    f"Line {number:,} has {len(cells)} columns, expected {width}."
                )
            row = self.count
            self.count += 1
            for position, column in enumerate(dialect.numeric):
                cell = cells[column]
                self.numbers[position, row] = _number(cell, dialect, number)
                if cell:
                    self.ends[position] = self.count


def _given(values: NDArray[Any]) -> NDArray[Any]:
    return values


def _counts_rows(values: NDArray[np.float64]) -> bool:
    first = values[0] if len(values) else -1
    return first in (0, 1) and bool((np.diff(values) == 1).all())


def _blocks(file: IO[str], first_row: int) -> Iterator[tuple[int, list[str]]]:
    """Lines from the first row of numbers on, with the number of the first of each block."""
    number = sum(1 for _ in islice(file, first_row)) + 1
    while lines := file.readlines(_LETTERS):
        yield number, lines
        number += len(lines)


def _names(dialect: Dialect) -> list[str]:
    width = len(dialect.header) or max(dialect.numeric) + 1
    header = dialect.header or ("",) * width
    names: list[str] = []
    for number, title in enumerate(header, start=1):
        name = plain_text(title) or f"column {number}"
        names.append(name if name not in names else f"{name} (column {number})")
    return names


def _number(cell: str, dialect: Dialect, line: int) -> float:
    if not is_number(cell, dialect.decimal, dialect.thousands):
        shown = plain_text(cell)[:_LONGEST_CELL]
        raise FileFormatError(f"Line {line:,}: expected a number, got “{shown}”.")
    if cell.lower() in MISSING:
        return float("nan")
    return number_in(cell, dialect.decimal, dialect.thousands)


def _texts(text: Text, dialect: Dialect, column: int) -> tuple[str, ...]:
    found = []
    with text.lines() as file:
        for line in islice(file, dialect.first_row, None):
            if line.strip() and not line.lstrip().startswith(COMMENTS):
                cells = split(line.rstrip("\n"), dialect.separator)
                found.append(plain_text(cells[column]) if column < len(cells) else "")
    return tuple(found)
