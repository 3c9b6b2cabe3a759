"""Sheets of Excel and OpenDocument files: columns of numbers below their titles."""

from __future__ import annotations

import zipfile
import zlib
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import FileFormatError
from diagnostics.importers.collector import Collector
from diagnostics.importers.contents import Contents, Limits
from diagnostics.importers.formats.text_dialect import MAX_COLUMNS, MISSING

_CELL_BYTES = 100
"""What a cell takes while a sheet is read, by measurement."""


def open_sheets(path: Path, limits: Limits) -> Contents:
    """The columns of numbers of all sheets, as ``sheet.column`` where there are several sheets.

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
        If the file is of another kind, broken, protected, or larger than the limits.
    """
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    _check_size(path, limits)
    found = Collector(limits)
    try:
        book = CalamineWorkbook.from_path(str(path))
        tables = {}
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            limits.check_bytes(sheet.total_height * sheet.total_width * _CELL_BYTES, "A sheet")
            tables[name] = sheet.to_python()
    except PasswordError as error:
        raise FileFormatError("The file has a password. Save it without one.") from error
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise FileFormatError("This is no spreadsheet, or it is broken or cut off.") from error
    filled = {name: rows for name, rows in tables.items() if rows}
    for name, rows in filled.items():
        _add(found, f"{name}." if len(filled) > 1 else "", rows)
    return found.contents()


def _check_size(path: Path, limits: Limits) -> None:
    """Sheets are packed; what they unpack to is known before anything is read."""
    if not zipfile.is_zipfile(path):
        return  # the older, binary format
    try:
        with zipfile.ZipFile(path) as archive:
            limits.check_bytes(sum(i.file_size for i in archive.infolist()), "The spreadsheet")
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, NotImplementedError) as error:
        raise FileFormatError("The spreadsheet is broken or cut off.") from error


def _add(found: Collector, prefix: str, rows: list[list[Any]]) -> None:
    """Columns from the first row in which most cells hold numbers."""
    width = max(len(row) for row in rows)
    if width > MAX_COLUMNS:
        raise FileFormatError(f"A sheet has {width:,} columns; at most {MAX_COLUMNS:,} are read.")
    first = next((i for i, row in enumerate(rows) if _is_numbers(row)), None)
    if first is None:
        found.unread(f"{prefix}sheet".strip(), (len(rows), width), "text", "it has no numbers")
        return
    titles = _titles(rows[:first], width)
    for column in range(width):
        name = f"{prefix}{titles[column] or f'column {column + 1}'}"
        cells = [row[column] for row in rows[first:]]
        while cells and _is_missing(cells[-1]):
            cells.pop()
        if not cells:
            continue
        if all(_is_number(cell) or _is_missing(cell) for cell in cells):
            values = np.array([_value(cell) for cell in cells])
            found.array(name, values.shape, "float64", partial(_given, values))
        else:
            found.unread(name, (len(cells),), "text", "a column of text or dates is not read")


def _given(values: NDArray[Any]) -> NDArray[Any]:
    return values


def _titles(before: list[list[Any]], width: int) -> list[str]:
    for row in reversed(before):
        if any(isinstance(cell, str) and cell.strip() for cell in row):
            return [str(cell).strip() for cell in row]
    return [""] * width


def _is_numbers(row: list[Any]) -> bool:
    there = [cell for cell in row if not _is_missing(cell)]
    return bool(there) and sum(map(_is_number, there)) * 2 >= len(there)


def _is_number(cell: Any) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _is_missing(cell: Any) -> bool:
    return isinstance(cell, str) and cell.strip().lower() in MISSING


def _value(cell: Any) -> float:
    return float("nan") if _is_missing(cell) else float(cell)
