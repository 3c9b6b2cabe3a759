"""A search as SQL over the narrow rows of experiments; what people typed is always bound."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    false,
    not_,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.orm import Session

from models import (
    Dataset,
    DatasetVersion,
    ExperimentEntry,
    ExperimentFeatureSet,
    ExperimentTag,
    ExperimentValue,
    Tag,
    User,
)
from services.experiments.views import STATE_OF
from services.search.entries import TITLES
from services.search.full_text import finding, is_text
from services.search.moments import is_age, stretch
from services.search.query import (
    And,
    Between,
    Compared,
    Equals,
    Field,
    Node,
    Not,
    Or,
    Query,
    Test,
    both,
    either,
    fields_in,
)
from services.search.words import slugs
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
    """In what a search is read: the session, the moment, and who asks.

    ``in_order`` says that entries are read one by one until there are enough.
    """

    session: Session
    now: datetime
    user_id: int | None
    in_order: bool = False

    @property
    def on_sqlite(self) -> bool:
        return self.session.get_bind().dialect.name == "sqlite"


def conditions(
    query: Query, scope: Scope, *, few: bool, words_joined: bool = False
) -> list[Condition]:
    """What an entry has to be. Archived ones, and the runs of repeated experiments, are left out
    where the query does not name them.

    ``few`` says that the query leaves a few: then they are looked up, and put in order
    afterwards. Otherwise entries are read in order until there are enough. ``words_joined``
    says that words alone are asked for, and that their scores are joined to the entries.
    """
    scope = replace(scope, in_order=not few)
    found: list[Condition] = []
    named = {field.name for field in fields_in(query.condition)}
    if "archived" not in named:
        # Hides from SQLite that there is an index for it, which holds nearly all.
        hidden = type_coerce(ExperimentEntry.archived, Integer) + 0 == 0
        found.append(hidden if few and scope.on_sqlite else ExperimentEntry.archived.is_(False))
    if not named & NAME_RUNS:
        hidden = type_coerce(ExperimentEntry.is_run, Integer) + 0 == 0
        found.append(hidden if few and scope.on_sqlite else ExperimentEntry.is_run.is_(False))
    if query.condition is not None and not words_joined:
        found.append(_node(query.condition, scope))
    return found


def is_plain(node: Node | None) -> bool:
    """Whether entries themselves tell all that is asked for."""
    if isinstance(node, And | Or):
        return all(map(is_plain, node.parts))
    if isinstance(node, Not):
        return is_plain(node.part)
    return node is None or (isinstance(node, Field) and node.name in PLAIN)


def _node(node: Node, scope: Scope) -> Condition:
    if is_text(node):
        return ExperimentEntry.experiment_id.in_(finding(node, on_sqlite=scope.on_sqlite))
    if isinstance(node, Field):
        return FIELDS.get(node.name, _value)(node, scope)
    if isinstance(node, Not):
        return not_(_node(node.part, scope))
    parts = node.parts if isinstance(node, And | Or) else (node,)
    join, make = (and_, both) if isinstance(node, And) else (or_, either)
    # The words beside each other are one question to the full text.
    texts, others = [p for p in parts if is_text(p)], [p for p in parts if not is_text(p)]
    joined = [make(*texts)] if texts else []
    return join(*(_node(part, scope) for part in (*joined, *others)))


def _texts(field: Field) -> list[str]:
    return [test.text for test in field.tests if isinstance(test, Equals)]


def _tag(field: Field, scope: Scope) -> Condition:
    known = scope.session.scalars(select(Tag.id).where(Tag.slug.in_(slugs(_texts(field)))))
    tagged = select(ExperimentTag.experiment_id).where(ExperimentTag.tag_id.in_(known.all()))
    return _among(tagged, ExperimentTag.experiment_id, scope)


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


def _features(field: Field, scope: Scope) -> Condition:
    named = or_(*(contains(ExperimentFeatureSet.name, text) for text in _texts(field)))
    used = select(ExperimentFeatureSet.experiment_id).where(named)
    return _among(used, ExperimentFeatureSet.experiment_id, scope)


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
    return and_(ExperimentEntry.status.is_not(None), ExperimentEntry.status.in_(asked))


def _archived(field: Field, _scope: Scope) -> Condition:
    meant = {
        "no": ExperimentEntry.archived.is_(False),
        "yes": ExperimentEntry.archived.is_(True),
        "any": true(),
    }
    return or_(*(meant[text] for text in _texts(field)))


def _runs(field: Field, _scope: Scope) -> Condition:
    is_run = ExperimentEntry.is_run
    meant = {"no": is_run.is_(False), "yes": is_run.is_(True), "any": true()}
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


def _repeated(field: Field, _scope: Scope) -> Condition:
    known = ExperimentEntry.repeated_id.is_not(None)
    return and_(known, or_(*(_number(ExperimentEntry.repeated_id, test) for test in field.tests)))


def _value(field: Field, scope: Scope) -> Condition:
    passed = or_(*(_value_test(test) for test in field.tests))
    wanted = select(ExperimentValue.experiment_id).where(ExperimentValue.name == field.name, passed)
    return _among(wanted, ExperimentValue.experiment_id, scope)


def _among(wanted: Select[int], key: Any, scope: Scope) -> Condition:
    """Whether an entry is one of those; in order, each entry is looked up until there are enough.

    SQLite lists all of them before it looks at the first, and so does PostgreSQL, unless an
    offset keeps it from making a join of the lookup.
    """
    if scope.in_order:
        own = wanted.where(key == ExperimentEntry.experiment_id)
        return (own if scope.on_sqlite else own.offset(0)).exists()
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


# What an entry holds itself.
PLAIN = frozenset(
    {
        *("model", "dataset", "owner", "name", "status", "archived", "runs", "created", "id"),
        "repeated",
    }
)
# Who names one of these sees single runs of repeated experiments.
NAME_RUNS = frozenset({"runs", "repeated", "id"})
FIELDS: dict[str, Callable[[Field, Scope], Condition]] = {
    "tag": _tag,
    "model": _model,
    "dataset": _dataset,
    "features": _features,
    "owner": _owner,
    "name": _name,
    "status": _status,
    "archived": _archived,
    "runs": _runs,
    "repeated": _repeated,
    "created": _created,
    "id": _id,
}
