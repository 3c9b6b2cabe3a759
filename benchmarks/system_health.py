"""The page of the system's health after a month: what a browser waits for.

A measurement for each minute of 30 days, as if nothing were ever cleaned away, their roll-up, and
500 incidents. What is measured are the two callbacks of the page, with the answer as JSON.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable
from datetime import timedelta

from plotly.utils import PlotlyJSONEncoder

import schema
from benchmarks.measure import Benchmark, Figure, at_most, main, percentile, seconds_of
from benchmarks.web import loaded_web
from callbacks.system_health import show_health, show_history
from models import Alarm, AlarmState, MetricSample, Severity
from models.base import now
from services.actor import COMMAND_LINE, acting_as
from services.jobs.queues import QUEUES
from services.monitoring import samples
from services.runtime import unit_of_work
from settings import Settings

MINUTES = 30 * 24 * 60
INCIDENTS = 500
REPEAT = 20
LIMIT_MS = 300.0


def run() -> Benchmark:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_environment({"DATA_FOLDER": folder})
        schema.upgrade(settings)
        server = loaded_web(settings)
        with server.app_context(), server.test_request_context(), acting_as(COMMAND_LINE):
            _fill()
            figures = [
                _timed("components, their level and the workers", lambda: show_health(0)),
                _timed("charts of a day, by minutes", lambda: show_history(0, 24)),
                _timed("charts of 30 days, by hours, with incidents", lambda: show_history(0, 720)),
            ]
    return Benchmark(
        "system_health",
        "System health after a month",
        f"{MINUTES:,} measurements of one minute, rolled up by hours, and {INCIDENTS} incidents on"
        " SQLite; the callbacks of the page with their answers as JSON, 95th percentile.",
        figures,
        "python -m benchmarks.system_health",
    )


def _timed(name: str, callback: Callable[[], object]) -> Figure:
    encoder = PlotlyJSONEncoder()
    took = seconds_of(lambda: encoder.encode(callback()), repeat=REPEAT)
    return at_most(name, percentile(took, 95) * 1e3, LIMIT_MS, "ms", n=REPEAT)


def _fill() -> None:
    end = samples.begin_of(now(), samples.HOUR_S)
    with unit_of_work() as session:
        session.add_all(
            MetricSample(
                at=end - timedelta(minutes=minute + 1),
                seconds=60,
                host="host",
                measured=_measured(minute),
            )
            for minute in range(MINUTES)
        )
        for number in range(INCIDENTS):
            began = end - timedelta(hours=number)
            session.add(
                Alarm(
                    kind="health",
                    object=f"health:queue.{QUEUES[number % len(QUEUES)]}",
                    severity=Severity.WARNING,
                    state=AlarmState.CLEARED,
                    message="A job waits since 6 min.",
                    details={},
                    first_seen_at=began,
                    last_seen_at=began,
                    cleared_at=began + timedelta(minutes=9),
                )
            )
        session.flush()
        while samples.roll_up(session, end):
            pass


def _measured(minute: int) -> dict[str, float]:
    """Values with the digits that real ones have."""
    wave = math.sin(minute / 97)
    return {
        "cpu_percent": round(40 + 30 * wave, 2),
        "memory_percent": round(55 + 5 * wave, 2),
        "disk_percent": round(40 + minute / 8_000, 2),
        "broker": 1.0,
        "workers": 2.0,
        **{f"waiting.{queue}": float(minute % 4) for queue in QUEUES},
        **{f"waits_s.{queue}": float(minute % 60) for queue in QUEUES},
        **{f"silent_s.{queue}": float(minute % 10) for queue in QUEUES},
        "jobs_done": float(minute % 3),
        "jobs_failed": 0.0,
        "job_s": round(3 + wave, 3),
        "job_longest_s": round(9 + wave, 3),
    }


if __name__ == "__main__":
    main(run)
