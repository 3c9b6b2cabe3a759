"""Versions of data sets as files of common formats: made by jobs, kept for a time, downloaded."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypedDict

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from diagnostics.exporters.registry import FORMATS, Format, find_format
from diagnostics.progress import Report, silent
from models import DatasetExport, DatasetVersion, Job, JobKind, User
from models.base import now
from services import actor, events, locks
from services.datasets.exported import estimate_size, exported_head, exported_recordings
from services.datasets.versions import find_dataset, version_id_of
from services.errors import Conflict, Invalid, NotFound
from services.files.kept_files import delete_unnamed, hold
from services.files.room import check_room
from services.files.staging import staging
from services.job_service import ACTIVE, JobService
from services.runtime import artefacts, unit_of_work

FOLDER = "exports"
KEEP_EXPORTS = timedelta(days=30)
LONGEST_FILE_NAME = 80
# Below the folder that is cleaned up, and with names that a backup takes.
FOLDERS = re.compile(rf"{FOLDER}(/[a-z0-9][\w-]{{0,39}}){{0,3}}", re.ASCII | re.IGNORECASE)


class FormatView(TypedDict):
    name: str
    title: str


class ExportView(TypedDict):
    id: int
    dataset_id: int
    version: int
    format: str
    title: str
    file_name: str
    size: int
    artefact_key: str
    owner_id: int
    owner_name: str
    created_at: datetime
    kept_until: datetime


class ExportFile(TypedDict):
    """Where an export lies, and how a browser should call it."""

    path: Path
    file_name: str
    media_type: str


class ExportService:
    """Make, list, open and delete exports."""

    @staticmethod
    def list_formats() -> list[FormatView]:
        """What can be asked for, in the order in which it is offered."""
        actor.reader()
        return [{"name": one.name, "title": one.title} for one in FORMATS]

    @staticmethod
    def estimate_size(dataset_id: int, version: int | None = None, format: str = "hdf5") -> int:
        """About how many bytes the file will have, from some of the recordings.

        Raises
        ------
        NotFound
            If there is no such data set or version.
        Invalid
            If there is no such format, or nothing to export.
        """
        actor.reader()
        chosen = _format(format)
        with unit_of_work(writing=False) as session:
            version_id = _filled_version(session, dataset_id, version)
            return estimate_size(session, version_id, chosen)

    @staticmethod
    def submit_export(dataset_id: int, version: int | None = None, format: str = "hdf5") -> int:
        """Submit the job that writes a version to a file; without a number, the newest.

        Raises
        ------
        NotFound
            If there is no such data set or version.
        Invalid
            If there is no such format, or nothing to export.
        Conflict
            If the same is being exported already.
        Unavailable
            If there is no room for the file.
        """
        actor.writer()
        chosen = _format(format)
        with unit_of_work() as session:
            dataset = find_dataset(session, dataset_id)
            version_id = _filled_version(session, dataset_id, version)
            number = session.get_one(DatasetVersion, version_id).number
            arguments = {"dataset_id": dataset_id, "version": number, "format": chosen.name}
            locks.alone(session, "start exports")
            _refuse_running(session, arguments)
            title = f"Export of “{dataset.name}”, version {number}"
            # Twice: the file is written beside the store and copied into it.
            check_room(2 * estimate_size(session, version_id, chosen), f"“{title}”")
            subject = f"dataset:{dataset_id}"
            return JobService.submit(JobKind.EXPORT_DATASET, arguments, title, subject)

    @staticmethod
    def make_export(
        dataset_id: int,
        version: int | None = None,
        format: str = "hdf5",
        output_dir: str = FOLDER,
        report: Report = silent,
    ) -> ExportView:
        """Write a version to a file in the store, here and now; what a job does.

        The same content in the same format is kept once.

        Raises
        ------
        NotFound
            If there is no such data set or version.
        Invalid
            If there is no such format, nothing to export, or the folder is not one of the store.
        """
        actor.writer()
        folder = _folder(output_dir)
        chosen = _format(format)
        with staging() as place:
            path = place / f"export{chosen.suffix}"
            ExportService.write_file(dataset_id, path, version, chosen.name, report)
            size = path.stat().st_size
            key = artefacts().put_file(folder, chosen.suffix, path)
        return _keep(dataset_id, version, chosen, key, size)

    @staticmethod
    def write_file(
        dataset_id: int,
        path: Path,
        version: int | None = None,
        format: str = "hdf5",
        report: Report = silent,
    ) -> None:
        """Write a version to a file of this machine; it appears when all of it is there.

        Raises
        ------
        NotFound
            If there is no such data set or version.
        Invalid
            If there is no such format, or nothing to export.
        """
        actor.writer()
        chosen = _format(format)
        with unit_of_work(writing=False) as session:
            version_id = _filled_version(session, dataset_id, version)
            head = exported_head(session, version_id)
        chosen.write(head, exported_recordings(version_id), path, report)

    @staticmethod
    def list_exports(dataset_id: int) -> list[ExportView]:
        """The finished exports of a data set, newest first.

        Raises
        ------
        NotFound
            If there is no such data set.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            find_dataset(session, dataset_id)
            return _views(session, DatasetVersion.dataset_id == dataset_id)

    @staticmethod
    def get_export(export_id: int) -> ExportView:
        """One export.

        Raises
        ------
        NotFound
            If there is no such export.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            return _find(session, export_id)

    @staticmethod
    def open_export(export_id: int) -> ExportFile:
        """The file of an export, for a download.

        Raises
        ------
        NotFound
            If there is no such export.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            row = session.get(DatasetExport, export_id)
            if row is None:
                raise NotFound(f"There is no export {export_id}.")
            chosen, key, name = _format(row.format), row.artefact_key, row.file_name
        path = artefacts().local_path(key)
        return {"path": path, "file_name": name, "media_type": chosen.media_type}

    @staticmethod
    def delete_export(export_id: int) -> None:
        """Delete an export and its file; the data set stays.

        Raises
        ------
        NotFound
            If there is no such export.
        Forbidden
            If somebody else made it.
        """
        actor.writer()
        with unit_of_work() as session:
            row = session.get(DatasetExport, export_id)
            if row is None:
                raise NotFound(f"There is no export {export_id}.")
            actor.owner_or_admin(row.owner_id)
            key = row.artefact_key
            session.delete(row)
            events.record(session, "export.deleted", f"export:{export_id}", name=row.file_name)
        delete_unnamed([key])

    @staticmethod
    def delete_old() -> int:
        """Delete exports past their time; how many there were."""
        actor.admin()
        old = delete(DatasetExport).where(DatasetExport.created_at < now() - KEEP_EXPORTS)
        with unit_of_work() as session:
            keys = session.scalars(old.returning(DatasetExport.artefact_key)).all()
        delete_unnamed(keys)
        return len(keys)


