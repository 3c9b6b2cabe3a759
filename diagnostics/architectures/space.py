"""What a search may choose from, and how a network is put together by choosing.

The choices have names that do not change and options that do not depend on earlier choices, as
samplers of hyper-parameters want it. Any answers lead to a network that can be built: what does
not fit the answers before it is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from typing import Any

from diagnostics.architectures import architecture as vocabulary
from diagnostics.architectures.architecture import (
    Architecture,
    Kind,
    Operation,
    Pool,
    Stage,
    Stem,
)
from diagnostics.errors import TrainingError

Option = str | int | bool
Choose = Callable[[str, tuple[Any, ...]], Any]
"""Takes the name of a choice and its options, gives one of the options."""

_KNOWN: dict[str, tuple[Any, ...]] = {
    "operations": tuple(str(kind) for kind in Kind),
    "kernels": vocabulary.KERNELS,
    "dilations": vocabulary.DILATIONS,
    "widths": vocabulary.WIDTHS,
    "pools": (str(Pool.MAX), str(Pool.MEAN)),
    "stem_kernels": vocabulary.STEM_KERNELS,
    "stem_strides": vocabulary.STEM_STRIDES,
    "stem_widths": vocabulary.WIDTHS,
}
_MAY_BE_EMPTY = {"pools"}


@dataclass(frozen=True)
class SearchSpace:
    """The networks that a search may look at.

    Parameters
    ----------
    depth : tuple of int
        Fewest and most stages, 3 to 10.
    operations : tuple of str
        Kinds: ``conv``, ``separable``, ``dilated``.
    kernels, dilations : tuple of int
        Each kind comes with each kernel, the dilated one with each dilation too.
    widths : tuple of int
        Features behind a stage.
    pools : tuple of str
        ``max``, ``mean``; empty: the rate is lowered by the stem alone.
    skip, squeeze_excite : bool
        Whether stages may have them.
    branches : int
        Most operations side by side in a stage, 1 or 2.
    stem_kernels, stem_strides, stem_widths : tuple of int
    dropout : float
        In front of the last layer, for every network alike.
    max_parameters : int or None
        Most numbers that a network may learn.
    max_latency_ms : float or None
        Longest time for one window on one thread, as measured in a worker.

    Raises
    ------
    TrainingError
        If a list is empty or holds what there is not, or a range is turned round.

    Examples
    --------
    >>> SearchSpace(depth=(3, 4), kernels=(3,), operations=("conv",)).names
    ('conv3',)
    """

    depth: tuple[int, int] = (vocabulary.SHALLOWEST, 6)
    operations: tuple[str, ...] = _KNOWN["operations"]
    kernels: tuple[int, ...] = vocabulary.KERNELS
    dilations: tuple[int, ...] = vocabulary.DILATIONS
    widths: tuple[int, ...] = (8, 16, 32, 64)
    pools: tuple[str, ...] = _KNOWN["pools"]
    skip: bool = True
    squeeze_excite: bool = True
    branches: int = vocabulary.MOST_BESIDE
    stem_kernels: tuple[int, ...] = vocabulary.STEM_KERNELS
    stem_strides: tuple[int, ...] = (4, 8)
    stem_widths: tuple[int, ...] = (8, 16, 32)
    dropout: float = 0.2
    max_parameters: int | None = None
    max_latency_ms: float | None = None

    def __post_init__(self) -> None:
        for name, known in _KNOWN.items():
            object.__setattr__(self, name, _subset(name, getattr(self, name), known))
        object.__setattr__(self, "depth", _depth(self.depth))
        for name in ("skip", "squeeze_excite"):
            if not isinstance(getattr(self, name), bool):
                raise TrainingError(f"“{name}” must be true or false.")
        _number("branches", self.branches, 1, vocabulary.MOST_BESIDE, whole=True)
        _number("dropout", self.dropout, 0, 0.9)
        if self.max_parameters is not None:
            _number("max_parameters", self.max_parameters, 1, 10**9, whole=True)
        if self.max_latency_ms is not None:
            _number("max_latency_ms", self.max_latency_ms, 0.001, 60_000)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All operations that a stage may have, by name."""
        found = [
            Operation(Kind(kind), kernel, dilation)
            for kind in self.operations
            for kernel in self.kernels
            for dilation in (self.dilations if kind == Kind.DILATED else (1,))
        ]
        return tuple(one.text for one in found)

    def to_dict(self) -> dict[str, Any]:
        """As plain values for JSON; :meth:`from_dict` gives an equal one back."""
        plain = asdict(self)
        return {name: list(v) if isinstance(v, tuple) else v for name, v in plain.items()}

    @staticmethod
    def from_dict(given: object) -> SearchSpace:
        """The space that plain values describe; what is missing is as the default has it.

        Raises
        ------
        TrainingError
            If a key is unknown or a value is wrong.

        Examples
        --------
        >>> SearchSpace.from_dict(SearchSpace().to_dict()) == SearchSpace()
        True
        """
        if not isinstance(given, Mapping):
            raise TrainingError("A search space is a JSON object: {…}.")
        known = [one.name for one in fields(SearchSpace)]
        unknown = sorted(str(name) for name in given if name not in known)
        if unknown:
            raise TrainingError(
                f"A search space has no “{unknown[0][:40]}”. It has {', '.join(known)}."
            )
        return SearchSpace(**given)

    def allows(self, architecture: Architecture) -> bool:
        """Whether choosing can lead to it. Limits on size and time are not looked at."""
        stem, stages = architecture.stem, architecture.stages
        names = self.names
        return (
            self.depth[0] <= len(stages) <= self.depth[1]
            and stem.kernel in self.stem_kernels
            and stem.stride in self.stem_strides
            and stem.width in self.stem_widths
            and all(self._allows_stage(stage, names) for stage in stages)
        )

    def _allows_stage(self, stage: Stage, names: Sequence[str]) -> bool:
        return (
            all(one.text in names for one in stage.operations)
            and len(stage.operations) <= self.branches
            and stage.width in self.widths
            and (self.skip or not stage.skip)
            and (self.squeeze_excite or not stage.squeeze_excite)
            and (stage.pool is Pool.NONE or stage.pool in self.pools)
        )


