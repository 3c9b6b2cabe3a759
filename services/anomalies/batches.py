"""One question to many sources: each is a job of its own, so that workers share them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from diagnostics.detectors.registry import description
from models import (
    Detection,
    DetectionBatch,
    DetectionBatchItem,
    Job,
    JobKind,
    Source,
    User,
)
from models.base import is_ulid
from services import actor, events, locks
from services.anomalies.asking import Asked, ask, check_alarm, check_asked, checked_config
from services.anomalies.batch_views import BatchView, batch_views, item_rows, item_view
from services.anomalies.views import FAILED
from services.errors import Conflict, Invalid, InvalidField, NotFound
from services.files.kept_files import delete_unnamed
from services.job_service import ACTIVE, JobService
from services.paging import paged
from services.runtime import unit_of_work

MOST_SOURCES = 1000
LONGEST_NAME = 255


class AnomalyBatchService:
    """Batches of detections."""

    @staticmethod
    def create_batch(
        source_ids: Sequence[str],
        name: str = "",
        algorithm: str = "isolation_forest",
        config: Mapping[str, Any] | None = None,
        sample_size: int | None = None,
        *,
        alarm_from: int | None = None,
    ) -> str:
        """Ask several sources; one that cannot be asked fails alone. The batch's id.

        So many flagged rows as ``alarm_from`` raise the alarm of a source, fewer clear it.

        Raises
        ------
        InvalidField
            If a source does not exist or is named twice, or algorithm or config cannot be used.
        Unavailable
            If there is no room for what is kept.
        """
        owner_id = actor.user_id()
        complete = checked_config(algorithm, config or {})
        asked = Asked(sample_size=sample_size, alarm_from=alarm_from)
        check_alarm(asked)
        clean = " ".join(name.split()) or f"{description(algorithm).display_name}"
        if len(clean) > LONGEST_NAME or not clean.isprintable():
            raise InvalidField("name", f"at most {LONGEST_NAME} characters that can be shown.")
        with unit_of_work() as session:
            names = _names(session, source_ids)
            locks.alone(session, "start batches")
            about = {"name": clean, "algorithm": algorithm, "config": complete}
            running = _running(session, owner_id, about, asked, source_ids)
            if running is not None:
                return running
            batch = DetectionBatch(
                name=clean,
                algorithm=algorithm,
                config=complete,
                sample_size=sample_size,
                owner_id=owner_id,
            )
            session.add(batch)
            session.flush()
            for position, source_id in enumerate(source_ids):
                item = DetectionBatchItem(
                    batch_id=batch.id,
                    position=position,
                    source_id=source_id,
                    source_name=names[source_id],
                )
                _ask(session, item, batch, asked)
                session.add(item)
            told = {"name": clean, "sources": len(source_ids)}
            events.record(session, "detection_batch.created", f"detection_batch:{batch.id}", **told)
            return batch.id

    @staticmethod
    def list_batches(limit: int = 50, offset: int = 0) -> list[BatchView]:
        """Batches, newest first."""
        actor.reader()
        newest = (
            select(DetectionBatch, User.name)
            .join(User, User.id == DetectionBatch.owner_id)
            .order_by(DetectionBatch.created_at.desc(), DetectionBatch.id.desc())
        )
        with unit_of_work(writing=False) as session:
            rows = session.execute(paged(newest, limit, offset)).all()
            return batch_views(session, [(row[0], row[1]) for row in rows])

    @staticmethod
    def count_batches() -> int:
        actor.reader()
        with unit_of_work(writing=False) as session:
            return session.scalar(select(func.count()).select_from(DetectionBatch)) or 0

    @staticmethod
    def get_batch(batch_id: str) -> BatchView:
        """One batch.

        Raises
        ------
        NotFound
            If there is no such batch.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            batch = _find(session, batch_id)
            owner_name = session.get_one(User, batch.owner_id).name
            return batch_views(session, [(batch, owner_name)])[0]

    @staticmethod
    def cancel_batch(batch_id: str) -> BatchView:
        """Stop what has not ended and keep what is done; a finished batch stays as it is.

        Raises
        ------
        NotFound
            If there is no such batch.
        Forbidden
            If it is somebody else's.
        """
        actor.writer()
        with unit_of_work() as session:
            actor.owner_or_admin(_find(session, batch_id).owner_id)
            for job_id in _active_jobs(session, batch_id):
                JobService.cancel(job_id)
        return AnomalyBatchService.get_batch(batch_id)

    @staticmethod
    def delete_batch(batch_id: str) -> None:
        """Delete a batch with its detections.

        Raises
        ------
        NotFound
            If there is no such batch.
        Forbidden
            If it is somebody else's.
        Conflict
            If it is running.
        """
        actor.writer()
        with unit_of_work() as session:
            batch = _find(session, batch_id)
            actor.owner_or_admin(batch.owner_id)
            if _active_jobs(session, batch_id):
                raise Conflict("The batch is running. Cancel it first.")
            of_batch = select(DetectionBatchItem.detection_id).where(
                DetectionBatchItem.batch_id == batch_id
            )
            gone: list[str] = []
            for detection in session.scalars(select(Detection).where(Detection.id.in_(of_batch))):
                gone += [key for key in (detection.scores_key, detection.detector_key) if key]
                session.delete(detection)
            session.delete(batch)
            events.record(session, "detection_batch.deleted", f"detection_batch:{batch_id}")
        delete_unnamed(gone)


