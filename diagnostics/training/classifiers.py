"""Every classifier that can be trained, by name."""

from __future__ import annotations

from diagnostics.classical.registry import CLASSICAL
from diagnostics.errors import TrainingError
from diagnostics.networks.registry import NETWORKS
from diagnostics.training.card import Card

CLASSIFIERS: tuple[Card, ...] = (*NETWORKS, *CLASSICAL)


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
    for card in CLASSIFIERS:
        if card.name == name:
            return card
    names = ", ".join(card.name for card in CLASSIFIERS)
    raise TrainingError(f"There is no classifier {name!r}. Choose one of {names}.")
