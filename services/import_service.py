"""Import files: look at them, and make recordings of a data set from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.errors import DiagnosticsError
from diagnostics.importers.choices import TYPED, Choices, fill, override
from diagnostics.importers.patterns import parse_pattern
from diagnostics.importers.preview import ProposedRecording
from diagnostics.importers.registry import OpenedFile, companions_of, open_file, with_warnings
from diagnostics.progress import Progress, Report, silent
from models import Job, JobKind, Origin
from services import actor
from services.dataset_service import DatasetService
from services.datasets.recording_store import About, StoredSamples, store_samples
from services.errors import Conflict, Invalid
from services.importing.choices import check_profile, read_choices
from services.importing.views import (
    FilePreviewView,
    FileResult,
    ImportResult,
    preview_view,
    unreadable_view,
    warning_view,
)
from services.job_service import ACTIVE, JobService
from services.runtime import unit_of_work
from services.upload_service import UploadService

MOST_SENTENCES = 50
LONGEST_NAME = 200


@dataclass(frozen=True)
class SourceFile:
    """A file to import: the name that people know, and where it lies. ``key`` is the upload."""

    key: str
    name: str
    path: Path


@dataclass
class _Read:
    """What came out of one file."""

    file_name: str
    stored: list[StoredSamples] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    describes: str | None = None


class PatternMatch(TypedDict):
    name: str
    found: dict[str, str] | None


class ImportService:
    """Preview and import files."""

    @staticmethod
    def start_preview(upload_ids: Sequence[str], profile: str = "") -> int:
        """Submit the job that looks into complete uploads; its result is their preview.

        Raises
        ------
        NotFound
            If an upload is not the actor's.
        Conflict
            If one is not complete.
        """
        actor.writer()
        arguments = {"upload_ids": list(upload_ids), "profile": check_profile(profile)}
        names = [UploadService.locate(upload_id)[0] for upload_id in upload_ids]
        if not names:
            raise Invalid("Choose at least one file.")
        return JobService.submit(JobKind.PREVIEW_IMPORT, arguments, f"Preview of {_files(names)}")

    @staticmethod
    def start_import(
        upload_ids: Sequence[str],
        dataset_id: int | None,
        profile: str = "",
        shared: Mapping[str, Any] | None = None,
        own: Mapping[str, Mapping[str, Any]] | None = None,
        new_dataset: str = "",
    ) -> int:
        """Submit the job that imports complete uploads into a data set.

        ``shared`` fills in what files do not say; ``own`` holds, by upload, what counts
        whatever the file says. Without a data set one is made, called ``new_dataset``; when
        the import cannot be submitted, it is not made either.

        Raises
        ------
        Invalid
            If a typed value cannot be meant.
        NotFound, Conflict, Forbidden
            If an upload or the data set cannot be used, or is being imported already.
        """
        actor.writer()
        shared, own = dict(shared or {}), {key: dict(value) for key, value in (own or {}).items()}
        for given in (shared, *own.values()):
            read_choices(given)
        names = [UploadService.locate(upload_id)[0] for upload_id in upload_ids]
        if not names:
            raise Invalid("Choose at least one file.")
        arguments = {
            "upload_ids": list(upload_ids),
            "profile": check_profile(profile),
            "shared": shared,
            "own": own,
        }
        with unit_of_work() as session:
            # Under the lock of a writer: a second click finds the job of the first.
            _refuse_running(session, set(upload_ids))
            if dataset_id is None:
                dataset_id = DatasetService.create(new_dataset)
            DatasetService.check_changeable(dataset_id)
            return JobService.submit(
                JobKind.IMPORT_RECORDINGS,
                {**arguments, "dataset_id": dataset_id},
                f"Import of {_files(names)}",
                f"dataset:{dataset_id}",
            )

    @staticmethod
    def preview_files(
        files: Sequence[SourceFile], profile: str = "", report: Report = silent
    ) -> list[FilePreviewView]:
        """What would come out of each file; nothing is stored."""
        actor.writer()
        views = []
        for done, file in enumerate(files):
            report(Progress("preview", done, len(files), file.name))
            views.append(_preview(file, files, profile))
        return views

    @staticmethod
    def import_files(
        files: Sequence[SourceFile],
        dataset_id: int,
        profile: str = "",
        shared: Mapping[str, Any] | None = None,
        own: Mapping[str, Mapping[str, Any]] | None = None,
        report: Report = silent,
    ) -> ImportResult:
        """Import files into a data set: all good recordings in one new version.

        A file that cannot be read is told in a sentence and does not stop the others.

        Raises
        ------
        Invalid
            If a typed value cannot be meant.
        NotFound, Conflict, Forbidden
            If the data set cannot be changed.
        """
        actor.writer()
        DatasetService.check_changeable(dataset_id)
        filling = read_choices(dict(shared or {}))
        overriding = {key: read_choices(dict(value)) for key, value in (own or {}).items()}
        read = []
        for done, file in enumerate(files):
            choices = filling, overriding.get(file.key, Choices())
            part = _part_of(report, done, len(files), file.name)
            read.append(_read(file, files, profile, choices, part))
        report(Progress("write the version", len(files), len(files)))
        return _finish(dataset_id, read)

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


def _refuse_running(session: Session, upload_ids: set[str]) -> None:
    running = select(Job.arguments).where(
        Job.kind == JobKind.IMPORT_RECORDINGS,
        Job.status.in_(ACTIVE),
        Job.owner_id == actor.user_id(),
    )
    for arguments in session.scalars(running):
        if not upload_ids.isdisjoint(arguments["upload_ids"]):
            raise Conflict("These files are being imported already. See the jobs page.")


def _preview(file: SourceFile, files: Sequence[SourceFile], profile: str) -> FilePreviewView:
    described = _described_by(file, files)
    if described is not None:
        return unreadable_view(file.key, file.name, describes=described)
    try:
        return preview_view(file.key, _open(file, files, profile).preview)
    except DiagnosticsError as error:
        return unreadable_view(file.key, file.name, error=str(error))


def _read(
    file: SourceFile,
    files: Sequence[SourceFile],
    profile: str,
    choices: tuple[Choices, Choices],
    report: Callable[[float], None],
) -> _Read:
    found = _Read(file.name, describes=_described_by(file, files))
    if found.describes is not None:
        return found
    report(0.0)
    try:
        opened = _open(file, files, profile)
    except DiagnosticsError as error:
        found.refused.append(str(error))
        return found
    for number, proposed in enumerate(opened.preview.recordings):
        report(number / len(opened.preview.recordings))
        try:
            recording = with_warnings(_decided(proposed, choices, file.name))
            about = _about(recording, opened)
            found.stored.append(store_samples(opened.signal(recording), about))
        except DiagnosticsError as error:
            found.refused.append(f"{proposed.key}: {error}" if proposed.key else str(error))
        else:
            found.warnings += [
                f"{proposed.key}: {w.message}" if proposed.key else w.message
                for w in recording.warnings
            ]
    return found


def _part_of(report: Report, done: int, total: int, name: str) -> Callable[[float], None]:
    """Reports how much of one file is done as a part of all files."""

    def tell(fraction: float) -> None:
        fine = int(1000 * (done + fraction))
        report(Progress("read and store", fine, 1000 * total, name))

    return tell


def _open(file: SourceFile, files: Sequence[SourceFile], profile: str) -> OpenedFile:
    by_name = {other.name: other.path for other in files}
    companions = {name: by_name[name] for name in companions_of(file.name, list(by_name))}
    return open_file(file.path, file.name, companions, profile)


def _described_by(file: SourceFile, files: Sequence[SourceFile]) -> str | None:
    """The file that this one is a companion of."""
    for other in files:
        if file.name in companions_of(other.name, [file.name]):
            return other.name
    return None


def _decided(
    recording: ProposedRecording, choices: tuple[Choices, Choices], file_name: str
) -> ProposedRecording:
    filling, overriding = choices
    return fill(override(recording, overriding, file_name), filling, file_name)


def _about(recording: ProposedRecording, opened: OpenedFile) -> About:
    facts = {name: str(found.value) for name, found in recording.facts.items()}
    speed = recording.facts.get("speed_rpm")
    return About(
        name=recording.title[:LONGEST_NAME],
        origin=Origin.IMPORTED,
        label=facts.get("label"),
        source_file=opened.preview.file_name,
        importer=opened.preview.importer,
        speed_rpm=recording.speed_rpm,
        speed_source="" if speed is None else ("typed" if speed.source == TYPED else "file"),
        load=facts.get("load"),
        machine=facts.get("machine"),
        bearing=facts.get("bearing"),
        attributes={name: found.value for name, found in recording.attributes.items()},
        warnings=[dict(warning_view(warning)) for warning in recording.warnings],
    )


def _finish(dataset_id: int, read: Sequence[_Read]) -> ImportResult:
    stored = [samples for file in read for samples in file.stored]
    names = [file.file_name for file in read if file.stored]
    added = DatasetService.add_recordings(dataset_id, stored, f"import of {_files(names)}")
    news: Iterator[bool] = (recording.is_new for recording in added["recordings"])
    results = []
    for file in read:
        fresh = sum(next(news) for _ in file.stored)
        results.append(_result(file, fresh))
    return {
        "dataset_id": dataset_id,
        "version": added["version"],
        "imported": sum(result["imported"] for result in results),
        "refused_files": sum(bool(file.refused) for file in read),
        "files": results,
    }


def _result(file: _Read, fresh: int) -> FileResult:
    known = len(file.stored) - fresh
    parts = []
    if file.describes is not None:
        parts.append(f"It describes {file.describes}; no recording is made from it.")
    if fresh:
        parts.append("1 recording imported." if fresh == 1 else f"{fresh} recordings imported.")
    if known:
        counted = "1 recording is" if known == 1 else f"{known} recordings are"
        parts.append(f"{counted} in the data set already.")
    if file.refused:
        more = f" ({len(file.refused)} recordings in all)" if len(file.refused) > 1 else ""
        parts.append(f"Not imported: {file.refused[0]}{more}")
    return {
        "file_name": file.file_name,
        "imported": fresh,
        "known": known,
        "refused": file.refused[:MOST_SENTENCES],
        "warnings": file.warnings[:MOST_SENTENCES],
        "sentence": " ".join(parts),
    }


def _files(names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0].rpartition("/")[2]
    return f"{len(names)} files"
