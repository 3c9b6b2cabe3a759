"""Served models asked about all recordings of a data set, by a job."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from diagnostics.deployment.recordings import Judged, ask, summarise
from diagnostics.deployment.session import DeployedModel
from diagnostics.errors import DeploymentError
from diagnostics.progress import Progress, Report, silent
from diagnostics.spreadsheets import harmless
from diagnostics.training.split import Candidate
from diagnostics.training.windows import reading
from models import (
    Dataset,
    DatasetVersion,
    Experiment,
    Job,
    JobKind,
    ModelVariant,
    Recording,
    ServedBatch,
    ServedBatchRow,
    User,
)
from models.base import now
from services import actor, events, locks
from services.datasets.versions import chunks
from services.deployment import loaded
from services.deployment.serving_service import PRODUCTION, find_version_asked
from services.deployment.views import BatchRowView, BatchView
from services.errors import Conflict, Invalid, NotFound
from services.experiments.data import Member, find_version, members_of
from services.job_service import ACTIVE, JobService
from services.paging import paged
from services.runtime import artefacts, unit_of_work

REFUSED = "refused"
_AT_ONCE = 500


class BatchPredictionService:
    """Ask a version of a model about a whole data set, and keep what it said."""

    @staticmethod
    def request_batch(name: str, version_id: int, version: str = PRODUCTION) -> int:
        """The id of the batch whose job asks; one of the same that runs already is not doubled.

        The version of the model is fixed now: an alias that moves meanwhile changes nothing.

        Raises
        ------
        NotFound
            If there is no such model, version of it, or version of a data set.
        Invalid
            If the data set is empty.
        """
        actor.writer()
        with unit_of_work() as session:
            chosen = find_version_asked(session, name, version)
            row, dataset = find_version(session, version_id)
            if not row.recording_count:
                raise Invalid(f"“{dataset.name}” has no recordings to ask about.")
            locks.alone(session, "served batches")
            running = session.scalar(
                select(ServedBatch.id)
                .join(Job, Job.id == ServedBatch.job_id)
                .where(
                    ServedBatch.variant_id == chosen.variant_id,
                    ServedBatch.version_id == version_id,
                    ServedBatch.owner_id == actor.user_id(),
                    Job.status.in_(ACTIVE),
                )
            )
            if running is not None:
                return int(running)
            batch = ServedBatch(
                model_name=name,
                number=chosen.number,
                variant_id=chosen.variant_id,
                version_id=version_id,
                owner_id=actor.user_id(),
                class_names=list(chosen.manifest["class_names"]),
            )
            session.add(batch)
            session.flush()
            batch.job_id = JobService.submit(
                JobKind.PREDICT_BATCH,
                {"batch_id": batch.id},
                title=f"{name}, version {chosen.number}, on “{dataset.name}”",
                subject=f"served-batch:{batch.id}",
            )
            return batch.id

    @staticmethod
    def run_batch(batch_id: int, report: Report = silent) -> dict[str, Any]:
        """Ask about every recording, and keep all that was said; what a job does.

        A recording that does not fit is a row with its reason, and ends nothing.

        Raises
        ------
        NotFound
            If the batch is gone.
        Conflict
            If the file of the version cannot be used, or is gone.
        """
        actor.writer()
        with unit_of_work(writing=False) as session:
            question = _question(session, batch_id)
        model = loaded.opened(question.key, question.sha256)
        rows: list[dict[str, Any]] = []
        judged: list[Judged] = []
        for done, member in enumerate(question.members):
            report(Progress("predict", done, len(question.members), member.name))
            row = _said(model, question, member)
            rows.append({"batch_id": batch_id, **row})
            group = member.values.get(question.group_by, member.name)
            judged.append(Judged(row["label"], group, row["side"], row["predicted"]))
        summary = summarise(judged, model.manifest.class_names)
        with unit_of_work() as session:
            batch = _find(session, batch_id)
            session.execute(delete(ServedBatchRow).where(ServedBatchRow.batch_id == batch_id))
            for first in range(0, len(rows), _AT_ONCE):
                session.execute(insert(ServedBatchRow), rows[first : first + _AT_ONCE])
            batch.summary, batch.completed_at = summary, now()
            events.record(session, "model.batch_done", f"model:{batch.model_name}", batch=batch_id)
        return {"batch_id": batch_id}

    @staticmethod
    def list_batches(limit: int = 50, offset: int = 0, name: str = "") -> list[BatchView]:
        """Batches, newest first; with a name, those of one model."""
        actor.reader()
        with unit_of_work(writing=False) as session:
            found = _chosen(name).order_by(ServedBatch.id.desc())
            return [_view(row) for row in session.execute(paged(found, limit, offset))]

    @staticmethod
    def count_batches(name: str = "") -> int:
        """How many batches there are; with a name, of one model."""
        actor.reader()
        with unit_of_work(writing=False) as session:
            counted = select(func.count()).select_from(_chosen(name).subquery())
            return int(session.scalar(counted) or 0)

    @staticmethod
    def get_batch(batch_id: int) -> BatchView:
        """One batch.

        Raises
        ------
        NotFound
            If there is none.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            found = session.execute(_chosen("").where(ServedBatch.id == batch_id)).one_or_none()
            if found is None:
                raise NotFound(f"There is no batch {batch_id}.")
            return _view(found)

    @staticmethod
    def list_rows(
        batch_id: int, limit: int = 50, offset: int = 0, predicted: str = ""
    ) -> list[BatchRowView]:
        """What was said of the recordings, in the order of their ids; none before the end.

        ``predicted``: only those that were named so, or ``refused`` ones.

        Raises
        ------
        NotFound
            If there is no such batch.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            _find(session, batch_id)
            found = _rows(batch_id, predicted).order_by(ServedBatchRow.recording_id)
            return [_row_view(*row) for row in session.execute(paged(found, limit, offset))]

    @staticmethod
    def count_rows(batch_id: int, predicted: str = "") -> int:
        """How many recordings :meth:`list_rows` has.

        Raises
        ------
        NotFound
            If there is no such batch.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            _find(session, batch_id)
            counted = select(func.count()).select_from(_rows(batch_id, predicted).subquery())
            return int(session.scalar(counted) or 0)

    @staticmethod
    def export_rows(batch_id: int) -> str:
        """All rows as CSV, with a column for the probability of each class.

        Raises
        ------
        NotFound
            If there is no such batch.
        Conflict
            If it has not ended, or failed.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            batch = _find(session, batch_id)
            if batch.completed_at is None:
                raise Conflict("The batch has no rows: it has not ended, or it failed.")
            text = io.StringIO()
            writer = csv.writer(text, lineterminator="\n")
            writer.writerows(_lines(session, batch))
            return text.getvalue()

    @staticmethod
    def delete_batch(batch_id: int) -> None:
        """Forget a batch with its rows.

        Raises
        ------
        NotFound
            If there is none.
        Conflict
            If its job has not ended.
        """
        actor.reader()
        with unit_of_work() as session:
            batch = _find(session, batch_id)
            actor.owner_or_admin(batch.owner_id)
            job = None if batch.job_id is None else session.get(Job, batch.job_id)
            if job is not None and job.status in ACTIVE:
                raise Conflict("The batch is under way. Cancel its job first.")
            events.record(
                session, "model.batch_deleted", f"model:{batch.model_name}", batch=batch_id
            )
            session.delete(batch)


@dataclass(frozen=True)
class _Question:
    """What a worker has to know: the file that answers, and the recordings of the version."""

    key: str
    sha256: str
    channels: tuple[int, ...]
    group_by: str
    target: str
    members: list[Member]
    # By the hash of the samples, and by the id of a recording.
    sides: dict[str, str]
    files: dict[int, str]


def _question(session: Session, batch_id: int) -> _Question:
    batch = _find(session, batch_id)
    actor.owner_or_admin(batch.owner_id)
    variant = None
    if batch.variant_id is not None:
        variant = session.get(ModelVariant, batch.variant_id)
    if variant is None:
        raise Conflict("The variant of this version is deleted.")
    experiment = session.get_one(Experiment, variant.experiment_id)
    members = members_of(session, batch.version_id)
    return _Question(
        key=variant.artefact_key,
        sha256=variant.sha256,
        channels=tuple(int(one) for one in experiment.config["channels"]),
        group_by=experiment.config["group_by"],
        target=experiment.config["target"],
        members=members,
        sides=sides_of(session, experiment, [one.content_hash for one in members]),
        files=_files(session, [one.recording_id for one in members]),
    )


def _said(model: DeployedModel, question: _Question, member: Member) -> dict[str, Any]:
    """The row of a recording; one that does not fit has its reason."""
    label = member.values.get(question.target)
    row: dict[str, Any] = {
        "recording_id": member.recording_id,
        "label": label,
        "side": question.sides.get(member.content_hash),
        "predicted": None,
        "probability": None,
        "shares": None,
        "windows": 0,
        "agreement": None,
        "estimates": None,
        "error": None,
    }
    candidate = Candidate(
        member.recording_id,
        member.name,
        label or "",
        "",
        member.sample_count,
        member.sample_rate_hz,
    )
    try:
        path = artefacts().local_path(question.files[member.recording_id])
        with reading({member.recording_id: path}) as reader:
            said = ask(model, candidate, member.units, question.channels, reader)
    except (DeploymentError, NotFound) as error:
        return row | {"error": str(error)}
    return row | {
        "predicted": model.manifest.class_names[said.winner],
        "probability": said.shares[said.winner],
        "shares": list(said.shares),
        "windows": said.windows,
        "agreement": said.agreement,
        "estimates": [
            {"name": head.name, "unit": head.unit, "value": value}
            for head, value in zip(model.manifest.heads, said.estimates, strict=True)
        ],
    }


def _find(session: Session, batch_id: int) -> ServedBatch:
    found = session.get(ServedBatch, batch_id)
    if found is None:
        raise NotFound(f"There is no batch {batch_id}.")
    return found


def sides_of(session: Session, experiment: Experiment, hashes: Sequence[str]) -> dict[str, str]:
    """Where the experiment used the same samples, by the hash of a recording."""
    sides: dict[str, str] = experiment.split["sides"]
    wanted = set(hashes)
    found: dict[str, str] = {}
    for some in chunks([int(key) for key in sides]):
        columns = select(Recording.id, Recording.content_hash).where(Recording.id.in_(some))
        for number, content_hash in session.execute(columns):
            if content_hash in wanted:
                found.setdefault(content_hash, sides[str(number)])
    return found


def _files(session: Session, ids: Sequence[int]) -> dict[int, str]:
    columns = select(Recording.id, Recording.artefact_key)
    return {
        number: key
        for some in chunks(ids)
        for number, key in session.execute(columns.where(Recording.id.in_(some)))
    }


def _chosen(name: str) -> Any:
    found = (
        select(ServedBatch, Job, DatasetVersion, Dataset, User)
        .outerjoin(Job, Job.id == ServedBatch.job_id)
        .join(DatasetVersion, DatasetVersion.id == ServedBatch.version_id)
        .join(Dataset, Dataset.id == DatasetVersion.dataset_id)
        .join(User, User.id == ServedBatch.owner_id)
    )
    return found.where(ServedBatch.model_name == name) if name else found


def _rows(batch_id: int, predicted: str) -> Any:
    found = (
        select(ServedBatchRow, Recording.name)
        .join(Recording, Recording.id == ServedBatchRow.recording_id)
        .where(ServedBatchRow.batch_id == batch_id)
    )
    if predicted == REFUSED:
        return found.where(ServedBatchRow.predicted.is_(None))
    return found.where(ServedBatchRow.predicted == predicted) if predicted else found


def _lines(session: Session, batch: ServedBatch) -> Iterator[list[Any]]:
    names = [str(name) for name in batch.class_names]
    head = ["recording_id", "recording", "label", "used_as", "predicted", "probability", "windows"]
    found = _rows(batch.id, "").order_by(ServedBatchRow.recording_id)
    first = session.execute(found.where(ServedBatchRow.predicted.is_not(None)).limit(1)).first()
    heads = [] if first is None else [one["name"] for one in first[0].estimates or []]
    yield [*head, "agreement", *(harmless(f"p({name})") for name in names), *heads, "error"]
    for row, name in session.execute(found.execution_options(yield_per=_AT_ONCE)):
        shares = row.shares or [""] * len(names)
        yield [
            row.recording_id,
            harmless(name),
            harmless(row.label or ""),
            row.side or "",
            harmless(row.predicted or ""),
            "" if row.probability is None else row.probability,
            row.windows,
            "" if row.agreement is None else row.agreement,
            *shares,
            *([one["value"] for one in row.estimates or []] or [""] * len(heads)),
            harmless(row.error or ""),
        ]


def _view(row: Any) -> BatchView:
    batch, job, version, dataset, owner = row
    done = batch.completed_at is not None
    return {
        "id": batch.id,
        "model": batch.model_name,
        "version": batch.number,
        "variant_id": batch.variant_id,
        "version_id": version.id,
        "version_number": version.number,
        "dataset_id": dataset.id,
        "dataset_name": dataset.name,
        "owner_id": batch.owner_id,
        "owner_name": owner.shown_name or owner.name,
        "job_id": batch.job_id,
        "status": "done" if done else ("failed" if job is None else job.status.value),
        "fraction": 1.0 if done else (0.0 if job is None else job.fraction),
        "error": None if done or job is None else job.error,
        "class_names": [str(name) for name in batch.class_names],
        "recordings": version.recording_count,
        "summary": batch.summary,
        "created_at": batch.created_at,
        "completed_at": batch.completed_at,
    }


def _row_view(row: ServedBatchRow, name: str) -> BatchRowView:
    return {
        "recording_id": row.recording_id,
        "recording": name,
        "label": row.label,
        "side": row.side,
        "predicted": row.predicted,
        "probability": row.probability,
        "shares": row.shares,
        "windows": row.windows,
        "agreement": row.agreement,
        "estimates": row.estimates or [],
        "error": row.error,
    }
