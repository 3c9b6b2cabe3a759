"""Which class a classifier names for a recording, as far as that was computed already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from diagnostics.evaluation.predictions import Predictions
from models import Experiment, Explanation, Recording
from services import actor
from services.errors import NotFound
from services.runtime import artefacts, unit_of_work


def predicted_class(experiment_id: int, recording_id: int) -> str | None:
    """The class that the windows of a recording vote for; None where nobody computed it yet.

    Raises
    ------
    NotFound
        If there is no such experiment.
    """
    return predicted_classes(experiment_id, [recording_id])[recording_id]


def predicted_classes(experiment_id: int, recording_ids: Sequence[int]) -> dict[int, str | None]:
    """The same of several recordings.

    The test of the experiment knows all windows of a recording; where it was not tested, what an
    earlier explanation found is taken.

    Raises
    ------
    NotFound
        If there is no such experiment.
    """
    actor.reader()
    with unit_of_work(writing=False) as session:
        experiment = session.get(Experiment, experiment_id)
        if experiment is None:
            raise NotFound(f"There is no experiment {experiment_id}.")
        names, key = list(experiment.class_names), experiment.predictions_key
        explained = _by_explanations(session, experiment, recording_ids)
    found: dict[int, str | None] = {number: explained.get(number) for number in recording_ids}
    if key is not None and artefacts().exists(key):
        vote = Predictions.from_npz(artefacts().read(key)).vote()
        winners = vote.probabilities.argmax(axis=1).tolist()
        tested = dict(zip(vote.recording_ids.tolist(), winners, strict=True))
        found |= {n: names[tested[n]] for n in recording_ids if n in tested}
    return found


def _by_explanations(
    session: Session, experiment: Experiment, recording_ids: Iterable[int]
) -> dict[int, str]:
    """By what was kept of these weights and samples: of each recording, the newest."""
    rows = session.execute(
        select(Explanation.recording_id, Explanation.summary)
        .join(Recording, Recording.id == Explanation.recording_id)
        .where(
            Explanation.experiment_id == experiment.id,
            Explanation.recording_id.in_(list(recording_ids)),
            Explanation.checkpoint_hash == experiment.checkpoint_hash,
            Explanation.data_hash == Recording.content_hash,
        )
        .order_by(Explanation.id)
    )
    return {number: summary["predicted"] for number, summary in rows if "predicted" in summary}
