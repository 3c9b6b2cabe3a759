"""The last judged points of a session, kept in Valkey for who looks at it.

A block is what one round has judged: a JSON head and rows of plain numbers. They may be lost with
Valkey; what was counted and the alerts are in the database.
"""

from __future__ import annotations

import json
from array import array
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypedDict

KEPT_POINTS = 1000


class JudgedPoint(TypedDict):
    sequence: int
    timestamp: str
    data: dict[str, float | None]
    anomaly_score: float
    is_anomaly: bool


class Live(TypedDict):
    """The last points, and how long the newest took; None where nothing was judged.

    ``limit`` is the score above which a point is an anomaly; ``judged_after_ms`` how long the
    newest point took from being accepted to its verdict, ``judged_at_ms`` when that was, since
    1970.
    """

    points: list[JudgedPoint]
    limit: float | None
    judged_after_ms: float | None
    judged_at_ms: float | None


@dataclass(frozen=True)
class Head:
    """What the points of a block have in common; times are ms since 1970."""

    columns: list[str]
    limit: float
    arrived_ms: float
    judged_ms: float
    count: int


def packed(head: Head, rows: list[list[float]]) -> bytes:
    """Rows of sequence, time, score and values."""
    numbers = array("d", [x for row in rows for x in row])
    return json.dumps(list(vars(head).values())).encode() + b"\n" + numbers.tobytes()


def live(blocks: list[bytes], limit: int) -> Live:
    """What a page shows of the last blocks."""
    if not blocks:
        return {"points": [], "limit": None, "judged_after_ms": None, "judged_at_ms": None}
    head, _ = _read(blocks[-1])
    return {
        "points": unpacked(blocks, limit),
        "limit": head.limit,
        "judged_after_ms": head.judged_ms - head.arrived_ms,
        "judged_at_ms": head.judged_ms,
    }


def unpacked(blocks: list[bytes], limit: int) -> list[JudgedPoint]:
    """The last points, oldest first, each once: a block may be written again after a crash."""
    found: dict[int, JudgedPoint] = {}
    for block in reversed(blocks):
        if len(found) >= limit:
            break
        for point in reversed(_points(block)):
            found.setdefault(point["sequence"], point)
    return [found[sequence] for sequence in sorted(found)[-limit:]]


def _points(block: bytes) -> list[JudgedPoint]:
    head, values = _read(block)
    width = len(head.columns) + 3
    rows = (values[i * width : (i + 1) * width] for i in range(head.count))
    return [_point(head.columns, head.limit, row) for row in rows]


def _read(block: bytes) -> tuple[Head, array[float]]:
    head, _, body = block.partition(b"\n")
    values = array("d")
    values.frombytes(body)
    return Head(*json.loads(head)), values


def _point(columns: list[str], limit: float, row: Any) -> JudgedPoint:
    sequence, time_ms, score, *values = row
    return {
        "sequence": int(sequence),
        "timestamp": told(time_ms),
        "data": {name: None if v != v else v for name, v in zip(columns, values, strict=False)},
        "anomaly_score": score,
        "is_anomaly": score > limit,
    }


def told(time_ms: float) -> str:
    """A moment as the API writes all of them, whoever has kept it."""
    return moment(time_ms).isoformat().replace("+00:00", "Z")


def moment(time_ms: float) -> datetime:
    return datetime.fromtimestamp(time_ms / 1000, UTC)
