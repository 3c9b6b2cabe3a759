"""Tables of other formats than text as blocks of rows: Parquet, spreadsheets, JSON lines."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from diagnostics.errors import FileFormatError
from diagnostics.tables.kinds import MISSING_WORDS, MOST_COLUMNS, ROW_GROUP, unique_names
from diagnostics.tables.text_reading import TextTable

JSON_BLOCK_BYTES = 16 << 20
MOST_SHEET_BYTES = 1 << 30
_CELL_BYTES = 100


class Reading(NamedTuple):
    """Blocks of rows, a ``None`` where they begin anew, and what is to be told at the end."""

    batches: Iterator[Any]
    told: Callable[[], list[str]]


def open_table(path: Path, kind: str, place: Path) -> Reading:
    """Open a table of a format of :data:`diagnostics.tables.kinds.FORMATS`.

    Raises
    ------
    FileFormatError
        If it is of another format or broken.
    """
    if kind == "csv":
        text = TextTable(path, place)
        return Reading(text.batches(), text.told)
    return {"parquet": _parquet, "sheets": _sheets, "json_lines": _json_lines}[kind](path)


def _parquet(path: Path) -> Reading:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise FileFormatError("This is no Parquet file, or it is broken or cut off.") from error
    if len(file.schema_arrow) > MOST_COLUMNS:
        raise FileFormatError(f"At most {MOST_COLUMNS:,} columns are read.")
    return Reading(file.iter_batches(batch_size=ROW_GROUP), list)


def _json_lines(path: Path) -> Reading:
    return Reading(_json_batches(path), list)


def _json_batches(path: Path) -> Iterator[Any]:
    """Types from the first block, whole numbers taken for numbers, since later ones may not be."""
    import pyarrow as pa
    from pyarrow import json as arrow_json

    options = arrow_json.ReadOptions(use_threads=False, block_size=JSON_BLOCK_BYTES)
    try:
        with arrow_json.open_json(path, read_options=options) as reader:
            fields = [
                pa.field(f.name, pa.float64())
                if pa.types.is_integer(f.type) or pa.types.is_null(f.type)
                else f
                for f in reader.schema
            ]
        parse = arrow_json.ParseOptions(
            explicit_schema=pa.schema(fields), unexpected_field_behavior="ignore"
        )
        with arrow_json.open_json(path, read_options=options, parse_options=parse) as reader:
            yield from reader
    except pa.ArrowException as error:
        raise FileFormatError(
            "These are no JSON lines: expected an object on each line, with values of the same "
            "type under the same name."
        ) from error


def _sheets(path: Path) -> Reading:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    _check_packed(path)
    try:
        book = CalamineWorkbook.from_path(str(path))
        filled = [name for name in book.sheet_names if book.get_sheet_by_name(name).end]
        if not filled:
            raise FileFormatError("The spreadsheet is empty.")
        sheet = book.get_sheet_by_name(filled[0])
        if sheet.total_height * sheet.total_width * _CELL_BYTES > MOST_SHEET_BYTES:
            raise FileFormatError("The sheet is too large to be read. Save it as CSV.")
        rows = sheet.to_python()
    except PasswordError as error:
        raise FileFormatError("The file has a password. Save it without one.") from error
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise FileFormatError("This is no spreadsheet, or it is broken or cut off.") from error
    others = len(filled) - 1
    notes = [f"Only the sheet “{filled[0]}” is read; there are {others} more."] if others else []
    return Reading(iter([_of_rows(rows)]), lambda: notes)


def _check_packed(path: Path) -> None:
    """Sheets are packed; what they unpack to is known before anything is read."""
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(one.file_size for one in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise FileFormatError("The spreadsheet is broken or cut off.") from error
    if size > MOST_SHEET_BYTES:
        raise FileFormatError("The spreadsheet is too large unpacked. Save it as CSV.")


def _of_rows(rows: Sequence[Sequence[Any]]) -> Any:
    import pyarrow as pa

    width = max(map(len, rows))
    if width > MOST_COLUMNS:
        raise FileFormatError(
            f"The sheet has {width:,} columns; at most {MOST_COLUMNS:,} are read."
        )
    start = next((n for n, row in enumerate(rows) if _is_values(row)), len(rows))
    head = rows[start - 1] if start else []
    named = start > 0 and any(isinstance(cell, str) and cell.strip() for cell in head)
    words = [str(cell) for cell in head] if named else []
    names = unique_names([*words, *[""] * (width - len(words))])
    body = rows[start:] if start < len(rows) else rows[1:]
    columns = [[row[n] if n < len(row) else None for row in body] for n in range(width)]
    return pa.record_batch([_array(column) for column in columns], names=names)


def _is_values(row: Sequence[Any]) -> bool:
    """Whether half of the filled cells of a row are numbers or moments: above it stand titles."""
    filled = [cell for cell in row if cell not in ("", None)]
    values = sum(not isinstance(cell, str) for cell in filled)
    return bool(values) and 2 * values >= len(filled)


def _array(cells: list[Any]) -> Any:
    """Cells of a sheet as one type: numbers, moments, yes and no, else texts."""
    import pyarrow as pa

    known = [None if isinstance(c, str) and c.strip() in MISSING_WORDS else c for c in cells]
    kinds = {type(cell) for cell in known if cell is not None}
    if kinds and kinds <= {datetime, date}:
        moments = [
            datetime(c.year, c.month, c.day) if c is not None and type(c) is date else c  # noqa: DTZ001
            for c in known
        ]
        return pa.array(moments, pa.timestamp("us"))
    if kinds == {bool}:
        return pa.array(known, pa.bool_())
    if kinds <= {int, float}:
        return pa.array([None if c is None else float(c) for c in known], pa.float64())
    texts = [None if c is None else _text(c) for c in known]
    return pa.array(texts, pa.string())


def _text(cell: Any) -> str:
    return (
        cell.isoformat()
        if isinstance(cell, date | time | timedelta) and hasattr(cell, "isoformat")
        else str(cell)
    )
