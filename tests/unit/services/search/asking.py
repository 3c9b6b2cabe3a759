"""What a query finds, told a second time: over plain values, without SQL."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

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
from services.search.words import as_words, slug_of, words


@dataclass(frozen=True)
class Known:
    """All that a search may ask of an experiment."""

    id: int
    name: str
    owner: str
    dataset: str
    model: str
    model_title: str
    status: str
    archived: bool
    created: datetime
    notes: str = ""
    tags: tuple[str, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)
    repeated: int | None = None

    @property
    def texts(self) -> list[str]:
        data = as_words(self.model, self.model_title, self.dataset)
        return [as_words(self.name), as_words(*sorted(self.tags)), data, as_words(self.notes)]


def finds(query: Query, known: Known, now: datetime) -> bool:
    named = {one.name for one in fields_in(query.condition)}
    if known.archived and "archived" not in named:
        return False
    if known.repeated is not None and not named & {"runs", "repeated", "id"}:
        return False
    return query.condition is None or holds(query.condition, known, now)


def holds(node: Node, known: Known, now: datetime) -> bool:
    if isinstance(node, Words):
        wanted = words(node.text)
        return any(found_in(wanted, text, whole=node.quoted) for text in known.texts)
    if isinstance(node, Not):
        return not holds(node.part, known, now)
    if isinstance(node, Field):
        return any(passes(node.name, test, known, now) for test in node.tests)
    answers = [holds(part, known, now) for part in node.parts]
    return all(answers) if isinstance(node, And) else any(answers)


def passes(name: str, test: Test, known: Known, now: datetime) -> bool:
    if name == "created":
        return within(test, known.created, now)
    if name == "id":
        return compares(test, float(known.id))
    if name == "repeated":
        return known.repeated is not None and compares(test, float(known.repeated))
    if name in ("tag", "model", "dataset", "owner", "name", "status", "archived", "runs"):
        return is_named(name, test.text, known)
    value = known.values.get(name)
    if isinstance(value, str):
        return isinstance(test, Equals) and test.text.lower() == value.lower()
    if value is None or (isinstance(test, Equals) and test.quoted):
        return False
    return compares(test, value)


def is_named(name: str, text: str, known: Known) -> bool:
    asked = text.lower()
    return {
        "tag": slug_of(text) in {slug_of(tag) for tag in known.tags},
        "model": asked == known.model or asked in known.model_title.lower(),
        "dataset": asked in known.dataset.lower(),
        "owner": asked == known.owner,
        "name": asked in known.name.lower(),
        "status": asked == known.status,
        "archived": asked == "any" or (asked == "yes") is known.archived,
        "runs": asked == "any" or (asked == "yes") is (known.repeated is not None),
    }[name]


def compares(test: Test, value: float) -> bool:
    if isinstance(test, Equals):
        try:
            return not test.quoted and float(test.text) == value
        except ValueError:
            return False
    if isinstance(test, Compared):
        other = test.operand
        return {
            ">": value > other,
            ">=": value >= other,
            "<": value < other,
            "<=": value <= other,
        }[test.sign]
    assert isinstance(test, Between)
    return (test.low is None or value >= test.low) and (test.high is None or value <= test.high)


def within(test: Test, at: datetime, now: datetime) -> bool:
    def until(text: str) -> bool:
        begin, end = stretch(text, now)
        return at < end if end > begin else at <= begin

    if isinstance(test, Between):
        low = test.low is None or at >= stretch(test.low, now)[0]
        return low and (test.high is None or until(test.high))
    text = test.text if isinstance(test, Equals) else test.operand
    begin, end = stretch(text, now)
    if isinstance(test, Equals):
        return at >= begin if is_age(text) else begin <= at < end
    return {
        ">": at >= end if end > begin else at > begin,
        ">=": at >= begin,
        "<": at < begin,
        "<=": until(text),
    }[test.sign]


def found_in(wanted: list[str], kept: str, *, whole: bool) -> bool:
    """Whether words stand in kept ones in a row; the last may go on, unless it is ``whole``.

    Examples
    --------
    >>> found_in(["inner", "ra"], "inner race", whole=False)
    True
    >>> found_in(["inner", "ra"], "inner race", whole=True)
    False
    """
    end = " " if whole else ""
    return f" {' '.join(wanted)}{end}" in f" {kept} "
