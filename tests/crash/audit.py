"""What must be true of folder and database after everything has stopped."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import h5py
from sqlalchemy import select, text

from diagnostics.features.table_file import open_table
from diagnostics.signals.recording_file import content_hash, open_recording
from models import Event, Job, Upload
from services.actor import WORKER, acting_as
from services.files.kept_files import key_columns
from services.housekeeping_service import HousekeepingService
from services.runtime import artefacts, unit_of_work
from tests.running import processes_of

TWO_DAYS_S = 2 * 86_400.0
# Parts of the folder that must be empty of what was cut short.
WORKPLACES = ("artefacts", "staging", "training", "uploads", "fetched")


def audit(folder: Path) -> list[str]:
    """Faults of a site that has stopped; cleans it up, as if two days had passed."""
    faults = [f"process {pid} still runs" for pid in processes_of(folder)]
    faults += _integrity() + _told_once()
    _age(folder)
    with acting_as(WORKER):
        HousekeepingService.clean_up()
    faults += _pieces(folder) + _uploads(folder)
    named, kept = _named(), _kept(folder / "artefacts")
    faults += [f"{key} is named but not there" for key in sorted(named - kept)]
    faults += [f"{key} belongs to nobody" for key in sorted(kept - named)]
    return faults + [f"{key} has other content" for key in sorted(kept) if not _is_whole(key)]


def _integrity() -> list[str]:
    with unit_of_work(writing=False) as session:
        found = list(session.scalars(text("PRAGMA integrity_check")))
        dangling = session.execute(text("PRAGMA foreign_key_check")).all()
    faults = [] if found == ["ok"] else [f"the database is damaged: {found[:3]}"]
    return faults + [f"a row of {row[0]} refers to nothing" for row in dangling]


def _told_once() -> list[str]:
    """Each job has told its end once."""
    ends = ("job.done", "job.failed", "job.cancelled")
    with unit_of_work(writing=False) as session:
        told = list(session.scalars(select(Event.object).where(Event.type.in_(ends))))
        retried = set(
            session.scalars(select(Event.object).where(Event.type == "job.retry_requested"))
        )
        jobs = {f"job:{job_id}" for job_id in session.scalars(select(Job.id))}
    return [f"{one} has told its end twice" for one in jobs - retried if told.count(one) > 1]


def _age(folder: Path) -> None:
    moment = time.time() - TWO_DAYS_S
    for place in WORKPLACES:
        for path in (folder / place).rglob("*"):
            os.utime(path, (moment, moment))


def _pieces(folder: Path) -> list[str]:
    parts = [path for path in folder.rglob("*.part") if path.is_file()]
    left = [*parts, *(folder / "staging").glob("*")]
    return [f"{path.relative_to(folder)} was left behind" for path in left]


def _uploads(folder: Path) -> list[str]:
    with unit_of_work(writing=False) as session:
        rows = set(session.scalars(select(Upload.id)))
    files = {path.name for path in (folder / "uploads").iterdir()}
    return [f"the upload {one} has no file" for one in rows - files] + [
        f"the uploaded file {one} has no row" for one in files - rows
    ]


def _named() -> set[str]:
    with unit_of_work(writing=False) as session:
        return {
            key
            for column in key_columns()
            for key in session.scalars(select(column).where(column.is_not(None)))
        }


def _kept(store: Path) -> set[str]:
    return {str(path.relative_to(store)) for path in store.rglob("*") if path.is_file()}


def _is_whole(key: str) -> bool:
    """Whether the content is what the key says: samples of a recording, bytes of the rest.

    The key of a table of features is the hash of what went into it, which the file says too;
    that every block can be read is as much as can be asked of it.
    """
    path = artefacts().local_path(key)
    if key.startswith("features/") and path.suffix == ".h5":
        with h5py.File(path) as file:
            told = file.attrs["content_hash"]
        with open_table(path) as table:
            rows = sum(len(block.values) for block in table.blocks())
            return told == path.stem and rows == table.row_count
    if not key.startswith("recordings/"):
        return hashlib.sha256(path.read_bytes()).hexdigest() == path.stem
    with open_recording(path) as recording:
        return content_hash(recording.read_all()) == path.stem
