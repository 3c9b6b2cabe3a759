"""The space of a search: named dimensions, some of which exist under a condition only."""

from __future__ import annotations

import itertools
import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from diagnostics.errors import TrainingError
from diagnostics.training.card import is_number

Value = bool | int | float | str | None
MOST_DIMENSIONS = 80
MOST_CHOICES = 100
# Finished trials without which nobody can say what a setting decides: a forest fits whatever
# there is.
FEWEST_TRIALS = 5
# A grid is counted as far as this, and called “more than” beyond.
MOST_POINTS = 100_000
_WRITTEN = 12  # digits: 0.1 + 0.2 shall be 0.3


@dataclass(frozen=True)
class Dimension(ABC):
    """One thing that is searched.

    ``when`` names earlier categorical dimensions with the values under which this one exists.
    """

    name: str
    when: Mapping[str, tuple[Value, ...]] = field(default_factory=dict, kw_only=True)

    def exists(self, params: Mapping[str, Value]) -> bool:
        """Whether what was chosen before lets this be chosen."""
        return all(name in params and params[name] in wanted for name, wanted in self.when.items())

    @abstractmethod
    def points(self) -> tuple[Value, ...]:
        """The values that a grid goes through."""

    @abstractmethod
    def corners(self) -> tuple[Value, ...]:
        """Values that are tried against what a setting may be, before anything is trained."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """As it is kept in JSON."""

    def _when(self) -> dict[str, Any]:
        if not self.when:
            return {}
        return {"when": {name: list(values) for name, values in self.when.items()}}


@dataclass(frozen=True)
class Interval(Dimension):
    """Numbers from ``low`` to ``high``, both included; ``whole`` ones where so wanted.

    With ``log`` each tenfold is as likely as any other. ``step`` leaves only low, low + step, …
    """

    low: float
    high: float
    log: bool = False
    step: float | None = None
    whole: bool = False

    def __post_init__(self) -> None:
        _check_interval(self)

    def points(self) -> tuple[Value, ...]:
        step = self.step or (1 if self.whole and not self.log else None)
        if step is None:
            raise TrainingError(
                f"“{self.name}” has no steps, so a grid over it has no end. Give it a “step”, or"
                ' name its values: {"type": "categorical", "choices": […]}.'
            )
        count = math.floor((self.high - self.low) / step + 1e-9) + 1
        return tuple(self._written(self.low + step * i) for i in range(min(count, MOST_POINTS + 1)))

    def corners(self) -> tuple[Value, ...]:
        return self._written(self.low), self._written(self.high)

    def _written(self, value: float) -> Value:
        return round(value) if self.whole else float(f"{value:.{_WRITTEN}g}")

    def to_dict(self) -> dict[str, Any]:
        found = {"type": "int" if self.whole else "float", "low": self.low, "high": self.high}
        if self.log:
            found["log"] = True
        if self.step is not None:
            found["step"] = self.step
        return {**found, **self._when()}


@dataclass(frozen=True)
class Choices(Dimension):
    """Some values without an order."""

    choices: tuple[Value, ...]

    def __post_init__(self) -> None:
        if not 2 <= len(self.choices) <= MOST_CHOICES:
            raise TrainingError(
                f"“{self.name}” needs 2 to {MOST_CHOICES} choices, got {len(self.choices)}. What"
                " is not searched belongs into the settings of all trials."
            )
        if len(set(map(repr, self.choices))) < len(self.choices):
            raise TrainingError(f"“{self.name}” names a choice twice.")

    def points(self) -> tuple[Value, ...]:
        return self.choices

    def corners(self) -> tuple[Value, ...]:
        return self.choices

    def to_dict(self) -> dict[str, Any]:
        return {"type": "categorical", "choices": list(self.choices), **self._when()}


@dataclass(frozen=True)
class Space:
    """Dimensions in the order in which they are chosen.

    Examples
    --------
    >>> space = Space.from_dict({"loss": {"type": "categorical", "choices": ["a", "b"]},
    ...     "gamma": {"type": "int", "low": 1, "high": 3, "when": {"loss": ["b"]}}})
    >>> [point for point in space.grid()][:2], space.grid_size()
    ([{'loss': 'a'}, {'loss': 'b', 'gamma': 1}], 4)
    """

    dimensions: tuple[Dimension, ...]

    def __post_init__(self) -> None:
        if not self.dimensions:
            raise TrainingError(
                "The search space is empty: name at least one setting with its bounds or choices."
            )
        if len(self.dimensions) > MOST_DIMENSIONS:
            raise TrainingError(
                f"At most {MOST_DIMENSIONS} settings can be searched, got {len(self.dimensions)}."
            )
        before: dict[str, Dimension] = {}
        for dimension in self.dimensions:
            for name, wanted in dimension.when.items():
                _check_condition(dimension, name, wanted, before.get(name))
            before[dimension.name] = dimension

    def __getitem__(self, name: str) -> Dimension:
        return next(one for one in self.dimensions if one.name == name)

    def grid(self) -> Iterator[dict[str, Value]]:
        """All points of the grid; the last dimension changes quickest.

        Raises
        ------
        TrainingError
            If a dimension has no steps.
        """
        return _grid(self.dimensions, {})

    def grid_size(self) -> int:
        """How many points the grid has, counted as far as :data:`MOST_POINTS` + 1."""
        return sum(1 for _ in itertools.islice(self.grid(), MOST_POINTS + 1))

    def to_dict(self) -> dict[str, Any]:
        """As plain values for JSON; :meth:`from_dict` gives an equal space back."""
        return {dimension.name: dimension.to_dict() for dimension in self.dimensions}

    @staticmethod
    def from_dict(given: object) -> Space:
        """The space that plain values describe.

        Raises
        ------
        TrainingError
            If a dimension is not understood, or its bounds or choices make no sense.
        """
        if not isinstance(given, Mapping):
            raise TrainingError("The search space must be a JSON object: a setting to its bounds.")
        return Space(_ordered([_dimension(str(name), value) for name, value in given.items()]))


def _ordered(given: Sequence[Dimension]) -> tuple[Dimension, ...]:
    """What others depend on before them: some programs send JSON in the order of the alphabet."""
    names, left = {one.name for one in given}, list(given)
    placed: list[Dimension] = []
    while left:
        known = {one.name for one in placed}
        free = next((one for one in left if not (set(one.when) & names) - known), left[0])
        left.remove(free)
        placed.append(free)
    return tuple(placed)


def _grid(dimensions: Sequence[Dimension], chosen: dict[str, Value]) -> Iterator[dict[str, Value]]:
    if not dimensions:
        yield chosen
        return
    first, rest = dimensions[0], dimensions[1:]
    if not first.exists(chosen):
        yield from _grid(rest, chosen)
        return
    for value in first.points():
        yield from _grid(rest, {**chosen, first.name: value})


def _check_interval(one: Interval) -> None:
    low, high = one.low, one.high
    if low > high:
        raise TrainingError(
            f"“{one.name}” goes from {low:g} down to {high:g}: the lower bound must be the lower"
            " number."
        )
    if low == high:
        raise TrainingError(
            f"“{one.name}” can only be {low:g}, so there is nothing to search. Put it into the"
            " settings of all trials."
        )
    if one.log and low <= 0:
        raise TrainingError(
            f"“{one.name}” is searched by its logarithm, so its bounds must be above 0, got"
            f" {low:g}."
        )
    if one.log and one.step is not None:
        raise TrainingError(f"“{one.name}” has steps and a logarithm; choose one of them.")
    if one.step is not None and not 0 < one.step <= high - low:
        raise TrainingError(
            f"The step of “{one.name}” must be above 0 and at most {high - low:g}, got"
            f" {one.step:g}."
        )


def _check_condition(
    dimension: Dimension, name: str, wanted: tuple[Value, ...], before: Dimension | None
) -> None:
    if not isinstance(before, Choices):
        raise TrainingError(
            f"“{dimension.name}” depends on “{name}”, which is no categorical setting of the space,"
            " or depends on it in turn."
        )
    unknown = [value for value in wanted if value not in before.choices]
    if unknown or not wanted:
        got = repr(unknown[0]) if unknown else "no value"
        raise TrainingError(
            f"“{dimension.name}” depends on a value of “{name}” that it never has: {got}."
        )


def _dimension(name: str, given: object) -> Dimension:
    if not isinstance(given, Mapping):
        raise TrainingError(f"“{name}” must be an object with a “type”, got {given!r}.")
    kinds = {"float": _interval, "int": _interval, "categorical": _choices}
    kind = given.get("type")
    if kind not in kinds:
        raise TrainingError(
            f"“{name}” must have a “type” of {', '.join(kinds)}, got {given.get('type')!r}."
        )
    known = {"type", "when", *({"choices"} if kind == "categorical" else _OF_INTERVALS)}
    unknown = sorted(set(map(str, given)) - known)
    if unknown:
        raise TrainingError(
            f"“{name}” has an unknown entry “{unknown[0]}”. Known are {', '.join(sorted(known))}."
        )
    return kinds[str(kind)](name, given)


_OF_INTERVALS = {"low", "high", "log", "step"}


def _interval(name: str, given: Mapping[str, Any]) -> Dimension:
    whole = given["type"] == "int"
    bounds = {}
    for key in ("low", "high", "step"):
        value = given.get(key)
        if value is None and key == "step":
            continue
        wrong = not is_number(value) or (whole and not float(value).is_integer())  # type: ignore[arg-type]
        if wrong:
            kind = "a whole number" if whole else "a number"
            raise TrainingError(f"“{key}” of “{name}” must be {kind}, got {value!r}.")
        bounds[key] = int(value) if whole else float(value)  # type: ignore[arg-type]
    log = given.get("log", False)
    if not isinstance(log, bool):
        raise TrainingError(f"“log” of “{name}” must be true or false, got {log!r}.")
    return Interval(name, when=_conditions(name, given), log=log, whole=whole, **bounds)


def _choices(name: str, given: Mapping[str, Any]) -> Dimension:
    choices = given.get("choices")
    if not isinstance(choices, list | tuple) or not all(
        one is None or isinstance(one, str | bool) or is_number(one) for one in choices
    ):
        raise TrainingError(
            f"“choices” of “{name}” must be a list of texts, numbers or truth values."
        )
    return Choices(name, tuple(choices), when=_conditions(name, given))


def _conditions(name: str, given: Mapping[str, Any]) -> dict[str, tuple[Value, ...]]:
    when = given.get("when") or {}
    if not isinstance(when, Mapping) or not all(isinstance(v, list) for v in when.values()):
        raise TrainingError(
            f"“when” of “{name}” must be an object: another setting to the list of its values."
        )
    return {str(other): tuple(values) for other, values in when.items()}
