"""Tables of numbers as text: CSV, TSV and their relatives."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import FileFormatError
from diagnostics.importers.contents import Contents, Limits, Variable, plain_text
from diagnostics.importers.formats.text_dialect import (
    MISSING,
    Dialect,
    find_dialect,
    is_number,
    split,
)

_START = 1 << 20


def open_table(path: Path, limits: Limits) -> Contents:
    """The columns of a table that hold numbers, each as an array.

    Separator, decimal sign and header are found by looking; empty cells become NaN.

    Parameters
    ----------
    path : Path
    limits : Limits

    Returns
    -------
    Contents

    Raises
    ------
    FileFormatError
        If the file is no text, no table, or larger than the limits.
    """
    limits.check_bytes(path.stat().st_size, "The table")
    text = _decode(path.read_bytes())
    dialect = find_dialect(text[:_START].splitlines())
    table = _numbers(text, dialect)
    names = _names(dialect)
    variables, arrays = [], {}
    for position, column in enumerate(dialect.numeric):
        variables.append(Variable(names[column], (len(table),), "float64"))
        arrays[names[column]] = table[:, position].__array__
    left_out = [
        Variable(name, (len(table),), "text", "a column of text is not read")
        for column, name in enumerate(names)
        if column not in dialect.numeric
    ]
    return Contents((*variables, *left_out), {}, arrays, (f"Read as {dialect.words}.",))


def _decode(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16"]
    elif b"\0" in content[:_START]:
        raise FileFormatError("This is not a text file, whatever its name says.")
    else:
        encodings = ["utf-8-sig", "latin-1"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileFormatError("The text of the file is broken or in an unknown encoding.")


def _names(dialect: Dialect) -> list[str]:
    width = len(dialect.header) or max(dialect.numeric) + 1
    header = dialect.header or ("",) * width
    names: list[str] = []
    for number, title in enumerate(header, start=1):
        name = plain_text(title) or f"column {number}"
        names.append(name if name not in names else f"{name} (column {number})")
    return names


def _numbers(text: str, dialect: Dialect) -> NDArray[np.float64]:
    plain = text.replace(",", ".") if dialect.decimal == "," else text
    try:
        table: NDArray[np.float64] = np.loadtxt(
            io.StringIO(plain),
            delimiter=None if dialect.separator in ("", " ") else dialect.separator,
            skiprows=dialect.first_row,
            usecols=dialect.numeric,
            comments=None,
            quotechar='"',
            ndmin=2,
        )
    except ValueError:
        # It has gaps or odd rows. The slow way names the line.
        return _numbers_with_gaps(text, dialect)
    return table


def _numbers_with_gaps(text: str, dialect: Dialect) -> NDArray[np.float64]:
    rows: list[list[float]] = []
    for number, line in enumerate(text.splitlines()[dialect.first_row :], dialect.first_row + 1):
        if not line.strip():
            continue
        cells = split(line, dialect.separator)
        if len(cells) <= max(dialect.numeric):
            raise FileFormatError(
                f"Line {number} has {len(cells)} columns, expected {max(dialect.numeric) + 1}."
            )
        rows.append([_number(cells[column], dialect.decimal, number) for column in dialect.numeric])
    return np.array(rows, dtype=np.float64)


def _number(cell: str, decimal: str, line: int) -> float:
    if not is_number(cell, decimal):
        raise FileFormatError(f"Line {line}: expected a number, got “{cell[:40]}”.")
    if cell.lower() in MISSING:
        return float("nan")
    plain = cell.replace(",", ".") if decimal == "," else cell
    return float(plain.lower().replace("d", "e"))


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
    import csv

    limits.check_bytes(path.stat().st_size * 64, "The companion table")
    text = _decode(path.read_bytes())
    try:
        rows = csv.DictReader(io.StringIO(text, newline=""))
        return [{key: value for key, value in row.items() if key} for row in rows]
    except csv.Error as error:
        raise FileFormatError("The companion table is broken.") from error
