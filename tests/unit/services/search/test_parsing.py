from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.search.moments import stretch
from services.search.parsing import QueryError, parse
from services.search.query import (
    And,
    Between,
    Compared,
    Equals,
    Field,
    Not,
    Or,
    Query,
    Sort,
    Words,
    written,
)


def tag(*names):
    return Field("tag", tuple(map(Equals, names)))


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("", None),
        ("tag:a", tag("a")),
        ("tag:a,b", tag("a", "b")),
        ("-tag:a", Not(tag("a"))),
        ("NOT NOT a", Words("a")),
        ('"inner race"', Words("inner race", quoted=True)),
        (r'"a \"b\" \\ c"', Words('a "b" \\ c', quoted=True)),
        ("accuracy:>0.95", Field("accuracy", (Compared(">", 0.95),))),
        ("Accuracy: >= 0.95", Field("accuracy", (Compared(">=", 0.95),))),
        ("accuracy:0.8..0.9", Field("accuracy", (Between(0.8, 0.9),))),
        ("epochs:..20", Field("epochs", (Between(None, 20.0),))),
        ("epochs:20,>30", Field("epochs", (Equals("20"), Compared(">", 30.0)))),
        ("learning_rate:=1e-3", Field("learning_rate", (Equals("0.001"),))),
        ('width:"4"', Field("width", (Equals("4", quoted=True),))),
        ("split.by:groups", Field("split.by", (Equals("groups"),))),
        ("created:>7D", Field("created", (Compared(">", "7d"),))),
        ("created:2026-11-01..today", Field("created", (Between("2026-11-01", "today"),))),
        ("status:Finished", Field("status", (Equals("finished"),))),
        ("a b OR c", Or((And((Words("a"), Words("b"))), Words("c")))),
        ("a (b OR c)", And((Words("a"), Or((Words("b"), Words("c")))))),
        ("a AND b AND (c d)", And(tuple(map(Words, "abcd")))),
        ("NOT(a)", Not(Words("a"))),
        ("and or not", And((Words("and"), Words("or"), Words("not")))),
        ("in-house ORANGE", And((Words("in-house"), Words("ORANGE")))),
    ],
)
def test_what_is_asked_for(text, condition):
    assert parse(text) == Query(condition)


@pytest.mark.parametrize(
    "text", ["a OR b sort:-x,y", "sort:-x a OR b sort:y", "(a OR b) sort:-x sort:y"]
)
def test_orders_stand_beside_all_conditions(text):
    found = parse(text)
    assert found == Query(Or((Words("a"), Words("b"))), (Sort("x", True), Sort("y")))
    assert written(found) == "a OR b sort:-x sort:y"


@pytest.mark.parametrize(
    ("text", "position", "told"),
    [
        ("accuracy:>high", 10, "Expected a number such as 0.95, got “high”"),
        ("accuracy:0.5..high", 14, "got “high”"),
        ("accuracy>0.9", 8, "Comparisons stand behind a colon"),
        ("a:", 2, "ends too early: expected a value"),
        ("pump OR", 7, "expected a word, a text in quotes"),
        ("(pump", 0, "This bracket is not closed"),
        ("pump)", 4, "has no opening one"),
        ('fan "inner', 4, "This quote is not closed"),
        ("created:soon", 8, "an age such as 12h, 7d"),
        ("created:2026-02-30", 8, "a date such as"),
        ("status:done", 7, "is one of waiting, training"),
        ("tag:>5", 4, "Leave “>” out"),
        ("tag:&", 4, "A tag has letters or digits"),
        ("epochs:..", 7, "A range has an end"),
        ("epochs:1e999", 7, "too large"),
        ("fan & pump", 4, "no letter or digit"),
        ("fan - pump", 4, "right before what it excludes"),
        ("12:30", 2, "Put text with a colon in quotes"),
        ("a,b", 1, "A comma parts the values"),
        ("a (sort:b)", 3, "cannot stand within brackets"),
        ("a OR sort:b", 5, "cannot be one side of OR"),
        ('sort:"b"', 5, "Expected the name of a field"),
        ("a\x00", 1, "cannot be searched for"),
        ('"a\nb"', 0, "cannot go over several lines"),
        ("x" * 1001, 1000, "at most 1000 characters, got 1001"),
        ("(" * 30 + "a" + ")" * 30, 20, "More than 20 brackets"),
        ("a " * 61, 0, "at most 60 conditions"),
        ('id:"3"', 3, "takes a number"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text, position, told):
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert caught.value.position == position
    assert told in caught.value.message
    assert caught.value.details["until"] > position


NOW = datetime(2026, 11, 29, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "begin", "length"),
    [
        ("7d", NOW - timedelta(days=7), timedelta(0)),
        ("12h", NOW - timedelta(hours=12), timedelta(0)),
        ("2w", NOW - timedelta(days=14), timedelta(0)),
        ("99999y", datetime(1970, 1, 1, tzinfo=UTC), timedelta(0)),
        ("today", datetime(2026, 11, 29, tzinfo=UTC), timedelta(days=1)),
        ("yesterday", datetime(2026, 11, 28, tzinfo=UTC), timedelta(days=1)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC), timedelta(days=1)),
        ("2026-01-31t09:15", datetime(2026, 1, 31, 9, 15, tzinfo=UTC), timedelta(minutes=1)),
    ],
)
def test_moments(text, begin, length):
    assert stretch(text, NOW) == (begin, begin + length)
