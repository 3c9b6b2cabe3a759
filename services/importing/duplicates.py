"""Recordings that the site has already, found by their content."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Dataset, Recording

# Databases take so many values in one condition.
_AT_ONCE = 500


def in_dataset(session: Session, dataset_id: int, hashes: Iterable[str]) -> set[str]:
    """Those contents that a data set has, in whichever of its versions."""
    found: set[str] = set()
    for some in _parts(hashes):
        wanted = select(Recording.content_hash).where(
            Recording.dataset_id == dataset_id, Recording.content_hash.in_(some)
        )
        found.update(session.scalars(wanted))
    return found


def elsewhere(
    session: Session, dataset_id: int, hashes: Iterable[str]
) -> dict[str, list[tuple[int, str]]]:
    """The other data sets that have a content, by id and name."""
    found: dict[str, list[tuple[int, str]]] = {}
    for some in _parts(hashes):
        wanted = (
            select(Recording.content_hash, Dataset.id, Dataset.name)
            .join(Dataset, Dataset.id == Recording.dataset_id)
            .where(Recording.content_hash.in_(some), Dataset.id != dataset_id)
            .order_by(Dataset.name)
            .distinct()
        )
        for content, other_id, name in session.execute(wanted):
            found.setdefault(content, []).append((other_id, name))
    return found


def _parts(hashes: Iterable[str]) -> Iterator[list[str]]:
    ordered = sorted(set(hashes))
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]
