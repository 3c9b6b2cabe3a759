"""From cells to numbers that algorithms can take, by what the fitted rows say.

The policy, the same for all algorithms:

* a cell that is missing or infinite counts as the median of its column: it is no reason to flag;
* a column without two different values, or without any, is left out, and a note says so;
* text is replaced by how surprising it is, −ln of its smoothed share among the fitted rows; a
  text that was never seen is the most surprising. A column with a text of its own in most rows
  is a name and not a measurement: it is refused by name;
* every column is centred at its median and divided by its quartile distance as a standard
  deviation; beyond a million of those a value counts as a million.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnostics.detectors.table import Block, Column, ColumnKind
from diagnostics.errors import DetectionError

Values = NDArray[np.float64]
MOST_TEXTS = 1000
FARTHEST = 1e6
"""Robust standard deviations; squares of larger numbers would swallow all other columns."""
_QUARTILES_PER_DEVIATION = 1.3489795
_SAME = 1e-12
_HUGE = 1e150


@dataclass(frozen=True)
class FittedColumn:
    """One column that is used: where it lies, and by what it is scaled.

    Attributes
    ----------
    place : int
        Among the columns of the table.
    surprise : dict of str to float, or None
        For text: −ln of the share of each text; ``""`` is any that was never seen.
    """

    name: str
    place: int
    centre: float
    spread: float
    surprise: dict[str, float] | None = None

    def scaled(self, cells: NDArray[Any]) -> Values:
        """Shape (rows,): robust deviations from the median."""
        numbers = _numbers(cells) if self.surprise is None else _surprises(cells, self.surprise)
        with np.errstate(over="ignore"):
            found = (numbers - self.centre) / self.spread
        found[~np.isfinite(numbers)] = 0.0
        return np.clip(found, -FARTHEST, FARTHEST)


@dataclass(frozen=True)
class Preprocessing:
    """What was learned of the columns.

    Attributes
    ----------
    columns : tuple of FittedColumn
        Those that are used.
    left_out : dict of str to str
        Why a column is not used.
    notes : tuple of str
        What a person should know, as sentences.
    """

    given: tuple[str, ...]
    columns: tuple[FittedColumn, ...]
    left_out: dict[str, str]
    notes: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def apply(self, block: Block) -> Values:
        """Numbers of a block of rows, shape (rows, used columns).

        Raises
        ------
        DetectionError
            If the block has another number of columns.
        """
        if len(block) != len(self.given):
            raise DetectionError(
                f"The detector looks at {len(self.given)} columns, got {len(block)}."
            )
        return np.column_stack([column.scaled(block[column.place]) for column in self.columns])

    def check(self, columns: Sequence[Column]) -> None:
        """Refuse a table with other columns than the fitted one.

        Raises
        ------
        DetectionError
            If names or their order differ.
        """
        names = tuple(column.name for column in columns)
        if names != self.given:
            missing = [name for name in self.given if name not in names]
            what = f"“{missing[0]}” is missing" if missing else "they are others"
            raise DetectionError(
                f"The detector was fitted on the columns {', '.join(self.given)}; {what}."
            )

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, given: dict[str, Any]) -> Preprocessing:
        columns = tuple(FittedColumn(**column) for column in given["columns"])
        return cls(tuple(given["given"]), columns, given["left_out"], tuple(given["notes"]))


def fit_preprocessing(columns: Sequence[Column], block: Block) -> Preprocessing:
    """Learn medians, spreads and shares of texts from rows.

    Parameters
    ----------
    columns : sequence of Column
    block : tuple of arrays of shape (rows,)
        One for each column.

    Raises
    ------
    DetectionError
        If no column differs between rows, or a text column holds a name for each row.

    Examples
    --------
    >>> block = (np.array([1.0, 2.0, np.nan, 3.0]), np.array([5, 5, 5, 5]))
    >>> found = fit_preprocessing([Column("speed"), Column("stage")], block)
    >>> found.names, found.left_out
    (('speed',), {'stage': 'All rows have the same value.'})
    >>> found.apply(block).round(2).tolist()
    [[-1.35], [0.0], [0.0], [1.35]]
    """
    fitted: list[FittedColumn] = []
    left_out: dict[str, str] = {}
    notes: list[str] = []
    for place, (column, cells) in enumerate(zip(columns, block, strict=True)):
        surprise = _shares(column, cells) if column.kind is ColumnKind.TEXT else None
        numbers = _numbers(cells) if surprise is None else _surprises(cells, surprise)
        known = numbers[np.isfinite(numbers)]
        reason = _useless(known)
        if reason:
            left_out[column.name] = reason
            continue
        centre, spread = _middle(known)
        fitted.append(FittedColumn(column.name, place, centre, spread, surprise))
        if len(known) < len(cells) / 2:
            notes.append(f"“{column.name}” is empty in more than half of the rows.")
    if not fitted:
        raise DetectionError("No column differs between the rows, so no row can be unusual.")
    notes += [f"“{name}” is left out: {why}" for name, why in left_out.items()]
    return Preprocessing(tuple(c.name for c in columns), tuple(fitted), left_out, tuple(notes))


def _useless(known: Values) -> str:
    if not len(known):
        return "No row has a value."
    if known.max() - known.min() <= _SAME * np.abs(known).max():
        return "All rows have the same value."
    return ""


def _middle(known: Values) -> tuple[float, float]:
    """Median, and the quartile distance as a standard deviation; never 0.

    Where more than half of the values are the same, the mean distance stands in: a column that
    is nearly always 0 still has a scale.
    """
    low, centre, high = np.percentile(known, [25, 50, 75])
    spread = (high - low) / _QUARTILES_PER_DEVIATION
    if spread <= _SAME * max(abs(low), abs(high)):
        spread = np.abs(known / len(known) - centre / len(known)).sum() * np.sqrt(np.pi / 2)
    if not np.isfinite(spread) or spread <= 0:
        spread = np.abs(known).max()
    return float(centre), float(spread)


def _numbers(cells: NDArray[Any]) -> Values:
    try:
        found = np.array(cells, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DetectionError("A column of numbers holds something else.") from error
    found[~np.isfinite(found)] = np.nan
    # Their differences must be numbers too.
    return np.clip(found, -_HUGE, _HUGE)


def names_rows(distinct: int, rows: int) -> bool:
    """Whether a column of text names its rows rather than measuring something.

    Examples
    --------
    >>> names_rows(3, 600), names_rows(598, 600)
    (False, True)
    """
    return distinct > MOST_TEXTS or (rows > 40 and distinct > rows / 2)


def _texts(cells: NDArray[Any]) -> list[str]:
    return ["" if cell is None or cell != cell else str(cell) for cell in cells.tolist()]


def _shares(column: Column, cells: NDArray[Any]) -> dict[str, float]:
    texts, counts = np.unique(np.array(_texts(cells), dtype=object).astype(str), return_counts=True)
    known = {str(t): int(n) for t, n in zip(texts, counts, strict=True) if t != ""}
    total = sum(known.values())
    if names_rows(len(known), total):
        raise DetectionError(
            f"The column “{column.name}” holds {len(known)} different texts in {total} rows; it"
            " names rows and measures nothing. Leave it out."
        )
    whole = total + len(known) + 1
    found = {text: float(-np.log((count + 1) / whole)) for text, count in known.items()}
    return {**found, "": float(np.log(whole))}


def _surprises(cells: NDArray[Any], surprise: dict[str, float]) -> Values:
    unseen = surprise[""]
    found = [np.nan if text == "" else surprise.get(text, unseen) for text in _texts(cells)]
    return np.array(found, dtype=np.float64)
