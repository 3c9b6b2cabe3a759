"""Import files: look at them, and make recordings of a data set from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypedDict, cast

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from diagnostics.errors import DiagnosticsError
from diagnostics.importers.choices import Choices
from diagnostics.importers.patterns import parse_pattern
from diagnostics.progress import Progress, Report, silent
from models import ImportPreviewFile, Job, JobKind
from models.base import now
from services import actor, locks
from services.dataset_service import DatasetService
from services.errors import Conflict, Invalid, NotFound
from services.files.room import check_room
from services.import_folder_service import ImportFolderService
from services.import_profile_service import ImportProfileService
from services.importing import previews
from services.importing.choices import read_choices
from services.importing.duplicates import elsewhere, in_dataset
from services.importing.previews import Lacking, WarningGroup
from services.importing.reading import Read, decided, read_file
from services.importing.results import Fate, ImportResult, import_result, worst_first
from services.importing.sources import SourceFile, Sources
from services.importing.views import FilePreviewView, preview_view, unreadable_view
from services.job_service import ACTIVE, JobService
from services.jobs.job_runs import keep_result
from services.runtime import unit_of_work
from services.upload_service import UploadService

# A preview reads every file whole: of more than these it looks at some, evenly spread.
MOST_PREVIEWED = 1_000
KEEP_PREVIEWS_FOR = timedelta(days=7)


class PatternMatch(TypedDict):
    name: str
    found: dict[str, str] | None


class SourcesView(TypedDict):
    upload_ids: list[str]
    folder: str
    names: list[str]


class PreviewView(TypedDict):
    """What a preview looked at, and what it came to; ``looked_at`` of ``file_count`` files."""

    job_id: int
    upload_ids: list[str]
    folder: str
    names: list[str]
    profile: str
    file_count: int
    looked_at: int
    left_out: int
    recordings: int
    unreadable: int
    warned: int
    warnings: list[WarningGroup]


@dataclass(frozen=True)
class _Chosen:
    """What is to be read, as the arguments of a job keep it."""

    upload_ids: list[str]
    folder: str
    names: list[str]
    title: str

    @property
    def arguments(self) -> dict[str, Any]:
        return {"upload_ids": self.upload_ids, "folder": self.folder, "names": self.names}


class ImportService:
    """Preview and import files."""

    @staticmethod
    def start_preview(
        upload_ids: Sequence[str],
        profile: str = "",
        folder: str = "",
        names: Sequence[str] = (),
        *,
        instead_of: int | None = None,
    ) -> int:
        """Submit the job that looks into complete uploads and into files of a server folder.

        ``names`` are files of the folder, or sub-folders with ``/`` at the end. ``instead_of``
        is an earlier preview of the actor's that nobody waits for any more.

        Raises
        ------
        NotFound
            If an upload is not the actor's, or a file is not in the folder.
        Conflict
            If an upload is not complete.
        """
        actor.writer()
        base, saved = ImportProfileService.resolve(profile)
        chosen = _chosen(upload_ids, folder, names)
        arguments = {**chosen.arguments, "profile": base, "shared": saved}
        with unit_of_work() as session:
            _stop_waiting(session, instead_of)
            job_id = JobService.submit_once(
                JobKind.PREVIEW_IMPORT, arguments, f"Preview of {chosen.title}"
            )
            # What is found is kept under the job's own number.
            session.execute(
                update(Job)
                .where(Job.id == job_id)
                .values(arguments={**arguments, "preview_id": job_id})
            )
            return job_id

    @staticmethod
    def start_import(
        upload_ids: Sequence[str],
        dataset_id: int | None,
        profile: str = "",
        shared: Mapping[str, Any] | None = None,
        own: Mapping[str, Mapping[str, Any]] | None = None,
        new_dataset: str = "",
        *,
        folder: str = "",
        names: Sequence[str] = (),
        skip_elsewhere: bool = False,
    ) -> int:
        """Submit the job that imports uploads and files of a server folder into a data set.

        ``shared`` fills in what files do not say; ``own`` holds, by the key that a preview
        gives a file (for an upload its id), what counts whatever the file says. Without a data
        set one is made, called ``new_dataset``; when the import cannot be submitted, it is not
        made either. ``skip_elsewhere`` leaves out what another data set has.

        Raises
        ------
        Invalid
            If a typed value cannot be meant.
        NotFound, Conflict, Forbidden
            If an upload, a file or the data set cannot be used, or is being imported already.
        Unavailable
            If the disk has no room for them.
        """
        actor.writer()
        base, saved = ImportProfileService.resolve(profile)
        shared, own = {**saved, **(shared or {})}, {k: dict(v) for k, v in (own or {}).items()}
        for given in (shared, *own.values()):
            read_choices(given)
        chosen = _chosen(upload_ids, folder, names)
        arguments = {**chosen.arguments, "profile": base, "shared": shared, "own": own}
        arguments["skip_elsewhere"] = skip_elsewhere
        with unit_of_work() as session:
            # Under the lock of a writer: a second click finds the job of the first.
            locks.alone(session, "start imports")
            _refuse_running(session, chosen)
            if dataset_id is None:
                dataset_id = DatasetService.create(new_dataset)
            DatasetService.check_changeable(dataset_id)
            return JobService.submit(
                JobKind.IMPORT_RECORDINGS,
                {**arguments, "dataset_id": dataset_id},
                f"Import of {chosen.title}",
                f"dataset:{dataset_id}",
            )

    @staticmethod
    def preview_files(
        files: Sequence[SourceFile],
        profile: str = "",
        report: Report = silent,
        shared: Mapping[str, Any] | None = None,
    ) -> list[FilePreviewView]:
        """What would come out of each file; nothing is stored.

        ``shared`` fills in what files do not say.
        """
        actor.writer()
        base, saved = ImportProfileService.resolve(profile)
        filling = read_choices({**saved, **(shared or {})})
        with Sources(files) as sources:
            return list(_previews(sources, sources.files, base, filling, report))

    @staticmethod
    def store_preview(
        preview_id: int,
        files: Sequence[SourceFile],
        profile: str,
        shared: Mapping[str, Any],
        report: Report = silent,
    ) -> dict[str, Any]:
        """Look into files and keep what is found; counts of it.

        Of very many files some are looked at, evenly spread.
        """
        actor.writer()
        with Sources(files) as sources:
            total = len(sources.files)
            step = max(total / MOST_PREVIEWED, 1.0)
            looked_at = [sources.files[int(n * step)] for n in range(min(total, MOST_PREVIEWED))]
            views = _previews(sources, looked_at, profile, read_choices(shared), report)
            totals = previews.write(preview_id, views)
            return {
                "file_count": totals.files if step == 1.0 else total,
                "looked_at": totals.files,
                "left_out": sources.left_out,
                "recordings": totals.recordings,
                "unreadable": totals.ranks[previews.UNREADABLE],
                "warned": totals.ranks[previews.WARNED],
                "warnings": totals.warnings,
            }

    @staticmethod
    def get_preview(job_id: int) -> PreviewView | None:
        """What a preview of the actor's came to; None while its job has not ended.

        Raises
        ------
        NotFound
            If there is no such preview, or it is somebody else's.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            job = _own_preview(session, job_id)
            asked = job.arguments
            if not job.result:
                return None
            view: dict[str, Any] = {
                "job_id": job.id,
                "upload_ids": asked["upload_ids"],
                "folder": asked["folder"],
                "names": asked["names"],
                "profile": asked["profile"],
                **job.result,
            }
            return cast("PreviewView", view)

    @staticmethod
    def get_sources(job_id: int) -> SourcesView:
        """What a preview of the actor's looks at.

        Raises
        ------
        NotFound
            If there is no such preview, or it is somebody else's.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            asked = _own_preview(session, job_id).arguments
            return {
                "upload_ids": list(asked["upload_ids"]),
                "folder": asked["folder"],
                "names": list(asked["names"]),
            }

    @staticmethod
    def is_preview_of(
        job_id: int, upload_ids: Sequence[str], profile: str, folder: str, names: Sequence[str]
    ) -> bool:
        """Whether a preview of the actor's looked at exactly these, and has not gone wrong."""
        actor.reader()
        with unit_of_work(writing=False) as session:
            try:
                job = _own_preview(session, job_id)
            except NotFound:
                return False
            asked = job.arguments
            same = (asked["profile"], asked.get("folder"), asked.get("names"))
            return (
                set(asked["upload_ids"]) == set(upload_ids)
                and same == (profile, folder, list(names))
                and (job.status in ACTIVE or bool(job.result))
            )

    @staticmethod
    def list_preview(
        job_id: int, limit: int = 50, offset: int = 0, only: str = "", search: str = ""
    ) -> list[FilePreviewView]:
        """One page of the files of a preview, those with problems first.

        ``only`` is one of ``problems``, ``unreadable``, ``lacking`` and ``warned``.

        Raises
        ------
        NotFound
            If there is no such preview, or it is somebody else's.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            _own_preview(session, job_id)
            return previews.page(session, job_id, limit, offset, only, search)

    @staticmethod
    def count_preview(job_id: int, only: str = "", search: str = "") -> int:
        """How many files :meth:`list_preview` goes through.

        Raises
        ------
        NotFound
            If there is no such preview, or it is somebody else's.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            _own_preview(session, job_id)
            return previews.count(session, job_id, only, search)

    @staticmethod
    def find_lacking(
        job_id: int, shared: Mapping[str, Any], own: Mapping[str, Mapping[str, Any]]
    ) -> Lacking:
        """What must still be typed before the files of a preview can be imported.

        Raises
        ------
        NotFound
            If there is no such preview, or it is somebody else's.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            _own_preview(session, job_id)
            return previews.lacking(session, job_id, shared, own)

    @staticmethod
    def delete_old_previews() -> int:
        """Forget what was found in files a week ago; how many files there were."""
        actor.admin()
        old = select(Job.id).where(
            Job.kind == JobKind.PREVIEW_IMPORT, Job.created_at < now() - KEEP_PREVIEWS_FOR
        )
        rows = delete(ImportPreviewFile).where(ImportPreviewFile.job_id.in_(old))
        with unit_of_work() as session:
            return len(session.scalars(rows.returning(ImportPreviewFile.position)).all())

    @staticmethod
    def import_files(
        files: Sequence[SourceFile],
        dataset_id: int,
        profile: str = "",
        shared: Mapping[str, Any] | None = None,
        own: Mapping[str, Mapping[str, Any]] | None = None,
        report: Report = silent,
        *,
        skip_elsewhere: bool = False,
    ) -> ImportResult:
        """Import files into a data set: all good recordings in one new version.

        A file that cannot be read is told in a sentence and does not stop the others.

        Raises
        ------
        Invalid
            If a typed value cannot be meant.
        NotFound, Conflict, Forbidden
            If the data set cannot be changed.
        Unavailable
            If the disk has no room for them.
        """
        actor.writer()
        DatasetService.check_changeable(dataset_id)
        base, saved = ImportProfileService.resolve(profile)
        filling = read_choices({**saved, **(shared or {})})
        overriding = {key: read_choices(dict(value)) for key, value in (own or {}).items()}
        with Sources(files) as sources:
            check_room(sources.bytes, f"the import of {_files([one.name for one in files])}")
            read, total = [], len(sources.files)
            for done, file in enumerate(sources.files):
                choices = filling, overriding.get(file.key, Choices())
                part = _part_of(report, done, total, file.name)
                one = read_file(sources, file, base, choices, part)
                read += [] if one is None else [one]
            report(Progress("write the version", total, total))
            return _finish(dataset_id, read, sources.left_out, skip_elsewhere=skip_elsewhere)

    @staticmethod
    def try_pattern(pattern: str, names: Sequence[str]) -> list[PatternMatch]:
        """What a pattern takes out of names; None where it does not fit.

        Raises
        ------
        Invalid
            If the pattern cannot be used.
        """
        actor.reader()
        try:
            parsed = parse_pattern(pattern)
        except DiagnosticsError as error:
            raise Invalid(str(error)) from error
        return [{"name": name, "found": parsed.match(name)} for name in names]


def _chosen(upload_ids: Sequence[str], folder: str, names: Sequence[str]) -> _Chosen:
    located = UploadService.locate_all(upload_ids)
    checked = ImportFolderService.check_names(folder, names) if folder else []
    shown = [name for name, _ in located] + [f"{folder}/{name}" for name in checked]
    if not shown:
        raise Invalid("Choose at least one file.")
    needed = sum(path.stat().st_size for _, path in located if path.exists())
    title = _files(shown)
    check_room(needed, f"the recordings of {title}")
    return _Chosen(list(upload_ids), folder if checked else "", checked, title)


def _refuse_running(session: Session, chosen: _Chosen) -> None:
    running = select(Job.arguments).where(
        Job.kind == JobKind.IMPORT_RECORDINGS,
        Job.status.in_(ACTIVE),
        Job.owner_id == actor.user_id(),
    )
    for asked in session.scalars(running):
        same_folder = bool(chosen.folder) and asked.get("folder") == chosen.folder
        if not set(chosen.upload_ids).isdisjoint(asked["upload_ids"]) or (
            same_folder and not set(chosen.names).isdisjoint(asked["names"])
        ):
            raise Conflict("These files are being imported already. See the jobs page.")


def _stop_waiting(session: Session, job_id: int | None) -> None:
    """Cancel a preview that was replaced, if it has not ended."""
    job = session.get(Job, job_id) if job_id is not None else None
    if job is None or job.kind is not JobKind.PREVIEW_IMPORT or job.status not in ACTIVE:
        return
    if job.owner_id == actor.user_id():
        JobService.cancel(job.id)


def _own_preview(session: Session, job_id: int) -> Job:
    job = session.get(Job, job_id)
    if job is None or job.kind is not JobKind.PREVIEW_IMPORT or job.owner_id is None:
        raise NotFound("There is no such preview. Choose the files again.")
    actor.self_or_admin(job.owner_id)
    return job


def _previews(
    sources: Sources,
    files: Sequence[SourceFile],
    profile: str,
    filling: Choices,
    report: Report,
) -> Iterator[FilePreviewView]:
    for done, file in enumerate(files):
        report(Progress("preview", done, len(files), file.name))
        view = _preview(sources, file, profile, filling)
        if view is not None:
            yield view


def _preview(
    sources: Sources, file: SourceFile, profile: str, filling: Choices
) -> FilePreviewView | None:
    described = sources.described_by(file)
    if described is not None:
        return unreadable_view(file.key, file.name, describes=described)
    try:
        with sources.open(file, profile) as opened:
            recordings = tuple(
                decided(one, (filling, Choices()), file.name) for one in opened.preview.recordings
            )
            return preview_view(file.key, replace(opened.preview, recordings=recordings))
    except DiagnosticsError as error:
        if sources.is_other_kind(file):
            return None
        return unreadable_view(file.key, file.name, error=str(error))


def _part_of(report: Report, done: int, total: int, name: str) -> Callable[[float], None]:
    """Reports how much of one file is done as a part of all files."""

    def tell(fraction: float) -> None:
        fine = int(1000 * (done + fraction))
        report(Progress("read and store", fine, 1000 * total, name))

    return tell


def _finish(
    dataset_id: int, read: Sequence[Read], left_out: int, *, skip_elsewhere: bool
) -> ImportResult:
    hashes = {samples.content_hash for file in read for samples in file.stored}
    with unit_of_work() as session:
        others = elsewhere(session, dataset_id, hashes)
        skipped = set(others) if skip_elsewhere else set()
        skipped -= in_dataset(session, dataset_id, skipped)
        wanted = [
            samples
            for file in read
            for samples in file.stored
            if samples.content_hash not in skipped
        ]
        names = [file.file.name for file in read if file.stored]
        added = DatasetService.add_recordings(dataset_id, wanted, f"import of {_files(names)}")
        news = (recording.is_new for recording in added["recordings"])
        imported: set[str] = set()
        fates = [_fate(file, skipped, others, news, imported) for file in read]
        result = import_result(dataset_id, added["version"], read, fates, left_out)
        keep_result(session, dict(worst_first(result)))
        return result


def _fate(
    file: Read,
    skipped: Set[str],
    others: Mapping[str, list[tuple[int, str]]],
    news: Iterator[bool],
    imported: set[str],
) -> Fate:
    """``news`` goes on over all files; ``imported`` collects the contents that were new."""
    fate = Fate()
    for content in (samples.content_hash for samples in file.stored):
        if content in skipped:
            fate.skipped += 1
        elif next(news):
            fate.imported += 1
            imported.add(content)
        elif content in imported:
            fate.twice += 1
            continue
        else:
            fate.known += 1
            continue
        fate.others.update(others.get(content, []))
    return fate


def _files(names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0].rstrip("/").rpartition("/")[2]
    return f"{len(names):,} files"
