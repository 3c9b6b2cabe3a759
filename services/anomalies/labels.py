"""What people say of rows, and how well a detection agrees with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from models import RowLabel, SourceVersion
from models.base import now
from services import actor, events
from services.anomalies.keeping import load_scores
from services.anomalies.views import done_key, find_row
from services.errors import InvalidField, NotFound
from services.paging import paged
from services.runtime import unit_of_work

MOST_AT_ONCE = 1000
LONGEST_NOTE = 500


class LabelView(TypedDict):
    row_index: int
    is_anomaly: bool
    note: str
    owner_id: int
    created_at: datetime


class MetricsView(TypedDict):
    """Over the labelled rows that the detection judged; None where a share has no base."""

    labelled_rows: int
    true_positives: int
    false_positives: int
    true_negatives: int
    false_negatives: int
    precision: float | None
    recall: float | None
    f1: float | None
    roc_auc: float | None
    average_precision: float | None


class AnomalyLabelService:
    """Labels belong to the rows of a version of a source: every detection in it is measured."""

    @staticmethod
    def set_labels(detection_id: str, labels: Sequence[Mapping[str, Any]]) -> int:
        """Say of rows whether they are anomalies (``is_anomaly`` None takes a label away).

        Each has ``row_index`` in the source, ``is_anomaly``, and perhaps a ``note``. How many
        rows of the version have a label then.

        Raises
        ------
        NotFound
            If there is no such detection.
        Conflict
            If it has not ended with scores.
        InvalidField
            If a row is not one of the source, or there are too many at once.
        """
        owner_id = actor.user_id()
        if not 0 < len(labels) <= MOST_AT_ONCE:
            raise InvalidField("labels", f"1 to {MOST_AT_ONCE:,} at once, got {len(labels):,}.")
        with unit_of_work() as session:
            row = find_row(session, detection_id)
            done_key(row)
            version_id = row.source_version_id
            _check_rows(session, version_id, [one["row_index"] for one in labels])
            for one in labels:
                mine = (
                    RowLabel.source_version_id == version_id,
                    RowLabel.row_index == one["row_index"],
                )
                session.execute(delete(RowLabel).where(*mine))
                if one["is_anomaly"] is not None:
                    session.add(
                        RowLabel(
                            source_version_id=version_id,
                            row_index=one["row_index"],
                            is_anomaly=one["is_anomaly"],
                            note=str(one.get("note") or "").replace("\x00", "")[:LONGEST_NOTE],
                            owner_id=owner_id,
                            created_at=now(),
                        )
                    )
            events.record(
                session, "detection.labelled", f"detection:{detection_id}", rows=len(labels)
            )
            session.flush()
            counted = select(func.count()).where(RowLabel.source_version_id == version_id)
            return session.scalar(counted) or 0

    @staticmethod
    def list_labels(detection_id: str, limit: int = 50, offset: int = 0) -> list[LabelView]:
        """Labels of the rows that a detection was asked about, by row.

        Raises
        ------
        NotFound
            If there is no such detection.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            version_id = find_row(session, detection_id).source_version_id
            wanted = (
                select(RowLabel)
                .where(RowLabel.source_version_id == version_id)
                .order_by(RowLabel.row_index)
            )
            return [
                {
                    "row_index": one.row_index,
                    "is_anomaly": one.is_anomaly,
                    "note": one.note,
                    "owner_id": one.owner_id,
                    "created_at": one.created_at,
                }
                for one in session.scalars(paged(wanted, limit, offset))
            ]

    @staticmethod
    def count_labels(detection_id: str) -> int:
        """How many :meth:`list_labels` goes through.

        Raises
        ------
        NotFound
            If there is no such detection.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            version_id = find_row(session, detection_id).source_version_id
            counted = select(func.count()).where(RowLabel.source_version_id == version_id)
            return session.scalar(counted) or 0

    @staticmethod
    def get_metrics(detection_id: str) -> MetricsView:
        """How well flags and scores agree with the labels.

        Raises
        ------
        NotFound
            If there is no such detection, or no label of a row that it judged.
        Conflict
            If it has not ended with scores.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            row = find_row(session, detection_id)
            key, threshold = done_key(row), row.threshold or 0.0
            said = labels_of(session, row.source_version_id)
        judged = load_scores(key)
        places, truth = labelled(said, judged.row_indices(np.arange(len(judged.raw))))
        if not len(places):
            raise NotFound("No row that this detection judged has a label yet.")
        return metrics_of(truth, judged.raw[places], threshold)


def labels_of(session: Session, version_id: int | None) -> dict[int, bool]:
    """What people said of the rows of a version."""
    wanted = select(RowLabel.row_index, RowLabel.is_anomaly)
    found = session.execute(wanted.where(RowLabel.source_version_id == version_id))
    return {int(row): bool(said) for row, said in found}


def labelled(
    said: Mapping[int, bool], rows: NDArray[np.int64]
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """The places among ``rows`` that have a label, and what it says."""
    places = np.flatnonzero(np.isin(rows, list(said)))
    return places, np.array([said[int(one)] for one in rows[places]], dtype=np.bool_)


def metrics_of(
    truth: NDArray[np.bool_], scores: NDArray[np.float64], threshold: float
) -> MetricsView:
    """Precision, recall and areas of scores against what is true."""
    flags = scores > threshold
    hits, false_alarms = int((flags & truth).sum()), int((flags & ~truth).sum())
    missed, quiet = int((~flags & truth).sum()), int((~flags & ~truth).sum())
    return {
        "labelled_rows": len(truth),
        "true_positives": hits,
        "false_positives": false_alarms,
        "true_negatives": quiet,
        "false_negatives": missed,
        "precision": _share(hits, hits + false_alarms),
        "recall": _share(hits, hits + missed),
        "f1": _share(2 * hits, 2 * hits + false_alarms + missed),
        "roc_auc": roc_auc(truth, scores),
        "average_precision": average_precision(truth, scores),
    }


def roc_auc(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> float | None:
    """The chance that an anomaly scores above an ordinary row; None without both.

    Examples
    --------
    >>> roc_auc(np.array([True, False, False]), np.array([3.0, 1.0, 2.0]))
    1.0
    """
    positive = int(truth.sum())
    negative = len(truth) - positive
    if not positive or not negative:
        return None
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks = (ends - (counts - 1) / 2)[places]
    return float((ranks[truth].sum() - positive * (positive + 1) / 2) / (positive * negative))


def average_precision(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> float | None:
    """The area under precision over recall, in steps; None without anomalies."""
    if not truth.any():
        return None
    order = np.argsort(-scores, kind="stable")
    hits, sorted_scores = np.cumsum(truth[order]), scores[order]
    # Rows with the same score are taken together.
    ends = np.flatnonzero(np.append(np.diff(sorted_scores) != 0, True))
    precision = hits[ends] / (ends + 1)
    recall = hits[ends] / truth.sum()
    return float(np.sum(np.diff(recall, prepend=0.0) * precision))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _check_rows(session: Session, version_id: int | None, rows: Sequence[int]) -> None:
    version = session.get_one(SourceVersion, version_id)
    outside = [one for one in rows if not 0 <= one < version.row_count]
    if outside:
        raise InvalidField(
            "labels", f"rows go from 0 to {version.row_count - 1}, got {outside[0]}."
        )
    if len(set(rows)) != len(rows):
        raise InvalidField("labels", "each row only once.")
