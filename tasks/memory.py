"""How much memory work takes, looked at while it reports."""

from __future__ import annotations

import time

import psutil

from diagnostics.progress import Progress, Report

LOOK_EVERY_S = 0.1


class PeakMemory:
    """The most that this process has held since the begin, beyond what it had then."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._process = psutil.Process()
        self._begin = self._process.memory_info().rss
        self._looked_at = float("-inf")
        self.peak_bytes = 0

    def __call__(self, progress: Progress) -> None:
        """Report, and look now and then."""
        if time.monotonic() - self._looked_at >= LOOK_EVERY_S:
            self._looked_at = time.monotonic()
            held = self._process.memory_info().rss - self._begin
            self.peak_bytes = max(self.peak_bytes, held)
        self._report(progress)
