"""What people do with jobs: submit, follow, cancel, pause, try again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from models import Job, JobKind, JobLogLine, JobStatus, User
from models.base import now
from services import actor, events, locks, runtime
from services.errors import Conflict, NotFound
from services.files import room
from services.jobs.places import place_of
from services.jobs.priorities import PRIORITISED, Priority, name_of, number_of
from services.paging import paged
from services.runtime import unit_of_work

ACTIVE = (JobStatus.WAITING, JobStatus.RUNNING, JobStatus.PAUSED)
ENDED = (JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED)
# Pages that poll see a job for this long after its end, so that nobody misses it.
AFTERGLOW = timedelta(minutes=2)
PULSE_LIMIT = 50
LOG_TAIL = 200
# Only this work knows how to stop in the middle and go on later.
PAUSABLE: frozenset[str] = frozenset({"train_experiment", "run_trial"})


class JobView(TypedDict):
    """``place`` is the address of the page that shows what the job makes, or is about."""

    id: int
    kind: JobKind
    title: str
    subject: str
    place: str | None
    status: JobStatus
    stage: str
    fraction: float
    message: str
    result: dict[str, Any] | None
    error: str | None
    owner_id: int | None
    owner_name: str | None
    attempt: int
    cancel_requested: bool
    pause_requested: bool
    priority: Priority
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class LogLine(TypedDict):
    at: datetime
    attempt: int
    message: str


class JobService:
    """Submit, follow, cancel, pause and retry jobs."""

    @staticmethod
    def submit(kind: JobKind, arguments: dict[str, Any], title: str, subject: str = "") -> int:
        """Store a job of the actor; it is sent once the outermost unit of work commits.

        ``subject`` names what the job is about, such as ``experiment:7``.

        Raises
        ------
        Unavailable
            If the disk has no room for what it writes.
        """
        owner_id = actor.user_id()
        room.check_job(kind, title)
        with unit_of_work() as session:
            job = Job(
                kind=kind, arguments=arguments, title=title, subject=subject, owner_id=owner_id
            )
            session.add(job)
            session.flush()  # the id goes to the queue
            runtime.queue(session, kind, job.id)
            return job.id

    @staticmethod
    def submit_once(
        kind: JobKind,
        arguments: dict[str, Any],
        title: str,
        subject: str = "",
        *,
        of_anybody: bool = False,
    ) -> int:
        """As :meth:`submit`, but a job that is to do just this already is not doubled.

        Two clicks, or two tabs, get the same job. ``of_anybody``: also one of somebody else.

        Raises
        ------
        Unavailable
            If the disk has no room for what it writes.
        """
        owner_id = actor.user_id()
        active = select(Job.id, Job.arguments).where(
            Job.kind == kind, Job.subject == subject, Job.status.in_(ACTIVE)
        )
        if not of_anybody:
            active = active.where(Job.owner_id == owner_id)
        with unit_of_work() as session:
            locks.alone(session, f"start {kind}")
            for job_id, asked in session.execute(active):
                if {**asked, **arguments} == asked:
                    return int(job_id)
            return JobService.submit(kind, arguments, title, subject)

    @staticmethod
    def get_job(job_id: int) -> JobView:
        """One job.

        Raises
        ------
        NotFound
            If there is no such job.
        """
        actor.reader()
        with unit_of_work(writing=False) as session:
            return job_view(*_find(session, job_id))

    @staticmethod
    def list_jobs(
        limit: int = 50,
        offset: int = 0,
        statuses: Sequence[str] = (),
        kind: str | None = None,
        owner_id: int | None = None,
    ) -> list[JobView]:
        """Jobs, newest first."""
        actor.reader()
        newest = paged(
            select(Job, User.name)
            .outerjoin(User, User.id == Job.owner_id)
            .where(*_filters(statuses, kind, owner_id))
            .order_by(Job.id.desc()),
            limit,
            offset,
        )
        with unit_of_work(writing=False) as session:
            return [job_view(job, name) for job, name in session.execute(newest)]

    @staticmethod
    def count_jobs(
        statuses: Sequence[str] = (), kind: str | None = None, owner_id: int | None = None
    ) -> int:
        actor.reader()
        counted = select(func.count()).select_from(Job).where(*_filters(statuses, kind, owner_id))
        with unit_of_work(writing=False) as session:
            return session.scalar(counted) or 0

    @staticmethod
    def list_pulse() -> list[JobView]:
        """Jobs that wait, run or rest, and those that ended just now; newest first."""
        actor.reader()
        alive = or_(
            Job.status.in_(ACTIVE),
            Job.finished_at > now() - AFTERGLOW,
        )
        newest = (
            select(Job, User.name)
            .outerjoin(User, User.id == Job.owner_id)
            .where(alive)
            .order_by(Job.id.desc())
            .limit(PULSE_LIMIT)
        )
        with unit_of_work(writing=False) as session:
            return [job_view(job, name) for job, name in session.execute(newest)]

    @staticmethod
    def find_latest(subject: str, kind: JobKind | None = None) -> JobView | None:
        """The newest job about something, if there is one."""
        actor.reader()
        newest = (
            select(Job, User.name)
            .outerjoin(User, User.id == Job.owner_id)
            .where(Job.subject == subject, *([Job.kind == kind] if kind else []))
            .order_by(Job.id.desc())
            .limit(1)
        )
        with unit_of_work(writing=False) as session:
            row = session.execute(newest).one_or_none()
            return None if row is None else job_view(*row)

    @staticmethod
    def list_log(job_id: int, limit: int = LOG_TAIL) -> list[LogLine]:
        """The last lines that the job told, oldest first."""
        actor.reader()
        tail = paged(
            select(JobLogLine).where(JobLogLine.job_id == job_id).order_by(JobLogLine.id.desc()),
            limit,
        )
        with unit_of_work(writing=False) as session:
            _find(session, job_id)
            lines = [
                LogLine(at=line.at, attempt=line.attempt, message=line.message)
                for line in session.scalars(tail)
            ]
        return lines[::-1]

    @staticmethod
    def cancel(job_id: int) -> JobView:
        """End a job that waits or rests; ask a running one to stop at its next report.

        Raises
        ------
        NotFound
            If there is no such job.
        Conflict
            If it has ended already.
        """
        with unit_of_work() as session:
            _check_owner(session, job_id)
            # Conditional, and in this order: a job claimed in between is still asked to stop.
            one = update(Job).where(Job.id == job_id)
            idle = Job.status.in_((JobStatus.WAITING, JobStatus.PAUSED))
            ended = one.where(idle).values(status=JobStatus.CANCELLED, finished_at=now())
            asked = one.where(Job.status == JobStatus.RUNNING).values(cancel_requested=True)
            changed = any(session.scalars(s.returning(Job.id)).all() for s in (ended, asked))
            return _after(session, job_id, changed, "cancel")

    @staticmethod
    def pause(job_id: int) -> JobView:
        """Ask running work that keeps checkpoints to rest at its next one; let waiting work rest.

        Raises
        ------
        Conflict
            If the job neither runs nor waits, or cannot rest.
        """
        with unit_of_work() as session:
            _check_owner(session, job_id)
            one = update(Job).where(Job.id == job_id, Job.kind.in_(PAUSABLE))
            # Conditional, and in this order: a job claimed in between is still asked to rest.
            rests = one.where(Job.status == JobStatus.WAITING).values(status=JobStatus.PAUSED)
            asked = one.where(Job.status == JobStatus.RUNNING).values(pause_requested=True)
            changed = any(session.scalars(s.returning(Job.id)).all() for s in (rests, asked))
            return _after(session, job_id, changed, "pause")

    @staticmethod
    def set_priority(job_id: int, priority: str) -> JobView:
        """Let a training that waits or rests begin before others (``high``), or after them.

        Raises
        ------
        NotFound
            If there is no such job.
        Invalid
            If there is no such priority.
        Conflict
            If the job neither waits nor rests, or jobs of its kind have no priorities.
        """
        with unit_of_work() as session:
            _check_owner(session, job_id)
            number = number_of(priority)
            changed = (
                update(Job)
                .where(Job.id == job_id, Job.kind.in_(PRIORITISED))
                .where(Job.status.in_((JobStatus.WAITING, JobStatus.PAUSED)))
                .values(priority=number)
            )
            done = bool(session.scalars(changed.returning(Job.id)).all())
            return _after(session, job_id, done, "change the priority of")

    @staticmethod
    def resume(job_id: int) -> JobView:
        """Let a resting job go on from its checkpoint.

        Raises
        ------
        Conflict
            If the job does not rest.
        Unavailable
            If the disk has no room for what it writes.
        """
        return _send_again(job_id, (JobStatus.PAUSED,), "resume")

    @staticmethod
    def retry(job_id: int) -> JobView:
        """Let a failed or cancelled job start again with the same arguments.

        Raises
        ------
        Conflict
            If the job has not failed and was not cancelled.
        Unavailable
            If the disk has no room for what it writes.
        """
        return _send_again(job_id, (JobStatus.FAILED, JobStatus.CANCELLED), "retry")


def job_view(job: Job, owner_name: str | None) -> JobView:
    return {
        "id": job.id,
        "kind": job.kind,
        "title": job.title,
        "subject": job.subject,
        "place": place_of(job),
        "status": job.status,
        "stage": job.stage,
        "fraction": job.fraction,
        "message": job.message,
        "result": job.result,
        "error": job.error,
        "owner_id": job.owner_id,
        "owner_name": owner_name,
        "attempt": job.attempt,
        "cancel_requested": job.cancel_requested,
        "pause_requested": job.pause_requested,
        "priority": name_of(job.priority),
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
    }


def _filters(
    statuses: Sequence[str], kind: str | None, owner_id: int | None
) -> list[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = []
    if statuses:
        chosen.append(Job.status.in_([JobStatus(status) for status in statuses]))
    if kind:
        chosen.append(Job.kind == JobKind(kind))
    if owner_id is not None:
        chosen.append(Job.owner_id == owner_id)
    return chosen


def _find(session: Session, job_id: int) -> tuple[Job, str | None]:
    wanted = select(Job, User.name).outerjoin(User, User.id == Job.owner_id).where(Job.id == job_id)
    row = session.execute(wanted).one_or_none()
    if row is None:
        raise NotFound(f"There is no job {job_id}.")
    job, name = row
    return job, name


def _check_owner(session: Session, job_id: int) -> None:
    actor.writer()
    job, _ = _find(session, job_id)
    if job.owner_id is None:
        actor.admin()
    else:
        actor.owner_or_admin(job.owner_id)


def _after(session: Session, job_id: int, changed: bool, verb: str) -> JobView:
    session.expire_all()
    job, name = _find(session, job_id)
    if not changed:
        raise Conflict(f"Cannot {verb} job {job_id}: it is {job.status}.")
    events.record(session, f"job.{verb.split()[0]}_requested", f"job:{job_id}")
    return job_view(job, name)


def _send_again(job_id: int, statuses: tuple[JobStatus, ...], verb: str) -> JobView:
    with unit_of_work() as session:
        _check_owner(session, job_id)
        waiting = (
            update(Job)
            .where(Job.id == job_id, Job.status.in_(statuses))
            .values(
                status=JobStatus.WAITING,
                cancel_requested=False,
                pause_requested=False,
                losses=0,
                error=None,
                finished_at=None,
            )
            .returning(Job.kind, Job.title)
        )
        again = session.execute(waiting).one_or_none()
        if again is not None:
            room.check_job(*again)
            runtime.queue(session, again.kind, job_id)
        return _after(session, job_id, again is not None, verb)
