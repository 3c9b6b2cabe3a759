"""Which of the jobs that wait is begun first.

A message in the broker only says that there is work. Where jobs have priorities, whoever gets
one takes the job that is due, so a priority may change while jobs wait, and nothing is sent anew.
"""

from __future__ import annotations

import enum

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Job, JobKind, JobStatus
from services.errors import Invalid

PRIORITISED: frozenset[JobKind] = frozenset({JobKind.TRAIN_EXPERIMENT, JobKind.RUN_TRIAL})
# Others may claim some of them at the same moment.
LOOKED_AT = 20


class Priority(enum.StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


NUMBERS = {Priority.LOW: -1, Priority.NORMAL: 0, Priority.HIGH: 1}
NAMES = {number: name for name, number in NUMBERS.items()}


def number_of(priority: str) -> int:
    """The number by which the database puts them in order.

    Raises
    ------
    Invalid
        If there is no such priority.
    """
    if priority not in list(Priority):
        raise Invalid(f"The priority is one of {', '.join(Priority)}, got {priority!r}.")
    return NUMBERS[Priority(priority)]


def name_of(number: int) -> Priority:
    """The name of a stored priority.

    Examples
    --------
    >>> name_of(number_of("high")).value
    'high'
    """
    return NAMES.get(number, Priority.NORMAL)


def due(session: Session, job_id: int) -> list[int]:
    """The jobs that a message about one of them may begin, the first one first."""
    kind = session.scalar(select(Job.kind).where(Job.id == job_id))
    if kind not in PRIORITISED:
        return [job_id]
    waiting = (
        select(Job.id)
        .where(Job.kind == kind, Job.status == JobStatus.WAITING)
        .order_by(Job.priority.desc(), (Job.id == job_id).desc(), Job.id)
        .limit(LOOKED_AT)
    )
    return list(session.scalars(waiting))
