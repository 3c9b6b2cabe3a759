"""Which experiments a search finds, in which order, and how many there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Select, UnaryExpression, and_, func, select
from sqlalchemy.orm import aliased

from models import Dataset, DatasetVersion, ExperimentEntry, ExperimentValue, Job, User
from services.paging import paged
from services.search import full_text
from services.search.conditions import Scope, conditions
from services.search.query import Query, Sort, wanted_words
from services.search.words import words

RELEVANCE = Sort("relevance", descending=True)
NEWEST = Sort("created", descending=True)

Found = Select[int]
Step = Callable[[Found, Sort, Query, Scope], Found]


def count(query: Query, scope: Scope) -> int:
    """How many there are in all."""
    counted = select(func.count()).select_from(ExperimentEntry)
    return scope.session.scalar(counted.where(*conditions(query, scope))) or 0


def find(query: Query, scope: Scope, limit: int, offset: int = 0) -> list[int]:
    """Their ids, a part of them: in the order of the query, else the best or newest first."""
    found = select(ExperimentEntry.experiment_id).where(*conditions(query, scope))
    # Who names a field twice means the first time.
    sorts = {sort.name: sort for sort in reversed(query.sorts or usual(query))}
    for sort in reversed(sorts.values()):
        found = SORTS.get(sort.name, _by_value)(found, sort, query, scope)
    found = found.order_by(ExperimentEntry.experiment_id.desc())
    return list(scope.session.scalars(paged(found, limit, offset)))


def usual(query: Query) -> tuple[Sort, ...]:
    """The order where none is asked for."""
    return (RELEVANCE,) if wanted_words(query.condition) else ()


def _by_relevance(found: Found, sort: Sort, query: Query, scope: Scope) -> Found:
    asked = [(words(one.text), one.quoted) for one in wanted_words(query.condition)]
    if not asked:
        return found
    if scope.on_sqlite:
        scores = full_text.sqlite_scores(asked)
        joined = found.outerjoin(scores, scores.c.rowid == ExperimentEntry.experiment_id)
        return joined.order_by(scores.c.score.is_(None), scores.c.score)
    return found.order_by(full_text.postgresql_score(asked).desc())


def _by_column(column: Any) -> Step:
    def step(found: Found, sort: Sort, _query: Query, _scope: Scope) -> Found:
        return found.order_by(directed(column, sort))

    return step


def _by_owner(found: Found, sort: Sort, _query: Query, _scope: Scope) -> Found:
    joined = found.join(User, User.id == ExperimentEntry.owner_id)
    return joined.order_by(directed(User.name, sort))


def _by_dataset(found: Found, sort: Sort, _query: Query, _scope: Scope) -> Found:
    joined = found.join(DatasetVersion, DatasetVersion.id == ExperimentEntry.version_id)
    joined = joined.join(Dataset, Dataset.id == DatasetVersion.dataset_id)
    return joined.order_by(
        directed(func.lower(Dataset.name), sort), directed(DatasetVersion.number, sort)
    )


def _by_status(found: Found, sort: Sort, _query: Query, _scope: Scope) -> Found:
    joined = found.join(Job, Job.id == ExperimentEntry.job_id)
    return joined.order_by(directed(Job.status, sort))


def _by_value(found: Found, sort: Sort, _query: Query, _scope: Scope) -> Found:
    """By a metric or setting; those without it come last, whichever the direction."""
    value = aliased(ExperimentValue)
    own = and_(value.experiment_id == ExperimentEntry.experiment_id, value.name == sort.name)
    return found.outerjoin(value, own).order_by(
        value.experiment_id.is_(None),
        value.number.is_(None),
        directed(value.number, sort),
        directed(value.text, sort),
    )


def directed(column: Any, sort: Sort) -> UnaryExpression[Any]:
    ordered: UnaryExpression[Any] = column.desc() if sort.descending else column.asc()
    return ordered


SORTS: dict[str, Step] = {
    "relevance": _by_relevance,
    "created": _by_column(ExperimentEntry.created_at),
    "name": _by_column(ExperimentEntry.sort_name),
    "model": _by_column(ExperimentEntry.classifier),
    "owner": _by_owner,
    "dataset": _by_dataset,
    "status": _by_status,
}
