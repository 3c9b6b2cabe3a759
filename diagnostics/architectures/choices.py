"""The choices of a space of architectures as dimensions that a sampler of settings takes."""

from __future__ import annotations

import re
from typing import Any

from diagnostics.architectures.space import SearchSpace, put_together
from diagnostics.errors import TrainingError
from diagnostics.search.space import Choices, Space


def dimensions(space: SearchSpace) -> Space:
    """A dimension for each choice that has options; those of a stage exist where it does.

    Raises
    ------
    TrainingError
        If the space has one network only, so that there is nothing to choose.

    Examples
    --------
    >>> found = dimensions(SearchSpace(depth=(3, 4)))
    >>> found["stage_4_width"].to_dict()["when"], found["stage_3_pool"].to_dict()["when"]
    ({'depth': [4]}, {'depth': [4]})
    """
    low, high = space.depth
    asked: dict[str, tuple[Any, ...]] = {}

    def choose(name: str, options: tuple[Any, ...]) -> Any:
        asked[name] = options
        return options[-1] if name == "depth" else options[0]

    put_together(space, choose)
    found: list[Choices] = []
    for name, options in asked.items():
        if len(options) < 2:
            continue
        # The last stage has no pool: that of the third one exists from four stages on.
        stage = re.match(r"stage_(\d+)_(.+)", name)
        least = int(stage[1]) + (stage[2] == "pool") if stage else low
        when = {"depth": tuple(range(least, high + 1))} if least > low else {}
        found.append(Choices(name, options, when=when))
    if not found:
        raise TrainingError(
            "The search space has one network only, so there is nothing to choose. Allow more"
            " stages, operations, kernels or widths."
        )
    return Space(tuple(found))
