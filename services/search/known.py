"""What searches can name: values, tags, data sets; what was probably meant; what comes next."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, TypedDict

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from models import Dataset, ExperimentFeatureSet, ExperimentValue, Tag, User
from services.paging import paged
from services.search.entries import TITLES
from services.search.query import (
    CHOICES,
    FIELDS,
    PLAIN_VALUE,
    SORT,
    SORT_FIELDS,
    And,
    Equals,
    Field,
    Node,
    Not,
    Or,
    Query,
    Test,
    quoted,
    written,
)
from services.search.words import slug_of
from services.text_search import starts

MOST_OFFERED = 12
# Names of values are few; this keeps a mistake in an import from filling the page.
MOST_NAMES = 500
MEANING = {
    "tag": "experiments with a tag",
    "model": "kind of classifier",
    "dataset": "name of the data set",
    "features": "name of the feature set that it learned from",
    "owner": "who made it; me for oneself",
    "name": "a part of the name",
    "status": "how far it is",
    "archived": "no, yes or any",
    "runs": "of repeated experiments and campaigns: no, yes or any",
    "repeated": "runs of the repeated experiment of a number",
    "created": ">7d: within the last seven days",
    "id": "its number",
    "leak": "what the leakage guard says of its split",
    SORT: "order: sort:name, sort:-accuracy",
}
EXAMPLES = {"created": (">1d", ">7d", ">4w", "today")}
# The piece of a query that is being typed: a field with its values, or the beginning of one.
TYPED = re.compile(
    r"""(?P<minus>-?)(?:(?P<name>[^\W\d][\w.]*):(?P<values>[^\s()]*)|(?P<word>[\w.]*))$"""
)


class Offer(TypedDict):
    """A completion: what it is called, and the text between two characters that it replaces."""

    label: str
    detail: str
    text: str
    start: int
    end: int


def value_names(session: Session) -> list[str]:
    """Metrics and settings that an experiment has, by name.

    The index is asked for one name after the other: there are millions of rows, and few names.
    """
    names = select(func.min(ExperimentValue.name).label("name")).cte("names", recursive=True)
    later = select(func.min(ExperimentValue.name)).where(ExperimentValue.name > names.c.name)
    following = select(later.scalar_subquery()).where(names.c.name.is_not(None))
    names = names.union_all(following)
    found = select(names.c.name).where(names.c.name.is_not(None)).limit(MOST_NAMES)
    return sorted(session.scalars(found))


def complete(session: Session, text: str, position: int) -> list[Offer]:
    """What could stand where the cursor is."""
    position = max(0, min(position, len(text)))
    found = TYPED.search(text[:position])
    if found is None or _within_quotes(text[: found.start()]):
        return []
    if found["name"] is None:
        begun = found["word"].lower()
        return [
            {
                "label": f"{name}:",
                "detail": MEANING.get(name, "metric or setting"),
                "text": f"{name}:",
                "start": found.start("word"),
                "end": position,
            }
            for name in _starting([*FIELDS, SORT, *value_names(session)], begun)
        ]
    begun = found["values"].rpartition(",")[2]
    start = position - len(begun)
    return [
        {"label": value, "detail": "", "text": _plain(value), "start": start, "end": position}
        for value in _values(session, found["name"].lower(), begun.lstrip('"'))
    ]


def corrected(session: Session, query: Query) -> list[str]:
    """The query with what was probably meant instead of names that nothing has."""
    if query.condition is None:
        return []
    names = [*FIELDS, *value_names(session)]
    tags = {tag.slug: tag.name for tag in session.scalars(select(Tag).limit(MOST_NAMES))}

    def correct(field: Field) -> Field:
        name = field.name
        if name not in names:
            name = next(iter(get_close_matches(name, names, 1)), name)
        if name != "tag":
            return replace(field, name=name)
        return replace(field, tests=tuple(_known_tag(test, tags) for test in field.tests))

    condition = _each_field(query.condition, correct)
    if condition == query.condition:
        return []
    return [written(replace(query, condition=condition))]


def _known_tag(test: Test, tags: dict[str, str]) -> Test:
    if not isinstance(test, Equals):
        return test
    slug = slug_of(test.text)
    near = next(iter(get_close_matches(slug, tags, 1)), slug)
    return test if slug in tags or near == slug else _equals(tags[near])


def _each_field(node: Node, change: Callable[[Field], Field]) -> Node:
    if isinstance(node, Field):
        return change(node)
    if isinstance(node, Not):
        return Not(_each_field(node.part, change))
    if isinstance(node, And | Or):
        return replace(node, parts=tuple(_each_field(part, change) for part in node.parts))
    return node


def _within_quotes(before: str) -> bool:
    return re.sub(r"\\.", "", before).count('"') % 2 == 1


def _starting(names: Iterable[str], begun: str) -> list[str]:
    fitting = [name for name in names if name.startswith(begun)]
    return list(dict.fromkeys(fitting))[:MOST_OFFERED]


def _values(session: Session, name: str, begun: str) -> list[str]:
    if name in CHOICES:
        return _starting(CHOICES[name], begun.lower())
    if name in EXAMPLES:
        return _starting(EXAMPLES[name], begun.lower())
    if name == "model":
        return _starting(TITLES, begun.lower())
    if name == SORT:
        minus = "-" if begun.startswith("-") else ""
        known = _starting([*SORT_FIELDS, *value_names(session)], begun.lower().lstrip("-"))
        return [f"{minus}{one}" for one in known]
    return _stored(session, name, begun)


def _stored(session: Session, name: str, begun: str) -> list[str]:
    wanted: Select[Any]
    if name == "tag":
        wanted = select(Tag.name).where(Tag.slug.startswith(slug_of(begun), autoescape=True))
        wanted = wanted.order_by(Tag.usage_count.desc(), Tag.name)
    elif name == "dataset":
        wanted = select(Dataset.name).where(starts(Dataset.name, begun)).order_by(Dataset.name)
    elif name == "features":
        used = ExperimentFeatureSet.name
        wanted = select(used).where(starts(used, begun)).distinct().order_by(used)
    elif name == "owner":
        wanted = select(User.name).where(starts(User.name, begun)).order_by(User.name)
    elif name in FIELDS:
        return []
    else:
        text = ExperimentValue.text
        wanted = select(text).where(ExperimentValue.name == name, text.is_not(None))
        wanted = wanted.where(starts(text, begun)).distinct().order_by(text)
    return [value for value in session.scalars(paged(wanted, MOST_OFFERED)) if value]


def _plain(value: str) -> str:
    """The value as it is written in a query: in quotes where it needs them."""
    return value if PLAIN_VALUE.fullmatch(value) or value[:1] in "<>" else quoted(value)


def _equals(text: str) -> Equals:
    return Equals(text, quoted=PLAIN_VALUE.fullmatch(text) is None)
