"""Sessions in the memory of the process that judges them."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from diagnostics.streaming.base import Floats
from diagnostics.streaming.session import StreamState, Unusual, Verdict, settings_of
from models import Severity
from services.streaming import blocks
from services.streaming.ids import alert_id

# A score of so many times the limit is critical.
CRITICAL = 2.0


@dataclass(frozen=True)
class Plan:
    """How a session judges; ``columns`` is None until its first point."""

    session_id: str
    owner_id: int
    algorithm: str
    window_size: int
    threshold: float
    config: Mapping[str, Any]
    columns: tuple[str, ...] | None


@dataclass(frozen=True)
class Entry:
    """A batch as it lies in the stream. ``values`` has shape (n, names)."""

    entry_id: str
    session_id: str
    first: int
    on_shard: int
    reply: str
    names: tuple[str, ...]
    times_ms: list[float]
    values: Floats

    @property
    def arrived_ms(self) -> int:
        return int(self.entry_id.partition("-")[0])

    @classmethod
    def read(cls, entry_id: bytes, fields: Mapping[bytes, bytes]) -> Entry:
        head, _, body = fields[b"p"].partition(b"\n")
        names, times = json.loads(head)
        count, arrived = int(fields[b"n"]), float(entry_id.partition(b"-")[0])
        given = times or [None] * count
        return cls(
            entry_id=entry_id.decode(),
            session_id=fields[b"s"].decode(),
            first=int(fields[b"f"]),
            on_shard=int(fields[b"a"]),
            reply=fields[b"r"].decode(),
            names=tuple(names),
            times_ms=[arrived if time is None else time for time in given],
            values=np.frombuffer(body).reshape(count, len(names)),
        )


@dataclass
class Found:
    """What came of the entries of one session in one round."""

    plan: Plan
    alerts: list[dict[str, Any]] = field(default_factory=list)  # with their sequence
    of_entries: list[tuple[Entry, list[dict[str, Any]]]] = field(default_factory=list)
    block: bytes = b""
    point_count: int = 0
    error: str | None = None


class LiveSession:
    """A session whose detector is in memory."""

    def __init__(self, plan: Plan, state: bytes | None) -> None:
        self.plan = plan
        self._state: StreamState | None = None
        self._block_sizes: deque[int] = deque()
        if plan.columns is not None:
            self._begin(plan.columns)
            if state is not None and self._state is not None:
                self._state.load(state)

    @property
    def columns(self) -> tuple[str, ...]:
        return self.plan.columns or ()

    @property
    def totals(self) -> tuple[int, int]:
        """Points and alerts since the beginning."""
        return (self._state.point_count, self._state.alert_count) if self._state else (0, 0)

    @property
    def kept_blocks(self) -> int:
        """How many of the last blocks hold enough points. Of those before ours nothing is known."""
        known = sum(self._block_sizes) >= blocks.KEPT_POINTS
        return len(self._block_sizes) if known else blocks.KEPT_POINTS

    def state(self) -> bytes | None:
        return None if self._state is None else self._state.state()

    def statistics(self) -> dict[str, Any]:
        if self._state is None:
            return {}
        count, told = self._state.point_count, self._state.statistics
        return {name: told.of(i, count) for i, name in enumerate(self.columns)}

    def judge(self, entries: Sequence[Entry]) -> Found:
        """Judge the points of entries, in their order."""
        if self._state is None:
            self._begin(_columns_of_first(entries[0]))
        assert self._state is not None
        verdict = self._state.judge(np.concatenate([self._aligned(one) for one in entries]))
        found = Found(self.plan, point_count=len(verdict.scores))
        unusual = deque(verdict.unusual)
        begin = 0
        for entry in entries:
            end = begin + len(entry.times_ms)
            mine = []
            while unusual and unusual[0].index < end:
                mine.append(self._alert(entry, unusual.popleft(), begin, verdict.limit))
            found.of_entries.append((entry, mine))
            found.alerts += mine
            begin = end
        found.block = self._block(entries, verdict, time.time() * 1000)
        self._note_size(min(found.point_count, blocks.KEPT_POINTS))
        return found

    def _begin(self, columns: tuple[str, ...]) -> None:
        plan = self.plan
        self.plan = Plan(**{**vars(plan), "columns": columns})
        given = (plan.window_size, plan.threshold, dict(plan.config))
        settings = settings_of(plan.session_id, len(columns), *given)
        self._state = StreamState(plan.algorithm, settings)

    def _aligned(self, entry: Entry) -> Floats:
        """The values in the order of the session's columns; NaN for those that are not there."""
        if entry.names == self.columns:
            return entry.values
        places = {name: i for i, name in enumerate(entry.names)}
        found = np.full((len(entry.values), len(self.columns)), np.nan)
        for i, name in enumerate(self.columns):
            if name in places:
                found[:, i] = entry.values[:, places[name]]
        return found

    def _alert(self, entry: Entry, one: Unusual, begin: int, limit: float) -> dict[str, Any]:
        at = one.index - begin
        sequence = entry.first + at
        names, found = self.columns, {}
        for i, name in enumerate(names):
            row = (one.values[i], one.expected[i], one.spread[i], one.column_scores[i])
            found[name] = dict(
                zip(("value", "expected", "spread", "score"), map(_plain, row), strict=False)
            )
        return {
            "id": alert_id(self.plan.session_id, sequence, entry.arrived_ms),
            "session_id": self.plan.session_id,
            "sequence": sequence,
            "timestamp": blocks.told(entry.times_ms[at]),
            "data_point": {
                name: _plain(value) for name, value in zip(names, one.values, strict=False)
            },
            "anomaly_score": one.score,
            "is_anomaly": True,
            "algorithm": self.plan.algorithm,
            "details": {
                "anomaly_columns": [n for n, m in zip(names, one.is_unusual, strict=False) if m],
                "column_details": found,
                "threshold": limit,
            },
            "severity": (
                Severity.CRITICAL if one.score >= CRITICAL * limit else Severity.WARNING
            ).value,
            "acknowledged_at": None,
            "acknowledged_by": None,
        }

    def _block(self, entries: Sequence[Entry], verdict: Verdict, judged_ms: float) -> bytes:
        """The last of these points for who looks at them."""
        sequences = np.concatenate([e.first + np.arange(len(e.times_ms)) for e in entries])
        times = np.concatenate([e.times_ms for e in entries])
        rows = np.column_stack([sequences, times, verdict.scores, verdict.values])
        last = rows[-blocks.KEPT_POINTS :].tolist()
        arrived = float(entries[-1].arrived_ms)
        columns = list(self.columns)
        head = blocks.Head(columns, verdict.limit, arrived, judged_ms, len(last))
        return blocks.packed(head, last)

    def _note_size(self, count: int) -> None:
        """Remember as many of the last blocks as it takes to show enough points."""
        self._block_sizes.append(count)
        while sum(self._block_sizes) - self._block_sizes[0] >= blocks.KEPT_POINTS:
            self._block_sizes.popleft()


def _columns_of_first(entry: Entry) -> tuple[str, ...]:
    """All columns in which the first point has a number."""
    return tuple(n for n, v in zip(entry.names, entry.values[0], strict=False) if not np.isnan(v))


def _plain(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)
