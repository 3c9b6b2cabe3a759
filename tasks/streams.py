"""Send what is stored into a stream, as fast as it was recorded or faster."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from diagnostics.progress import Progress, Report
from services.jobs.job_runs import running_job
from services.streaming.points import Points
from services.streaming.pushing import Full
from services.streaming.replay_service import Replayed, StreamReplayService
from services.streaming_service import StreamingService

# How long points may gather, and how many.
GATHER_S = 0.25
MOST_AT_ONCE = 100
# How long it waits between looking whether it was cancelled.
LOOK_EVERY_S = 0.5


@dataclass(frozen=True)
class _Piece:
    """What is sent at once, under a name that depends on nothing but what was asked for."""

    name: str
    points: Points | list[Any] | None
    lasts_s: float
    done: int
    total: int


def replay_stream(
    report: Report,
    session_id: str,
    speed: float,
    recording_ids: list[int] | None = None,
    window: int = 0,
    table: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Send windows of recordings, or the rows of a ``table``: a version and its columns.

    Every batch has a name of its own, so that a job which is repeated sends nothing twice.
    """
    sent, alerts, begun = 0, 0, time.monotonic()
    job_id = running_job()
    due_s = 0.0
    pieces = _windows(recording_ids or [], window, speed) if table is None else _rows(table, speed)
    for piece in pieces:
        due_s += piece.lasts_s / speed if speed else 0.0
        told = Progress("send points", piece.done, piece.total, f"{sent} points")
        _wait_until(begun + due_s, report, told)
        if piece.points is not None:
            name = f"replay:{job_id}:{piece.name}"
            pushed = _push(session_id, piece.points, name, report, told)
            sent += len(piece.points)
            alerts += len(pushed["alerts"] or ())
    report(Progress("send points", 1, 1, f"{sent} points"))
    return {"session_id": session_id, "points": sent, "alerts": alerts}


def _windows(recording_ids: list[int], window: int, speed: float) -> Iterator[_Piece]:
    total = len(recording_ids)
    for number, recording_id in enumerate(recording_ids):
        for part, batch in enumerate(_batches(recording_id, window, speed)):
            points = [{"data": one.features} for one in batch if _has_number(one)]
            lasts_s = sum(one.lasts_s for one in batch)
            yield _Piece(f"{number}:{part}", points or None, lasts_s, number, total)


def _batches(recording_id: int, window: int, speed: float) -> Iterator[list[Replayed]]:
    for read in StreamReplayService.read_windows(recording_id, window):
        size = MOST_AT_ONCE
        if speed:
            size = min(size, max(1, math.floor(GATHER_S * speed / read[0].lasts_s)))
        for first in range(0, len(read), size):
            yield read[first : first + size]


def _rows(table: dict[str, Any], speed: float) -> Iterator[_Piece]:
    gather_s = GATHER_S * speed if speed else None
    for rows in StreamReplayService.read_rows(table["version_id"], table["columns"], gather_s):
        yield _Piece(f"rows:{rows.end}", rows.points, rows.lasts_s, rows.end, rows.total)


def _push(
    session_id: str, points: Points | list[Any], name: str, report: Report, told: Progress
) -> Any:
    """Where there is no room, or the quota of the hour is used up, the replay waits."""
    while True:
        try:
            return StreamingService.push(session_id, points, sent_as=name)
        except Full as full:
            _wait_until(time.monotonic() + full.retry_after_s, report, told)


def _wait_until(moment: float, report: Report, told: Progress) -> None:
    while True:
        report(told)  # ends here when it was cancelled
        left = moment - time.monotonic()
        if left <= 0:
            return
        time.sleep(min(left, LOOK_EVERY_S))


def _has_number(one: Replayed) -> bool:
    return any(value is not None for value in one.features.values())
