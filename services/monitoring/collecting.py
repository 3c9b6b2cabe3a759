"""One measurement of the collector, and the alarms that follow from the last ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Job, JobStatus, Severity
from services import health
from services.alarms import clear_alarm, open_severity, raise_alarm
from services.jobs.queues import QUEUES
from services.monitoring.hysteresis import Limits, settled, severity_of
from services.monitoring.levels import CPU, DISK, MEMORY, SILENCE, WAITING, Level
from services.monitoring.machine import MachineLoad
from services.monitoring.queues import measure_queues
from services.monitoring.samples import Measured, mean_of

KIND = "health"
# What is judged by its mean over five minutes: name of the measurement, limits, what it says.
MEANS: tuple[tuple[str, Limits, str], ...] = (
    ("cpu", CPU, "The processor is {:.0f} % busy in the mean of five minutes."),
    ("memory", MEMORY, "{:.0f} % of the memory is in use."),
    ("disk", DISK, "The fullest disk is {:.0f} % full."),
)


def measure(session: Session, load: MachineLoad, moment: datetime, seconds: int) -> Measured:
    """Everything at this moment, by name; of jobs that ended, those of the last ``seconds``."""
    measured = {
        "cpu_percent": round(load.cpu_percent, 2),
        "memory_percent": round(load.memory_percent, 2),
        "disk_percent": round(load.disk_percent, 2),
        "broker": float(health.check_broker()["level"] is Level.HEALTHY),
    }
    for queue in measure_queues(session, moment):
        measured[f"waiting.{queue['name']}"] = float(queue["waiting"])
        measured[f"waits_s.{queue['name']}"] = round(queue["waits_s"], 1)
    return {**measured, **_measure_workers(), **_measure_jobs(session, moment, seconds)}


def watch(session: Session, samples: Sequence[Measured]) -> None:
    """Raise and clear the alarms of the installation; ``samples`` are those of five minutes."""
    for name, limits, sentence in MEANS:
        mean = mean_of(samples, f"{name}_percent")
        if mean is not None:
            _judge(session, name, mean, limits, sentence.format(mean))
    for queue in QUEUES:
        waits_s = _least(samples, f"waits_s.{queue}")
        if waits_s is not None:
            told = f"A job of the queue “{queue}” waits since {waits_s / 60:.0f} min."
            _judge(session, f"queue.{queue}", waits_s, WAITING, told)
        silent_s = _least(samples, f"silent_s.{queue}")
        if silent_s is not None:
            told = f"No worker of the queue “{queue}” was heard for {silent_s / 60:.0f} min."
            _judge(session, f"workers.{queue}", silent_s, SILENCE, told)
    _watch_broker(session, [bool(sample["broker"]) for sample in samples if "broker" in sample])


def _least(samples: Sequence[Measured], name: str) -> float | None:
    """The less of the last two: what only one of them says may be a start or a hiccup."""
    values = [sample[name] for sample in samples[-2:] if name in sample]
    return min(values) if len(values) == 2 else None


def _watch_broker(session: Session, answered: Sequence[bool]) -> None:
    """It is there or not: two measurements have to agree."""
    agreed = settled(answered)
    if agreed is False:
        told = "Valkey does not answer. Jobs wait, nothing is lost."
        raise_alarm(session, KIND, f"{KIND}:broker", Severity.CRITICAL, told)
    elif agreed:
        clear_alarm(session, KIND, f"{KIND}:broker")


def _judge(session: Session, name: str, value: float, limits: Limits, told: str) -> None:
    thing = f"{KIND}:{name}"
    severity = severity_of(value, limits, open_severity(session, KIND, thing))
    if severity is None:
        clear_alarm(session, KIND, thing)
    else:
        raise_alarm(session, KIND, thing, severity, told, value=round(value, 2))


def _measure_workers() -> dict[str, float]:
    known = health.workers_known()
    if known is None:
        return {}
    measured = {"workers": float(len(health.workers_heard() or []))}
    for queue in QUEUES:
        silent_s = health.silence_of(queue, known)
        # None was heard for a day or ever: as long as is remembered.
        measured[f"silent_s.{queue}"] = min(silent_s, float(health.REMEMBERED_S))
    return measured


def _measure_jobs(session: Session, moment: datetime, seconds: int) -> dict[str, float]:
    ended = select(Job.status, Job.started_at, Job.finished_at).where(
        Job.finished_at > moment - timedelta(seconds=seconds), Job.finished_at <= moment
    )
    rows = session.execute(ended).all()
    took = [
        (finished - started).total_seconds()
        for status, started, finished in rows
        if started and finished and status is JobStatus.DONE
    ]
    measured = {
        "jobs_done": float(sum(row.status is JobStatus.DONE for row in rows)),
        "jobs_failed": float(sum(row.status is JobStatus.FAILED for row in rows)),
    }
    if took:
        measured["job_s"] = round(sum(took) / len(took), 3)
        measured["job_longest_s"] = round(max(took), 3)
    return measured