def _running(
    session: Session,
    owner_id: int,
    about: dict[str, Any],
    asked: Asked,
    source_ids: Sequence[str],
) -> str | None:
    """A batch that is doing just this: two clicks, or two tabs, get the same one."""
    active = (
        select(DetectionBatchItem.batch_id, Detection.asked)
        .join(Detection, Detection.id == DetectionBatchItem.detection_id)
        .join(Job, Job.id == Detection.job_id)
        .where(Job.status.in_(ACTIVE), Job.owner_id == owner_id)
    )
    alike = {row[0] for row in session.execute(active) if Asked(**row[1]) == asked}
    wanted = select(DetectionBatch).where(DetectionBatch.id.in_(alike))
    for one in session.scalars(wanted):
        items = (
            select(DetectionBatchItem.source_id)
            .where(DetectionBatchItem.batch_id == one.id)
            .order_by(DetectionBatchItem.position)
        )
        same = all(getattr(one, name) == value for name, value in about.items())
        if same and list(session.scalars(items)) == list(source_ids):
            return one.id
    return None


def _ask(session: Session, item: DetectionBatchItem, batch: DetectionBatch, asked: Asked) -> None:
    """Ask one source; why it cannot be asked is its outcome."""
    try:
        check_asked(session, item.source_id, asked)
    except (Conflict, Invalid) as error:
        item.outcome = {"status": FAILED, "error_message": error.message}
        return
    of_batch = (batch.algorithm, batch.config, asked, JobKind.DETECT_IN_BATCH)
    item.detection_id = ask(session, item.source_id, *of_batch).id


def freeze_items(session: Session, source_id: str) -> None:
    """Keep what became of a source in its batches, before its detections go."""
    wanted = item_rows().where(DetectionBatchItem.source_id == source_id)
    for row in session.execute(wanted.where(DetectionBatchItem.outcome.is_(None))):
        item, view = row[0], item_view(row)[0]
        kept = ("status", "anomaly_count", "anomaly_rate", "total_rows", "error_message")
        item.outcome = {name: view[name] for name in kept}  # type: ignore[literal-required]
        item.detection_id = None


def _names(session: Session, source_ids: Sequence[str]) -> dict[str, str]:
    if not 0 < len(source_ids) <= MOST_SOURCES:
        raise InvalidField("source_ids", f"1 to {MOST_SOURCES:,} sources, got {len(source_ids)}.")
    if len(set(source_ids)) != len(source_ids):
        raise InvalidField("source_ids", "each source only once.")
    known = [one for one in source_ids if is_ulid(one)]
    found = select(Source.id, Source.name).where(Source.id.in_(known))
    names = {row[0]: row[1] for row in session.execute(found)}
    unknown = [one for one in source_ids if one not in names]
    if unknown:
        raise InvalidField("source_ids", f"there is no source {', '.join(unknown[:20])}.")
    return names


def _find(session: Session, batch_id: str) -> DetectionBatch:
    found = session.get(DetectionBatch, batch_id) if is_ulid(batch_id) else None
    if found is None:
        raise NotFound("There is no such batch.")
    return found


def _active_jobs(session: Session, batch_id: str) -> list[int]:
    wanted = (
        select(Job.id)
        .join(Detection, Detection.job_id == Job.id)
        .join(DetectionBatchItem, DetectionBatchItem.detection_id == Detection.id)
        .where(DetectionBatchItem.batch_id == batch_id, Job.status.in_(ACTIVE))
    )
    return list(session.scalars(wanted))
