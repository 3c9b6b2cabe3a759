"""Sets of features as pages, API and command line see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import Session

from diagnostics.errors import FeatureError
from diagnostics.features.catalogue import TableFeature, feature
from models import (
    Dataset,
    DatasetMember,
    DatasetVersion,
    ExperimentFeatureSet,
    FeatureSet,
    RecordingChannel,
    User,
)
from services.errors import NotFound

Found = Select[FeatureSet, int, int, str, str]
MOST_NAMES = 4


class FeatureView(TypedDict):
    """A column. ``name`` has the version of its definition; texts of features that are not in
    the catalogue (any more) are empty."""

    name: str
    title: str
    domain: str
    unit: str
    about: str
    meaning: str
    pitfall: str


class FeatureSetBrief(TypedDict):
    id: int
    name: str
    number: int
    dataset_id: int
    dataset_name: str
    dataset_version: int
    domains: list[str]
    feature_count: int
    row_count: int
    parent_id: int | None
    owner_id: int
    owner_name: str
    created_at: datetime


class FeatureSetView(FeatureSetBrief):
    """``config`` is what was asked for, ``channels`` what the channel is called, at most some of
    its names; ``summary`` has windows by class (``labels``), counts of ``groups`` and
    ``recordings``, the ``unit`` of the samples, ``notes`` and ``unknown``; and where columns were
    chosen ``selection``: by which ``methods``, and the ``groups`` that had a say.
    ``experiment_count`` says how many experiments learned from it."""

    features: list[FeatureView]
    config: dict[str, Any]
    channels: list[str]
    summary: dict[str, Any]
    content_hash: str
    artefact_key: str
    job_id: int | None
    experiment_count: int


def briefs(session: Session, page: Found) -> list[FeatureSetBrief]:
    return [_brief(row) for row in session.execute(page)]


def chosen(*conditions: ColumnElement[bool]) -> Found:
    """Sets with their data set and owner, newest first."""
    return (
        select(FeatureSet, DatasetVersion.number, Dataset.id, Dataset.name, User.name)
        .join(DatasetVersion, DatasetVersion.id == FeatureSet.dataset_version_id)
        .join(Dataset, Dataset.id == DatasetVersion.dataset_id)
        .join(User, User.id == FeatureSet.owner_id)
        .where(*conditions)
        .order_by(FeatureSet.id.desc())
    )


def find_set(session: Session, feature_set_id: int) -> FeatureSet:
    """The row of a feature set.

    Raises
    ------
    NotFound
        If there is no such set.
    """
    found = session.get(FeatureSet, feature_set_id)
    if found is None:
        raise NotFound(f"There is no feature set {feature_set_id}.")
    return found


def whole(session: Session, feature_set_id: int) -> FeatureSetView:
    """All that is told of a set.

    Raises
    ------
    NotFound
        If there is no such set.
    """
    find_set(session, feature_set_id)
    row = session.execute(chosen(FeatureSet.id == feature_set_id)).one()
    made: FeatureSet = row[0]
    unit = str(made.summary.get("unit", ""))
    return {
        **_brief(row),
        "features": [feature_view(name, unit) for name in made.features],
        "config": made.config,
        "channels": _channel_names(session, made),
        "summary": made.summary,
        "content_hash": made.content_hash,
        "artefact_key": made.artefact_key,
        "job_id": made.job_id,
        "experiment_count": count_uses(session, made.id),
    }


def count_uses(session: Session, feature_set_id: int) -> int:
    """How many experiments learned from a set."""
    used = ExperimentFeatureSet.feature_set_id == feature_set_id
    return session.scalar(select(func.count()).select_from(ExperimentFeatureSet).where(used)) or 0


def _channel_names(session: Session, made: FeatureSet) -> list[str]:
    """What the recordings call the channel that was read, in alphabetical order."""
    position = made.config.get("channel")
    if position is None:
        return []
    named = (
        select(RecordingChannel.name)
        .distinct()
        .join(DatasetMember, DatasetMember.recording_id == RecordingChannel.recording_id)
        .where(DatasetMember.version_id == made.dataset_version_id)
        .where(RecordingChannel.position == position)
        .order_by(RecordingChannel.name)
    )
    return list(session.scalars(named.limit(MOST_NAMES)))


def feature_view(name: str, unit: str) -> FeatureView:
    """What the catalogue knows of a column, for samples in a unit."""
    known = known_feature(name)
    if known is None:
        empty = {"domain": "", "unit": "", "about": "", "meaning": "", "pitfall": ""}
        return {"name": name, "title": name, **empty}  # type: ignore[typeddict-item]
    return {
        "name": name,
        "title": known.title,
        "domain": known.domain.value,
        "unit": unit_of(known, unit),
        "about": known.about,
        "meaning": known.meaning,
        "pitfall": known.pitfall,
    }


def known_feature(name: str) -> TableFeature | None:
    """The definition of a column; None for another version, or a feature of somebody's own."""
    try:
        return feature(name)
    except FeatureError:
        return None


def unit_of(known: TableFeature, unit: str) -> str:
    """Unit of a column; none where that of the samples is not known or not the same."""
    return known.unit(unit) if unit or known.unit("g") == known.unit("V") else ""


def _brief(row: Row[FeatureSet, int, int, str, str]) -> FeatureSetBrief:
    made, version, dataset_id, dataset_name, owner = row
    return {
        "id": made.id,
        "name": made.name,
        "number": made.number,
        "dataset_id": dataset_id,
        "dataset_name": dataset_name,
        "dataset_version": version,
        "domains": made.domains,
        "feature_count": len(made.features),
        "row_count": made.row_count,
        "parent_id": made.parent_id,
        "owner_id": made.owner_id,
        "owner_name": owner,
        "created_at": made.created_at,
    }
