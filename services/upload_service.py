"""Files on their way in: they arrive in chunks, and go on where they broke off.

A file lies under a random name of ours; the name that the person gave is only shown.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypedDict

from flask import current_app
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from diagnostics.errors import FileFormatError
from diagnostics.importers.archives import is_archive
from diagnostics.importers.registry import importer_for
from diagnostics.tables.kinds import is_table
from models import Job, JobKind, Upload
from models.base import now
from services import actor
from services.errors import Conflict, Invalid, NotFound, ServiceError, TooLarge
from services.files.room import check_room
from services.job_service import ACTIVE
from services.runtime import unit_of_work

MAX_OPEN_UPLOADS = 20_000
MOST_AT_ONCE = 100
DISCARDED_AT_ONCE = 500
LONGEST_NAME = 255
KEEP_FOR = timedelta(days=2)
READERS = (JobKind.PREVIEW_IMPORT, JobKind.IMPORT_RECORDINGS, JobKind.IMPORT_SOURCE)
FINGERPRINT = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)
# The store takes about as much again while the upload still lies there.
ROOM_FACTOR = 2
_NO_UPLOAD = "There is no such upload. Choose the file again."


class UploadView(TypedDict):
    id: str
    file_name: str
    size: int
    received: int
    is_complete: bool
    created_at: datetime


class Announcement(TypedDict):
    """A file that is about to come; see :meth:`UploadService.begin`."""

    file_name: str
    size: int
    fingerprint: str


@dataclass(frozen=True)
class _Announced:
    """An announcement that was checked."""

    file_name: str
    size: int
    fingerprint: str


class UploadService:
    """Receive files chunk by chunk; everybody sees only their own."""

    @staticmethod
    def begin(file_name: str, size: int, fingerprint: str = "") -> UploadView:
        """Announce a file, or find how far the same one has come.

        ``fingerprint`` is a hash of its first and last bytes: a file that has this one, the
        same name and the same size goes on where it broke off.

        Raises
        ------
        Invalid
            If the name cannot be used, the kind of file is not read, or it is empty.
        TooLarge
            If the file is larger than this site takes.
        Unavailable
            If there is no room for it.
        """
        (begun,) = UploadService.begin_many(
            [{"file_name": file_name, "size": size, "fingerprint": fingerprint}]
        )
        if isinstance(begun, ServiceError):
            raise begun
        return begun

    @staticmethod
    def begin_many(files: Sequence[Announcement]) -> list[UploadView | ServiceError]:
        """As :meth:`begin` for many small files at once, in their order.

        What is wrong with one of them stands in its place and does not stop the others.

        Raises
        ------
        Invalid
            If there are too many at once.
        Conflict, Unavailable
            If there is no room for all of them.
        """
        owner_id = actor.user_id()
        if len(files) > MOST_AT_ONCE:
            raise Invalid(f"At most {MOST_AT_ONCE} files are announced at once, got {len(files)}.")
        checked = [_checked(file) for file in files]
        good = [one for one in checked if not isinstance(one, ServiceError)]
        with unit_of_work() as session:
            begun = _find_begun(session, owner_id, good)
            fresh: list[Upload] = []
            answers: list[Upload | ServiceError] = []
            for one in checked:
                if isinstance(one, ServiceError):
                    answers.append(one)
                    continue
                upload = begun.get(one)
                if upload is None:
                    upload = _new(owner_id, one)
                    fresh.append(upload)
                    if one.fingerprint:  # without one, the same name and size tell nothing
                        begun[one] = upload
                answers.append(upload)
            if fresh:
                _check_room(session, owner_id, fresh)
            session.add_all(fresh)
            session.flush()
            for upload in fresh:
                _path(upload.id).touch(mode=0o600)
            return [_view(one) if isinstance(one, Upload) else one for one in answers]

    @staticmethod
    def append(upload_id: str, offset: int, content: bytes, sha256: str) -> UploadView:
        """Add the bytes that begin at ``offset``; a chunk that comes again does no harm.

        Raises
        ------
        NotFound
            If there is no such upload of the actor.
        Conflict
            If other bytes are due; the answer says which.
        Invalid
            If the bytes changed on their way or are more than was announced.
        """
        owner_id = actor.user_id()
        with unit_of_work(writing=False) as session:
            upload = _view(_find(session, upload_id, owner_id))
        end = offset + len(content)
        if not content or offset < 0 or end > upload["size"]:
            raise Invalid(
                f"“{upload['file_name']}” was announced with {upload['size']:,} bytes; "
                f"a chunk from {offset:,} to {end:,} does not belong to it."
            )
        if hashlib.sha256(content).hexdigest() != sha256.strip().lower():
            raise Invalid("The chunk was damaged on its way: its checksum differs. Send it again.")
        if end <= upload["received"]:
            return upload
        if offset != upload["received"]:
            raise Conflict(f"The next byte due is {upload['received']}, got {offset}.")
        _write(_path(upload_id), offset, content)
        return _advance(upload_id, owner_id, offset, end)

    @staticmethod
    def get(upload_id: str) -> UploadView:
        """How far a file has come.

        Raises
        ------
        NotFound
            If there is no such upload of the actor.
        """
        owner_id = actor.myself()
        with unit_of_work(writing=False) as session:
            return _view(_find(session, upload_id, owner_id))

    @staticmethod
    def list_own() -> list[UploadView]:
        """The actor's files that wait for their import, oldest first."""
        owner_id = actor.myself()
        mine = select(Upload).where(Upload.owner_id == owner_id).order_by(Upload.created_at)
        with unit_of_work(writing=False) as session:
            return [_view(upload) for upload in session.scalars(mine)]

    @staticmethod
    def discard(upload_id: str) -> None:
        """Delete a file that was not imported; nothing happens when it is gone.

        Raises
        ------
        NotFound
            If it is somebody else's.
        """
        owner_id = actor.user_id()
        with unit_of_work() as session:
            session.delete(_find(session, upload_id, owner_id))
        _path(upload_id).unlink(missing_ok=True)

    @staticmethod
    def discard_many(upload_ids: Collection[str]) -> None:
        """As :meth:`discard` for many at once; nothing happens to those that are gone.

        Raises
        ------
        NotFound
            If one is somebody else's.
        """
        owner_id = actor.user_id()
        asked = sorted(set(upload_ids))
        for start in range(0, len(asked), DISCARDED_AT_ONCE):
            wanted = select(Upload).where(Upload.id.in_(asked[start : start + DISCARDED_AT_ONCE]))
            with unit_of_work() as session:
                uploads = session.scalars(wanted).all()
                if any(one.owner_id != owner_id for one in uploads):
                    raise NotFound(_NO_UPLOAD)
                gone = [one.id for one in uploads]
                session.execute(delete(Upload).where(Upload.id.in_(gone)))
            for upload_id in gone:
                _path(upload_id).unlink(missing_ok=True)

    @staticmethod
    def locate(upload_id: str) -> tuple[str, Path]:
        """Name and place of a complete file, for the work that reads it.

        Raises
        ------
        NotFound
            If there is no such upload of the actor.
        Conflict
            If it is not complete.
        """
        owner_id = actor.user_id()
        with unit_of_work(writing=False) as session:
            return _complete(_find(session, upload_id, owner_id))

    @staticmethod
    def locate_all(upload_ids: Sequence[str]) -> list[tuple[str, Path]]:
        """Names and places of complete files, as :meth:`locate` gives them one by one.

        Raises
        ------
        NotFound, Conflict
            As there, for the first that it is true of.
        """
        owner_id = actor.user_id()
        with unit_of_work(writing=False) as session:
            return [_complete(_find(session, one, owner_id)) for one in upload_ids]

    @staticmethod
    def delete_old() -> int:
        """Delete files that nobody imported in two days; how many there were.

        Those that a job is about to read stay, however long it waits.
        """
        actor.admin()
        old = select(Upload).where(Upload.updated_at < now() - KEEP_FOR)
        active = select(Job.arguments).where(Job.kind.in_(READERS), Job.status.in_(ACTIVE))
        with unit_of_work() as session:
            wanted = {
                one for asked in session.scalars(active) for one in asked.get("upload_ids", ())
            }
            uploads = [one for one in session.scalars(old) if one.id not in wanted]
            for upload in uploads:
                session.delete(upload)
        for upload in uploads:
            _path(upload.id).unlink(missing_ok=True)
        return len(uploads)


