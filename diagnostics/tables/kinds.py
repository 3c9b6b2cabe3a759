"""What a table may be: formats, sizes, and the types that its columns are brought to."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath
from typing import Any

from diagnostics.errors import FileFormatError

MOST_ROWS = 10_000_000
MOST_COLUMNS = 1000
MOST_CELLS = 1_000_000_000
ROW_GROUP = 1 << 16
"""Rows of a Parquet file that are read at once: small enough to look into the middle of it."""
PREVIEW_ROWS = 50
LONGEST_NAME = 200
# Words for a missing value, as files have them; numbers such as -200 are said by a person.
MISSING_WORDS = (
    *("", "?", "-", "NA", "N/A", "n/a", "na", "NaN", "nan", "-nan", "NULL", "Null", "null"),
    *("None", "none", "#N/A", "#NV", "missing", "NaT"),
)
FORMATS = {
    "csv": (".csv", ".tsv", ".txt"),
    "parquet": (".parquet", ".pq"),
    "sheets": (".xlsx", ".xlsm", ".ods", ".xls"),
    "json_lines": (".jsonl", ".ndjson"),
}
PACKED = ".gz"
SUFFIXES = tuple(suffix for suffixes in FORMATS.values() for suffix in suffixes)
NUMERIC = ("integer", "number", "boolean")


@dataclass(frozen=True)
class Column:
    """A column; ``type`` is integer, number, boolean, time or text."""

    name: str
    type: str
    unit: str = ""

    @property
    def is_numeric(self) -> bool:
        return self.type in NUMERIC

    def to_dict(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True)
class ReadTable:
    """What was written: columns in their order, and sentences about what was left out."""

    row_count: int
    columns: tuple[Column, ...]
    notes: tuple[str, ...] = ()
    profile: dict[str, Any] = field(default_factory=dict)


def format_of(file_name: str) -> str:
    """The format of a table by the ending of its name.

    Raises
    ------
    FileFormatError
        If tables of that ending are not read.

    Examples
    --------
    >>> format_of("pump/Log.CSV.gz"), format_of("a.xlsx")
    ('csv', 'sheets')
    """
    name = PurePosixPath(file_name.lower()).name
    plain = name.removesuffix(PACKED)
    suffix = PurePosixPath(plain).suffix
    for kind, suffixes in FORMATS.items():
        if suffix in suffixes and (plain == name or kind == "csv"):
            return kind
    raise FileFormatError(
        f"Tables are read from {', '.join(SUFFIXES)}, and text also packed with gzip; "
        f"got “{file_name:.120}”."
    )


def is_table(file_name: str) -> bool:
    """Whether tables are read from files with this ending."""
    try:
        format_of(file_name)
    except FileFormatError:
        return False
    return True


def unique_names(given: list[str]) -> list[str]:
    """Names that differ; a column without one is called by its place.

    Examples
    --------
    >>> unique_names(["x", "", "x"])
    ['x', 'column 2', 'x (2)']
    """
    names: list[str] = []
    for place, name in enumerate(given, 1):
        clean = " ".join(name.replace("\x00", "").split())[:LONGEST_NAME] or f"column {place}"
        unique, number = clean, 2
        while unique in names:
            unique, number = f"{clean} ({number})", number + 1
        names.append(unique)
    return names
