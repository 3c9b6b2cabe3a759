"""Full text as each database keeps it: FTS5 of SQLite, tsvector of PostgreSQL.

Words are letters and digits only (see words.py), so that none of them is an operator.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    Integer,
    Subquery,
    column,
    func,
    literal_column,
    select,
    table,
)

from models import ExperimentEntry
from models.experiment_entries import FULL_TEXT, FULL_TEXT_COLUMN, WEIGHTS

_words = table(FULL_TEXT, column("rowid", Integer))
_match: ColumnElement[Any] = literal_column(FULL_TEXT)
_document: ColumnElement[Any] = literal_column(
    f"{ExperimentEntry.__tablename__}.{FULL_TEXT_COLUMN}"
)
# The greatest weight is 1, and the letters come last to first.
_weights: ColumnElement[Any] = literal_column(
    f"'{{{', '.join(f'{weight / max(WEIGHTS):g}' for weight in reversed(WEIGHTS))}}}'"
)


def matches(wanted: list[str], *, whole: bool, on_sqlite: bool) -> ColumnElement[bool]:
    """Whether an entry has the words in a row; the last may go on unless it is ``whole``."""
    if on_sqlite:
        found = select(_words.c.rowid).select_from(_words)
        asked = found.where(_match.op("MATCH")(_sqlite_phrase(wanted, whole=whole)))
        return ExperimentEntry.experiment_id.in_(asked)
    return _document.bool_op("@@")(_postgresql_query(_postgresql_phrase(wanted, whole=whole)))


def sqlite_scores(asked: list[tuple[list[str], bool]]) -> Subquery:
    """``rowid`` and ``score`` of entries with any of the words; the best have the lowest."""
    text = " OR ".join(_sqlite_phrase(wanted, whole=whole) for wanted, whole in asked)
    score = func.bm25(_match, *WEIGHTS, type_=Float).label("score")
    found = select(_words.c.rowid, score).select_from(_words)
    return found.where(_match.op("MATCH")(text)).subquery()


def postgresql_score(asked: list[tuple[list[str], bool]]) -> ColumnElement[float]:
    """How well an entry fits the words; the best have the highest."""
    text = " | ".join(f"({_postgresql_phrase(wanted, whole=whole)})" for wanted, whole in asked)
    return func.ts_rank(_weights, _document, _postgresql_query(text), type_=Float)


def _postgresql_query(text: str) -> ColumnElement[Any]:
    return func.to_tsquery(literal_column("'simple'"), text)


def _sqlite_phrase(wanted: list[str], *, whole: bool) -> str:
    return f'"{" ".join(wanted)}"{"" if whole else " *"}'


def _postgresql_phrase(wanted: list[str], *, whole: bool) -> str:
    return " <-> ".join(wanted) + ("" if whole else ":*")
