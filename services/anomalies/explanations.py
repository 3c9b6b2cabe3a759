"""Why rows have their scores: asked, computed once, and kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Detection, DetectionExplanation, Job, JobKind, SourceVersion
from services import actor
from services.anomalies.views import FAILED, PENDING, SUCCESS, done_key, find_row, state_of
from services.anomalies.waiting import until
from services.errors import Conflict, InvalidField
from services.job_service import JobService
from services.runtime import unit_of_work

MOST_ROWS = 100
METHODS = ("shap", "lime")


class ExplanationsView(TypedDict):
    """``status`` says how far the work is; ``error`` why there is nothing."""

    detection_id: str
    algorithm: str
    row_indices: list[int]
    feature_names: list[str]
    explanations: list[dict[str, Any]]
    generated_at: datetime | None
    error: str | None
    status: str
    job_id: int | None


class KeptView(TypedDict):
    detection_id: str
    explanations: list[dict[str, Any]]
    total: int


class AnomalyExplanationService:
    """Explanations of the scores of rows."""

    @staticmethod
    def explain(
        detection_id: str,
        row_indices: Sequence[int],
        max_features: int = 10,
        sample_background: int = 100,
        method: str = "shap",
        wait: float = 30.0,
    ) -> ExplanationsView:
        """Explain rows of the source by the stored detector, and wait some seconds for it.

        What was explained in the same way before is not computed again.

        Raises
        ------
        NotFound
            If there is no such detection.
        Conflict
            If it has not ended, or its detector was not stored.
        InvalidField
            If a row lies outside the source, or a number is out of its range.
        """
        actor.user_id()
        asked = (method, max_features, sample_background)
        _check(row_indices, *asked)
        with unit_of_work() as session:
            row = find_row(session, detection_id)
            done_key(row)
            if row.detector_key is None:
                raise Conflict("The fitted detector was not stored. Detect again with it.")
            _check_rows(session, row, row_indices)
            known = _kept(session, detection_id, row_indices, asked)
            missing = [one for one in row_indices if one not in known]
            job_id = _submit(row, missing, asked) if missing else None
        if job_id is not None:
            until(lambda: _job_state(job_id)[0] not in (PENDING, "running"), wait)
        return _answer(detection_id, row_indices, asked, job_id)

    @staticmethod
    def find_explanation(
        detection_id: str,
        row_index: int,
        max_features: int = 10,
        sample_background: int = 100,
        method: str = "shap",
    ) -> ExplanationsView | None:
        """The explanation of a row, or how far it is; None when nobody asked for it.

        Raises
        ------
        NotFound
            If there is no such detection.
        """
        actor.reader()
        asked = (method, max_features, sample_background)
        with unit_of_work(writing=False) as session:
            find_row(session, detection_id)
            known = _kept(session, detection_id, [row_index], asked)
        if known:
            return _answer(detection_id, [row_index], asked, None)
        latest = JobService.find_latest(f"detection:{detection_id}", JobKind.EXPLAIN_ANOMALIES)
        if latest is None:
            return None
        with unit_of_work(writing=False) as session:
            given = session.get_one(Job, latest["id"]).arguments
        is_same = row_index in given["row_indices"] and given["method"] == method
        return _answer(detection_id, [row_index], asked, latest["id"]) if is_same else None

    @staticmethod
    def list_explanations(detection_id: str, row_indices: Sequence[int] = ()) -> KeptView:
        """What was explained before, of all rows or of some; the newest first.

        Raises
        ------
        NotFound
            If there is no such detection.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            find_row(session, detection_id)
            wanted = (
                select(DetectionExplanation)
                .where(DetectionExplanation.detection_id == detection_id)
                .order_by(DetectionExplanation.generated_at.desc(), DetectionExplanation.id.desc())
            )
            if row_indices:
                wanted = wanted.where(DetectionExplanation.row_index.in_(list(row_indices)))
            found = [
                {
                    **one.content,
                    "id": one.id,
                    "detection_id": detection_id,
                    "generated_at": one.generated_at,
                }
                for one in session.scalars(wanted)
            ]
        return {"detection_id": detection_id, "explanations": found, "total": len(found)}


def _check(row_indices: Sequence[int], method: str, max_features: int, background: int) -> None:
    if method not in METHODS:
        raise InvalidField("method", f"one of {', '.join(METHODS)}, got “{method:.40}”.")
    if not 1 <= len(row_indices) <= MOST_ROWS or len(set(row_indices)) != len(row_indices):
        raise InvalidField("row_indices", f"1 to {MOST_ROWS} rows, each only once.")
    if not 1 <= max_features <= 50:
        raise InvalidField("max_features", f"from 1 to 50, got {max_features}.")
    if not 10 <= background <= 500:
        raise InvalidField("sample_background", f"from 10 to 500, got {background}.")


def _check_rows(session: Session, row: Detection, row_indices: Sequence[int]) -> None:
    version = session.get_one(SourceVersion, row.source_version_id)
    outside = [one for one in row_indices if not 0 <= one < version.row_count]
    if outside:
        raise InvalidField(
            "row_indices", f"rows go from 0 to {version.row_count - 1}, got {outside[0]}."
        )


def _kept(
    session: Session, detection_id: str, row_indices: Sequence[int], asked: tuple[str, int, int]
) -> dict[int, DetectionExplanation]:
    method, max_features, background = asked
    wanted = select(DetectionExplanation).where(
        DetectionExplanation.detection_id == detection_id,
        DetectionExplanation.row_index.in_(list(row_indices)),
        DetectionExplanation.method == method,
        DetectionExplanation.max_features == max_features,
        DetectionExplanation.background == background,
    )
    return {one.row_index: one for one in session.scalars(wanted)}


def _submit(row: Detection, missing: Sequence[int], asked: tuple[str, int, int]) -> int:
    method, max_features, background = asked
    arguments = {
        "detection_id": row.id,
        "row_indices": list(missing),
        "method": method,
        "max_features": max_features,
        "background": background,
    }
    title = f"Explain {len(missing)} {'row' if len(missing) == 1 else 'rows'}"
    return JobService.submit_once(
        JobKind.EXPLAIN_ANOMALIES, arguments, title, f"detection:{row.id}"
    )


def _job_state(job_id: int) -> tuple[str, str | None]:
    with unit_of_work(writing=False) as session:
        job = session.get(Job, job_id)
        if job is not None and job.result is not None:
            return SUCCESS, None
        return state_of(False, job)


def _answer(
    detection_id: str,
    row_indices: Sequence[int],
    asked: tuple[str, int, int],
    job_id: int | None,
) -> ExplanationsView:
    status, error = (SUCCESS, None) if job_id is None else _job_state(job_id)
    with unit_of_work(writing=False) as session:
        row = find_row(session, detection_id)
        known = _kept(session, detection_id, row_indices, asked)
        found = [known[one].content for one in row_indices if one in known]
        made = [one.generated_at for one in known.values()]
        columns = (row.result or {}).get("columns_analyzed", [])
        algorithm = row.algorithm
    if status == SUCCESS and len(found) < len(row_indices):
        status, error = FAILED, error or "The explanation was lost. Ask again."
    return {
        "detection_id": detection_id,
        "algorithm": algorithm,
        "row_indices": list(row_indices),
        "feature_names": columns,
        "explanations": found,
        "generated_at": max(made, default=None),
        "error": error,
        "status": status,
        "job_id": job_id,
    }
