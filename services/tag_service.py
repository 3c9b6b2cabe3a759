"""Tags: words that people put on experiments, to find them again."""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Sequence
from typing import TypedDict

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.orm import Session

from models import Experiment, ExperimentTag, Role, Tag
from services import actor, events, locks
from services.errors import Forbidden, Invalid, NotFound
from services.paging import paged
from services.search.rows import TagView, tags_of
from services.search.words import slug_of
from services.text_search import contains

LONGEST_NAME = 60
MOST_AT_ONCE = 50
COLOR = re.compile(r"#[0-9a-f]{6}", re.ASCII)
# Of Okabe and Ito: told apart by those who see fewer colours, too.
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f")


class TagChange(TypedDict):
    """What became of one experiment."""

    experiment_id: int
    changed: bool
    tags: list[TagView]


class BulkTagChange(TypedDict):
    """How many tags were added or removed, and on how many experiments."""

    changed: int
    experiments: int


class TagCount(TypedDict):
    name: str
    usage_count: int


class TagStatistics(TypedDict):
    total_tags: int
    used_tags: int
    total_assignments: int
    tagged_experiments: int
    most_used: list[TagCount]


class TagService:
    """Put tags on experiments, take them off, offer them."""

    @staticmethod
    def slugify(text: str) -> str:
        """What a tag is known by: letters and digits in lower case, hyphens between words."""
        actor.reader()
        return slug_of(text)

    @staticmethod
    def create_or_get_tag(
        session: Session, name: str, color: str | None = None, user_id: int | None = None
    ) -> Tag:
        """The tag of a name; a new one gets a colour that follows from it, unless one is given.

        Raises
        ------
        Invalid
            If the name has no letter or digit or is too long, or the colour is none.
        """
        author = _author(user_id)
        tag = _get_or_make(session, name, color, author)
        return _detached(session, _named({tag.id}))[0]

    @staticmethod
    def add_tag_to_experiment(
        session: Session,
        experiment_id: int,
        tag_name: str,
        user_id: int | None = None,
        color: str | None = None,
    ) -> TagChange:
        """Put a tag on an experiment; what it has already stays as it is.

        Raises
        ------
        NotFound
            If there is no such experiment.
        Invalid
            If the name or colour is wrong.
        """
        author = _author(user_id)
        _check_changeable(session, [experiment_id])
        tag = _get_or_make(session, tag_name, color, author)
        changed = _add(session, [experiment_id], [tag], author)
        return _change_view(session, experiment_id, changed)

    @staticmethod
    def remove_tag_from_experiment(session: Session, experiment_id: int, tag_id: int) -> TagChange:
        """Take a tag off an experiment.

        Raises
        ------
        NotFound
            If there is no such experiment.
        """
        actor.writer()
        _check_changeable(session, [experiment_id])
        changed = _remove(session, [experiment_id], [tag_id])
        return _change_view(session, experiment_id, changed)

    @staticmethod
    def get_experiment_tags(session: Session, experiment_id: int) -> list[Tag]:
        """The tags of an experiment, by name; none if there is no such experiment."""
        actor.reader()
        own = (
            select(Tag)
            .join(ExperimentTag, ExperimentTag.tag_id == Tag.id)
            .where(ExperimentTag.experiment_id == experiment_id)
            .order_by(Tag.slug)
        )
        return _detached(session, own)

    @staticmethod
    def list_tags(session: Session, limit: int = 100, offset: int = 0) -> list[Tag]:
        """All tags, those that are used most first."""
        actor.reader()
        return _detached(session, paged(_by_use(select(Tag)), limit, offset))

    @staticmethod
    def get_popular_tags(session: Session, limit: int = 20, min_usage: int = 1) -> list[Tag]:
        """Tags that are used most."""
        actor.reader()
        used = select(Tag).where(Tag.usage_count >= min_usage)
        return _detached(session, paged(_by_use(used), limit))

    @staticmethod
    def suggest_tags(session: Session, query: str, limit: int = 10) -> list[Tag]:
        """Tags for what has been typed so far: those that begin so before those that hold it."""
        actor.reader()
        fitting, typed = select(Tag), (query or "").strip()
        if len(typed) > LONGEST_NAME:
            return []
        if typed:
            # Nothing begins with signs alone, which are no part of what a tag is known by.
            slug = slug_of(typed)
            begins = Tag.slug.startswith(slug, autoescape=True)
            holds = contains(Tag.name, typed)
            fitting = fitting.where(or_(begins, holds) if slug else holds).order_by(begins.desc())
        return _detached(session, paged(_by_use(fitting), limit))

    @staticmethod
    def bulk_add_tags(
        session: Session,
        experiment_ids: Sequence[int],
        tag_names: Sequence[str],
        user_id: int | None = None,
    ) -> BulkTagChange:
        """Put tags on many experiments: on all of them, or on none.

        Raises
        ------
        NotFound
            If one of the experiments does not exist.
        Forbidden
            If one of them belongs to somebody else.
        Invalid
            If a name is wrong, or nothing was named.
        """
        author = _author(user_id)
        _check_changeable(session, experiment_ids)
        if not tag_names or len(tag_names) > MOST_AT_ONCE:
            raise Invalid(f"Name 1 to {MOST_AT_ONCE} tags, got {len(tag_names)}.")
        tags = [_get_or_make(session, name, None, author) for name in tag_names]
        changed = _add(session, experiment_ids, tags, author)
        return {"changed": changed, "experiments": len(set(experiment_ids))}

    @staticmethod
    def bulk_remove_tags(
        session: Session, experiment_ids: Sequence[int], tag_ids: Sequence[int]
    ) -> BulkTagChange:
        """Take tags off many experiments: off all of them, or off none.

        Raises
        ------
        NotFound
            If one of the experiments does not exist.
        Forbidden
            If one of them belongs to somebody else.
        """
        actor.writer()
        _check_changeable(session, experiment_ids)
        changed = _remove(session, experiment_ids, tag_ids)
        return {"changed": changed, "experiments": len(set(experiment_ids))}

    @staticmethod
    def get_tag_statistics(session: Session) -> TagStatistics:
        """How many tags there are, how often they are used, and which most."""
        actor.reader()
        used = select(func.count()).where(Tag.usage_count > 0)
        tagged = select(func.count(func.distinct(ExperimentTag.experiment_id)))
        most = session.scalars(paged(_by_use(select(Tag).where(Tag.usage_count > 0)), 10))
        return {
            "total_tags": session.scalar(select(func.count()).select_from(Tag)) or 0,
            "used_tags": session.scalar(used) or 0,
            "total_assignments": session.scalar(select(func.sum(Tag.usage_count))) or 0,
            "tagged_experiments": session.scalar(tagged) or 0,
            "most_used": [{"name": tag.name, "usage_count": tag.usage_count} for tag in most],
        }


