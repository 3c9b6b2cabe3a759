"""Networks as a search writes them down: a stem, then stages one after another.

In a stage one or two operations run side by side, with a shortcut around them if so wanted, and
are added; the sum may be weighed by squeeze-and-excitation [1]_ and its rate be halved. Every
value that can be made is a network that can be built: what cannot is refused here.

References
----------
.. [1] J. Hu, L. Shen and G. Sun, "Squeeze-and-Excitation Networks", CVPR 2018, 7132-7141.
"""

from __future__ import annotations

import enum
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from diagnostics.errors import TrainingError
from diagnostics.training.card import is_number

# Among the classifiers.
CLASSIFIER = "searched"
KERNELS = (3, 5, 7, 15)
DILATIONS = (2, 4)
WIDTHS = (8, 16, 24, 32, 48, 64, 96, 128)
STEM_KERNELS = (7, 15, 31, 63)
STEM_STRIDES = (2, 4, 8)
SHALLOWEST, DEEPEST = 3, 10
MOST_BESIDE = 2
# Of 1024 samples, the shortest window, eight places in time are left.
LOWEST_RATE = 128
SKIP = "skip"
_OPERATION = re.compile(r"(conv|separable|dilated)(\d{1,3})(?:x(\d{1,3}))?")


class Kind(enum.StrEnum):
    CONV = "conv"
    SEPARABLE = "separable"
    DILATED = "dilated"


class Pool(enum.StrEnum):
    NONE = "none"
    MAX = "max"
    MEAN = "mean"


@dataclass(frozen=True, order=True)
class Operation:
    """A convolution along time.

    ``separable`` filters each feature by itself and then mixes them; ``dilated`` leaves gaps, so
    that few weights span a longer time.

    Examples
    --------
    >>> Operation.read("dilated3x4")
    Operation(kind=<Kind.DILATED: 'dilated'>, kernel=3, dilation=4)
    >>> Operation.read("dilated7x1").text, Operation.read("separable15").text
    ('conv7', 'separable15')
    """

    kind: Kind
    kernel: int
    dilation: int = 1

    def __post_init__(self) -> None:
        _one_of("kernel", self.kernel, KERNELS)
        if self.kind is Kind.DILATED:
            _one_of("dilation", self.dilation, DILATIONS)
        elif self.dilation != 1:
            raise TrainingError(f"Only a dilated convolution has gaps, got {self.kind}.")

    @property
    def text(self) -> str:
        gaps = f"x{self.dilation}" if self.kind is Kind.DILATED else ""
        return f"{self.kind}{self.kernel}{gaps}"

    @staticmethod
    def read(text: object) -> Operation:
        """The operation of a name; a dilation of 1 is none, and so a plain convolution.

        Raises
        ------
        TrainingError
            If there is no such operation.
        """
        found = _OPERATION.fullmatch(text) if isinstance(text, str) else None
        if found is None or (found[3] is not None) != (found[1] == Kind.DILATED):
            raise TrainingError(
                f"There is no operation {text!r}. There are conv7, separable7, dilated7x2 (with"
                f" kernels of {_listed(KERNELS)} and dilations of {_listed(DILATIONS)}) and skip."
            )
        kind, dilation = Kind(found[1]), int(found[3] or 1)
        if dilation == 1:
            kind = Kind.CONV if kind is Kind.DILATED else kind
        return Operation(kind, int(found[2]), dilation)


@dataclass(frozen=True)
class Stem:
    """The first layer, from samples to features at a lower rate."""

    kernel: int
    stride: int
    width: int

    def __post_init__(self) -> None:
        _one_of("kernel of the stem", self.kernel, STEM_KERNELS)
        _one_of("stride of the stem", self.stride, STEM_STRIDES)
        _one_of("width of the stem", self.width, WIDTHS)