def clean_file_name(name: str) -> str:
    """The name as it is shown, with the folders that it was chosen from.

    Raises
    ------
    Invalid
        If it is empty, too long, leaves its folder, or has characters that cannot be shown.
    """
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    shown = "/".join(parts)
    if not shown or len(shown) > LONGEST_NAME:
        raise Invalid(f"A file name has 1 to {LONGEST_NAME} characters, got {len(shown)}.")
    if ".." in parts or not shown.isprintable():
        raise Invalid("This file name leaves its folder or cannot be shown. Rename the file.")
    return shown


def _checked(file: Announcement) -> _Announced | ServiceError:
    try:
        name = clean_file_name(file["file_name"])
        _check_kind(name)
        _check_size(name, file["size"])
        return _Announced(name, file["size"], _clean_fingerprint(file["fingerprint"]))
    except ServiceError as error:
        return error


def _check_kind(file_name: str) -> None:
    if is_archive(file_name) or is_table(file_name):
        return
    try:
        importer_for(file_name)
    except FileFormatError as error:
        raise Invalid(f"{error} Got “{file_name}”.") from error


def _check_size(file_name: str, size: int) -> None:
    limit = current_app.config["UPLOAD_LIMIT_BYTES"]
    if size <= 0:
        raise Invalid(f"“{file_name}” is empty.")
    if size > limit:
        raise TooLarge(
            f"“{file_name}” has {size / 1e6:,.0f} MB; this site takes files "
            f"of at most {limit / 1e6:,.0f} MB. Split it."
        )


