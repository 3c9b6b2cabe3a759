"""A search as SQL over the narrow rows of experiments; what people typed is always bound."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, not_, or_, select, true
from sqlalchemy.orm import Session

from models import (
    Dataset,
    DatasetVersion,
    ExperimentEntry,
    ExperimentTag,
    ExperimentValue,
    Job,
    Tag,
    User,
)
from models.experiment_entries import WORD_COLUMNS
from services.experiments.views import STATE_OF
from services.search import full_text
from services.search.entries import TITLES
from services.search.moments import is_age, stretch
from services.search.query import (
    And,
    Between,
    Compared,
    Equals,
    Field,
    Node,
    Not,
    Query,
    Test,
    Words,
    fields_in,
)
from services.search.words import slugs, words
from services.text_search import contains, equals

Condition = ColumnElement[bool]
COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
ME = "me"


@dataclass(frozen=True)
class Scope:
    """In what a search is read: the session, the moment, and who asks."""

    session: Session
    now: datetime
    user_id: int | None

    @property
    def on_sqlite(self) -> bool:
        return self.session.get_bind().dialect.name == "sqlite"


def conditions(query: Query, scope: Scope) -> list[Condition]:
    """What an entry has to be. Archived ones are left out where the query does not name them."""
    found: list[Condition] = []
    if not any(field.name == "archived" for field in fields_in(query.condition)):
        found.append(ExperimentEntry.archived.is_(False))
    if query.condition is not None:
        found.append(_node(query.condition, scope))
    return found


def _node(node: Node, scope: Scope) -> Condition:
    if isinstance(node, Words):
        return _words(node, scope)
    if isinstance(node, Field):
        return FIELDS.get(node.name, _value)(node, scope)
    if isinstance(node, Not):
        return not_(_node(node.part, scope))
    parts = [_node(part, scope) for part in node.parts]
    return and_(*parts) if isinstance(node, And) else or_(*parts)


def _words(asked: Words, scope: Scope) -> Condition:
    wanted = words(asked.text)
    matching = full_text.matches(wanted, whole=asked.quoted, on_sqlite=scope.on_sqlite)
    if scope.on_sqlite or len(wanted) == 1:
        return matching
    # PostgreSQL sees the columns as one text; words in a row must be in one of them.
    row = f"% {' '.join(wanted)}{' ' if asked.quoted else ''}%"
    columns = (getattr(ExperimentEntry, name) for name in WORD_COLUMNS)
    return and_(matching, or_(*((" " + column + " ").like(row) for column in columns)))


def _texts(field: Field) -> list[str]:
    return [test.text for test in field.tests if isinstance(test, Equals)]


def _tag(field: Field, scope: Scope) -> Condition:
    known = scope.session.scalars(select(Tag.id).where(Tag.slug.in_(slugs(_texts(field)))))
    tagged = select(ExperimentTag.experiment_id).where(ExperimentTag.tag_id.in_(known.all()))
    return ExperimentEntry.experiment_id.in_(tagged)


def _model(field: Field, _scope: Scope) -> Condition:
    asked = [text.lower() for text in _texts(field)]
    found = {
        name
        for name, title in TITLES.items()
        if any(text == name or text in title.lower() for text in asked)
    }
    return ExperimentEntry.classifier.in_(sorted(found.union(asked)))


def _dataset(field: Field, scope: Scope) -> Condition:
    named = or_(*(contains(Dataset.name, text) for text in _texts(field)))
    versions = (
        select(DatasetVersion.id)
        .join(Dataset, Dataset.id == DatasetVersion.dataset_id)
        .where(named)
    )
    return ExperimentEntry.version_id.in_(scope.session.scalars(versions).all())


def _owner(field: Field, scope: Scope) -> Condition:
    asked = {text.lower() for text in _texts(field)}
    ids = list(scope.session.scalars(select(User.id).where(User.name.in_(asked))))
    if ME in asked and scope.user_id is not None:
        ids.append(scope.user_id)
    return ExperimentEntry.owner_id.in_(ids)


def _name(field: Field, _scope: Scope) -> Condition:
    return or_(*(contains(ExperimentEntry.sort_name, text.lower()) for text in _texts(field)))


def _status(field: Field, _scope: Scope) -> Condition:
    asked = [job for job, state in STATE_OF.items() if state.value in _texts(field)]
    # Unknown is neither: without this, one without a job would not be found by -status: either.
    known = ExperimentEntry.job_id.is_not(None)
    return and_(known, ExperimentEntry.job_id.in_(select(Job.id).where(Job.status.in_(asked))))


def _archived(field: Field, _scope: Scope) -> Condition:
    meant = {
        "no": ExperimentEntry.archived.is_(False),
        "yes": ExperimentEntry.archived.is_(True),
        "any": true(),
    }
    return or_(*(meant[text] for text in _texts(field)))


def _created(field: Field, scope: Scope) -> Condition:
    return or_(*(_moment(test, scope.now) for test in field.tests))


def _moment(test: Test, now: datetime) -> Condition:
    at = ExperimentEntry.created_at
    if isinstance(test, Between):
        ends = [
            *([at >= stretch(str(test.low), now)[0]] if test.low is not None else []),
            *([_until(at, str(test.high), now)] if test.high is not None else []),
        ]
        return and_(*ends)
    text = test.text if isinstance(test, Equals) else str(test.operand)
    begin, end = stretch(text, now)
    if isinstance(test, Equals):
        return at >= begin if is_age(text) else and_(at >= begin, at < end)
    if test.sign == "<=":
        return _until(at, text, now)
    return {">": at >= end if end > begin else at > begin, ">=": at >= begin, "<": at < begin}[
        test.sign
    ]


def _until(at: Any, text: str, now: datetime) -> Condition:
    begin, end = stretch(text, now)
    condition: Condition = at < end if end > begin else at <= begin
    return condition


def _id(field: Field, _scope: Scope) -> Condition:
    return or_(*(_number(ExperimentEntry.experiment_id, test) for test in field.tests))


def _value(field: Field, _scope: Scope) -> Condition:
    passed = or_(*(_value_test(test) for test in field.tests))
    wanted = select(ExperimentValue.experiment_id).where(ExperimentValue.name == field.name, passed)
    return ExperimentEntry.experiment_id.in_(wanted)


def _value_test(test: Test) -> Condition:
    if not isinstance(test, Equals):
        return _number(ExperimentValue.number, test)
    text = and_(ExperimentValue.text.is_not(None), equals(ExperimentValue.text, test.text))
    if test.quoted or _as_number(test.text) is None:
        return text
    return or_(_number(ExperimentValue.number, test), text)


def _number(column: Any, test: Test) -> Condition:
    if isinstance(test, Equals):
        number = _as_number(test.text)
        return false() if number is None else column == number
    if isinstance(test, Compared):
        compared: Condition = COMPARE[test.sign](column, test.operand)
        return compared
    ends = [(operator.ge, test.low), (operator.le, test.high)]
    return and_(*(compare(column, end) for compare, end in ends if end is not None))


def _as_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


FIELDS: dict[str, Callable[[Field, Scope], Condition]] = {
    "tag": _tag,
    "model": _model,
    "dataset": _dataset,
    "owner": _owner,
    "name": _name,
    "status": _status,
    "archived": _archived,
    "created": _created,
    "id": _id,
}
