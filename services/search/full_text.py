"""Full text as each database keeps it: FTS5 of SQLite, tsvector of PostgreSQL.

Words are letters and digits only (see words.py), so that none of them is an operator.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    Integer,
    Select,
    and_,
    column,
    func,
    literal_column,
    or_,
    select,
    table,
)

from models import ExperimentText
from models.experiment_entries import FULL_TEXT, FULL_TEXT_COLUMN, WEIGHTS, WORD_COLUMNS
from services.search.query import And, Node, Or, Words
from services.search.words import words

_words = table(FULL_TEXT, column("rowid", Integer))
_match: ColumnElement[Any] = literal_column(FULL_TEXT)
_document: ColumnElement[Any] = literal_column(f"{ExperimentText.__tablename__}.{FULL_TEXT_COLUMN}")
# The greatest weight is 1, and the letters come last to first.
_weights: ColumnElement[Any] = literal_column(
    f"'{{{', '.join(f'{weight / max(WEIGHTS):g}' for weight in reversed(WEIGHTS))}}}'"
)
SIGNS = {True: {And: " AND ", Or: " OR "}, False: {And: " & ", Or: " | "}}


def expression(node: Node, *, on_sqlite: bool) -> str:
    """The words that a query wants, as the database writes them; nothing without any.

    What is found has them, unless it is found for another reason than words.
    """
    if isinstance(node, Words):
        return _phrase(node, on_sqlite=on_sqlite)
    if isinstance(node, And | Or):
        parts = [expression(part, on_sqlite=on_sqlite) for part in node.parts]
        given = [f"({part})" for part in parts if part]
        return SIGNS[on_sqlite][type(node)].join(given)
    return ""


def is_text(node: Node) -> bool:
    """Whether a node asks for words and nothing else, so that the database can find it at once."""
    if isinstance(node, And | Or):
        return all(is_text(part) for part in node.parts)
    return isinstance(node, Words)


def finding(node: Node, *, on_sqlite: bool) -> Select[int]:
    """The ids of what has the words that a node asks for."""
    found = matching(expression(node, on_sqlite=on_sqlite), on_sqlite=on_sqlite)
    return found if on_sqlite else found.where(*_in_one_column(node))


def matching(text: str, *, on_sqlite: bool) -> Select[int]:
    """The ids of what fits an :func:`expression`."""
    if on_sqlite:
        return select(_words.c.rowid).select_from(_words).where(_match.op("MATCH")(text))
    return select(ExperimentText.experiment_id).where(_document.bool_op("@@")(_query(text)))


def scoring(node: Node, *, on_sqlite: bool) -> Select[int, float]:
    """Ids and ``score`` of what has the words of a query; the best have the lowest.

    Where it asks for words and nothing else, these are all that it finds.
    """
    text = expression(node, on_sqlite=on_sqlite)
    if on_sqlite:
        score = func.bm25(_match, *WEIGHTS, type_=Float).label("score")
        scored = select(_words.c.rowid.label("experiment_id"), score).select_from(_words)
        return scored.where(_match.op("MATCH")(text))
    rank = func.ts_rank(_weights, _document, _query(text), type_=Float)
    scored = select(ExperimentText.experiment_id, (-rank).label("score"))
    scored = scored.where(_document.bool_op("@@")(_query(text)))
    return scored.where(*_in_one_column(node)) if is_text(node) else scored


def _in_one_column(node: Node) -> list[ColumnElement[bool]]:
    """PostgreSQL sees the columns as one text; words in a row must be in one of them."""
    if isinstance(node, Words):
        wanted = words(node.text)
        row = f"% {' '.join(wanted)}{' ' if node.quoted else ''}%"
        columns = (getattr(ExperimentText, name) for name in WORD_COLUMNS)
        return [or_(*((" " + text + " ").like(row) for text in columns))] if wanted[1:] else []
    if isinstance(node, And):
        return [test for part in node.parts for test in _in_one_column(part)]
    if not _has_row(node):
        return []
    # One side of OR is enough; a side of single words has no row to look for.
    return [
        or_(
            *(
                and_(_document.bool_op("@@")(_query(expression(part, on_sqlite=False))), *rows)
                for part in (node.parts if isinstance(node, Or) else ())
                for rows in [_in_one_column(part)]
            )
        )
    ]


def _has_row(node: Node) -> bool:
    if isinstance(node, And | Or):
        return any(map(_has_row, node.parts))
    return isinstance(node, Words) and len(words(node.text)) > 1


def _query(text: str) -> ColumnElement[Any]:
    return func.to_tsquery(literal_column("'simple'"), text)


def _phrase(asked: Words, *, on_sqlite: bool) -> str:
    wanted = words(asked.text)
    if on_sqlite:
        return f'"{" ".join(wanted)}"{"" if asked.quoted else " *"}'
    return " <-> ".join(wanted) + ("" if asked.quoted else ":*")
