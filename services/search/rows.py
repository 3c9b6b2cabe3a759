"""Experiments as the results of a search show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Experiment, ExperimentTag, ExperimentValue, Tag
from services.experiments import views
from services.experiments.views import ExperimentRow


class TagView(TypedDict):
    id: int
    name: str
    slug: str
    color: str


class FoundExperiment(ExperimentRow):
    """``values`` are the metrics and settings that were asked for, as far as it has them."""

    tags: list[TagView]
    values: dict[str, float | str | None]


def rows_of(session: Session, ids: Sequence[int], names: Sequence[str]) -> list[FoundExperiment]:
    """The experiments in the order of their ids; one that is gone meanwhile is passed over."""
    wanted = views.in_brief().where(Experiment.id.in_(ids))
    found = {row[0].id: views.row(*row) for row in session.execute(wanted)}
    tags, values = tags_of(session, ids), _values(session, ids, names)
    return [
        {**found[key], "tags": tags.get(key, []), "values": values.get(key, {})}
        for key in ids
        if key in found
    ]


def tags_of(session: Session, ids: Sequence[int]) -> dict[int, list[TagView]]:
    """Tags by experiment, each by name."""
    wanted = (
        select(ExperimentTag.experiment_id, Tag.id, Tag.name, Tag.slug, Tag.color)
        .join(Tag, Tag.id == ExperimentTag.tag_id)
        .where(ExperimentTag.experiment_id.in_(ids))
        .order_by(Tag.slug)
    )
    found: dict[int, list[TagView]] = {}
    for key, tag_id, name, slug, color in session.execute(wanted):
        tag: TagView = {"id": tag_id, "name": name, "slug": slug, "color": color}
        found.setdefault(key, []).append(tag)
    return found


def _values(
    session: Session, ids: Sequence[int], names: Sequence[str]
) -> dict[int, dict[str, float | str | None]]:
    if not names:
        return {}
    wanted = select(ExperimentValue).where(
        ExperimentValue.experiment_id.in_(ids), ExperimentValue.name.in_(names)
    )
    found: dict[int, dict[str, float | str | None]] = {}
    for row in session.scalars(wanted):
        value = row.text if row.number is None else row.number
        found.setdefault(row.experiment_id, {})[row.name] = value
    return found
