"""One shard in the memory of the process that holds its lease."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from diagnostics.errors import DiagnosticsError
from services.streaming import keeping
from services.streaming.judging import Entry, Found, LiveSession
from services.streaming.keeping import Progress

log = logging.getLogger(__name__)

BROKEN = "Its points could not be judged: {reason} Start a new session."
# Sessions in memory that had no point for the longest time make room for others.
MOST_SESSIONS = 500


class Shard:
    """Judges the entries of its stream; ``last_id`` is the last of them."""

    def __init__(self, number: int, fence: int) -> None:
        self.number, self.fence = number, fence
        self.last_id = keeping.position(number)
        self.kept_id = self.last_id
        self.sessions: dict[str, LiveSession | None] = {}
        self._changed: set[str] = set()

    def judge(self, entries: Sequence[Entry]) -> list[Found]:
        """Judge entries in their order; alerts are in the database when this returns."""
        by_session: dict[str, list[Entry]] = {}
        for entry in entries:
            by_session.setdefault(entry.session_id, []).append(entry)
        found = [self._judge(one, mine) for one, mine in by_session.items()]
        alerts = {i: one.alerts for i, one in enumerate(found) if one.alerts}
        if alerts:
            keeping.record_alerts(alerts)
        self.last_id = entries[-1].entry_id
        return found

    def checkpoint(self, holder: str) -> None:
        """Keep what changed since the last time.

        Raises
        ------
        LeaseLost
            If the shard is somebody else's.
        """
        changed = [self._progress(session_id) for session_id in sorted(self._changed)]
        kept = [one for one in changed if one is not None]
        keeping.checkpoint(self.number, holder, self.fence, self.last_id, kept)
        self.kept_id = self.last_id
        self._changed.clear()
        too_many = max(0, len(self.sessions) - MOST_SESSIONS)
        for session_id in list(self.sessions)[:too_many]:
            del self.sessions[session_id]

    @property
    def is_dirty(self) -> bool:
        return self.kept_id != self.last_id

    def _judge(self, session_id: str, entries: list[Entry]) -> Found:
        live = self._live(session_id)
        if live is None:
            return _refused(entries, "This session was deleted or has failed.")
        had_columns = live.plan.columns is not None
        try:
            found = live.judge(entries)
        except (DiagnosticsError, ArithmeticError, ValueError, LookupError, MemoryError) as error:
            log.exception("Session %s cannot be judged", session_id)
            known = isinstance(error, DiagnosticsError)
            reason = str(error) if known else "something broke on our side."
            told = BROKEN.format(reason=reason)
            keeping.fail(session_id, told)
            self.sessions[session_id] = None
            return _refused(entries, told)
        if not had_columns:
            keeping.keep_columns(session_id, live.columns)
        self._changed.add(session_id)
        return found

    def _live(self, session_id: str) -> LiveSession | None:
        if session_id in self.sessions:
            live = self.sessions.pop(session_id)  # to the end: it was used last
        else:
            loaded = keeping.load(session_id)
            live = None if loaded is None else LiveSession(*loaded)
        self.sessions[session_id] = live
        return live

    def _progress(self, session_id: str) -> Progress | None:
        live = self.sessions.get(session_id)
        if live is None:
            return None
        points, alerts = live.totals
        columns = list(live.columns)
        return Progress(session_id, live.state(), columns, points, alerts, live.statistics())


def _refused(entries: list[Entry], reason: str) -> Found:
    return Found(
        plan=None,  # type: ignore[arg-type]  # nothing is published of it
        of_entries=[(entry, []) for entry in entries],
        error=reason,
    )
