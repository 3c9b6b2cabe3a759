"""A network in a few numbers, to draw many of them and to see what good ones have in common.

They are not what a search chooses: they follow from it, and many networks share them.
"""

from __future__ import annotations

from collections import Counter

from diagnostics.architectures.architecture import LOWEST_RATE, Architecture, Kind, Pool
from diagnostics.architectures.space import SearchSpace
from diagnostics.search.space import Choices, Dimension, Interval


def outline(architecture: Architecture) -> dict[str, int]:
    """Counts over all stages, and the numbers of the stem.

    Examples
    --------
    >>> from diagnostics.architectures.architecture import read_architecture
    >>> line = "stem k7 s8 w8 > conv3+dilated3x2 w8 max > separable5+skip w32 se > conv3 w8"
    >>> outline(read_architecture(line))  # doctest: +NORMALIZE_WHITESPACE
    {'stages': 3, 'stem_kernel': 7, 'stem_stride': 8, 'stem_width': 8, 'widest': 32,
     'operations': 4, 'separable': 1, 'dilated': 1, 'shortcuts': 1, 'squeeze_excite': 1,
     'pools': 1}
    """
    stem, stages = architecture.stem, architecture.stages
    kinds = Counter(one.kind for stage in stages for one in stage.operations)
    return {
        "stages": len(stages),
        "stem_kernel": stem.kernel,
        "stem_stride": stem.stride,
        "stem_width": stem.width,
        "widest": max(stage.width for stage in stages),
        "operations": kinds.total(),
        "separable": kinds[Kind.SEPARABLE],
        "dilated": kinds[Kind.DILATED],
        "shortcuts": sum(stage.skip for stage in stages),
        "squeeze_excite": sum(stage.squeeze_excite for stage in stages),
        "pools": sum(stage.pool is not Pool.NONE for stage in stages),
    }


def outline_dimensions(space: SearchSpace) -> dict[str, Dimension]:
    """Between which values the numbers of :func:`outline` lie; what cannot vary is left out."""
    low, high = space.depth
    most = high * space.branches
    halvings = (LOWEST_RATE // min(space.stem_strides)).bit_length() - 1
    kinds = len(space.operations)
    counts = {
        "stages": (low, high),
        "operations": (low, most if len(space.names) > 1 else high),
        "separable": (0 if kinds > 1 else low, most) if "separable" in space.operations else (0, 0),
        "dilated": (0 if kinds > 1 else low, most) if "dilated" in space.operations else (0, 0),
        "shortcuts": (0, high if space.skip else 0),
        "squeeze_excite": (0, high if space.squeeze_excite else 0),
        "pools": (0, min(high - 1, halvings) if space.pools else 0),
    }
    choices = {
        "stem_kernel": space.stem_kernels,
        "stem_stride": space.stem_strides,
        "stem_width": space.stem_widths,
        "widest": space.widths,
    }
    found: dict[str, Dimension] = {
        name: Interval(name, least, greatest, whole=True)
        for name, (least, greatest) in counts.items()
        if least < greatest
    }
    return found | {name: Choices(name, one) for name, one in choices.items() if len(one) > 1}
