"""What people do with many experiments at once: put them out of sight, bring back, delete."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, defer

from models import (
    EnsembleMember,
    Evaluation,
    Experiment,
    ExperimentFeatureSet,
    ExperimentTag,
    Explanation,
    Job,
    ModelVariant,
    ServedModel,
    ServedVersion,
)
from models.base import now
from services import actor, events
from services.datasets.versions import chunks
from services.ensembles import views as ensembles
from services.errors import Conflict, Invalid, NotFound
from services.files.kept_files import delete_unnamed
from services.job_service import ACTIVE
from services.runtime import unit_of_work
from services.tag_service import count_uses

MOST_AT_ONCE = 1_000
MOST_NAMED = 5
AT_ONCE = 500


class DeletionPreview(TypedDict):
    """What would go: some names, how many experiments and how many explanations of them."""

    names: list[str]
    experiments: int
    explanations: int


class ExperimentCollectionService:
    """Archive, restore and delete experiments: all that are named, or none."""

    @staticmethod
    def archive_experiments(experiment_ids: Sequence[int]) -> int:
        """Put experiments out of sight; how many were in it. All that refers to them stays.

        Raises
        ------
        NotFound
            If one of them does not exist.
        Forbidden
            If one of them belongs to somebody else.
        """
        actor.writer()
        return _set_archived(experiment_ids, now())

    @staticmethod
    def restore_experiments(experiment_ids: Sequence[int]) -> int:
        """Bring archived experiments back; how many were archived.

        Raises
        ------
        NotFound
            If one of them does not exist.
        Forbidden
            If one of them belongs to somebody else.
        """
        actor.writer()
        return _set_archived(experiment_ids, None)

    @staticmethod
    def preview_deletion(experiment_ids: Sequence[int]) -> DeletionPreview:
        """What deleting would take away.

        Raises
        ------
        NotFound
            If one of them does not exist.
        Forbidden
            If one of them belongs to somebody else.
        Conflict
            If one of them waits or trains, or votes in an ensemble that stays.
        """
        actor.writer()
        with unit_of_work(writing=False) as session:
            found = _changeable(session, experiment_ids)
            _refuse_at_work(session, found)
            _refuse_in_use(session, found)
            _refuse_served(session, found)
            return {
                "names": [one.name for one in found[:MOST_NAMED]],
                "experiments": len(found),
                "explanations": len(_explanations(session, found)),
            }

    @staticmethod
    def delete_experiments(experiment_ids: Sequence[int]) -> int:
        """Delete experiments with their results, checkpoints and explanations; how many.

        Raises
        ------
        NotFound
            If one of them does not exist.
        Forbidden
            If one of them belongs to somebody else.
        Conflict
            If one of them waits or trains, or votes in an ensemble that stays.
        """
        actor.writer()
        with unit_of_work() as session:
            found = _changeable(session, experiment_ids)
            _refuse_at_work(session, found)
            _refuse_in_use(session, found)
            _refuse_served(session, found)
            keys = [*_explanations(session, found), *_evaluations(session, found)]
            for one in found:
                kept = (one.report_key, one.predictions_key, one.checkpoint_key)
                keys += [key for key in kept if key is not None]
            keys += _feature_tables(session, found)
            keys += _variants(session, found)
            _delete_rows(session, found)
        delete_unnamed(keys)
        return len(found)


def _changeable(session: Session, experiment_ids: Sequence[int]) -> list[Experiment]:
    wanted = sorted(set(experiment_ids))
    if len(wanted) > MOST_AT_ONCE:
        raise Invalid(
            f"At most {MOST_AT_ONCE} experiments are changed at once, got {len(wanted)}."
            " Narrow the search down."
        )
    found: list[Experiment] = []
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        rows = select(Experiment).where(Experiment.id.in_(some)).options(defer(Experiment.split))
        found += session.scalars(rows.order_by(Experiment.id))
    missing = set(wanted) - {one.id for one in found}
    if missing or not wanted:
        named = f" {min(missing)}" if missing else ""
        raise NotFound(f"There is no experiment{named}.")
    for owner_id in {one.owner_id for one in found}:
        actor.owner_or_admin(owner_id)
    return found


def _set_archived(experiment_ids: Sequence[int], moment: datetime | None) -> int:
    with unit_of_work() as session:
        found = _changeable(session, experiment_ids)
        changed = [one for one in found if (one.archived_at is None) is (moment is not None)]
        for one in changed:
            one.archived_at = moment
            verb = "archived" if moment else "restored"
            events.record(session, f"experiment.{verb}", f"experiment:{one.id}", name=one.name)
        return len(changed)


def _refuse_at_work(session: Session, found: Sequence[Experiment]) -> None:
    jobs = {one.job_id: one.name for one in found if one.job_id is not None}
    active = select(Job.id).where(Job.id.in_(jobs), Job.status.in_(ACTIVE)).order_by(Job.id)
    busy = [jobs[number] for number in session.scalars(active)]
    if busy:
        more = f" and {len(busy) - 1} more" if len(busy) > 1 else ""
        raise Conflict(f"“{busy[0]}”{more} waits, trains or rests. Cancel it first.")


def _refuse_in_use(session: Session, found: Sequence[Experiment]) -> None:
    """What votes in an ensemble is a part of its result; both can go together."""
    names = {one.id: one.name for one in found}
    using = [
        (names[member], name)
        for some in chunks(sorted(names))
        for member, ensemble, name in ensembles.uses(session, some)
        if ensemble not in names
    ]
    if using:
        more = f" and {len(using) - 1} more" if len(using) > 1 else ""
        raise Conflict(
            f"“{using[0][0]}” votes in the ensemble “{using[0][1]}”{more}. Delete the ensemble"
            " first, or archive the experiment instead."
        )


def _refuse_served(session: Session, found: Sequence[Experiment]) -> None:
    """What programs ask for goes on answering."""
    names = {one.id: one.name for one in found}
    for some in chunks(sorted(names)):
        used = session.execute(
            select(ModelVariant.experiment_id, ServedModel.name)
            .join(ServedVersion, ServedVersion.variant_id == ModelVariant.id)
            .join(ServedModel, ServedModel.id == ServedVersion.model_id)
            .where(ModelVariant.experiment_id.in_(some))
        ).first()
        if used is not None:
            raise Conflict(
                f"“{names[used[0]]}” answers as the model {used[1]}. Delete the model first."
            )


def _variants(session: Session, found: Sequence[Experiment]) -> list[str]:
    ids = [one.id for one in found]
    wanted = select(ModelVariant.artefact_key).where(ModelVariant.experiment_id.in_(ids))
    return list(session.scalars(wanted))


def _explanations(session: Session, found: Sequence[Experiment]) -> list[str]:
    ids = [one.id for one in found]
    wanted = select(Explanation.artefact_key).where(Explanation.experiment_id.in_(ids))
    return list(session.scalars(wanted))


def _evaluations(session: Session, found: Sequence[Experiment]) -> list[str]:
    ids = [one.id for one in found]
    wanted = select(Evaluation.artefact_key).where(Evaluation.experiment_id.in_(ids))
    return list(session.scalars(wanted))


def _feature_tables(session: Session, found: Sequence[Experiment]) -> list[str]:
    """Keys of the tables that they learned from; those of sets that are still there stay."""
    used = ExperimentFeatureSet
    wanted = select(used.artefact_key).where(used.experiment_id.in_([one.id for one in found]))
    return list(session.scalars(wanted))


def _delete_rows(session: Session, found: Sequence[Experiment]) -> None:
    ids = [one.id for one in found]
    tags = select(ExperimentTag.tag_id).where(ExperimentTag.experiment_id.in_(ids)).distinct()
    tag_ids = session.scalars(tags).all()
    session.execute(delete(Explanation).where(Explanation.experiment_id.in_(ids)))
    # Experiments go in one statement, in any order: nothing may name them then.
    session.execute(delete(EnsembleMember).where(EnsembleMember.experiment_id.in_(ids)))
    session.execute(delete(Evaluation).where(Evaluation.experiment_id.in_(ids)))
    for one in found:
        events.record(session, "experiment.deleted", f"experiment:{one.id}", name=one.name)
    # Epochs, tags and what searches read go with them.
    session.execute(delete(Experiment).where(Experiment.id.in_(ids)))
    count_uses(session, tag_ids)
