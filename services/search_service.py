"""Search experiments, and keep the searches that are used again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypedDict

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from diagnostics.spreadsheets import csv_lines, harmless
from models import SavedSearch
from models.base import now
from services import actor
from services.errors import Invalid, NotFound
from services.paging import LARGEST_NUMBER, within
from services.runtime import unit_of_work
from services.search import known
from services.search.conditions import Scope
from services.search.finding import find
from services.search.known import Offer
from services.search.parsing import parse
from services.search.query import Query, Sort
from services.search.rows import FoundExperiment, rows_of

LONGEST_NAME = 120
MOST_RESULTS = 1_000
MOST_COLUMNS = 50
ROWS_AT_ONCE = 500
# What an exported table holds of every experiment, beside its tags and values.
EXPORTED = (
    *("id", "name", "state", "classifier", "dataset_name", "version_number", "group_by"),
    *("owner_name", "created_at", "random_windows", "leak"),
)


class SearchResult(TypedDict):
    """``total_count`` counts all that the query finds; ``suggestions`` are other queries."""

    results: list[FoundExperiment]
    total_count: int
    suggestions: list[str]


class UsedSearch(SearchResult):
    id: int
    name: str
    query: str


class SearchService:
    """Search by tags, metrics, settings and words; searches that a person saved."""

    @staticmethod
    def search(
        session: Session, query: str, user_id: int | None = None, limit: int = 100
    ) -> SearchResult:
        """The experiments that a query finds, the best or newest first.

        ``user_id`` is who ``owner:me`` means, by default the one who asks. The language is
        described in docs/guide/search-experiments.md.

        Raises
        ------
        QueryError
            If the query cannot be read; it says where.
        """
        reader = actor.reader()
        if user_id is not None:
            actor.self_or_admin(user_id)
        asked = parse(query)
        scope = Scope(session, now(), user_id if user_id is not None else reader.user_id)
        return _result(asked, scope, within(limit, 0, MOST_RESULTS)[0])

    @staticmethod
    def find_experiments(
        query: str,
        limit: int = 100,
        offset: int = 0,
        values: Sequence[str] = (),
        sort: str | None = None,
    ) -> SearchResult:
        """A part of what a query finds, with some metrics and settings of each.

        ``sort`` comes before the order of the query: the name of a field, with a minus before
        it for the largest first.

        Raises
        ------
        QueryError
            If the query cannot be read; it says where.
        """
        reader = actor.reader()
        asked = _sorted(parse(query), sort)
        rows, first = within(limit, offset, MOST_RESULTS)
        with unit_of_work(writing=False) as session:
            scope = Scope(session, now(), reader.user_id)
            return _result(asked, scope, rows, first, values[:MOST_COLUMNS])

    @staticmethod
    def find_ids(query: str, limit: int = MOST_RESULTS) -> list[int]:
        """Ids of what a query finds, to do something with all of them.

        Raises
        ------
        QueryError
            If the query cannot be read; it says where.
        """
        reader = actor.reader()
        asked = parse(query)
        with unit_of_work(writing=False) as session:
            return find(asked, Scope(session, now(), reader.user_id), limit).ids

    @staticmethod
    def export_experiments(
        query: str, values: Sequence[str] = (), sort: str | None = None
    ) -> Iterator[str]:
        """All that a query finds as CSV, piece by piece; a column for each of ``values``.

        Raises
        ------
        QueryError
            If the query cannot be read; it says where.
        """
        reader = actor.reader()
        asked, names = _sorted(parse(query), sort), list(values[:MOST_COLUMNS])
        with unit_of_work(writing=False) as session:
            ids = find(asked, Scope(session, now(), reader.user_id), LARGEST_NUMBER).ids
        return _csv_pieces(ids, names)

    @staticmethod
    def list_values() -> list[str]:
        """Names of all metrics and settings that an experiment has."""
        actor.reader()
        with unit_of_work(writing=False) as session:
            return known.value_names(session)

    @staticmethod
    def complete(query: str, position: int) -> list[Offer]:
        """What could be typed at a place of a query: fields, values, tags."""
        actor.reader()
        with unit_of_work(writing=False) as session:
            return known.complete(session, query, position)

    @staticmethod
    def save_search(
        session: Session, user_id: int, name: str, query: str, is_pinned: bool = False
    ) -> SavedSearch:
        """Keep a search under a name; one of the same name is replaced.

        Raises
        ------
        QueryError
            If the query cannot be read; it says where.
        Invalid
            If the name is missing or too long.
        """
        _check_self(user_id)
        name = _name(name)
        parse(query)
        same = (SavedSearch.owner_id == user_id) & (SavedSearch.name == name)
        kept = session.scalar(select(SavedSearch).where(same))
        if kept is None:
            kept = SavedSearch(owner_id=user_id, name=name, usage_count=0)
            session.add(kept)
        kept.query, kept.is_pinned = query, is_pinned
        session.flush()
        return _detached(session, select(SavedSearch).where(SavedSearch.id == kept.id))[0]

    @staticmethod
    def get_saved_searches(session: Session, user_id: int) -> list[SavedSearch]:
        """A person's searches: pinned ones first, then by name."""
        _check_self(user_id)
        own = (
            select(SavedSearch)
            .where(SavedSearch.owner_id == user_id)
            .order_by(SavedSearch.is_pinned.desc(), SavedSearch.name, SavedSearch.id)
        )
        return _detached(session, own)

    @staticmethod
    def use_saved_search(session: Session, saved_search_id: int, user_id: int) -> UsedSearch:
        """What a saved search finds now; that it was used is counted.

        Raises
        ------
        NotFound
            If the person has no such search.
        """
        _check_self(user_id)
        kept = _own(session, saved_search_id, user_id)
        if kept is None:
            raise NotFound(f"You have no saved search {saved_search_id}.")
        kept.usage_count += 1
        kept.last_used_at = now()
        session.flush()
        found = _result(parse(kept.query), Scope(session, now(), user_id), 100)
        return {"id": kept.id, "name": kept.name, "query": kept.query, **found}

    @staticmethod
    def delete_saved_search(session: Session, saved_search_id: int, user_id: int) -> bool:
        """Forget a search. False if the person has none of this number."""
        _check_self(user_id)
        kept = _own(session, saved_search_id, user_id)
        if kept is None:
            return False
        session.delete(kept)
        session.flush()
        return True


