"""Networks drawn at random, and networks that differ from another in one thing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from diagnostics.architectures.architecture import (
    LOWEST_RATE,
    Architecture,
    Operation,
    Pool,
    Stage,
)
from diagnostics.architectures.sizes import parameter_count
from diagnostics.architectures.space import SearchSpace, choose_stage, put_together
from diagnostics.errors import TrainingError

ATTEMPTS = 2000
Accept = Callable[[Architecture], bool]


def draw(space: SearchSpace, rng: np.random.Generator) -> Architecture:
    """A network of the space; every option of each choice is as likely as the others.

    Examples
    --------
    >>> one, other = (draw(SearchSpace(), np.random.default_rng(7)) for _ in range(2))
    >>> one == other
    True
    """
    return put_together(space, _at_random(rng))


def sample(space: SearchSpace, seed: int | None = None) -> Architecture:
    """A network of the space that keeps to its greatest size; without a seed another each time.

    The size is counted for one channel and two classes.

    Raises
    ------
    TrainingError
        If none of many drawn ones is small enough.
    """
    most = space.max_parameters
    return draw_accepted(
        space,
        np.random.default_rng(seed),
        lambda drawn: most is None or parameter_count(drawn, 1, 2) <= most,
    )


def draw_accepted(space: SearchSpace, rng: np.random.Generator, accept: Accept) -> Architecture:
    """The first drawn network that is accepted.

    Raises
    ------
    TrainingError
        If none of many is.
    """
    for _ in range(ATTEMPTS):
        drawn = draw(space, rng)
        if accept(drawn):
            return drawn
    raise TrainingError(
        f"None of {ATTEMPTS} networks drawn from the search space keeps to its limits."
        " Raise the limits, or allow narrower widths and fewer stages."
    )


def mutate(space: SearchSpace, parent: Architecture, rng: np.random.Generator) -> Architecture:
    """A network of the space that differs from its parent in one thing.

    The kind of change is drawn first, then one of the changes of that kind: an operation, a
    branch, the shortcut, the width, the weighing or the pool of a stage, a stage more or less,
    something of the stem.

    Raises
    ------
    TrainingError
        If the space has no other network next to the parent.
    """
    for kind in rng.permutation(len(_KINDS)):
        found = _possible(space, parent, _KINDS[kind](space, parent.stages, rng))
        if found:
            return found[rng.integers(len(found))]
    raise TrainingError("The search space has no network next to this one: widen it.")


# What is changed of the stem, and all stages.
_Parts = tuple[dict[str, int], tuple[Stage, ...]]
_Kind = Callable[[SearchSpace, tuple[Stage, ...], np.random.Generator], list[_Parts]]


def _at_random(rng: np.random.Generator) -> Callable[[str, tuple[Any, ...]], Any]:
    return lambda _name, options: options[rng.integers(len(options))]


def _possible(
    space: SearchSpace, parent: Architecture, changes: list[_Parts]
) -> list[Architecture]:
    found: list[Architecture] = []
    for stem, stages in changes:
        pools = sum(stage.pool is not Pool.NONE for stage in stages[:-1])
        stride = stem.get("stride", parent.stem.stride)
        if stride * 2**pools > LOWEST_RATE or not space.depth[0] <= len(stages) <= space.depth[1]:
            continue
        made = Architecture(replace(parent.stem, **stem), stages)
        if made != parent and space.allows(made):
            found.append(made)
    return found


def _other_stem(name: str, of_space: str) -> _Kind:
    def changes(
        space: SearchSpace, stages: tuple[Stage, ...], _rng: np.random.Generator
    ) -> list[_Parts]:
        return [({name: option}, stages) for option in getattr(space, of_space)]

    return changes


def _other_stage(change: Callable[[Stage, SearchSpace], list[Stage]]) -> _Kind:
    def changes(
        space: SearchSpace, stages: tuple[Stage, ...], _rng: np.random.Generator
    ) -> list[_Parts]:
        return [
            ({}, (*stages[:place], changed, *stages[place + 1 :]))
            for place, stage in enumerate(stages)
            for changed in change(stage, space)
        ]

    return changes


def _fewer(
    _space: SearchSpace, stages: tuple[Stage, ...], _rng: np.random.Generator
) -> list[_Parts]:
    return [({}, stages[:place] + stages[place + 1 :]) for place in range(len(stages))]


def _more(space: SearchSpace, stages: tuple[Stage, ...], rng: np.random.Generator) -> list[_Parts]:
    more = choose_stage(space, _at_random(rng), "", may_pool=True)
    return [({}, (*stages[:place], more, *stages[place:])) for place in range(len(stages) + 1)]


def _other_operation(stage: Stage, space: SearchSpace) -> list[Stage]:
    return [
        replace(stage, operations=(*(o for o in stage.operations if o != old), new))
        for old in stage.operations
        for new in map(Operation.read, space.names)
        if new not in stage.operations
    ]


def _branch_more_or_less(stage: Stage, space: SearchSpace) -> list[Stage]:
    if len(stage.operations) > 1:
        return [replace(stage, operations=(one,)) for one in stage.operations]
    return [
        replace(stage, operations=(*stage.operations, one))
        for one in map(Operation.read, space.names)
        if one not in stage.operations
    ]


def _other_pool(stage: Stage, space: SearchSpace) -> list[Stage]:
    return [replace(stage, pool=pool) for pool in (Pool.NONE, *map(Pool, space.pools))]


_KINDS: tuple[_Kind, ...] = (
    _other_stem("kernel", "stem_kernels"),
    _other_stem("stride", "stem_strides"),
    _other_stem("width", "stem_widths"),
    _other_stage(_other_operation),
    _other_stage(_branch_more_or_less),
    _other_stage(lambda stage, space: [replace(stage, width=width) for width in space.widths]),
    _other_stage(lambda stage, _space: [replace(stage, skip=not stage.skip)]),
    _other_stage(lambda stage, _space: [replace(stage, squeeze_excite=not stage.squeeze_excite)]),
    _other_stage(_other_pool),
    _fewer,
    _more,
)
