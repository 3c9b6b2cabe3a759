"""Which kinds of variants an experiment can have."""

from __future__ import annotations

from sqlalchemy.orm import Session

from diagnostics.deployment.feature_rows import refuse_beyond_samples
from diagnostics.deployment.variants import KINDS, Kind
from diagnostics.errors import DeploymentError
from diagnostics.training.card import Family
from diagnostics.training.classifiers import classifier
from models import Experiment, ExperimentFeatureSet
from services.errors import Invalid


def kinds_for(experiment: Experiment | None) -> tuple[Kind, ...]:
    """The kinds that can be made of an experiment, whatever it learned of."""
    family = None if experiment is None else classifier(experiment.classifier).family
    if family is Family.NETWORK:
        return KINDS
    return tuple(kind for kind in KINDS if kind.of_features and family is Family.CLASSICAL)


def refuse_unfit(session: Session, experiment: Experiment, kind: Kind) -> None:
    """Refuse a kind that an experiment cannot have, before a job is made for it.

    Raises
    ------
    Invalid
        If it is a vote, a classifier on features is asked for in another kind than full
        precision, or it learned of columns that samples do not tell.
    """
    family = classifier(experiment.classifier).family
    if family is Family.ENSEMBLE:
        raise Invalid(
            f"“{experiment.name}” is a vote of several experiments. Votes are not exported; they"
            " answer by a prediction of a recording. Export its members one by one."
        )
    if family is not Family.CLASSICAL:
        return
    if not kind.of_features:
        raise Invalid(
            f"“{kind.title}” is for networks. “{experiment.name}” learned of features, and is"
            " exported in full precision only."
        )
    learned = session.get(ExperimentFeatureSet, experiment.id)
    if learned is None:
        return
    # What no window had is no part of what was learned.
    keys = [key for key in learned.features if key.partition("@")[0] not in learned.unknown]
    try:
        refuse_beyond_samples(keys)
    except DeploymentError as error:
        raise Invalid(str(error)) from error
