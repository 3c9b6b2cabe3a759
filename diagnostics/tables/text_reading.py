"""Tables as text: CSV and its relatives, read block by block with one type for each column."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from diagnostics.errors import FileFormatError
from diagnostics.importers.contents import Limits
from diagnostics.importers.formats.text_dialect import LOOKED_AT, Dialect, find_dialect, split
from diagnostics.importers.formats.text_lines import Text, look_through
from diagnostics.tables.kinds import MISSING_WORDS, MOST_ROWS, unique_names

BLOCK_BYTES = 8 << 20
FEW_LINES = 6
_LIMITS = Limits(bytes=8 * MOST_ROWS * 64)
_SEPARATORS = ",;\t|"
_COLUMN = re.compile(r"CSV column #(\d+)")
_TIMES = ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M")


class TextTable:
    """A table as text, looked at and ready to be read.

    Raises
    ------
    FileFormatError
        If it is no text, or no table with a column of numbers.
    """

    def __init__(self, path: Path, place: Path) -> None:
        """``place`` is a folder for what has to be written anew to be read."""
        text = look_through(path, _LIMITS)
        self._dialect = _dialect_of(text.start(LOOKED_AT))
        self.notes = [f"Read as {self._dialect.words}."]
        self._path, self._encoding = path, text.encoding
        self._skipped = self._dialect.first_row
        self._separator = self._dialect.separator or "\x1f"
        if self._dialect.separator == " " or self._dialect.thousands:
            self._write_plain(text, place / "plain.tsv")
        width = len(split(text.start(LOOKED_AT)[-1], self._dialect.separator))
        header = list(self._dialect.header) or [""] * width
        self.names = unique_names(header)
        self._left_out = 0

    def batches(self) -> Iterator[Any]:
        """Blocks of rows as Arrow record batches, all with the same types.

        Types come from the first block. Where a later block does not fit them, all is read again
        with a wider type; the blocks before are given again then, after a ``None``.
        """
        import pyarrow as pa

        types: dict[str, Any] = {}
        for _attempt in range(3 * len(self.names) + 1):
            self._left_out = 0
            try:
                reader = self._open(types)
                types = types or {f.name: _first_type(f.type) for f in reader.schema}
                with self._open(types) as reader:
                    yield from reader
                return
            except pa.ArrowInvalid as error:
                _widen(types, self.names, error)
                yield None
        raise FileFormatError("The columns of this table change their type too often.")

    def told(self) -> list[str]:
        """What was noticed, once all is read."""
        if not self._left_out:
            return self.notes
        lines = "line has" if self._left_out == 1 else "lines have"
        return [*self.notes, f"{self._left_out:,} {lines} another number of cells; left out."]

    def _open(self, types: dict[str, Any]) -> Any:
        import pyarrow as pa
        from pyarrow import csv as arrow_csv

        stream = pa.input_stream(str(self._path), compression=_packing(self._path))
        return arrow_csv.open_csv(
            stream,
            read_options=arrow_csv.ReadOptions(
                block_size=BLOCK_BYTES,
                skip_rows=self._skipped,
                column_names=self.names,
                encoding=self._encoding.replace("utf-8-sig", "utf8"),
                use_threads=False,
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=self._separator, invalid_row_handler=self._pass_over
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=types,
                null_values=list(MISSING_WORDS),
                strings_can_be_null=True,
                decimal_point=self._dialect.decimal,
                timestamp_parsers=[arrow_csv.ISO8601, *_TIMES],
            ),
        )

    def _pass_over(self, _row: Any) -> str:
        self._left_out += 1
        return "skip"

    def _write_plain(self, text: Text, path: Path) -> None:
        """Runs of spaces as one tab, digits without signs between their groups."""
        marks = self._dialect.thousands
        with text.lines() as lines, path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter="\t")
            for number, line in enumerate(lines):
                if number >= self._dialect.first_row and line.strip():
                    cells = split(line.rstrip("\n"), self._dialect.separator)
                    writer.writerow([_plain(cell, marks, self._dialect) for cell in cells])
        self._path, self._encoding = path, "utf8"
        self._separator, self._skipped = "\t", 0


def _dialect_of(lines: list[str]) -> Dialect:
    """How the table is written; where a few lines are of another length, by the others."""
    filled = [line for line in lines if line.strip()]
    if 1 < len(filled) < FEW_LINES:
        # Of so few the header would count as one of the rows that are looked at.
        lines = [*lines, *[filled[-1]] * FEW_LINES]
    try:
        return find_dialect(lines)
    except FileFormatError:
        for separator in _SEPARATORS:
            counted = Counter(line.count(separator) for line in lines if line.strip())
            usual, number = counted.most_common(1)[0] if counted else (0, 0)
            places = [n for n, line in enumerate(lines) if line.count(separator) == usual]
            if not usual or number == len(lines) or 2 * number < len(lines):
                continue
            found = find_dialect([lines[n] for n in places])
            return replace(found, first_row=places[found.first_row])
        raise


def _plain(cell: str, marks: str, dialect: Dialect) -> str:
    from diagnostics.importers.formats.text_dialect import is_number

    if marks and is_number(cell, dialect.decimal, marks):
        return cell.replace(marks, "")
    return cell


def _packing(path: Path) -> str | None:
    from diagnostics.importers.formats.text_lines import is_packed

    return "gzip" if is_packed(path) else None


def _first_type(found: Any) -> Any:
    """What a column is taken for by its first block; one that is empty so far for numbers."""
    import pyarrow as pa

    if pa.types.is_null(found):
        return pa.float64()
    if pa.types.is_timestamp(found):
        return pa.timestamp("us", found.tz)
    if pa.types.is_date(found):
        return pa.timestamp("us")
    if pa.types.is_integer(found) or pa.types.is_floating(found) or pa.types.is_boolean(found):
        return found
    return pa.string()


def _widen(types: dict[str, Any], names: list[str], error: Exception) -> None:
    """Give the column that does not fit a type that takes more.

    Raises
    ------
    FileFormatError
        If the error is about something else.
    """
    import pyarrow as pa

    found = _COLUMN.search(str(error))
    if found is None or not types or int(found[1]) >= len(names):
        raise FileFormatError(
            "This table cannot be read: its rows differ, or its letters are of no known encoding."
        ) from error
    name = names[int(found[1])]
    was = types.get(name)
    if was == pa.string():
        raise FileFormatError(f"The column “{name}” holds what is no text.") from error
    types[name] = pa.float64() if was == pa.int64() else pa.string()