NONE = "none"


def put_together(space: SearchSpace, choose: Choose) -> Architecture:
    """A network of the space, by asking for one choice after the other.

    Parameters
    ----------
    space : SearchSpace
    choose : function
        Asked at most once for each name.

    Returns
    -------
    Architecture

    Examples
    --------
    >>> put_together(SearchSpace(), lambda name, options: options[0]).text
    'stem k7 s4 w8 > conv3 w8 > conv3 w8 > conv3 w8'
    """
    low, high = space.depth
    depth = choose("depth", tuple(range(low, high + 1)))
    stem = Stem(
        choose("stem_kernel", space.stem_kernels),
        choose("stem_stride", space.stem_strides),
        choose("stem_width", space.stem_widths),
    )
    stages: list[Stage] = []
    lowering = stem.stride
    for number in range(1, depth + 1):
        stage = choose_stage(space, choose, f"stage_{number}_", may_pool=number < depth)
        if 2 * lowering > vocabulary.LOWEST_RATE:
            stage = replace(stage, pool=Pool.NONE)
        lowering *= 1 if stage.pool is Pool.NONE else 2
        stages.append(stage)
    return Architecture(stem, tuple(stages))


def choose_stage(space: SearchSpace, choose: Choose, before: str, *, may_pool: bool) -> Stage:
    """One stage; the names of its choices begin with ``before``."""
    operations = [choose(f"{before}operation", space.names)]
    if space.branches > 1:
        beside = choose(f"{before}beside", (NONE, *space.names))
        # The same one twice would add nothing that one cannot learn.
        operations += [beside] if beside not in (NONE, *operations) else []
    width = choose(f"{before}width", space.widths)
    skip = space.skip and choose(f"{before}skip", (False, True))
    squeeze = space.squeeze_excite and choose(f"{before}squeeze_excite", (False, True))
    pool = NONE
    if may_pool and space.pools:
        pool = choose(f"{before}pool", (NONE, *space.pools))
    return Stage(tuple(map(Operation.read, operations)), width, skip, squeeze, Pool(pool))


