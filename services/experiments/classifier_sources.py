"""What a worker needs to ask a trained classifier about a recording."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.training.split import Candidate
from models import Experiment, Recording
from services import actor
from services.errors import Invalid, NotFound
from services.runtime import artefacts, unit_of_work


@dataclass(frozen=True)
class Source:
    """Files on this machine. ``side`` is that of the recording in the experiment, if any."""

    experiment_id: int
    checkpoint: Path
    checkpoint_hash: str
    class_names: tuple[str, ...]
    hop: int
    recording: Candidate
    recording_file: Path
    side: str | None


def find_source(experiment_id: int, recording_id: int) -> Source:
    """The classifier of an experiment and a recording, whose label may be unknown.

    Raises
    ------
    NotFound
        If one of the two does not exist, or a file is missing.
    Invalid
        If the experiment is not trained yet, or the recording lacks a channel.
    """
    actor.reader()
    with unit_of_work(writing=False) as session:
        experiment = session.get(Experiment, experiment_id)
        recording = session.get(Recording, recording_id)
        if experiment is None:
            raise NotFound(f"There is no experiment {experiment_id}.")
        if recording is None:
            raise NotFound(f"There is no recording {recording_id}.")
        if experiment.checkpoint_key is None or experiment.checkpoint_hash is None:
            raise Invalid(f"“{experiment.name}” is not trained yet. Wait until its job is done.")
        _check_channels(experiment, recording)
        groups, key = experiment.split["groups"], str(recording_id)
        return Source(
            experiment_id=experiment_id,
            checkpoint=artefacts().local_path(experiment.checkpoint_key),
            checkpoint_hash=experiment.checkpoint_hash,
            class_names=tuple(experiment.class_names),
            hop=int(experiment.config["hop"]),
            recording=Candidate(
                recording_id,
                recording.name,
                experiment.split["targets"].get(key, ""),
                groups.get(key, ""),
                recording.sample_count,
                recording.sample_rate_hz,
            ),
            recording_file=artefacts().local_path(recording.artefact_key),
            side=_side(session, experiment, recording),
        )


def _side(session: Session, experiment: Experiment, recording: Recording) -> str | None:
    """Where the samples were used, also as a copy in another data set."""
    sides = experiment.split["sides"]
    same = select(Recording.id).where(Recording.content_hash == recording.content_hash)
    found = [sides.get(str(number)) for number in session.scalars(same.order_by(Recording.id))]
    return next((side for side in found if side is not None), None)


def _check_channels(experiment: Experiment, recording: Recording) -> None:
    needed = max(experiment.config["channels"]) + 1
    if len(recording.channels) < needed:
        raise Invalid(
            f"The classifier looks at channel {needed - 1} (counted from 0), and "
            f"“{recording.name}” has {len(recording.channels)}. Choose another recording."
        )
