"""What an algorithm says about itself: forms, lists and checks are made from it.

Loads neither torch nor scikit-learn: the web process lists algorithms and checks what people
ask for.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from diagnostics.errors import ConfigError

Value = int | float | str | bool


class Category(enum.StrEnum):
    """The family of an algorithm."""

    TREE = "tree"
    DENSITY = "density"
    SVM = "svm"
    CLUSTERING = "clustering"
    STATISTICAL = "statistical"
    NEURAL = "neural"
    ENSEMBLE = "ensemble"
    TIME_SERIES = "time_series"


class Kind(enum.StrEnum):
    """What a parameter takes; a number may have words beside it, such as ``auto``."""

    INTEGER = "integer"
    FLOAT = "float"
    STRING = "string"
    SELECT = "select"
    BOOLEAN = "boolean"


@dataclass(frozen=True)
class Parameter:
    """One setting of an algorithm.

    Attributes
    ----------
    options : tuple of str
        The words that are allowed: all of a ``select``, those beside a number otherwise.
    """

    name: str
    label: str
    type: Kind
    default: Value
    min_value: float | None = None
    max_value: float | None = None
    options: tuple[str, ...] = ()
    description: str = ""

    def check(self, value: object) -> Value:
        """The value, when it is allowed.

        Raises
        ------
        ConfigError
            If it is of another kind or out of range.

        Examples
        --------
        >>> trees = Parameter("trees", "Trees", Kind.INTEGER, 100, 10, 500)
        >>> trees.check(20.0)
        20
        """
        if isinstance(value, str) and value in self.options:
            return value
        if self.type is Kind.BOOLEAN and isinstance(value, bool):
            return value
        if self._is_number(value) and self._is_in_range(value):
            return int(value) if self.type is Kind.INTEGER else float(value)
        raise ConfigError(self.name, f"{self.name} must be {self.allowed}, got {value!r:.60}.")

    @property
    def allowed(self) -> str:
        """What may stand here, in words."""
        words = [f"“{word}”" for word in self.options]
        if self.type is Kind.BOOLEAN:
            words.append("true or false")
        if self.type in (Kind.INTEGER, Kind.FLOAT):
            kind = "a whole number" if self.type is Kind.INTEGER else "a number"
            words.append(f"{kind} from {self.min_value:.10g} to {self.max_value:.10g}")
        return " or ".join(words)

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "label": self.label,
            "type": self.type.value,
            "default": self.default,
            "min_value": self.min_value,
            "max_value": self.max_value,
            "options": list(self.options) or None,
            "description": self.description,
        }

    def _is_number(self, value: object) -> TypeGuard[int | float]:
        if self.type not in (Kind.INTEGER, Kind.FLOAT) or isinstance(value, bool):
            return False
        return isinstance(value, int | float) and math.isfinite(value)

    def _is_in_range(self, value: int | float) -> bool:
        if self.min_value is None or self.max_value is None:
            return False
        whole = self.type is not Kind.INTEGER or float(value).is_integer()
        return whole and self.min_value <= value <= self.max_value


@dataclass(frozen=True)
class Description:
    """One algorithm that can be run.

    Attributes
    ----------
    needs_order : bool
        Whether rows are moments of a series, so that their order matters.
    flags_by : str
        The parameter that sets the threshold unless a policy overrides it.
    most_fitted_rows : int
        A larger table is fitted on so many of its rows, drawn at random.
    source : str
        Where the method was published.
    """

    name: str
    display_name: str
    description: str
    category: Category
    parameters: tuple[Parameter, ...]
    pros: tuple[str, ...]
    cons: tuple[str, ...]
    best_for: str
    requires_scaling: bool
    source: str
    flags_by: str = "contamination"
    most_fitted_rows: int = 200_000
    needs_order: bool = False

    def check(self, config: Mapping[str, Any]) -> dict[str, Value]:
        """All parameters: those that were given checked, the others at their defaults.

        Raises
        ------
        ConfigError
            If one is unknown, of the wrong kind or out of range; ``field`` names it.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in config:
            if name not in known:
                have = ", ".join(known)
                raise ConfigError(str(name)[:60], f"{self.name} has no {name!r:.60}, only {have}.")
        return {
            name: parameter.check(config.get(name, parameter.default))
            for name, parameter in known.items()
        }

    def to_dict(self) -> dict[str, Any]:
        """As the list of algorithms answers it."""
        return {
            "name": self.name,
            "display_name": self.display_name,
            "description": self.description,
            "category": self.category.value,
            "parameters": [parameter.to_dict() for parameter in self.parameters],
            "pros": list(self.pros),
            "cons": list(self.cons),
            "best_for": self.best_for,
            "requires_scaling": self.requires_scaling,
        }


CONTAMINATION = Parameter(
    "contamination",
    "Share of anomalies",
    Kind.FLOAT,
    "auto",
    0.01,
    0.5,
    ("auto",),
    "auto: about one in a thousand ordinary rows is flagged. A number flags just that share.",
)
RANDOM_STATE = Parameter(
    "random_state", "Seed", Kind.INTEGER, 42, 0, 2**32 - 1, (), "The same seed, the same scores."
)


def neighbours(default: int, least: int, most: int) -> Parameter:
    """How many nearest rows are looked at."""
    return Parameter(
        "n_neighbors",
        "Neighbours",
        Kind.INTEGER,
        default,
        least,
        most,
        (),
        "Nearest rows that are looked at. A group of anomalies larger than this hides itself.",
    )
