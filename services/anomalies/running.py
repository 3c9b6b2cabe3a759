"""Find the anomalies of a source; what a worker does."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.detectors.registry import description
from diagnostics.progress import Report, silent
from models import (
    Detection,
    DetectionBatch,
    DetectionBatchItem,
    Job,
    Severity,
    Source,
    SourceVersion,
)
from models.base import now
from services import actor, events
from services.alarms import clear_alarm, raise_alarm
from services.anomalies.asking import ALARM, Asked, columns_for, policy_of
from services.anomalies.keeping import DETECTORS, SCORES, sign
from services.anomalies.views import find_row
from services.files import kept_files
from services.job_service import ACTIVE
from services.jobs.job_runs import keep_result, kept_result
from services.runtime import artefacts, unit_of_work
from services.sources.views import newest_version

if TYPE_CHECKING:
    from diagnostics.detectors.table import Table
    from diagnostics.tables.detecting import Answer
    from diagnostics.tables.stored import StoredTable


class AnomalyRunService:
    """Run detections."""

    @staticmethod
    def detect(detection_id: str, report: Report = silent) -> dict[str, Any]:
        """Fit, score and keep what came out. A second attempt after a crash begins anew.

        Raises
        ------
        NotFound
            If there is no such detection.
        DetectionError
            If the algorithm cannot take the table.
        """
        actor.writer()
        done = kept_result()
        if done is not None:
            return done
        began, started_at = time.perf_counter(), now()
        question, stored = _question(detection_id, started_at)
        from diagnostics.tables.detecting import detect_in

        answer = detect_in(stored, question, report)
        return _keep(detection_id, answer, began)


def open_version(version: SourceVersion) -> StoredTable:
    """The rows of a version."""
    from diagnostics.tables.stored import StoredTable

    return StoredTable(artefacts().local_path(version.parquet_key), version.missing_codes)


def fit_table(session: Session, version: SourceVersion, asked: Asked, columns: list[str]) -> Any:
    """The rows to learn from, if others than the judged ones are named."""
    from diagnostics.tables.for_detectors import rows_for_detector

    if asked.fit_on is None:
        return None
    source_id = asked.fit_on.get("source_id")
    other = newest_version(session, source_id) if source_id else version
    rows = asked.fit_on.get("rows")
    places = None if rows is None else np.arange(rows[0], min(rows[1], other.row_count))
    table: Table = rows_for_detector(open_version(other), columns, places)
    return table


def _question(detection_id: str, started_at: datetime) -> Any:
    from diagnostics.tables.detecting import Question

    with unit_of_work() as session:
        row = find_row(session, detection_id)
        actor.owner_or_admin(row.owner_id)
        version = newest_version(session, row.source_id)
        row.source_version_id, row.started_at = version.id, started_at
        asked = Asked(**row.asked)
        columns = columns_for(version, asked.columns)
        question = Question(
            algorithm=row.algorithm,
            config=row.config,
            columns=columns,
            sample_size=asked.sample_size,
            fit_on=fit_table(session, version, asked, columns),
            time_column=version.time_column,
            shown=[one["name"] for one in version.columns if one["role"] in ("key", "label")],
            policy=policy_of(asked.threshold_policy),
        )
        return question, open_version(version)


def _keep(detection_id: str, answer: Answer, began: float) -> dict[str, Any]:
    detector, judged = answer.detected.detector, answer.judged
    scores = artefacts().put(SCORES, ".npz", judged.to_bytes())
    with unit_of_work(writing=False) as session:
        wanted = find_row(session, detection_id).asked.get("store_model", True)
    content = sign(detector.to_bytes()) if wanted else None
    model = artefacts().put(DETECTORS, ".detector", content) if content is not None else None
    with unit_of_work() as session:
        kept_files.hold(session, scores, *([model] if model else []))
        row = find_row(session, detection_id)
        count = int(answer.detected.flags.sum())
        row.total_rows, row.anomaly_count = len(judged.raw), count
        row.threshold = float(detector.threshold)
        row.scores_key, row.detector_key = scores, model
        row.result = {
            **result_at(judged, row.threshold, answer.about),
            "threshold_policy": detector.policy.to_dict(),
            "notes": answer.notes,
        }
        row.duration_ms = 1e3 * (time.perf_counter() - began)
        row.completed_at = now()
        made = {"detection_id": row.id, "anomaly_count": count, "total_rows": row.total_rows}
        _tell(session, row)
        _alarm(session, row)
        keep_result(session, made)
        return made


def result_at(judged: Any, threshold: float, about: Any) -> dict[str, Any]:
    """What is told of a detection at a threshold."""
    above = judged.calibrated[judged.raw > threshold]
    below = judged.calibrated[judged.raw <= threshold]
    line = float(below.max()) if len(below) else float(above.min()) if len(above) else None
    told = int((judged.raw > threshold).sum()) - len(judged.detailed)
    return {
        "columns_analyzed": list(judged.columns),
        "rows_without_columns": max(0, told),
        "column_summaries": judged.column_summaries(threshold, about),
        "anomalies": judged.anomalies(threshold),
        "calibrated_threshold": line,
    }


def _tell(session: Session, row: Detection) -> None:
    """The owner is told of anomalies; of those in several sources once, when none is left."""
    batch_id = session.scalar(
        select(DetectionBatchItem.batch_id).where(DetectionBatchItem.detection_id == row.id)
    )
    title = description(row.algorithm).display_name
    if batch_id is not None:
        _tell_batch(session, row, batch_id, title)
    elif row.anomaly_count:
        name = session.get_one(Source, row.source_id).name
        sentence = f"{title} flags {row.anomaly_count:,} of {row.total_rows:,} rows."
        told = {"owner_id": row.owner_id, "name": name, "sentence": sentence}
        events.record(session, "detection.found", f"detection:{row.id}", **told)


def _alarm(session: Session, row: Detection) -> None:
    """Raise or clear the alarm of the source, where this detection was asked to."""
    least = Asked(**row.asked).alarm_from
    if least is None:
        return
    source = session.get_one(Source, row.source_id)
    if (row.anomaly_count or 0) < least:
        clear_alarm(session, ALARM, f"source:{source.id}")
        return
    message = (
        f"Source “{source.name}”: {description(row.algorithm).display_name} flags"
        f" {row.anomaly_count:,} of {row.total_rows:,} rows, from {least:,} on there is an alarm."
    )
    raise_alarm(
        session,
        ALARM,
        f"source:{source.id}",
        Severity.WARNING,
        message,
        owner_id=row.owner_id,
        name=source.name,
        detection_id=row.id,
    )


def _tell_batch(session: Session, row: Detection, batch_id: str, title: str) -> None:
    session.flush()
    others = (
        select(Detection, Job.status)
        .join(DetectionBatchItem, DetectionBatchItem.detection_id == Detection.id)
        .join(Job, Job.id == Detection.job_id)
        .where(DetectionBatchItem.batch_id == batch_id)
    )
    found = session.execute(others).all()
    if any(one.id != row.id and status in ACTIVE for one, status in found):
        return
    count = sum(one.anomaly_count or 0 for one, _ in found)
    if count:
        name = session.get_one(DetectionBatch, batch_id).name
        sentence = f"{title} flags {count:,} rows in {len(found)} sources."
        told = {"owner_id": row.owner_id, "name": name, "sentence": sentence}
        events.record(session, "detection_batch.found", f"detection_batch:{batch_id}", **told)