def _result(
    asked: Query, scope: Scope, limit: int, offset: int = 0, values: Sequence[str] = ()
) -> SearchResult:
    ids, total = find(asked, scope, limit, offset)
    return {
        "results": rows_of(scope.session, ids, values),
        "total_count": total,
        "suggestions": [] if total else known.corrected(scope.session, asked),
    }


def _sorted(asked: Query, sort: str | None) -> Query:
    if not sort:
        return asked
    first = Sort(sort.removeprefix("-").lower(), sort.startswith("-"))
    return Query(asked.condition, (first, *(s for s in asked.sorts if s.name != first.name)))


def _check_self(user_id: int) -> None:
    """A person's searches are nobody else's business, not even an admin's."""
    if actor.myself() != user_id:
        raise NotFound("There is no such object.")


def _own(session: Session, saved_search_id: int, user_id: int) -> SavedSearch | None:
    own = (SavedSearch.id == saved_search_id) & (SavedSearch.owner_id == user_id)
    return session.scalar(select(SavedSearch).where(own))


def _detached(session: Session, wanted: Select[SavedSearch]) -> list[SavedSearch]:
    """Searches as they are in the database now, in one statement."""
    rows = list(session.scalars(wanted.execution_options(populate_existing=True)))
    for row in rows:
        session.expunge(row)
    return rows


def _name(given: str) -> str:
    name = " ".join((given or "").split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Invalid(
            f"A saved search needs a name of 1 to {LONGEST_NAME} characters that can be shown."
        )
    return name


def _csv_pieces(ids: list[int], names: list[str]) -> Iterator[str]:
    yield csv_lines([[*EXPORTED, "tags", *names]])
    for start in range(0, len(ids), ROWS_AT_ONCE):
        with unit_of_work(writing=False) as session:
            rows = rows_of(session, ids[start : start + ROWS_AT_ONCE], names)
        yield csv_lines([_cells(row, names) for row in rows])


def _cells(row: FoundExperiment, names: list[str]) -> list[Any]:
    plain: dict[str, Any] = dict(row)
    tags = ", ".join(tag["name"] for tag in row["tags"])
    values = [row["values"].get(name) for name in names]
    return [harmless(cell) for cell in (*(plain[name] for name in EXPORTED), tags, *values)]