def decode(space: SearchSpace, given: Mapping[str, Any]) -> Architecture:
    """The network of the answers to :func:`put_together`, by the names of the choices.

    Where there is only one option, the answer may be missing.

    Raises
    ------
    TrainingError
        If an answer is missing or is no option.
    """

    def choose(name: str, options: tuple[Any, ...]) -> Any:
        value = given.get(name, options[0] if len(options) == 1 else None)
        if value not in options:
            raise TrainingError(f"“{name}” must be one of {_listed(options)}, got {value!r}.")
        return value

    return put_together(space, choose)


def encode(space: SearchSpace, architecture: Architecture) -> dict[str, Option]:
    """The answers that lead to a network: a flat dict, as samplers of parameters have it.

    Raises
    ------
    TrainingError
        If the network is not in the space.

    Examples
    --------
    >>> space = SearchSpace()
    >>> first = put_together(space, lambda name, options: options[-1])
    >>> decode(space, encode(space, first)) == first
    True
    """
    if not space.allows(architecture):
        raise TrainingError("The network is not one of the search space.")
    stem, stages = architecture.stem, architecture.stages
    known: dict[str, Option] = {
        "depth": len(stages),
        "stem_kernel": stem.kernel,
        "stem_stride": stem.stride,
        "stem_width": stem.width,
    }
    for number, stage in enumerate(stages, 1):
        operations = [one.text for one in stage.operations]
        known |= {
            f"stage_{number}_operation": operations[0],
            f"stage_{number}_beside": operations[1] if operations[1:] else NONE,
            f"stage_{number}_width": stage.width,
            f"stage_{number}_skip": stage.skip,
            f"stage_{number}_squeeze_excite": stage.squeeze_excite,
            f"stage_{number}_pool": str(stage.pool),
        }
    asked: dict[str, Option] = {}

    def choose(name: str, _options: tuple[Any, ...]) -> Option:
        asked[name] = known[name]
        return asked[name]

    put_together(space, choose)
    return asked


def _subset(name: str, given: object, known: tuple[Any, ...]) -> tuple[Any, ...]:
    """The options in the standard order, each once."""
    if not isinstance(given, list | tuple):
        raise TrainingError(f"“{name}” must be a list.")
    for value in given:
        if isinstance(value, bool | list | dict) or value not in known:
            raise TrainingError(f"“{name}” may hold {_listed(known)}, got {str(value)[:40]}.")
    if not given and name not in _MAY_BE_EMPTY:
        raise TrainingError(f"“{name}” is empty: name at least one of {_listed(known)}.")
    return tuple(value for value in known if value in given)


def _depth(given: object) -> tuple[int, int]:
    bounds = f"{vocabulary.SHALLOWEST} to {vocabulary.DEEPEST}"
    if not isinstance(given, list | tuple) or len(given) != 2:
        raise TrainingError(f"“depth” is a list of two numbers, fewest and most stages, {bounds}.")
    for value in given:
        _number("depth", value, vocabulary.SHALLOWEST, vocabulary.DEEPEST, whole=True)
    low, high = int(given[0]), int(given[1])
    if low > high:
        raise TrainingError(f"The lowest depth of {low} is above the highest of {high}.")
    return low, high


def _number(name: str, value: object, low: float, high: float, *, whole: bool = False) -> None:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
    if not fits or (whole and not isinstance(value, int)):
        kind = "a whole number" if whole else "a number"
        raise TrainingError(
            f"“{name}” must be {kind} from {low:g} to {high:g}, got {str(value)[:40]}."
        )


def _listed(values: Sequence[object]) -> str:
    return ", ".join(map(str, values))
