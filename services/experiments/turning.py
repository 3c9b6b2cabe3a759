"""The speed and the bearing of recordings, for classifiers whose features need them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.features.catalogue import TableFeature
from diagnostics.training.split import Candidate
from models import ExperimentFeatureSet, Recording
from services.datasets.versions import chunks
from services.errors import Invalid
from services.features.views import known_feature
from services.signals.bearings import orders_of_recording


@dataclass(frozen=True)
class Needs:
    """What some column of an experiment's feature set is computed from beside samples."""

    speed: bool
    bearing: bool


def needs_of(session: Session, experiment_id: int) -> Needs:
    """Nothing for an experiment on waveforms or basic features."""
    kept = session.get(ExperimentFeatureSet, experiment_id)
    columns: list[TableFeature] = []
    if kept is not None:
        known = [known_feature(key) for key in kept.features]
        # What no window had is no part of what was learned.
        columns = [one for one in known if one is not None and one.name not in kept.unknown]
    return Needs(any(one.needs_speed for one in columns), any(o.needs_bearing for o in columns))


def with_turning(
    session: Session, experiment_id: int, candidates: Sequence[Candidate]
) -> list[Candidate]:
    """The candidates with speed and bearing, as far as the experiment needs and somebody knows."""
    needs = needs_of(session, experiment_id)
    if not (needs.speed or needs.bearing):
        return list(candidates)
    of_bearing: dict[int | None, tuple[tuple[str, float], ...]] = {None: ()}
    known = {}
    columns = (Recording.id, Recording.speed_rpm, Recording.bearing_id)
    for some in chunks([one.recording_id for one in candidates]):
        for number, rpm, bearing_id in session.execute(
            select(*columns).where(Recording.id.in_(some))
        ).all():
            if needs.bearing and bearing_id not in of_bearing:
                orders = orders_of_recording(session, number)
                of_bearing[bearing_id] = tuple(sorted(orders.items()))
            known[number] = (None if rpm is None else rpm / 60, of_bearing.get(bearing_id, ()))
    return [
        replace(one, shaft_hz=known[one.recording_id][0], orders=known[one.recording_id][1])
        for one in candidates
    ]


def check_known(session: Session, experiment_id: int, recording: Candidate) -> None:
    """Refuse a recording of which a classifier cannot know what it was trained to look at.

    Raises
    ------
    Invalid
        If speed or bearing are needed and not known.
    """
    needs = needs_of(session, experiment_id)
    lacking = [
        what
        for what, there, needed in (
            ("the speed of the shaft", recording.shaft_hz is not None, needs.speed),
            ("the geometry of the bearing", bool(recording.orders), needs.bearing),
        )
        if needed and not there
    ]
    if lacking:
        raise Invalid(
            f"The classifier learned from features of {' and '.join(lacking)}, which is not known"
            f" of “{recording.name}”. Add it to the recording, or ask another classifier."
        )