def _new(owner_id: int, file: _Announced) -> Upload:
    return Upload(
        id=secrets.token_urlsafe(24),
        owner_id=owner_id,
        file_name=file.file_name,
        size=file.size,
        received=0,
        fingerprint=file.fingerprint,
    )


def _check_room(session: Session, owner_id: int, files: Sequence[Upload]) -> None:
    mine = select(func.count()).where(Upload.owner_id == owner_id)
    if (session.scalar(mine) or 0) + len(files) > MAX_OPEN_UPLOADS:
        raise Conflict(
            f"At most {MAX_OPEN_UPLOADS:,} of your files may wait for their import. "
            "Import or discard some."
        )
    expected = session.scalar(select(func.sum(Upload.size - Upload.received))) or 0
    also = " with the files that are on their way" if expected else ""
    title = f"“{files[0].file_name}”" if len(files) == 1 else f"{len(files)} files"
    check_room(ROOM_FACTOR * (expected + sum(one.size for one in files)), f"{title}{also}")


def _clean_fingerprint(fingerprint: str) -> str:
    if fingerprint and not FINGERPRINT.fullmatch(fingerprint):
        raise Invalid("A fingerprint has 64 hexadecimal digits.")
    return fingerprint.lower()


def _find_begun(
    session: Session, owner_id: int, files: Sequence[_Announced]
) -> dict[_Announced, Upload]:
    """The actor's uploads of the same files, complete or not, whose bytes are still there."""
    wanted = {one for one in files if one.fingerprint}
    if not wanted:
        return {}
    same = (
        select(Upload)
        .where(
            Upload.owner_id == owner_id,
            Upload.file_name.in_({one.file_name for one in wanted}),
            Upload.fingerprint.in_({one.fingerprint for one in wanted}),
        )
        .order_by(Upload.received)
    )
    # Of several the one that came farthest.
    found = {_Announced(u.file_name, u.size, u.fingerprint): u for u in session.scalars(same)}
    return {
        one: upload for one, upload in found.items() if one in wanted and _path(upload.id).exists()
    }


def _find(session: Session, upload_id: str, owner_id: int) -> Upload:
    upload = session.get(Upload, upload_id)
    if upload is None or upload.owner_id != owner_id:
        raise NotFound(_NO_UPLOAD)
    return upload


def _complete(upload: Upload) -> tuple[str, Path]:
    if upload.completed_at is None:
        raise Conflict(
            f"“{upload.file_name}” is not complete: "
            f"{upload.received:,} of {upload.size:,} bytes are here."
        )
    return upload.file_name, _path(upload.id)


def _write(path: Path, offset: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _advance(upload_id: str, owner_id: int, offset: int, end: int) -> UploadView:
    with unit_of_work() as session:
        # Conditional: of two requests with the same chunk, one moves on.
        moved = (
            update(Upload)
            .where(Upload.id == upload_id, Upload.received == offset)
            .values(received=end)
        )
        session.execute(moved)
        upload = _find(session, upload_id, owner_id)
        if upload.received == upload.size and upload.completed_at is None:
            upload.completed_at = now()
        return _view(upload)


def _folder() -> Path:
    folder = Path(current_app.config["DATA_FOLDER"]) / "uploads"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _path(upload_id: str) -> Path:
    return _folder() / upload_id


def _view(upload: Upload) -> UploadView:
    return {
        "id": upload.id,
        "file_name": upload.file_name,
        "size": upload.size,
        "received": upload.received,
        "is_complete": upload.completed_at is not None,
        "created_at": upload.created_at,
    }
