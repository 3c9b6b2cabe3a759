"""What several algorithms say of the same rows: asked, read, deleted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from diagnostics.spreadsheets import csv_lines
from diagnostics.tables.agreement import Agreement
from models import DetectionComparison, Job, JobKind, Source, User
from models.base import is_ulid
from services import actor, events, locks
from services.anomalies.asking import Asked, check_asked, checked_config
from services.anomalies.curves import CurvesView
from services.anomalies.keeping import load_agreement
from services.anomalies.views import ENDED, state_of
from services.anomalies.waiting import until
from services.errors import Conflict, InvalidField, NotFound
from services.files.kept_files import delete_unnamed
from services.job_service import ACTIVE, JobService
from services.paging import paged, within
from services.runtime import unit_of_work
from services.sources.views import find_row as find_source

FEWEST, MOST = 2, 12
SHOWN_RECORDS = 100
HEADS = ("row_index", "detection_count", "agreement_level", "confidence_score", "mean_score")
PIECE = 10_000
EMPTY_SUMMARY: dict[str, Any] = {
    "total_algorithms": 0,
    "total_unique_anomalies": 0,
    "all_agree_count": 0,
    "majority_agree_count": 0,
    "some_agree_count": 0,
    "one_only_count": 0,
    "agreement_matrix": {},
    "jaccard_matrix": {},
    "rank_correlation_matrix": {},
}


class AlgorithmResult(TypedDict):
    algorithm: str
    display_name: str
    status: str
    anomaly_count: int | None
    anomaly_rate: float | None
    duration_ms: float | None
    error_message: str | None
    anomaly_indices: list[int]


class ComparisonView(TypedDict):
    id: str
    source_id: str
    source_name: str
    status: str
    algorithms: list[str]
    config: dict[str, dict[str, Any]]
    columns_asked: list[str] | None
    sample_size: int | None
    fit_on: dict[str, Any] | None
    total_rows: int | None
    columns_analyzed: list[str]
    total_duration_ms: float | None
    error_message: str | None
    algorithm_results: list[AlgorithmResult]
    agreement_summary: dict[str, Any]
    agreement_records: list[dict[str, Any]]
    label_metrics: dict[str, Any] | None
    label_curves: dict[str, CurvesView] | None
    owner_id: int
    owner_name: str
    job_id: int | None
    created_at: datetime
    completed_at: datetime | None


class RecordsView(TypedDict):
    total: int
    records: list[dict[str, Any]]


class AnomalyComparisonService:
    """Comparisons of algorithms on one source."""

    @staticmethod
    def create_comparison(
        source_id: str,
        algorithms: Sequence[str],
        columns: Sequence[str] | None = None,
        config: Mapping[str, Mapping[str, Any]] | None = None,
        sample_size: int | None = None,
        fit_on: Mapping[str, Any] | None = None,
    ) -> str:
        """Let a worker run several algorithms on the same rows; the comparison's id.

        ``config`` has parameters by algorithm, ``fit_on`` the rows that all learn from, as for a
        detection.

        Raises
        ------
        NotFound
            If there is no such source.
        Conflict
            If it has no rows yet.
        InvalidField
            If algorithms, their parameters or columns cannot be used.
        Unavailable
            If there is no room for what is kept.
        """
        owner_id = actor.user_id()
        configs = _configs(algorithms, config or {})
        asked = Asked(
            None if columns is None else list(columns),
            sample_size,
            fit_on=None if fit_on is None else dict(fit_on),
        )
        with unit_of_work() as session:
            check_asked(session, source_id, asked)
            source = find_source(session, source_id)
            about = {**asked.to_dict(), "configs": configs}
            locks.alone(session, "start comparisons")
            running = _running(session, source_id, owner_id, about)
            if running is not None:
                return running
            row = DetectionComparison(source_id=source_id, owner_id=owner_id, asked=about)
            session.add(row)
            session.flush()
            title = f"Compare {len(configs)} algorithms on “{source.name}”"
            row.job_id = JobService.submit(
                JobKind.COMPARE_DETECTORS,
                {"comparison_id": row.id},
                title,
                f"comparison:{row.id}",
            )
            return row.id

    @staticmethod
    def wait(comparison_id: str, seconds: float) -> ComparisonView:
        """The comparison once it has ended, or as it is after so many seconds.

        Raises
        ------
        NotFound
            If there is no such comparison.
        """
        actor.reader()
        until(lambda: _status(comparison_id) in ENDED, seconds)
        return AnomalyComparisonService.get_comparison(comparison_id)

    @staticmethod
    def get_comparison(comparison_id: str) -> ComparisonView:
        """One comparison.

        Raises
        ------
        NotFound
            If there is no such comparison.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            find_comparison(session, comparison_id)
            row = session.execute(_chosen(DetectionComparison.id == comparison_id)).one()
            return _view(row, _agreement(row[0]))

    @staticmethod
    def list_comparisons(
        source_id: str | None = None, limit: int = 50, offset: int = 0
    ) -> list[ComparisonView]:
        """Comparisons on a source, or all, newest first, without their records.

        Raises
        ------
        NotFound
            If there is no such source.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            page = paged(_chosen(*_of(session, source_id)), limit, offset)
            return [_view(row, None) for row in session.execute(page)]

    @staticmethod
    def count_comparisons(source_id: str | None = None) -> int:
        """How many :meth:`list_comparisons` goes through.

        Raises
        ------
        NotFound
            If there is no such source.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            counted = select(func.count()).select_from(DetectionComparison)
            return session.scalar(counted.where(*_of(session, source_id))) or 0

    @staticmethod
    def list_records(comparison_id: str, limit: int = 50, offset: int = 0) -> RecordsView:
        """All rows that an algorithm flags, those that most flag first.

        Raises
        ------
        NotFound
            If there is no such comparison.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            agreement = _agreement(find_comparison(session, comparison_id))
        if agreement is None:
            return {"total": 0, "records": []}
        count, first = within(limit, offset, SHOWN_RECORDS)
        return {"total": len(agreement.rows), "records": agreement.records(first, count)}

    @staticmethod
    def export_csv(comparison_id: str) -> Iterator[str]:
        """All rows that an algorithm flags as CSV, with a column for each algorithm.

        Raises
        ------
        NotFound
            If there is no such comparison.
        Conflict
            If it has not ended with a result.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            agreement = _agreement(find_comparison(session, comparison_id))
        if agreement is None:
            raise Conflict("The comparison has no result to take away.")
        return _csv(agreement)

    @staticmethod
    def delete_comparison(comparison_id: str) -> None:
        """Delete a comparison.

        Raises
        ------
        NotFound
            If there is no such comparison.
        Forbidden
            If it is somebody else's.
        Conflict
            If it is running.
        """
        actor.writer()
        with unit_of_work() as session:
            row = find_comparison(session, comparison_id)
            actor.owner_or_admin(row.owner_id)
            running = select(Job.id).where(Job.id == row.job_id, Job.status.in_(ACTIVE))
            if session.scalar(running) is not None:
                raise Conflict("The comparison is running. Cancel its job first.")
            gone = [row.records_key] if row.records_key else []
            session.delete(row)
            events.record(session, "comparison.deleted", f"comparison:{comparison_id}")
        delete_unnamed(gone)


