"""Which experiments a search finds, in which order, and how many there are."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased
from sqlalchemy.sql.expression import UnaryExpression
from sqlalchemy.sql.operators import custom_op

from models import ExperimentEntry, ExperimentValue
from services.paging import within
from services.search import full_text
from services.search.conditions import Condition, Scope, conditions, is_plain
from services.search.query import Node, Query, Sort

RELEVANCE = Sort("relevance", descending=True)
NEWEST = Sort("created", descending=True)
# Where more have the words, these say little about which of them is meant.
MOST_RANKED = 20_000
# So many are put in order faster than they are met one by one among all.
MOST_SORTED = 2_000
COLUMNS: dict[str, InstrumentedAttribute[Any]] = {
    "created": ExperimentEntry.created_at,
    "name": ExperimentEntry.sort_name,
    "model": ExperimentEntry.classifier,
    "owner": ExperimentEntry.owner_name,
    "dataset": ExperimentEntry.sort_data,
    "status": ExperimentEntry.status,
}


class Page(NamedTuple):
    """Ids of a part, and how many are found in all."""

    ids: list[int]
    total: int


def find(query: Query, scope: Scope, limit: int, offset: int = 0) -> Page:
    """A part of what a query finds: in its order, else the best or the newest first."""
    rows, first = within(limit, offset)
    counted = select(func.count()).select_from(ExperimentEntry)
    plain = is_plain(query.condition)
    few = not plain
    total = scope.session.scalar(counted.where(*conditions(query, scope, few=few))) or 0
    few = few and total <= MOST_RANKED
    ranked = few and _is_ranked(query, scope)
    sorts = _sorts(query, ranked=ranked)
    if first >= total or not rows:
        ids: list[int] = []
    elif not few and len(sorts) == 1 and sorts[0].name not in COLUMNS:
        ids = _by_value(conditions(query, scope, few=few), scope, sorts[0], rows, first)
    else:
        if ranked and query.condition is not None:
            found, score = _ranked(query, query.condition, scope)
        else:
            found, score = _found(query, scope, few=few), None
        scattered = plain and total <= MOST_SORTED and scope.on_sqlite
        ordered = _ordered(found, score, sorts, scattered=scattered)
        ids = list(scope.session.scalars(ordered.limit(rows).offset(first)))
    return Page(ids, total)


def _sorts(query: Query, *, ranked: bool) -> list[Sort]:
    """Each field once, as it is named first; relevance only where there is some."""
    given = {sort.name: sort for sort in reversed(query.sorts)}
    sorts = list(reversed(given.values())) or [RELEVANCE]
    return [sort for sort in sorts if ranked or sort.name != RELEVANCE.name] or [NEWEST]


def _is_ranked(query: Query, scope: Scope) -> bool:
    """Whether words tell good results from others; they do not where too many have them."""
    asked = not query.sorts or any(sort.name == RELEVANCE.name for sort in query.sorts)
    if query.condition is None or not asked:
        return False
    text = full_text.expression(query.condition, on_sqlite=scope.on_sqlite)
    if not text or full_text.is_text(query.condition):
        return bool(text)
    some = full_text.matching(text, on_sqlite=scope.on_sqlite).limit(MOST_RANKED + 1).subquery()
    return (scope.session.scalar(select(func.count()).select_from(some)) or 0) <= MOST_RANKED


def _found(query: Query, scope: Scope, *, few: bool) -> Select[int]:
    return select(ExperimentEntry.experiment_id).where(*conditions(query, scope, few=few))


def _ranked(query: Query, asked: Node, scope: Scope) -> tuple[Select[int], Any]:
    """What is found, with its score."""
    # As a whole: SQLite would ask the full text anew for every row that is found.
    scores = full_text.scoring(asked, on_sqlite=scope.on_sqlite).cte("scores")
    scores = scores.prefix_with("MATERIALIZED")
    alone = full_text.is_text(asked)
    found = select(ExperimentEntry.experiment_id).join(
        scores, scores.c.experiment_id == ExperimentEntry.experiment_id, isouter=not alone
    )
    passed = conditions(query, scope, few=True, words_joined=alone)
    return found.where(*passed), scores.c.score


def _ordered(
    found: Select[int], score: Any, sorts: list[Sort], *, scattered: bool = False
) -> Select[int]:
    """In the order of the sorts; equal ones in that of their ids, the way the last sort goes.

    What is ``scattered`` is looked up first: a sign hides from SQLite that there is an index for
    the order, along which it would read all entries.
    """
    for sort in sorts:
        if sort.name == RELEVANCE.name:
            found = found.order_by(score.is_(None), score)
        elif sort.name in COLUMNS:
            column: Any = COLUMNS[sort.name]
            hidden: Any = UnaryExpression(column, operator=custom_op("+"))
            found = found.order_by(_directed(hidden if scattered else column, sort))
        else:
            value = aliased(ExperimentValue)
            own = and_(
                value.experiment_id == ExperimentEntry.experiment_id, value.name == sort.name
            )
            # Those without it come last, whichever the direction.
            found = found.outerjoin(value, own).order_by(
                value.experiment_id.is_(None),
                value.number.is_(None),
                _directed(value.number, sort),
                _directed(value.text, sort),
            )
    return found.order_by(_directed(ExperimentEntry.experiment_id, sorts[-1]))


def _by_value(
    passed: list[Condition], scope: Scope, sort: Sort, limit: int, offset: int
) -> list[int]:
    """By one metric or setting, along its index: numbers, then texts, then those without it."""
    ids: list[int] = []
    entry, value = ExperimentEntry, ExperimentValue
    named = select(value.experiment_id).where(value.name == sort.name)
    own = and_(entry.experiment_id == value.experiment_id, *passed)
    for column in (value.number, value.text):
        part = named.where(column.is_not(None)).join(entry, own)
        ordered = part.order_by(_directed(column, sort), _directed(value.experiment_id, sort))
        ids += scope.session.scalars(ordered.limit(limit - len(ids)).offset(offset))
        if len(ids) == limit:
            return ids
        if ids:
            offset = 0
        elif offset:
            offset -= scope.session.scalar(part.with_only_columns(func.count())) or 0
    rest = select(entry.experiment_id).where(*passed, entry.experiment_id.not_in(named))
    rest = rest.order_by(_directed(entry.experiment_id, sort))
    return ids + list(scope.session.scalars(rest.limit(limit - len(ids)).offset(max(0, offset))))


def _directed(column: Any, sort: Sort) -> Any:
    return column.desc() if sort.descending else column.asc()
