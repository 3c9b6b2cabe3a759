"""What was computed about an experiment, kept while its weights and data are the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import DatasetVersion, Evaluation, Experiment
from models.base import plain_json
from services import actor, locks
from services.errors import Invalid, NotFound
from services.files.kept_files import delete_unnamed, hold
from services.runtime import artefacts, unit_of_work

FOLDER = "evaluations"
LONGEST_TYPE = 40


def find_experiment(session: Session, experiment_id: int) -> Experiment:
    found = session.get(Experiment, experiment_id)
    if found is None:
        raise NotFound(f"There is no experiment {experiment_id}.")
    return found


def fingerprint(session: Session, experiment: Experiment) -> str:
    """What a result belongs to: another one after a new training or with other data."""
    version = session.get_one(DatasetVersion, experiment.version_id)
    weights = experiment.checkpoint_hash or "untrained"
    return f"{weights}:{experiment.predictions_key or ''}:{version.content_hash}"


def fingerprint_of(experiment_id: int) -> str:
    with unit_of_work(writing=False) as session:
        return fingerprint(session, find_experiment(session, experiment_id))


def keep(
    experiment_id: int,
    evaluation_type: str,
    results: Mapping[str, Any],
    parameters: Mapping[str, Any] | None = None,
    computed_for: str | None = None,
) -> None:
    """Keep a JSON result in the place of an older one.

    ``computed_for`` is the fingerprint when the work began: what was computed for weights
    that are gone is not taken for a result of the new ones.
    """
    if not 1 <= len(evaluation_type) <= LONGEST_TYPE:
        raise Invalid(f"The name of an evaluation has 1 to {LONGEST_TYPE} characters.")
    try:
        content = json.dumps(plain_json(dict(results)), allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise Invalid(f"JSON has no word for a part of this result: {error}.") from error
    same = (Evaluation.experiment_id == experiment_id) & (
        Evaluation.evaluation_type == evaluation_type
    )
    unused = []
    with unit_of_work() as session:
        experiment = find_experiment(session, experiment_id)
        hold(session)  # before the file is put, so that nobody takes it away
        locks.alone(session, f"evaluation of {experiment_id}")
        older = session.scalars(select(Evaluation).where(same)).one_or_none()
        if older is not None:
            unused = [older.artefact_key]
            session.delete(older)
            session.flush()
        session.add(
            Evaluation(
                experiment_id=experiment_id,
                evaluation_type=evaluation_type,
                parameters=dict(parameters or {}),
                fingerprint=computed_for or fingerprint(session, experiment),
                artefact_key=artefacts().put(FOLDER, ".json", content.encode()),
                owner_id=actor.user_id(),
            )
        )
    delete_unnamed(unused)


def find(experiment_id: int, evaluation_type: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Result and parameters that still fit, or None."""
    with unit_of_work(writing=False) as session:
        experiment = session.get(Experiment, experiment_id)
        if experiment is None:
            return None
        row = session.scalars(
            select(Evaluation).where(
                Evaluation.experiment_id == experiment_id,
                Evaluation.evaluation_type == evaluation_type,
                Evaluation.fingerprint == fingerprint(session, experiment),
            )
        ).one_or_none()
        if row is None:
            return None
        key, parameters = row.artefact_key, dict(row.parameters)
    if not artefacts().exists(key):
        return None  # its file was lost: it can be computed again
    results: dict[str, Any] = json.loads(artefacts().read(key))
    return results, parameters
