"""Every classifier by name: those that can be trained, and the vote of trained ones."""

from __future__ import annotations

from diagnostics.classical.registry import CLASSICAL
from diagnostics.errors import TrainingError
from diagnostics.networks.registry import NETWORKS
from diagnostics.training.card import Card, Family

CLASSIFIERS: tuple[Card, ...] = (*NETWORKS, *CLASSICAL)
VOTING_ENSEMBLE = Card(
    "voting_ensemble",
    "Voting ensemble",
    "Finished experiments that are asked together: the mean of their probabilities, or the class"
    " that most of them name.",
    Family.ENSEMBLE,
    "",
    (),
    "Kittler et al., On combining classifiers, IEEE PAMI 20 (1998) 226–239",
)
# Whatever an experiment can be called.
NAMED: tuple[Card, ...] = (*CLASSIFIERS, VOTING_ENSEMBLE)


def classifier(name: object) -> Card:
    """The card of a classifier.

    Raises
    ------
    TrainingError
        If there is none of that name.

    Examples
    --------
    >>> classifier("cnn1d").title
    '1-D CNN'
    """
    for card in NAMED:
        if card.name == name:
            return card
    names = ", ".join(card.name for card in CLASSIFIERS)
    raise TrainingError(f"There is no classifier {name!r}. Choose one of {names}.")


def trainable(name: object) -> Card:
    """The card of a classifier that a training makes.

    Raises
    ------
    TrainingError
        If there is none of that name, or it is made from trained ones.

    Examples
    --------
    >>> trainable("svm").title
    'Support vector machine'
    """
    card = classifier(name)
    if card.family is Family.ENSEMBLE:
        raise TrainingError(
            "A voting ensemble is not trained: it is made from finished experiments. Select them"
            " in the table of experiments and choose “Vote together”."
        )
    return card
