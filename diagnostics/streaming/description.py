"""How an algorithm of streams is described, and how its configuration is checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from diagnostics.errors import StreamError


@dataclass(frozen=True)
class Parameter:
    """One number of a configuration, with the range that is enforced."""

    name: str
    label: str
    type: str  # integer or float
    default: float
    min_value: float
    max_value: float
    description: str

    def checked(self, value: Any) -> float:
        """The value as a number of the type.

        Raises
        ------
        StreamError
            If it is none, or out of range.
        """
        whole = self.type == "integer"
        fits = isinstance(value, int | float) and not isinstance(value, bool)
        fits = fits and math.isfinite(value) and (not whole or float(value).is_integer())
        if not fits or not self.min_value <= value <= self.max_value:
            kind = "a whole number" if whole else "a number"
            raise StreamError(
                f"{self.name} must be {kind} from {self.min_value:.10g} to {self.max_value:.10g}, "
                f"got {value!r}."
            )
        return int(value) if whole else float(value)


@dataclass(frozen=True)
class Description:
    """An algorithm in the words of the contract."""

    name: str
    display_name: str
    description: str
    category: str
    pros: tuple[str, ...]
    cons: tuple[str, ...]
    best_for: str
    requires_scaling: bool = False
    parameters: tuple[Parameter, ...] = field(default=())

    def check_config(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """The whole configuration: what was given, and defaults for the rest.

        Raises
        ------
        StreamError
            If a parameter is unknown or out of range.

        Examples
        --------
        >>> from diagnostics.streaming.descriptions import ALGORITHMS
        >>> ALGORITHMS["ema"].check_config({"alpha": 0.5})
        {'alpha': 0.5, 'threshold_multiplier': 1.0}
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        unknown = sorted(set(config) - set(known))
        if unknown:
            takes = ", ".join(known) or "none"
            raise StreamError(
                f"{self.name} has no parameter “{unknown[0]}”; its parameters: {takes}."
            )
        return {name: one.checked(config.get(name, one.default)) for name, one in known.items()}
