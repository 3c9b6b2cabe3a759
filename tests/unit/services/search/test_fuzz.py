"""Random texts and random queries: nothing breaks, nothing is read in two ways."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from models import (
    Dataset,
    DatasetVersion,
    Experiment,
    ExperimentTag,
    Job,
    JobStatus,
    RepeatedExperiment,
    RepeatedRun,
    Tag,
    User,
)
from services.actor import Actor, acting_as
from services.experiments.views import STATE_OF
from services.search import finding
from services.search.conditions import Scope
from services.search.entries import TITLES
from services.search.finding import find
from services.search.parsing import QueryError, parse
from services.search.query import (
    CHOICES,
    PLAIN_VALUE,
    PLAIN_WORD,
    SIGNS,
    SORT_FIELDS,
    Between,
    Compared,
    Equals,
    Field,
    Query,
    Sort,
    Words,
    both,
    either,
    negated,
    number_text,
    written,
)
from services.search.values import values_of
from services.search.words import slug_of, words
from tests import factories
from tests.unit.services.search.asking import Known, finds

QUICK = settings(
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
)
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
PIECES = (
    *("tag:", "accuracy:", "created:", "status:", "sort:", "(", ")", '"', "-", "AND", "OR", "NOT"),
    *(">", ">=", "<", "..", ",", ":", " ", "a", "é", "0.9", "7d", "\\", "finished", "\n", "\x00"),
    *("\ud800", "𝟘", "-created", "1e999", "q"),
)
# Words and values that some of the rows below have.
SOME_WORDS = ("inner", "inn", "race", "Größe", "12k", "軸", "q", "½", "in-house", "cnn", "pump_2")
NAMES = ("accuracy", "epochs", "optimiser", "learning_rate", "nothing", "split.by", "channels")
NUMBERS = (0.0, 0.5, 0.9, 0.95, 2.0, 20.0, -1.0, 1e-3, 1e-05, 1e300)
TEXTS = ("adamw", "SGD", "fractions", "20", "½ “x”", "pump", "in", "ä", "a b", "%", "_", "\\")


def plainly(texts, pattern):
    return st.builds(
        lambda text, wanted: (text, wanted or pattern.fullmatch(text) is None),
        st.sampled_from(texts),
        st.booleans(),
    )


numbers = st.sampled_from(NUMBERS) | st.floats(allow_nan=False, allow_infinity=False).map(
    lambda number: number + 0.0
)
moments = st.sampled_from(
    ("0h", "1h", "7d", "4w", "99999y", "today", "yesterday", "2026-11-27", "2026-11-28t06:00")
)
full_text = plainly(SOME_WORDS, PLAIN_WORD).map(lambda found: Words(*found)) | st.text().filter(
    lambda text: words(text) and text.isprintable()
).map(lambda text: Words(text, quoted=True))


def comparing(operands):
    ranges = st.tuples(operands | st.none(), operands | st.none()).filter(
        lambda ends: any(end is not None for end in ends)
    )
    return st.builds(Compared, st.sampled_from(SIGNS), operands) | ranges.map(
        lambda ends: Between(*ends)
    )


def fields(names, tests):
    several = st.lists(tests, min_size=1, max_size=3).map(tuple)
    return st.builds(Field, st.sampled_from(names), several)


texts = plainly(TEXTS, PLAIN_VALUE).map(lambda found: Equals(*found))
# A number without quotes is equal to what is the same number.
value_tests = (
    plainly([text for text in TEXTS if text != "20"], PLAIN_VALUE).map(lambda f: Equals(*f))
    | numbers.map(lambda number: Equals(number_text(number)))
    | comparing(numbers)
)
terms = (
    full_text
    | fields(("model", "dataset", "owner", "name"), texts | st.just(Equals("me")))
    | fields(("tag",), st.sampled_from(("best", "Größe-1", "old", "none")).map(Equals))
    | st.sampled_from(tuple(CHOICES)).flatmap(
        lambda name: fields((name,), st.sampled_from(CHOICES[name]).map(Equals))
    )
    | fields(("created",), moments.map(Equals) | comparing(moments))
    | fields(("id", "repeated"), numbers.map(lambda n: Equals(number_text(n))) | comparing(numbers))
    | fields(NAMES, value_tests)
)
nodes = st.recursive(
    terms,
    lambda inner: (
        inner.map(negated)
        | st.lists(inner, min_size=2, max_size=3).map(lambda parts: both(*parts))
        | st.lists(inner, min_size=2, max_size=3).map(lambda parts: either(*parts))
    ),
    max_leaves=6,
)
sorts = st.builds(Sort, st.sampled_from((*SORT_FIELDS, *NAMES)), st.booleans())
queries = st.builds(Query, nodes, st.lists(sorts, max_size=2).map(tuple))


@settings(QUICK, max_examples=400)
@given(st.text() | st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
@example("(" * 400)
@example("-" * 400)
@example("NOT " * 249)
@example("a " * 499)
@example("tag:" * 200)
@example("x" * 1001)
@example('"' * 3)
def test_any_text_is_a_query_or_says_where_it_is_none(text):
    found = parsed(text)
    if isinstance(found, QueryError):
        assert 0 <= found.position <= len(text)
        assert found.until > found.position
        assert found.message.endswith(".")
    else:
        assert parse(written(found)) == found


def parsed(text: str) -> Query | QueryError:
    try:
        return parse(text)
    except QueryError as error:
        return error


@settings(QUICK, max_examples=300)
@given(queries)
def test_a_query_that_is_written_is_read_as_the_same(query):
    text = written(query)
    assert parse(text) == query
    assert written(parse(text)) == text


@pytest.fixture
def rows(session) -> list[Known]:
    """A few experiments that differ in everything that can be asked for."""
    owners = [factories.user(session, name=name) for name in ("änna", "bert")]
    tags = [
        Tag(name=name, slug=slug_of(name), color="#000000", owner_id=owners[0].id)
        for name in ("best", "Größe 1", "old")
    ]
    session.add_all(tags)
    session.flush()
    given = (
        ("Inner race 12k", 0, {"accuracy": 0.95, "epochs": 20}, (0, 1), "", JobStatus.DONE, 0),
        ("race, inner", 0, {"accuracy": 0.5}, (2,), "軸受 in-house q", JobStatus.FAILED, 1),
        ("Größe ½ pump_2", 1, {"accuracy": None}, (), "", JobStatus.DONE, 30),
        ("another %", 1, {"accuracy": 0.9}, (0,), "the inner 1", JobStatus.RUNNING, 400),
    )
    made = []
    for name, owner, about, tagged, notes, status, days in given:
        row = factories.experiment(session, name=name, owner_id=owners[owner].id, notes=notes)
        row.classifier = "random_forest" if owner else "cnn1d"
        row.config = {**row.config, "epochs": about.get("epochs", 2)}
        row.created_at = NOW - timedelta(days=days, hours=1)
        if about["accuracy"] is not None:
            row.summary = {"recordings": {"accuracy": {"value": about["accuracy"]}}}
        if owner:
            row.archived_at = NOW if status is JobStatus.RUNNING else None
        session.get_one(Job, row.job_id).status = status
        session.add_all(
            ExperimentTag(experiment_id=row.id, tag_id=tags[n].id, added_by=row.owner_id)
            for n in tagged
        )
        if name == "Größe ½ pump_2":
            run_of_something(session, row)
        session.flush()
        made.append(known(session, row, [tags[n].name for n in tagged]))
    return made


def known(session, row: Experiment, tags: list[str]) -> Known:
    version = session.get_one(DatasetVersion, row.version_id)
    values = values_of(row)
    return Known(
        row.id,
        row.name,
        session.get_one(User, row.owner_id).name,
        session.get_one(Dataset, version.dataset_id).name,
        row.classifier,
        TITLES[row.classifier],
        STATE_OF[session.get_one(Job, row.job_id).status].value,
        row.archived_at is not None,
        row.created_at,
        row.notes,
        tuple(tags),
        {n: v.text if v.number is None else v.number for n, v in values.items()},
        session.scalar(select(RepeatedRun.repeated_id).where(RepeatedRun.experiment_id == row.id)),
    )


def run_of_something(session, row: Experiment) -> None:
    given = {"name": "n", "owner_id": row.owner_id, "version_id": row.version_id, "folds": 0}
    repeated = RepeatedExperiment(**given, classifier=row.classifier, config={}, seeds=[0], plan={})
    session.add(repeated)
    session.flush()
    session.add(RepeatedRun(experiment_id=row.id, repeated_id=repeated.id, fold=0, seed=0))


@pytest.mark.database
def test_sql_finds_what_plain_evaluation_finds(session, rows):
    scope = Scope(session, NOW, None)

    @settings(QUICK, max_examples=120)
    @given(queries)
    def compare(query):
        expected = {row.id for row in rows if finds(query, row, NOW)}
        found, total = find(query, scope, 100)
        assert (set(found), len(found), total) == (expected, len(expected), len(expected))
        parts = [find(query, scope, 1, number) for number in range(5)]
        assert [one.ids for one in parts] == [found[n : n + 1] for n in range(5)]
        assert {one.total for one in parts} == {total}
        with pytest.MonkeyPatch.context() as patch:  # along an index, as where many are found
            patch.setattr(finding, "MOST_SORTED", 0)
            assert find(query, scope, 100).ids == found

    compare()


@pytest.mark.parametrize(
    "text",
    ["inner", '"inner race"', "race -tag:old", "accuracy:>=0.9 archived:any", "created:>7d"],
)
def test_the_rows_can_tell_queries_apart(rows, text):
    """A comparison with nothing, or with everything, would prove little."""
    found = [finds(replace(parse(text)), row, NOW) for row in rows]
    assert True in found
    assert False in found


def test_me_is_who_asks(session, rows):
    owner = session.get_one(Experiment, rows[2].id).owner_id
    with acting_as(Actor(owner, "analyst", frozenset(), "page")):
        asked = parse("owner:me archived:any runs:any")
        assert set(find(asked, Scope(session, NOW, owner), 9).ids) == {rows[2].id, rows[3].id}