def find_comparison(session: Session, comparison_id: str) -> DetectionComparison:
    """The row of a comparison.

    Raises
    ------
    NotFound
        If there is no such comparison.
    """
    found = session.get(DetectionComparison, comparison_id) if is_ulid(comparison_id) else None
    if found is None:
        raise NotFound("There is no such comparison.")
    return found


def _running(session: Session, source_id: str, owner_id: int, about: dict[str, Any]) -> str | None:
    """A comparison that is doing just this: two clicks, or two tabs, get the same one."""
    wanted = (
        select(DetectionComparison)
        .join(Job, Job.id == DetectionComparison.job_id)
        .where(
            DetectionComparison.source_id == source_id,
            DetectionComparison.owner_id == owner_id,
            Job.status.in_(ACTIVE),
        )
    )
    return next((one.id for one in session.scalars(wanted) if one.asked == about), None)


def _configs(
    algorithms: Sequence[str], given: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    if not FEWEST <= len(algorithms) <= MOST or len(set(algorithms)) != len(algorithms):
        raise InvalidField("algorithms", f"{FEWEST} to {MOST}, each only once.")
    unknown = sorted(set(given) - set(algorithms))
    if unknown:
        raise InvalidField("config", f"“{unknown[0]:.60}” is not among the algorithms.")
    return {name: checked_config(name, given.get(name) or {}) for name in algorithms}


def _chosen(*conditions: ColumnElement[bool]) -> Select[DetectionComparison, Job, str, str]:
    return (
        select(DetectionComparison, Job, Source.name, User.name)
        .select_from(DetectionComparison)
        .outerjoin(Job, Job.id == DetectionComparison.job_id)
        .join(Source, Source.id == DetectionComparison.source_id)
        .join(User, User.id == DetectionComparison.owner_id)
        .where(*conditions)
        .order_by(DetectionComparison.created_at.desc(), DetectionComparison.id.desc())
    )


def _of(session: Session, source_id: str | None) -> list[ColumnElement[bool]]:
    if source_id is None:
        return []
    find_source(session, source_id)
    return [DetectionComparison.source_id == source_id]


def _status(comparison_id: str) -> str:
    with unit_of_work(writing=False) as session:
        row = find_comparison(session, comparison_id)
        job = session.get(Job, row.job_id) if row.job_id else None
        return state_of(row.completed_at is not None, job)[0]


def _agreement(row: DetectionComparison) -> Agreement | None:
    if row.records_key is None:
        return None
    return load_agreement(row.records_key)


def _csv(agreement: Agreement) -> Iterator[str]:
    """Cells of columns are left out: they are kept of the first rows only."""
    yield csv_lines([(*HEADS, *agreement.algorithms)])
    for first in range(0, len(agreement.rows), PIECE):
        yield csv_lines(
            [
                *(record[name] for name in HEADS),
                *(int(name in record["detected_by"]) for name in agreement.algorithms),
            ]
            for record in agreement.records(first, PIECE)
        )


def _view(found: Any, agreement: Agreement | None) -> ComparisonView:
    row, job, source_name, owner_name = found
    status, error = state_of(row.completed_at is not None, job)
    result = row.result or {}
    if row.completed_at is not None and not result["agreement_summary"]["total_algorithms"]:
        status, error = "error", "Every algorithm failed; each says why."
    return {
        "id": row.id,
        "source_id": row.source_id,
        "source_name": source_name,
        "status": status,
        "algorithms": list(row.asked["configs"]),
        "config": row.asked["configs"],
        "columns_asked": row.asked.get("columns"),
        "sample_size": row.asked.get("sample_size"),
        "fit_on": row.asked.get("fit_on"),
        "total_rows": row.total_rows,
        "columns_analyzed": result.get("columns_analyzed", []),
        "total_duration_ms": row.duration_ms,
        "error_message": error,
        "algorithm_results": result.get("algorithm_results", []),
        "agreement_summary": result.get("agreement_summary", EMPTY_SUMMARY),
        "agreement_records": agreement.records(0, SHOWN_RECORDS) if agreement else [],
        "label_metrics": result.get("label_metrics"),
        "label_curves": result.get("label_curves") if agreement else None,
        "owner_id": row.owner_id,
        "owner_name": owner_name,
        "job_id": row.job_id,
        "created_at": row.created_at,
        "completed_at": row.completed_at or (job.finished_at if job else None),
    }
