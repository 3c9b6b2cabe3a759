"""What a worker needs to ask a trained classifier about one side of its split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from diagnostics.training.config import RandomWindows
from diagnostics.training.split import Candidate
from models import Recording
from services import actor
from services.datasets.versions import chunks
from services.errors import NotFound
from services.evaluation.kept import find_experiment, fingerprint
from services.experiments.sides import random_windows, recordings_on
from services.experiments.turning import with_turning
from services.experiments.views import refuse_locked, untrained
from services.runtime import artefacts, unit_of_work


@dataclass(frozen=True)
class SideSource:
    """Files on this machine. ``fingerprint`` is that of weights and data.

    With ``windows``, only those drawn to the side belong to it.
    """

    experiment_id: int
    checkpoint: Path
    fingerprint: str
    hop: int
    normalisation: str
    recordings: tuple[Candidate, ...]
    files: Mapping[int, Path]
    windows: RandomWindows | None


def find_side(experiment_id: int, side: str) -> SideSource:
    """The classifier of an experiment, and the recordings of ``validation`` or ``test``.

    Raises
    ------
    NotFound
        If there is no such experiment, or a recording is gone.
    Invalid
        If the experiment is not trained yet.
    """
    actor.reader()
    with unit_of_work(writing=False) as session:
        experiment = find_experiment(session, experiment_id)
        if experiment.checkpoint_key is None:
            raise untrained(experiment)
        refuse_locked(session, experiment)
        split = experiment.split
        wanted = recordings_on(split, side)
        found = [
            row
            for some in chunks(wanted)
            for row in session.scalars(
                select(Recording).where(Recording.id.in_(some)).order_by(Recording.id)
            )
        ]
        if len(found) < len(wanted):
            raise NotFound(
                f"{len(wanted) - len(found)} recordings of the {side} part are gone. Train the "
                "experiment again on what is there."
            )
        candidates = [
            Candidate(
                row.id,
                row.name,
                split["targets"][str(row.id)],
                split["groups"][str(row.id)],
                row.sample_count,
                row.sample_rate_hz,
            )
            for row in found
        ]
        return SideSource(
            experiment_id=experiment_id,
            checkpoint=artefacts().local_path(experiment.checkpoint_key),
            fingerprint=fingerprint(session, experiment),
            hop=int(experiment.config["hop"]),
            normalisation=str(experiment.config["normalisation"]),
            recordings=tuple(with_turning(session, experiment_id, candidates)),
            files={row.id: artefacts().local_path(row.artefact_key) for row in found},
            windows=random_windows(split),
        )
