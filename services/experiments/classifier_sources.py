"""What a worker needs to ask a trained classifier about a recording."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.evaluation.voting import Voting
from diagnostics.training.split import Candidate
from models import Ensemble, EnsembleMember, Experiment, Recording
from services import actor
from services.errors import Invalid, NotFound
from services.experiments.turning import check_known, with_turning
from services.experiments.views import untrained
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
        If the experiment is not trained yet, or the recording lacks a channel, or the speed or
        bearing that its features need, or is shorter than a window.
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
            raise untrained(experiment)
        _check_channels(experiment, recording)
        _check_length(experiment, recording)
        groups, key = experiment.split["groups"], str(recording_id)
        candidate = Candidate(
            recording_id,
            recording.name,
            experiment.split["targets"].get(key, ""),
            groups.get(key, ""),
            recording.sample_count,
            recording.sample_rate_hz,
        )
        candidate = with_turning(session, experiment_id, [candidate])[0]
        check_known(session, experiment_id, candidate)
        return Source(
            experiment_id=experiment_id,
            checkpoint=artefacts().local_path(experiment.checkpoint_key),
            checkpoint_hash=experiment.checkpoint_hash,
            class_names=tuple(experiment.class_names),
            hop=int(experiment.config["hop"]),
            recording=candidate,
            recording_file=artefacts().local_path(recording.artefact_key),
            side=side_of(session, experiment, recording),
        )


@dataclass(frozen=True)
class PanelSource:
    """All members of an ensemble, each with the same recording. ``side`` is that in any of them."""

    class_names: tuple[str, ...]
    voting: Voting
    weights: tuple[float, ...]
    members: tuple[Source, ...]
    side: str | None


def find_panel(experiment_id: int, recording_id: int) -> PanelSource | None:
    """The members of an ensemble and a recording; None for an experiment that is none.

    Raises
    ------
    NotFound
        If experiment or recording do not exist, or a file is missing.
    Invalid
        If the vote is not over yet, or the recording lacks a channel.
    """
    actor.reader()
    with unit_of_work(writing=False) as session:
        ensemble = session.get(Ensemble, experiment_id)
        if ensemble is None:
            return None
        experiment = session.get_one(Experiment, experiment_id)
        if experiment.summary is None:
            raise Invalid(f"“{experiment.name}” is not counted yet. Wait until its job is done.")
        members = session.scalars(
            select(EnsembleMember)
            .where(EnsembleMember.experiment_id == experiment_id)
            .order_by(EnsembleMember.position)
        ).all()
        recording = session.get(Recording, recording_id)
        return PanelSource(
            class_names=tuple(experiment.class_names),
            voting=Voting(ensemble.voting),
            weights=tuple(member.weight or 0.0 for member in members),
            members=tuple(find_source(member.member_id, recording_id) for member in members),
            side=None if recording is None else side_of(session, experiment, recording),
        )


def side_of(session: Session, experiment: Experiment, recording: Recording) -> str | None:
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


def _check_length(experiment: Experiment, recording: Recording) -> None:
    window = int(experiment.config["window"])
    rate_hz = experiment.config.get("sample_rate_hz") or recording.sample_rate_hz
    if recording.sample_count * rate_hz < window * recording.sample_rate_hz:
        raise Invalid(
            f"The classifier looks at windows of {window / rate_hz:.3g} s, and "
            f"“{recording.name}” lasts {recording.sample_count / recording.sample_rate_hz:.3g} s. "
            "Choose a longer recording."
        )