def _author(user_id: int | None) -> int:
    """Who puts a tag somewhere: the one who acts; only an admin names somebody else."""
    acting = actor.writer()
    if user_id is None:
        return actor.user_id()
    if user_id != acting.user_id and acting.role is not Role.ADMIN:
        raise Forbidden("Only an admin may do this in the name of somebody else.")
    return user_id


def _check_changeable(session: Session, experiment_ids: Sequence[int]) -> None:
    wanted = set(experiment_ids)
    owners: dict[int, int] = {}
    for some in _chunks(sorted(wanted)):
        rows = select(Experiment.id, Experiment.owner_id).where(Experiment.id.in_(some))
        owners.update((row[0], row[1]) for row in session.execute(rows))
    if not wanted:
        raise Invalid("Name at least one experiment.")
    if wanted - owners.keys():
        raise NotFound(f"There is no experiment {min(wanted - owners.keys())}.")
    for owner_id in set(owners.values()):
        actor.owner_or_admin(owner_id)


def _chunks(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[start : start + 500] for start in range(0, len(ids), 500)]


def _get_or_make(session: Session, name: str, color: str | None, author: int) -> Tag:
    name = " ".join((name or "").split())
    slug = slug_of(name)
    if not slug or len(name) > LONGEST_NAME or not name.isprintable():
        raise Invalid(
            f"A tag has letters or digits, and at most {LONGEST_NAME} characters; got “{name}”."
        )
    if color is not None and not COLOR.fullmatch(color.lower()):
        raise Invalid(f"A colour is written like #0072b2, got “{color}”.")
    locks.alone(session, "make tags")
    tag = session.scalar(select(Tag).where(Tag.slug == slug))
    if tag is None:
        chosen = color or COLORS[zlib.crc32(slug.encode()) % len(COLORS)]
        tag = Tag(name=name, slug=slug, color=chosen.lower(), owner_id=author, usage_count=0)
        session.add(tag)
        session.flush()
    return tag