@dataclass(frozen=True)
class Stage:
    """Operations that are added, and what is done with the sum.

    Parameters
    ----------
    operations : tuple of Operation
        One or two different ones. Their order does not matter and is not kept.
    width : int
        Features behind the stage.
    skip : bool
        Whether what comes in is added too.
    squeeze_excite : bool
    pool : Pool
        How the rate is halved behind the stage.
    """

    operations: tuple[Operation, ...]
    width: int
    skip: bool = False
    squeeze_excite: bool = False
    pool: Pool = Pool.NONE

    def __post_init__(self) -> None:
        object.__setattr__(self, "operations", tuple(sorted(self.operations)))
        if not 1 <= len(self.operations) <= MOST_BESIDE:
            raise TrainingError(
                f"A stage has 1 to {MOST_BESIDE} operations that learn, got {len(self.operations)}."
            )
        if len(set(self.operations)) != len(self.operations):
            raise TrainingError(f"A stage has {self.operations[0].text} twice. Name it once.")
        _one_of("width of a stage", self.width, WIDTHS)

    @property
    def branches(self) -> list[str]:
        """Names of what is added, the shortcut last."""
        return [*(one.text for one in self.operations), *([SKIP] if self.skip else [])]


@dataclass(frozen=True)
class Architecture:
    """A stem and its stages. Two that build the same network are equal.

    Raises
    ------
    TrainingError
        If there are too few or too many stages, or too little of the rate is left.

    Examples
    --------
    >>> one = read_architecture("stem k31 s8 w16 > conv3+conv7 w32 > skip+conv3 w32 max > conv5 w8")
    >>> one == read_architecture("stem w16 k31 s8>conv7+conv3 w32>conv3+skip max w32>conv5 w8 max")
    True
    >>> one.text
    'stem k31 s8 w16 > conv3+conv7 w32 > conv3+skip w32 max > conv5 w8'
    >>> len(one.hash)
    64
    """

    stem: Stem
    stages: tuple[Stage, ...]

    def __post_init__(self) -> None:
        if not SHALLOWEST <= len(self.stages) <= DEEPEST:
            raise TrainingError(
                f"A network has {SHALLOWEST} to {DEEPEST} stages, got {len(self.stages)}."
            )
        # A mean over all times follows: halving the rate before it adds next to nothing.
        last = self.stages[-1]
        if last.pool is not Pool.NONE:
            plain = Stage(last.operations, last.width, last.skip, last.squeeze_excite)
            object.__setattr__(self, "stages", (*self.stages[:-1], plain))
        if self.lowering > LOWEST_RATE:
            raise TrainingError(
                f"Stride and pools leave one of {self.lowering} samples, at most {LOWEST_RATE} fit:"
                " else a short window has no times left. Take fewer pools or a lower stride."
            )

    @property
    def lowering(self) -> int:
        """Samples for one place in time behind the last stage."""
        pools = sum(stage.pool is not Pool.NONE for stage in self.stages)
        return int(self.stem.stride * 2**pools)

    @property
    def text(self) -> str:
        """In one line that :func:`read_architecture` takes; equal for equal architectures."""
        stem = f"stem k{self.stem.kernel} s{self.stem.stride} w{self.stem.width}"
        return " > ".join([stem, *map(_stage_text, self.stages)])

    @property
    def hash(self) -> str:
        """SHA-256 of :attr:`text`, in hexadecimal digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """As plain values for JSON; :func:`read_architecture` gives an equal one back."""
        stem = {"kernel": self.stem.kernel, "stride": self.stem.stride, "width": self.stem.width}
        stages = [
            {
                "branches": stage.branches,
                "width": stage.width,
                "squeeze_excite": stage.squeeze_excite,
                "pool": str(stage.pool),
            }
            for stage in self.stages
        ]
        return {"stem": stem, "stages": stages}


def _stage_text(stage: Stage) -> str:
    parts = ["+".join(stage.branches), f"w{stage.width}"]
    if stage.squeeze_excite:
        parts.append("se")
    if stage.pool is not Pool.NONE:
        parts.append(stage.pool)
    return " ".join(parts)


def read_architecture(given: object) -> Architecture:
    """The architecture in a line of text or in plain values.

    Parameters
    ----------
    given : str, dict or Architecture
        As :attr:`Architecture.text` or :meth:`Architecture.to_dict` write it, in any order of
        branches and keys; what is left out of a stage is not there.

    Returns
    -------
    Architecture

    Raises
    ------
    TrainingError
        If it cannot be read, or there can be no such network.
    """
    if isinstance(given, Architecture):
        return given
    if isinstance(given, str):
        return _from_text(given)
    if isinstance(given, Mapping):
        return _from_dict(given)
    raise TrainingError("An architecture is a line of text or a JSON object: {…}.")


def _from_text(text: str) -> Architecture:
    first, *others = text.split(">")
    word, *named = first.split() or [""]
    if word != "stem":
        raise TrainingError(
            "An architecture begins with its stem, such as “stem k31 s8 w16 > conv7 w32 > …”,"
            f" got “{first.strip()[:40]}”."
        )
    stem = Stem(_numbered(named, "k"), _numbered(named, "s"), _numbered(named, "w"))
    _nothing_else(named, {"k", "s", "w"}, set())
    return Architecture(stem, tuple(map(_stage_from_text, others)))


def _stage_from_text(text: str) -> Stage:
    branches, *named = text.split() or [""]
    _nothing_else(named, {"w"}, {"se", Pool.MAX, Pool.MEAN})
    pools = [Pool(word) for word in named if word in (Pool.MAX, Pool.MEAN)]
    if len(pools) > 1:
        raise TrainingError(f"A stage has one pool at most, got “{text.strip()[:80]}”.")
    return _stage(branches.split("+"), _numbered(named, "w"), "se" in named, *pools or [Pool.NONE])


def _numbered(words: Iterable[str], letter: str) -> int:
    found = [word[1:] for word in words if re.fullmatch(rf"{letter}\d{{1,5}}", word)]
    if len(found) != 1:
        raise TrainingError(
            f"Each part of an architecture has one number behind “{letter}”, got {len(found)}."
        )
    return int(found[0])


def _nothing_else(words: Iterable[str], letters: set[str], known: set[str]) -> None:
    for word in words:
        if word not in known and not (word[:1] in letters and word[1:].isdigit()):
            raise TrainingError(f"An architecture has no “{word[:40]}”.")


def _from_dict(given: Mapping[Any, Any]) -> Architecture:
    _known_keys(given, {"stem", "stages"}, "An architecture")
    stem, stages = given.get("stem"), given.get("stages")
    if not isinstance(stem, Mapping) or not isinstance(stages, list | tuple):
        raise TrainingError("An architecture has a “stem” and a list of “stages”.")
    _known_keys(stem, {"kernel", "stride", "width"}, "A stem")
    numbers = (_whole(stem.get(key), key) for key in ("kernel", "stride", "width"))
    return Architecture(Stem(*numbers), tuple(map(_stage_from_dict, stages)))


def _stage_from_dict(given: object) -> Stage:
    if not isinstance(given, Mapping) or not isinstance(given.get("branches"), list | tuple):
        raise TrainingError("A stage is an object with a list of “branches” and a “width”.")
    _known_keys(given, {"branches", "width", "squeeze_excite", "pool"}, "A stage")
    pool, squeeze = given.get("pool", Pool.NONE), given.get("squeeze_excite", False)
    _one_of("pool", pool, tuple(Pool))
    _one_of("squeeze_excite", squeeze, (False, True))
    return _stage(given["branches"], _whole(given.get("width"), "width"), bool(squeeze), Pool(pool))


def _stage(branches: Iterable[object], width: int, squeeze_excite: bool, pool: Pool) -> Stage:
    named = list(branches)
    if named.count(SKIP) > 1:
        raise TrainingError("A stage has skip twice. Name it once.")
    operations = tuple(Operation.read(name) for name in named if name != SKIP)
    return Stage(operations, width, SKIP in named, squeeze_excite, pool)


def _known_keys(given: Mapping[Any, Any], known: set[str], what: str) -> None:
    unknown = sorted(str(key) for key in given if key not in known)
    if unknown:
        raise TrainingError(
            f"{what} has no “{unknown[0][:40]}”. It has {', '.join(sorted(known))}."
        )


def _whole(value: object, key: str) -> int:
    if not (isinstance(value, int | float) and is_number(value) and float(value).is_integer()):
        raise TrainingError(f"“{key}” must be a whole number, got {str(value)[:40]!r}.")
    return int(value)


def _one_of(what: str, value: object, known: tuple[object, ...]) -> None:
    if isinstance(value, list | dict) or value not in known:
        raise TrainingError(f"The {what} must be one of {_listed(known)}, got {str(value)[:40]}.")


def _listed(values: Iterable[object]) -> str:
    return ", ".join(map(str, values))
