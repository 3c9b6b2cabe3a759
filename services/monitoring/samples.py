"""Measurements as rows: the newest, their mean over minutes, and the roll-up by hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import MetricSample
from models.base import now

HOUR_S = 3_600
# Health is judged over so long, and not by one measurement.
JUDGED_OVER = timedelta(minutes=5)
# After an interruption, the roll-up catches up in steps.
HOURS_AT_ONCE = 48

Measured = Mapping[str, float]


def store_sample(
    session: Session, at: datetime, seconds: int, host: str, measured: Measured
) -> bool:
    """Keep a measurement of the stretch of time that ``at`` lies in; False if there is one."""
    row = MetricSample(
        at=begin_of(at, seconds), seconds=seconds, host=host, measured=dict(measured)
    )
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:  # another collector, or this one before it was started anew
        return False
    return True


def begin_of(at: datetime, seconds: int) -> datetime:
    """The begin of the stretch of time in which a moment lies."""
    return datetime.fromtimestamp(at.timestamp() // seconds * seconds, UTC)


def newest(session: Session) -> MetricSample | None:
    wanted = select(MetricSample).where(MetricSample.seconds < HOUR_S)
    return session.scalar(wanted.order_by(MetricSample.at.desc()).limit(1))


def recent(session: Session, moment: datetime | None = None) -> list[Measured]:
    """The measurements by which health is judged, oldest first."""
    since = (moment or now()) - JUDGED_OVER
    wanted = (
        select(MetricSample.measured)
        .where(MetricSample.seconds < HOUR_S, MetricSample.at >= since)
        .order_by(MetricSample.at)
    )
    return list(session.scalars(wanted))


def mean_of(samples: Sequence[Measured], name: str) -> float | None:
    """The mean of what was measured; None where nothing was."""
    values = [sample[name] for sample in samples if sample.get(name) is not None]
    return sum(values) / len(values) if values else None


def roll_up(session: Session, moment: datetime) -> int:
    """Sum up the hours that are over and were not summed up yet; how many."""
    begin = _first_to_roll(session)
    done, end = 0, begin_of(moment, HOUR_S)
    while begin is not None and begin < end and done < HOURS_AT_ONCE:
        done += _roll_hour(session, begin)
        begin += timedelta(seconds=HOUR_S)
    return done


def _first_to_roll(session: Session) -> datetime | None:
    """The hour after the last that is summed up, or that of the oldest measurement after it."""
    rolled = select(func.max(MetricSample.at)).where(MetricSample.seconds == HOUR_S)
    last = session.scalar(rolled)
    oldest = select(func.min(MetricSample.at)).where(MetricSample.seconds < HOUR_S)
    if last is not None:
        oldest = oldest.where(MetricSample.at >= last + timedelta(seconds=HOUR_S))
    first = session.scalar(oldest)
    return None if first is None else begin_of(first, HOUR_S)


def _roll_hour(session: Session, begin: datetime) -> bool:
    within = (
        select(MetricSample.host, MetricSample.measured)
        .where(
            MetricSample.seconds < HOUR_S,
            MetricSample.at >= begin,
            MetricSample.at < begin + timedelta(seconds=HOUR_S),
        )
        .order_by(MetricSample.at)
    )
    rows = session.execute(within).all()
    if not rows:
        return False
    rolled = rolled_up([measured for _, measured in rows])
    row = MetricSample(at=begin, seconds=HOUR_S, host=rows[-1][0], measured=rolled)
    session.add(row)
    session.flush()
    return True


def rolled_up(samples: Sequence[Mapping[str, Any]]) -> dict[str, list[float]]:
    """Mean, lowest and highest of each name.

    Examples
    --------
    >>> rolled_up([{"cpu": 1.0}, {"cpu": 3.0, "disk": 5.0}])
    {'cpu': [2.0, 1.0, 3.0], 'disk': [5.0, 5.0, 5.0]}
    """
    columns: dict[str, list[float]] = {}
    for sample in samples:
        for name, value in sample.items():
            if value is not None:
                columns.setdefault(name, []).append(value)
    return {
        name: [sum(values) / len(values), min(values), max(values)]
        for name, values in columns.items()
    }
