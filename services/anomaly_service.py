"""Which rows of a source are unlike the others: ask, follow, read, move the line, delete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from diagnostics.detectors.registry import ALGORITHMS
from models import Detection, DetectionBatchItem, Job
from services import actor, events
from services.anomalies.asking import (
    Asked,
    ask,
    check_asked,
    check_one_threshold,
    checked_config,
)
from services.anomalies.keeping import load_scores
from services.anomalies.running import result_at
from services.anomalies.views import (
    ENDED,
    DetectionBrief,
    DetectionView,
    brief,
    chosen,
    done_key,
    find_row,
    state_of,
    whole,
)
from services.anomalies.waiting import until
from services.errors import Conflict, InvalidField, NotFound
from services.files.kept_files import delete_unnamed
from services.job_service import ACTIVE
from services.paging import paged
from services.runtime import unit_of_work
from services.sources.views import find_row as find_source

OF_THRESHOLDS = {
    "threshold": (-1e300, 1e300),
    "calibrated": (0.0, 1.0),
    "contamination": (0.0, 0.5),
}


class AnomalyService:
    """Detections of one source each."""

    @staticmethod
    def list_algorithms() -> list[dict[str, Any]]:
        """What can be run, with all parameters and the ranges that are enforced."""
        actor.reader()
        return [description.to_dict() for description in ALGORITHMS.values()]

    @staticmethod
    def detect(
        source_id: str,
        algorithm: str = "isolation_forest",
        columns: Sequence[str] | None = None,
        config: Mapping[str, Any] | None = None,
        sample_size: int | None = None,
        *,
        threshold_policy: Mapping[str, Any] | None = None,
        fit_on: Mapping[str, Any] | None = None,
        store_model: bool = True,
        alarm_from: int | None = None,
    ) -> str:
        """Let a worker look for anomalies in the newest version of a source; the detection's id.

        Without ``columns`` all are taken that hold numbers and measure something. See
        :class:`services.anomalies.asking.Asked` for the rest.

        Raises
        ------
        NotFound
            If there is no such source.
        Conflict
            If it has no rows yet.
        Invalid
            If algorithm, config or columns cannot be used.
        Unavailable
            If there is no room for what is kept.
        """
        actor.user_id()
        complete = checked_config(algorithm, config or {})
        asked = Asked(
            None if columns is None else list(columns),
            sample_size,
            None if threshold_policy is None else dict(threshold_policy),
            None if fit_on is None else dict(fit_on),
            store_model,
            alarm_from,
        )
        with unit_of_work() as session:
            check_asked(session, source_id, asked)
            check_one_threshold(algorithm, complete, asked.threshold_policy)
            return ask(session, source_id, algorithm, complete, asked).id

    @staticmethod
    def wait(detection_id: str, seconds: float) -> DetectionView:
        """The detection once it has ended, or as it is after so many seconds.

        Looks at the row now and then, and holds no lock between. Only some threads may wait.

        Raises
        ------
        NotFound
            If there is no such detection.
        """
        actor.reader()
        until(lambda: _status(detection_id) in ENDED, seconds)
        return AnomalyService.get_detection(detection_id)

    @staticmethod
    def get_detection(detection_id: str) -> DetectionView:
        """One detection.

        Raises
        ------
        NotFound
            If there is no such detection.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            find_row(session, detection_id)
            return whole(session.execute(chosen(Detection.id == detection_id)).one())

    @staticmethod
    def list_detections(
        source_id: str | None = None, limit: int = 50, offset: int = 0
    ) -> list[DetectionView]:
        """Detections of a source, or of all, newest first.

        Raises
        ------
        NotFound
            If there is no such source.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            page = paged(chosen(*_of(session, source_id)), limit, offset)
            return [whole(row) for row in session.execute(page)]

    @staticmethod
    def list_briefs(
        source_id: str | None = None, limit: int = 50, offset: int = 0
    ) -> list[DetectionBrief]:
        """As :meth:`list_detections`, without what was found in columns and rows."""
        actor.reader()
        with unit_of_work(writing=False) as session:
            page = paged(chosen(*_of(session, source_id)), limit, offset)
            return [brief(row) for row in session.execute(page)]

    @staticmethod
    def count_detections(source_id: str | None = None) -> int:
        """How many :meth:`list_detections` goes through.

        Raises
        ------
        NotFound
            If there is no such source.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            wanted = select(func.count()).select_from(Detection).where(*_of(session, source_id))
            return session.scalar(wanted) or 0

    @staticmethod
    def latest_detection(source_id: str) -> DetectionView:
        """The newest detection of a source, whatever became of it.

        Raises
        ------
        NotFound
            If there is no such source, or none was asked for yet.
        """
        found = AnomalyService.list_detections(source_id, limit=1)
        if not found:
            raise NotFound("Nothing was detected in this source yet.")
        return found[0]

    @staticmethod
    def set_threshold(detection_id: str, kind: str, value: float) -> DetectionView:
        """Draw the line elsewhere: rows are flagged anew, nothing is fitted again.

        ``kind`` is ``threshold`` (a raw score), ``calibrated`` (0–1), or ``contamination`` (the
        share of rows that is flagged).

        Raises
        ------
        NotFound
            If there is no such detection.
        Forbidden
            If it is somebody else's.
        Invalid
            If kind or value cannot be used.
        Conflict
            If it has not ended with scores.
        """
        actor.writer()
        low, high = OF_THRESHOLDS.get(kind, (1.0, 0.0))
        if not low <= value <= high:
            raise InvalidField(kind, f"a number from {low:g} to {high:g}, got {value:g}.")
        with unit_of_work(writing=False) as session:
            row = find_row(session, detection_id)
            actor.owner_or_admin(row.owner_id)
            key = done_key(row)
        judged = load_scores(key)
        line = judged.threshold_for(kind, value)
        with unit_of_work() as session:
            row = find_row(session, detection_id)
            before = row.result or {}
            row.threshold = line
            row.anomaly_count = int((judged.raw > line).sum())
            row.result = {
                **before,
                **result_at(judged, line, [_about(one) for one in before["column_summaries"]]),
                "threshold_policy": {"kind": kind, "value": value},
            }
            told = {"kind": kind, "value": value, "anomaly_count": row.anomaly_count}
            events.record(session, "detection.threshold_set", f"detection:{row.id}", **told)
        return AnomalyService.get_detection(detection_id)

    @staticmethod
    def delete_detection(detection_id: str) -> None:
        """Delete a detection with its scores, detector and explanations.

        Raises
        ------
        NotFound
            If there is no such detection.
        Forbidden
            If it is somebody else's.
        Conflict
            If it is running, or belongs to a batch.
        """
        actor.writer()
        with unit_of_work() as session:
            row = find_row(session, detection_id)
            actor.owner_or_admin(row.owner_id)
            running = select(Job.id).where(Job.id == row.job_id, Job.status.in_(ACTIVE))
            if session.scalar(running) is not None:
                raise Conflict("The detection is running. Cancel its job first.")
            of_batch = select(DetectionBatchItem.id)
            if session.scalar(of_batch.where(DetectionBatchItem.detection_id == row.id)):
                raise Conflict("The detection belongs to a batch. Delete the batch.")
            gone = [key for key in (row.scores_key, row.detector_key) if key]
            session.delete(row)
            events.record(session, "detection.deleted", f"detection:{detection_id}")
        delete_unnamed(gone)


def _status(detection_id: str) -> str:
    with unit_of_work(writing=False) as session:
        row = find_row(session, detection_id)
        job = session.get(Job, row.job_id) if row.job_id else None
        return state_of(row.completed_at is not None, job)[0]


def _of(session: Session, source_id: str | None) -> list[ColumnElement[bool]]:
    if source_id is None:
        return []
    find_source(session, source_id)
    return [Detection.source_id == source_id]


def _about(summary: Mapping[str, Any]) -> dict[str, Any]:
    return {name: summary[name] for name in ("column", "dtype", "min_value", "max_value")}
