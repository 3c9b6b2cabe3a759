"""Regularised evolution [1]_: the oldest dies, not the worst.

Each new network is a mutation of the best among some of the population, drawn anew each time.
What comes next follows from the networks that were tried, the seed and the number of the
trial alone, so that a search goes on from stored trials as if nothing had happened.

References
----------
.. [1] E. Real, A. Aggarwal, Y. Huang and Q. V. Le, "Regularized Evolution for Image Classifier
   Architecture Search", AAAI 2019, 4780-4789.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diagnostics.architectures.architecture import Architecture
from diagnostics.architectures.drawing import Accept, draw_accepted, mutate
from diagnostics.architectures.space import SearchSpace
from diagnostics.errors import TrainingError

_MUTATIONS = 100


@dataclass(frozen=True)
class Evolution:
    """How many networks live, and how many of them are compared for the next parent."""

    population: int = 8
    sample: int = 3

    def __post_init__(self) -> None:
        if not 2 <= self.population <= 1000:
            raise TrainingError(f"A population has 2 to 1000 networks, got {self.population}.")
        if not 1 <= self.sample <= self.population:
            raise TrainingError(
                f"The sample is 1 to the population of {self.population}, got {self.sample}."
            )

    @staticmethod
    def for_trials(trials: int) -> Evolution:
        """For a budget: the first third or so at random, as many as in the paper at most.

        Examples
        --------
        >>> Evolution.for_trials(20), Evolution.for_trials(1000)
        (Evolution(population=6, sample=2), Evolution(population=100, sample=25))
        """
        population = min(100, max(2, trials // 3))
        return Evolution(population, max(2, population // 4))


@dataclass(frozen=True)
class Tried:
    """A network that was tried. A score of None: it failed, was stopped or broke a limit.

    Higher scores are better.
    """

    architecture: Architecture
    score: float | None


@dataclass(frozen=True)
class Proposal:
    """A network to try next; the parent is a place in what was tried, None without one."""

    architecture: Architecture
    parent: int | None = None


def propose(
    space: SearchSpace,
    tried: Sequence[Tried],
    *,
    number: int,
    seed: int,
    accept: Accept,
    evolution: Evolution | None = None,
) -> Proposal:
    """The network of the next trial; without an evolution it is drawn at random.

    Parameters
    ----------
    space : SearchSpace
    tried : sequence of Tried
        Finished trials, in the order in which they began.
    number : int
        Of the trial, from 0: the first ones, as many as live, are drawn at random.
    seed : int
    accept : function
        Whether a network keeps to the limits.
    evolution : Evolution, optional

    Returns
    -------
    Proposal
        A network that was not tried yet, if one is found soon.

    Raises
    ------
    TrainingError
        If no network of the space keeps to the limits.
    """
    rng = np.random.default_rng([seed, number])
    known = {one.architecture for one in tried}
    scored = [place for place, one in enumerate(tried) if one.score is not None]
    if evolution is None or number < evolution.population or not scored:
        return Proposal(_new(space, rng, accept, known))
    alive = scored[-evolution.population :]
    drawn = rng.choice(alive, size=min(evolution.sample, len(alive)), replace=False)
    parent = max((int(place) for place in drawn), key=lambda place: tried[place].score or 0.0)
    return Proposal(_child(space, tried[parent].architecture, rng, accept, known), parent)


def _new(
    space: SearchSpace, rng: np.random.Generator, accept: Accept, known: set[Architecture]
) -> Architecture:
    drawn = draw_accepted(space, rng, accept)
    for _ in range(_MUTATIONS):
        if drawn not in known:
            break
        drawn = draw_accepted(space, rng, accept)
    return drawn


def _child(
    space: SearchSpace,
    parent: Architecture,
    rng: np.random.Generator,
    accept: Accept,
    known: set[Architecture],
) -> Architecture:
    """A mutation; one of a mutation when all near ones were tried already."""
    child = parent
    for _ in range(_MUTATIONS):
        tried = mutate(space, child, rng)
        if accept(tried):
            child = tried
        if child not in known:
            break
    return child