def _add(session: Session, ids: Sequence[int], tags: Sequence[Tag], author: int) -> int:
    tag_ids = {tag.id for tag in tags}
    there = _assigned(session, ids, tag_ids)
    pairs = {(key, tag_id) for key in ids for tag_id in tag_ids} - there
    session.add_all(
        ExperimentTag(experiment_id=key, tag_id=tag_id, added_by=author)
        for key, tag_id in sorted(pairs)
    )
    _finish(session, "experiment.tagged", pairs)
    return len(pairs)


def _remove(session: Session, ids: Sequence[int], tag_ids: Sequence[int]) -> int:
    pairs = _assigned(session, ids, set(tag_ids))
    for key, tag_id in sorted(pairs):
        session.delete(session.get_one(ExperimentTag, (key, tag_id)))
    _finish(session, "experiment.untagged", pairs)
    return len(pairs)


def _finish(session: Session, type: str, pairs: Collection[tuple[int, int]]) -> None:
    session.flush()  # also writes what searches read
    count_uses(session, {tag_id for _, tag_id in pairs})
    names = {tag.id: tag.name for tag in session.scalars(_named({t for _, t in pairs}))}
    for key in sorted({key for key, _ in pairs}):
        own = sorted(names[tag_id] for one, tag_id in pairs if one == key)
        events.record(session, type, f"experiment:{key}", tags=own)
    session.flush()


def _named(tag_ids: Collection[int]) -> Select[Tag]:
    return select(Tag).where(Tag.id.in_(tag_ids))


def count_uses(session: Session, tag_ids: Collection[int]) -> None:
    """Count anew how often tags are used, in the transaction that has changed it."""
    held = select(Tag.id).where(Tag.id.in_(tag_ids)).order_by(Tag.id).with_for_update()
    session.execute(held)  # who counts them as well waits, or would count without us
    uses = select(func.count()).where(ExperimentTag.tag_id == Tag.id).scalar_subquery()
    session.execute(update(Tag).where(Tag.id.in_(tag_ids)).values(usage_count=uses))


def _assigned(
    session: Session, ids: Sequence[int], tag_ids: Collection[int]
) -> set[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    for some in _chunks(ids):
        rows = select(ExperimentTag.experiment_id, ExperimentTag.tag_id).where(
            ExperimentTag.experiment_id.in_(some), ExperimentTag.tag_id.in_(tag_ids)
        )
        found.update((row[0], row[1]) for row in session.execute(rows))
    return found


def _change_view(session: Session, experiment_id: int, changed: int) -> TagChange:
    tags = tags_of(session, [experiment_id]).get(experiment_id, [])
    return {"experiment_id": experiment_id, "changed": changed > 0, "tags": tags}


def _by_use(tags: Select[Tag]) -> Select[Tag]:
    return tags.order_by(Tag.usage_count.desc(), Tag.name, Tag.id)


def _detached(session: Session, wanted: Select[Tag]) -> list[Tag]:
    """Tags as they are in the database now, in one statement."""
    tags = list(session.scalars(wanted.execution_options(populate_existing=True)))
    for tag in tags:
        session.expunge(tag)
    return tags
