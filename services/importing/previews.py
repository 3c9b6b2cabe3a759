"""Rows of what a job found in files: written in batches, read in pages, problems first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select
from sqlalchemy.orm import Session

from models import ImportPreviewFile
from services.importing.views import FilePreviewView
from services.paging import paged
from services.runtime import unit_of_work
from services.text_search import contains

BATCH = 50
UNREADABLE, LACKING, WARNED, FINE, DESCRIBES = range(5)
# What a page may be narrowed down to.
ONLY = {
    "problems": (UNREADABLE, LACKING),
    "unreadable": (UNREADABLE,),
    "lacking": (LACKING,),
    "warned": (LACKING, WARNED),
}
MOST_WARNINGS = 20
_MISSING = {"sample_rate_hz": "lacks_rate", "unit": "lacks_unit"}


class WarningGroup(TypedDict):
    """Warnings of one kind, the first of them as it was told."""

    code: str
    message: str
    files: int
    recordings: int


class Lacking(TypedDict):
    """Files for which something must still be typed; the first of them by name."""

    count: int
    file_name: str
    names: list[str]


@dataclass
class Totals:
    """Counts over all files of a preview, taken while it is made."""

    files: int = 0
    recordings: int = 0
    ranks: Counter[int] = field(default_factory=Counter)
    _messages: dict[str, str] = field(default_factory=dict)
    _files: Counter[str] = field(default_factory=Counter)
    _recordings: Counter[str] = field(default_factory=Counter)

    def add(self, view: FilePreviewView) -> None:
        self.files += 1
        self.recordings += view["recording_count"]
        self.ranks[rank_of(view)] += 1
        warnings = [w for recording in view["recordings"] for w in recording["warnings"]]
        for warning in warnings:
            self._messages.setdefault(warning["code"], warning["message"])
            self._recordings[warning["code"]] += 1
        self._files.update({warning["code"] for warning in warnings})

    @property
    def warnings(self) -> list[WarningGroup]:
        return [
            {
                "code": code,
                "message": self._messages[code],
                "files": count,
                "recordings": self._recordings[code],
            }
            for code, count in self._files.most_common(MOST_WARNINGS)
        ]


def rank_of(view: FilePreviewView) -> int:
    if view["error"]:
        return UNREADABLE
    if view["describes"]:
        return DESCRIBES
    if view["missing"]:
        return LACKING
    return WARNED if any(one["warnings"] for one in view["recordings"]) else FINE


def write(job_id: int, views: Iterable[FilePreviewView]) -> Totals:
    """Keep the files of a preview instead of what an earlier attempt left behind."""
    totals = Totals()
    with unit_of_work() as session:
        session.execute(delete(ImportPreviewFile).where(ImportPreviewFile.job_id == job_id))
    rows: list[dict[str, Any]] = []
    for position, view in enumerate(views):
        totals.add(view)
        rows.append(_row(job_id, position, view))
        if len(rows) == BATCH:
            _insert(rows)
            rows = []
    _insert(rows)
    return totals


def page(
    session: Session, job_id: int, limit: int, offset: int, only: str, search: str
) -> list[FilePreviewView]:
    wanted = paged(
        select(ImportPreviewFile.view)
        .where(*_matching(job_id, only, search))
        .order_by(ImportPreviewFile.rank, ImportPreviewFile.position),
        limit,
        offset,
    )
    views: Sequence[Any] = session.scalars(wanted).all()
    return list(views)


def count(session: Session, job_id: int, only: str, search: str) -> int:
    counted = (
        select(func.count()).select_from(ImportPreviewFile).where(*_matching(job_id, only, search))
    )
    return session.scalar(counted) or 0


def lacking(
    session: Session, job_id: int, shared: Mapping[str, Any], own: Mapping[str, Mapping[str, Any]]
) -> Lacking:
    """What must still be typed, beside what is typed for all files and for each."""
    asked = {name: column for name, column in _MISSING.items() if not shared.get(name)}
    found: Lacking = {"count": 0, "file_name": "", "names": []}
    if not asked:
        return found
    columns = [getattr(ImportPreviewFile, column) for column in asked.values()]
    wanted = (
        select(ImportPreviewFile.key, ImportPreviewFile.file_name, *columns)
        .where(ImportPreviewFile.job_id == job_id, or_(*columns))
        .order_by(ImportPreviewFile.position)
    )
    for key, file_name, *lacks in session.execute(wanted):
        typed = own.get(key, {})
        names = [n for n, lack in zip(asked, lacks, strict=True) if lack and not typed.get(n)]
        if names and not found["count"]:
            found["file_name"], found["names"] = file_name, names
        found["count"] += bool(names)
    return found


def _matching(job_id: int, only: str, search: str) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [ImportPreviewFile.job_id == job_id]
    if only in ONLY:
        conditions.append(ImportPreviewFile.rank.in_(ONLY[only]))
    words = search.split()
    if words:
        name = ImportPreviewFile.file_name
        conditions.append(and_(*(contains(name, word) for word in words)))
    return conditions


def _row(job_id: int, position: int, view: FilePreviewView) -> dict[str, Any]:
    lacks = {column: name in view["missing"] for name, column in _MISSING.items()}
    return {
        "job_id": job_id,
        "position": position,
        "key": view["key"],
        "file_name": view["file_name"],
        "rank": rank_of(view),
        "recording_count": view["recording_count"],
        "view": view,
        **lacks,
    }


def _insert(rows: list[dict[str, Any]]) -> None:
    if rows:
        with unit_of_work() as session:
            session.execute(insert(ImportPreviewFile), rows)
