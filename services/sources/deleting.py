"""What hangs on a source: work that is not over, and files that go with it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Detection, DetectionComparison, Job, Source, SourceVersion
from services.errors import Conflict
from services.job_service import ACTIVE


def check_idle(session: Session, source: Source) -> None:
    works: list[Any] = [Job.id == source.job_id]
    for table in (Detection, DetectionComparison):
        works.append(Job.id.in_(select(table.job_id).where(table.source_id == source.id)))
    for work in works:
        if session.scalar(select(Job.id).where(work, Job.status.in_(ACTIVE)).limit(1)):
            raise Conflict("The source is being read or judged. Wait, or cancel that first.")


def keys_of(session: Session, source_id: str) -> list[str]:
    found: list[str] = []
    for column, owner in (
        (SourceVersion.parquet_key, SourceVersion.source_id),
        (SourceVersion.profile_key, SourceVersion.source_id),
        (Detection.scores_key, Detection.source_id),
        (Detection.detector_key, Detection.source_id),
        (DetectionComparison.records_key, DetectionComparison.source_id),
    ):
        keys = select(column).where(owner == source_id, column.is_not(None))
        found += [key for key in session.scalars(keys) if key]
    return found
