"""Explanations that were computed once: a row for finding, an NPZ file for the arrays.

An explanation belongs to one checkpoint and to the samples of one recording: it is given
back only while both are what they were. The file holds named arrays without pickle; which
names there are is the method's affair: see :mod:`services.explanations.kept`. Explanations of
the same method and class with other parameters stand beside each other, told apart by their
``question``.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, delete, func, select
from sqlalchemy.orm import Session

from models import Experiment, Explanation, Recording
from models.base import now
from services import actor, events
from services.errors import Conflict, Invalid, NotFound
from services.files import kept_files
from services.paging import paged
from services.runtime import artefacts, unit_of_work

FOLDER = "explanations"
RETENTION_DAYS = 30

Arrays = dict[str, NDArray[Any]]


class ExplanationRow(TypedDict):
    """What is known of an explanation without reading its file."""

    id: int
    experiment_id: int
    signal_id: int
    method: str
    target_class: str
    question: str
    parameters: dict[str, Any]
    summary: dict[str, Any]
    checkpoint_hash: str
    data_hash: str
    owner_id: int
    created_at: datetime


class ExplanationView(ExplanationRow):
    arrays: Arrays


class CacheStatistics(TypedDict):
    total: int
    by_method: dict[str, int]
    bytes: int
    oldest: datetime | None
    newest: datetime | None


class ExplanationCache:
    """Find, keep and forget explanations."""

    @staticmethod
    def get_explanation(
        experiment_id: int,
        signal_id: int,
        method: str,
        target_class: str | None = None,
        question: str | None = None,
        *,
        only: Collection[str] | None = None,
    ) -> ExplanationView | None:
        """The newest explanation that still fits weights and samples, with its arrays.

        ``target_class`` narrows it to one class, ``question`` to parameters; ``only`` names the
        arrays that are read, which is all of them without it.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            found = session.scalar(
                _fitting(experiment_id, signal_id, method, target_class, question)
            )
            if found is None:
                return None
            row, key = _row(found), found.artefact_key
        if not artefacts().exists(key):
            return None  # its file was lost: it can be made again
        return {**row, "arrays": _unpacked(artefacts().read(key), only)}

    @staticmethod
    def find_explanation(explanation_id: int) -> ExplanationView:
        """The explanation of a number, also of earlier weights, with its arrays.

        Raises
        ------
        NotFound
            If there is none, or its file was lost.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            found = session.get(Explanation, explanation_id)
            if found is None or not artefacts().exists(found.artefact_key):
                raise NotFound(f"There is no explanation {explanation_id}.")
            row, key = _row(found), found.artefact_key
        return {**row, "arrays": _unpacked(artefacts().read(key))}

    @staticmethod
    def cache_explanation(
        experiment_id: int, signal_id: int, method: str, explanation_data: Mapping[str, Any]
    ) -> bool:
        """Keep an explanation of the actor; an older one of the same class gives way.

        ``explanation_data`` has ``target_class`` (its name, or its number among the classes of the
        experiment), ``arrays``, and where wanted ``parameters``, ``summary`` of plain values and
        ``question``. ``checkpoint_hash`` says which weights were explained, the present ones
        without it. What :class:`~services.xai_service.XAIService` answers can be given as it is:
        without ``arrays``, the arrays among the values are kept. False when experiment or
        recording are gone.

        Raises
        ------
        Invalid
            If something is missing or an array cannot be kept without pickle.
        Conflict
            If the experiment has other weights by now.
        """
        owner_id = actor.user_id()
        content = _packed(explanation_data)
        with unit_of_work() as session:
            experiment = session.get(Experiment, experiment_id)
            recording = session.get(Recording, signal_id)
            if experiment is None or recording is None or experiment.checkpoint_hash is None:
                return False
            explained = explanation_data.get("checkpoint_hash", experiment.checkpoint_hash)
            if explained != experiment.checkpoint_hash:
                raise Conflict("The experiment was trained again meanwhile. Explain it again.")
            kept_files.hold(session)  # before the file is put, so that nobody takes it away
            row = Explanation(
                experiment_id=experiment_id,
                recording_id=signal_id,
                method=method,
                target_class=_class_name(experiment, explanation_data["target_class"]),
                question=str(explanation_data.get("question", "")),
                parameters=dict(explanation_data.get("parameters", {})),
                summary=dict(explanation_data.get("summary", {})),
                checkpoint_hash=experiment.checkpoint_hash,
                data_hash=recording.content_hash,
                artefact_key=artefacts().put(FOLDER, ".npz", content),
                owner_id=owner_id,
            )
            unused = _forget(session, _same(row))
            session.add(row)
            session.flush()
            events.record(session, "explanation.made", f"explanation:{row.id}", method=method)
        kept_files.delete_unnamed(unused)
        return True

    @staticmethod
    def get_recent_explanations(experiment_id: int, limit: int = 10) -> list[ExplanationRow]:
        """Explanations of an experiment that still fit, newest first, without arrays."""
        actor.reader()
        newest = paged(_fitting(experiment_id), limit)
        with unit_of_work(writing=False) as session:
            return [_row(row) for row in session.scalars(newest)]

    @staticmethod
    def delete_explanation(explanation_id: int) -> bool:
        """Forget an explanation; False when there is none of that number.

        Raises
        ------
        Forbidden
            If it belongs to somebody else and the actor is no admin.
        """
        actor.writer()
        with unit_of_work() as session:
            row = session.get(Explanation, explanation_id)
            if row is None:
                return False
            actor.owner_or_admin(row.owner_id)
            events.record(session, "explanation.deleted", f"explanation:{explanation_id}")
            unused = _forget(session, Explanation.id == explanation_id)
        kept_files.delete_unnamed(unused)
        return True

    @staticmethod
    def clear_old_explanations(days: int = RETENTION_DAYS) -> int:
        """Forget what is older than so many days; how many there were.

        Raises
        ------
        Invalid
            If the number of days is below 0.
        """
        actor.admin()
        if days < 0:
            raise Invalid(f"The number of days must be 0 or more, got {days}.")
        with unit_of_work() as session:
            old = Explanation.created_at < now() - timedelta(days=days)
            count = session.scalar(select(func.count()).select_from(Explanation).where(old)) or 0
            unused = _forget(session, old)
        kept_files.delete_unnamed(unused)
        return count

    @staticmethod
    def get_cache_statistics() -> CacheStatistics:
        """How many explanations are kept, of which methods, and how much room they take."""
        actor.reader()
        by_method = select(Explanation.method, func.count()).group_by(Explanation.method)
        span = select(func.min(Explanation.created_at), func.max(Explanation.created_at))
        with unit_of_work(writing=False) as session:
            counts = {row[0]: row[1] for row in session.execute(by_method)}
            oldest, newest = session.execute(span).one()
            keys = session.scalars(select(Explanation.artefact_key).distinct()).all()
        return {
            "total": sum(counts.values()),
            "by_method": counts,
            "bytes": sum(artefacts().size(key) for key in keys),
            "oldest": oldest,
            "newest": newest,
        }

    @staticmethod
    def explanation_exists(
        experiment_id: int,
        signal_id: int,
        method: str,
        target_class: str | None = None,
        question: str | None = None,
    ) -> bool:
        """Whether there is an explanation that still fits weights and samples."""
        actor.reader()
        with unit_of_work(writing=False) as session:
            wanted = _fitting(experiment_id, signal_id, method, target_class, question)
            key = session.scalar(wanted.with_only_columns(Explanation.artefact_key))
        return key is not None and artefacts().exists(key)


def forget_recordings(session: Session, dataset_id: int) -> list[str]:
    """Delete the explanations of a data set's recordings, in the transaction of the caller.

    Experiments on another data set may have been asked about them. The keys of files that
    are to be deleted once that is committed.
    """
    recordings = select(Recording.id).where(Recording.dataset_id == dataset_id)
    return _forget(session, Explanation.recording_id.in_(recordings))


def _fitting(
    experiment_id: int,
    signal_id: int | None = None,
    method: str | None = None,
    target_class: str | None = None,
    question: str | None = None,
) -> Select[Explanation]:
    """Explanations of these weights and these samples, newest first."""
    chosen: list[ColumnElement[bool]] = [Explanation.experiment_id == experiment_id]
    if signal_id is not None:
        chosen.append(Explanation.recording_id == signal_id)
    if method is not None:
        chosen.append(Explanation.method == method)
    if target_class is not None:
        chosen.append(Explanation.target_class == target_class)
    if question is not None:
        chosen.append(Explanation.question == question)
    return (
        select(Explanation)
        .join(Experiment, Experiment.id == Explanation.experiment_id)
        .join(Recording, Recording.id == Explanation.recording_id)
        .where(
            Explanation.checkpoint_hash == Experiment.checkpoint_hash,
            Explanation.data_hash == Recording.content_hash,
            *chosen,
        )
        .order_by(Explanation.id.desc())
    )


def _same(row: Explanation) -> ColumnElement[bool]:
    return (
        (Explanation.experiment_id == row.experiment_id)
        & (Explanation.recording_id == row.recording_id)
        & (Explanation.method == row.method)
        & (Explanation.target_class == row.target_class)
        & (Explanation.question == row.question)
    )


def _forget(session: Session, which: ColumnElement[bool]) -> list[str]:
    """Delete rows; the keys of their files, which are to go after the commit if nobody has them.

    A file without a row is waste, a row without a file is an error.
    """
    gone = delete(Explanation).where(which).returning(Explanation.artefact_key)
    return sorted(set(session.scalars(gone)))


def _row(row: Explanation) -> ExplanationRow:
    return {
        "id": row.id,
        "experiment_id": row.experiment_id,
        "signal_id": row.recording_id,
        "method": row.method,
        "target_class": row.target_class,
        "question": row.question,
        "parameters": row.parameters,
        "summary": row.summary,
        "checkpoint_hash": row.checkpoint_hash,
        "data_hash": row.data_hash,
        "owner_id": row.owner_id,
        "created_at": row.created_at,
    }


def _class_name(experiment: Experiment, given: str | int) -> str:
    """Of a class that is named, or told by its number."""
    if isinstance(given, str):
        return given
    names: list[str] = experiment.class_names
    if not 0 <= given < len(names):
        raise Invalid(f"Expected a class from 0 to {len(names) - 1}, got {given}.")
    return names[given]


def _packed(given: Mapping[str, Any]) -> bytes:
    arrays = given.get("arrays")
    if arrays is None:
        arrays = {name: one for name, one in given.items() if isinstance(one, np.ndarray)}
    if given.get("target_class") in (None, "") or not arrays:
        raise Invalid("An explanation needs a target class and at least one array.")
    plain = {str(name): np.asarray(values) for name, values in arrays.items()}
    if any(values.dtype.hasobject for values in plain.values()):
        raise Invalid("An explanation keeps arrays of numbers, got other objects.")
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **plain)
    return buffer.getvalue()


def _unpacked(content: bytes, only: Collection[str] | None = None) -> Arrays:
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            return {name: file[name] for name in file.files if only is None or name in only}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise Invalid("The stored explanation cannot be read. Compute it again.") from error
