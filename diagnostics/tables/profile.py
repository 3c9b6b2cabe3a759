"""What the columns of a table amount to: missing values, spread, and what looks like a code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.tables.kinds import PREVIEW_ROWS, Column
from diagnostics.tables.stored import StoredTable

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
MOST_VALUES = 10
LONGEST_CELL = 200
TIME_NAMES = ("timestamp", "datetime", "time", "date", "zeit", "datum")
# A value that is so rare by chance would hardly stand so far from the others.
RAREST_CODE = 0.002


def profile_table(
    path: Path, columns: Sequence[Column], missing_codes: Sequence[str] = ()
) -> dict[str, Any]:
    """What each column amounts to, the first rows, and numbers that may stand for nothing.

    Each column is read whole, one after another. ``suspects`` are numbers far from all others
    of a column that come often, such as -200 in logs of air quality: whether they mean *no value*
    is for a person to say.
    """
    table = StoredTable(path, missing_codes)
    told, suspects = [], dict[float, list[str]]()
    for column in columns:
        found = table.column(column.name)
        if column.type in ("text", "boolean"):
            told.append({**column.to_dict(), **_of_words(found)})
            continue
        values = table.to_numbers(found)
        told.append({**column.to_dict(), **_of_numbers(values)})
        if column.is_numeric and (code := _suspect(values)) is not None:
            suspects.setdefault(code, []).append(column.name)
    names = [column.name for column in columns]
    first = table.cells(np.arange(min(PREVIEW_ROWS, table.row_count)), names)
    return {
        "columns": told,
        "rows": [[_short(row[name]) for name in names] for row in first],
        "suspects": [
            {"value": code, "columns": which}
            for code, which in sorted(suspects.items(), key=lambda item: -len(item[1]))
        ],
    }


def time_column_of(columns: Sequence[Column], given: str | None = None) -> str | None:
    """The column with the time of each row: the one that was named, or the first that has moments.

    ``given`` empty says that there is none.
    """
    if given is not None:
        return given if any(one.name == given for one in columns) else None
    moments = [one.name for one in columns if one.type == "time"]
    if moments:
        return moments[0]
    numbers = [one.name for one in columns if one.is_numeric]
    return next((name for name in numbers if name.lower() in TIME_NAMES), None)


def _of_numbers(values: NDArray[np.float64]) -> dict[str, Any]:
    known = values[np.isfinite(values)]
    infinite = int(np.isinf(values).sum())
    about: dict[str, Any] = {
        "missing": int(len(values) - len(known) - infinite),
        "infinite": infinite,
        "distinct": len(np.unique(known)),
    }
    if not len(known):
        return {**about, "min": None, "max": None, "mean": None, "std": None, "quantiles": None}
    quantiles = np.quantile(known, QUANTILES)
    return {
        **about,
        "min": float(known.min()),
        "max": float(known.max()),
        "mean": float(known.mean()),
        "std": float(known.std()),
        "quantiles": [float(one) for one in quantiles],
    }


def _of_words(column: Any) -> dict[str, Any]:
    import pyarrow.compute as pc

    counted = pc.value_counts(column.drop_null())
    order = np.argsort(-counted.field("counts").to_numpy(zero_copy_only=False), kind="stable")
    return {
        "missing": column.null_count,
        "distinct": len(counted),
        "values": [
            {
                "value": _short(counted[int(n)]["values"].as_py()),
                "count": int(counted[int(n)]["counts"].as_py()),
            }
            for n in order[:MOST_VALUES]
        ],
    }


def _suspect(values: NDArray[np.float64]) -> float | None:
    """The lowest or highest number, if it comes often and far from all others."""
    known = values[np.isfinite(values)]
    for code in (known.min(), known.max()) if len(known) else ():
        others = known[known != code]
        count = len(known) - len(others)
        if len(others) < 10 or count < max(3, RAREST_CODE * len(known)):
            continue
        gap = float(np.min(np.abs(others - code)))
        spread = float(np.quantile(others, 0.99) - np.quantile(others, 0.01))
        if spread > 0 and gap > spread:
            return float(code)
    return None


def _short(value: Any) -> Any:
    return value[:LONGEST_CELL] if isinstance(value, str) else value