def _format(name: str) -> Format:
    found = find_format(name)
    if found is None:
        known = ", ".join(one.name for one in FORMATS)
        raise Invalid(f"A data set is exported as {known}, got “{name}”.")
    return found


def _folder(output_dir: str) -> str:
    if not FOLDERS.fullmatch(str(output_dir)):
        raise Invalid(
            f"The output folder must be “{FOLDER}” or one below it, such as “{FOLDER}/reports”, "
            f"with letters, digits, - and _; got “{output_dir!s:.60}”."
        )
    return output_dir


def _filled_version(session: Session, dataset_id: int, number: int | None) -> int:
    version_id = version_id_of(session, dataset_id, number)
    if version_id is None or not session.get_one(DatasetVersion, version_id).recording_count:
        raise Invalid("There are no recordings to export. Import some first.")
    return version_id


def _refuse_running(session: Session, arguments: dict[str, object]) -> None:
    running = select(Job.arguments).where(
        Job.kind == JobKind.EXPORT_DATASET, Job.status.in_(ACTIVE)
    )
    if arguments in session.scalars(running).all():
        raise Conflict("This version is being exported so already. See the jobs page.")


def _keep(dataset_id: int, version: int | None, chosen: Format, key: str, size: int) -> ExportView:
    """The row of a file in the store; a job that runs again finds that of its first attempt."""
    with unit_of_work() as session:
        hold(session, key)
        version_id = _filled_version(session, dataset_id, version)
        known = select(DatasetExport).where(
            DatasetExport.version_id == version_id, DatasetExport.artefact_key == key
        )
        row = session.scalars(known).first()
        if row is None:
            row = DatasetExport(
                version_id=version_id,
                format=chosen.name,
                file_name=_file_name(session, version_id, chosen),
                size=size,
                artefact_key=key,
                owner_id=actor.user_id(),
            )
            session.add(row)
            session.flush()
            events.record(
                session, "dataset.exported", f"dataset:{dataset_id}", format=chosen.name, bytes=size
            )
        return _find(session, row.id)


def _file_name(session: Session, version_id: int, chosen: Format) -> str:
    head = exported_head(session, version_id)
    clean = re.sub(r"[^\w.-]+", "_", head.name).strip("._")[:LONGEST_FILE_NAME] or "dataset"
    return f"{clean}_v{head.version}_{chosen.name}{chosen.suffix}"


def _views(session: Session, *conditions: ColumnElement[bool]) -> list[ExportView]:
    rows = session.execute(
        select(DatasetExport, DatasetVersion, User.name)
        .join(DatasetVersion, DatasetVersion.id == DatasetExport.version_id)
        .join(User, User.id == DatasetExport.owner_id)
        .where(*conditions)
        .order_by(DatasetExport.id.desc())
    )
    return [
        {
            "id": row.id,
            "dataset_id": version.dataset_id,
            "version": version.number,
            "format": row.format,
            "title": _format(row.format).title,
            "file_name": row.file_name,
            "size": row.size,
            "artefact_key": row.artefact_key,
            "owner_id": row.owner_id,
            "owner_name": name,
            "created_at": row.created_at,
            "kept_until": row.created_at + KEEP_EXPORTS,
        }
        for row, version, name in rows
    ]


def _find(session: Session, export_id: int) -> ExportView:
    found = _views(session, DatasetExport.id == export_id)
    if not found:
        raise NotFound(f"There is no export {export_id}.")
    return found[0]
