"""Sources: tables, feature sets, data sets and recordings, as rows that can be judged."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Job, JobKind, Source, SourceKind, SourceVersion
from models.base import now
from services import actor, events, locks
from services.alarms import clear_alarm
from services.anomalies.asking import ALARM
from services.anomalies.batches import freeze_items
from services.anomalies.waiting import until
from services.errors import InvalidField, NotFound
from services.files.kept_files import delete_unnamed
from services.job_service import ACTIVE, JobService
from services.paging import MOST_ROWS, paged
from services.runtime import artefacts, unit_of_work
from services.sources.checks import (
    LONGEST_NAME,
    checked_codes,
    checked_description,
    checked_kind,
    checked_name,
    checked_time,
)
from services.sources.deleting import check_idle, keys_of
from services.sources.kinds import TYPES, TypeView, asked_elsewhere, checked_config
from services.sources.views import (
    PENDING,
    SourceBrief,
    SourceView,
    VersionView,
    brief,
    chosen,
    find_row,
    newest_version,
    version_view,
    whole,
)
from services.text_search import contains

PARQUET = b"PAR1"
UNCHANGED: Any = object()


class TestView(TypedDict):
    """Whether a source can be read, and what was found."""

    ok: bool
    message: str
    row_count: int | None
    column_count: int | None


class SourceService:
    """Make, list, change and delete sources."""

    @staticmethod
    def list_types() -> list[TypeView]:
        """What a source can be made from, with what has to be told for each."""
        actor.reader()
        return list(TYPES)

    @staticmethod
    def create_source(
        kind: str,
        config: Mapping[str, Any],
        name: str = "",
        *,
        description: str = "",
        missing_codes: Sequence[str] = (),
        time_column: str | None = None,
    ) -> str:
        """Make a source; a job reads its rows. Its id.

        Parameters
        ----------
        kind, config
            See :meth:`list_types`.
        name
            Without one it is called by what it is made from.
        missing_codes
            Numbers and words that stand for a missing value, such as ``-200``.
        time_column
            None: found by looking; empty: there is none.

        Raises
        ------
        Invalid
            If something cannot be used.
        NotFound
            If what it is to be made from does not exist.
        Unavailable
            If there is no room for it.
        """
        owner_id = actor.user_id()
        chosen_kind, codes = checked_kind(kind), checked_codes(missing_codes)
        asked = asked_elsewhere(chosen_kind, config)
        with unit_of_work() as session:
            made_from = checked_config(session, chosen_kind, asked)
            locks.alone(session, "start sources")
            reading = _reading(session, chosen_kind, made_from, name)
            if reading is not None:
                return reading
            usual = made_from.get("file_name") or made_from.get("name") or chosen_kind.value
            source = Source(
                name=checked_name(name or usual[:LONGEST_NAME]),
                description=checked_description(description),
                kind=chosen_kind,
                config=made_from,
                missing_codes=codes,
                time_column=checked_time(time_column),
                owner_id=owner_id,
            )
            session.add(source)
            session.flush()
            _read(session, source)
            events.record(session, "source.created", f"source:{source.id}", name=source.name)
            return source.id

    @staticmethod
    def list_sources(limit: int = 50, offset: int = 0, text: str = "") -> list[SourceBrief]:
        """Sources, newest first; ``text`` is a part of their names."""
        actor.reader()
        newest = chosen(*_filters(text)).order_by(Source.created_at.desc(), Source.id.desc())
        with unit_of_work(writing=False) as session:
            return [brief(row) for row in session.execute(paged(newest, limit, offset))]

    @staticmethod
    def count_sources(text: str = "") -> int:
        actor.reader()
        counted = select(func.count()).select_from(Source).where(*_filters(text))
        with unit_of_work(writing=False) as session:
            return session.scalar(counted) or 0

    @staticmethod
    def get_source(source_id: str) -> SourceView:
        """One source with the columns of its newest version.

        Raises
        ------
        NotFound
            If there is no such source.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            find_row(session, source_id)
            return whole(session.execute(chosen(Source.id == source_id)).one())

    @staticmethod
    def wait(source_id: str, seconds: float) -> SourceView:
        """The source once it is read, or as it is after so many seconds.

        Raises
        ------
        NotFound
            If there is no such source.
        """
        actor.reader()
        until(lambda: SourceService.get_source(source_id)["status"] != PENDING, seconds)
        return SourceService.get_source(source_id)

    @staticmethod
    def get_profile(source_id: str) -> dict[str, Any]:
        """What the columns amount to, the first rows, and what may stand for missing values.

        Raises
        ------
        NotFound
            If there is no such source.
        Conflict
            If it has no rows yet.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            version = newest_version(session, source_id)
            key, number, rows = version.profile_key, version.number, version.row_count
        found: dict[str, Any] = json.loads(artefacts().read(key))
        return {**found, "version": number, "row_count": rows}

    @staticmethod
    def list_versions(source_id: str, limit: int = MOST_ROWS) -> list[VersionView]:
        """The versions of a source, newest first.

        Raises
        ------
        NotFound
            If there is no such source.
        """
        actor.reader()
        wanted = (
            select(SourceVersion)
            .where(SourceVersion.source_id == source_id)
            .order_by(SourceVersion.number.desc())
        )
        with unit_of_work(writing=False) as session:
            find_row(session, source_id)
            return [version_view(row) for row in session.scalars(paged(wanted, limit))]

    @staticmethod
    def test_source(source_id: str) -> TestView:
        """Whether the rows of a source are there and can be read.

        Raises
        ------
        NotFound
            If there is no such source.
        """
        actor.reader()
        found = SourceService.get_source(source_id)
        told: TestView = {
            "ok": False,
            "message": found["error_message"] or "It is being read.",
            "row_count": found["row_count"],
            "column_count": found["column_count"],
        }
        if found["version"] is None:
            return told
        with unit_of_work(writing=False) as session:
            key = newest_version(session, source_id).parquet_key
        try:
            with artefacts().open(key) as file:
                whole_file = file.read(len(PARQUET)) == PARQUET
        except NotFound as error:
            return {**told, "message": error.message}
        if not whole_file:
            return {**told, "message": "The stored table is damaged. Import it again."}
        return {**told, "ok": True, "message": "The rows are there."}

    @staticmethod
    def update_source(
        source_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        missing_codes: Sequence[str] | None = None,
        time_column: str | None = UNCHANGED,
        upload_id: str | None = None,
        read_again: bool = False,
    ) -> SourceView:
        """Change a source; other codes, another time column or another file make a new version.

        ``read_again`` takes the rows as they are now, where they come from something that goes
        on: a data set, a recording, a database.

        Raises
        ------
        NotFound
            If there is no such source or upload.
        Forbidden
            If it is somebody else's.
        Invalid
            If something cannot be used.
        Conflict
            If it is being read, so that its rows cannot be changed now.
        """
        actor.writer()
        with unit_of_work() as session:
            source = find_row(session, source_id)
            actor.owner_or_admin(source.owner_id)
            if name is not None:
                source.name = checked_name(name)
            if description is not None:
                source.description = checked_description(description)
            if read_again and source.kind is SourceKind.TABLE:
                raise InvalidField("read_again", "a file is read once; send it again.")
            changes = _change_rows(session, source, missing_codes, time_column, upload_id)
            if changes or read_again:
                check_idle(session, source)
                _read(session, source)
            source.updated_at = now()
            session.flush()
            return SourceService.get_source(source_id)

    @staticmethod
    def delete_source(source_id: str) -> None:
        """Delete a source with its versions, detections and comparisons.

        Raises
        ------
        NotFound
            If there is no such source.
        Forbidden
            If it is somebody else's.
        Conflict
            If it is being read, or judged.
        """
        actor.writer()
        with unit_of_work() as session:
            source = find_row(session, source_id)
            actor.owner_or_admin(source.owner_id)
            check_idle(session, source)
            freeze_items(session, source_id)
            gone = keys_of(session, source_id)
            clear_alarm(session, ALARM, f"source:{source_id}")
            session.delete(source)
            events.record(session, "source.deleted", f"source:{source_id}", name=source.name)
        delete_unnamed(gone)


def _filters(text: str) -> list[Any]:
    return [contains(Source.name, text)] if text else []


def _reading(session: Session, kind: SourceKind, config: dict[str, Any], name: str) -> str | None:
    """A source that is being made of just this: two clicks, or two tabs, get the same one."""
    wanted = (
        select(Source)
        .join(Job, Job.id == Source.job_id)
        .where(Source.kind == kind, Source.owner_id == actor.user_id(), Job.status.in_(ACTIVE))
    )
    for one in session.scalars(wanted):
        if one.config == config and (not name or one.name == name):
            return one.id
    return None


def _read(session: Session, source: Source) -> None:
    arguments: dict[str, Any] = {"source_id": source.id}
    if "upload_id" in source.config:
        arguments["upload_ids"] = [source.config["upload_id"]]  # so that it is not cleaned away
    title = f"Read the source “{source.name}”"
    subject = f"source:{source.id}"
    source.job_id = JobService.submit(JobKind.IMPORT_SOURCE, arguments, title, subject)


def _change_rows(
    session: Session,
    source: Source,
    missing_codes: Sequence[str] | None,
    time_column: str | None,
    upload_id: str | None,
) -> bool:
    """Whether the source has to be read again."""
    before = (list(source.missing_codes), source.time_column)
    if missing_codes is not None:
        source.missing_codes = checked_codes(missing_codes)
    if time_column is not UNCHANGED:
        source.time_column = checked_time(time_column)
    if upload_id is not None:
        if source.kind is not SourceKind.TABLE:
            raise InvalidField("upload_id", "only a table is read from a file.")
        source.config = checked_config(session, source.kind, {"upload_id": upload_id})
    return upload_id is not None or before != (list(source.missing_codes), source.time_column)
