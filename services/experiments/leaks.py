"""What the leakage guard knows of a stored split without a look at samples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.training.config import TrainingConfig
from diagnostics.training.leakage import LeakReport, Verdict, check_sides
from diagnostics.training.split import Candidate, Side
from models import Channel, DatasetMember, Experiment, Point
from models.recordings import RecordingChannel
from services.experiments.data import group_title, members_of
from services.experiments.feature_sets import selection_check
from services.experiments.sides import recordings_on

NOTES = {
    Verdict.KNOWN.value: "Known leak, the figures are too good",
    Verdict.SUSPECTED.value: "Leak suspected, the figures may be too good",
    "": "Never checked for leaks",
}


def first_checks(
    session: Session,
    version_id: int,
    config: TrainingConfig,
    sides: Mapping[Side, Sequence[Candidate]],
) -> LeakReport:
    """The checks of a split that is being made."""
    channels = _channels(session, version_id, config.channels[0])
    report = check_sides(sides, group_title(config.group_by), channels)
    if not config.feature_set:
        return report
    return report.with_check(selection_check(session, config, sides[Side.TEST]))


def checks_again(session: Session, experiment: Experiment) -> LeakReport:
    """The same checks of a split as it was stored, with what is known of recordings by now."""
    config, split = TrainingConfig.from_dict(experiment.config), experiment.split
    known = {one.recording_id: one for one in members_of(session, experiment.version_id)}
    sides = {
        side: tuple(
            Candidate(
                number,
                known[number].name,
                split["targets"][str(number)],
                split["groups"][str(number)],
                known[number].sample_count,
                known[number].sample_rate_hz,
                known[number].values.get("bearing", ""),
                known[number].content_hash,
                machine=known[number].values.get("machine", ""),
            )
            for number in recordings_on(split, side.value)
            if number in known
        )
        for side in Side
    }
    return first_checks(session, experiment.version_id, config, sides)


def leak_notes(named: Iterable[tuple[str, str | None]]) -> list[str]:
    """What has to stand beside figures of several experiments, some of which may leak.

    Examples
    --------
    >>> leak_notes([("a", "known"), ("b", "none"), ("c", None)])
    ['Known leak, the figures are too good: “a”.', 'Never checked for leaks: “c”.']
    """
    verdicts: dict[str, list[str]] = {}
    for name, leak in named:
        verdicts.setdefault(leak or "", []).append(f"“{name}”")
    return [
        f"{told}: {', '.join(verdicts[leak])}." for leak, told in NOTES.items() if leak in verdicts
    ]


def worst(leaks: Iterable[str | None]) -> str | None:
    """The verdict that holds for several experiments together.

    Examples
    --------
    >>> worst(["none", "known"]), worst(["none", "open"]), worst([None, "none"])
    ('known', 'open', None)
    """
    found = set(leaks)
    order = (Verdict.KNOWN.value, Verdict.SUSPECTED.value, None, Verdict.OPEN.value)
    return next((leak for leak in order if leak in found), Verdict.NONE.value)


def keep(experiment: Experiment, report: LeakReport) -> None:
    """Verdict for lists and searches, and everything behind it."""
    experiment.leak = report.verdict.value
    experiment.leakage = report.to_dict()


def report_of(stored: Mapping[str, Any] | None) -> LeakReport:
    return LeakReport(()) if stored is None else LeakReport.from_dict(stored)


def _channels(session: Session, version_id: int, position: int) -> dict[int, str]:
    """The measuring channel of each recording, as far as it is known."""
    wanted = (
        select(RecordingChannel.recording_id, Point.name, Channel.name, Channel.id)
        .join(DatasetMember, DatasetMember.recording_id == RecordingChannel.recording_id)
        .join(Channel, Channel.id == RecordingChannel.channel_id)
        .join(Point, Point.id == Channel.point_id)
        .where(DatasetMember.version_id == version_id, RecordingChannel.position == position)
    )
    rows = session.execute(wanted)
    return {number: f"{point} {name} (channel {key})" for number, point, name, key in rows}
